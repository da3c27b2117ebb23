import type { SettingGroup } from '../setting-definition.ts';

/** Outgoing mail and its texts. Names in brackets are filled in when a mail is written. (Spec 22.) */
export const mailSettings: readonly SettingGroup[] = [
  {
    group: 'Email',
    settings: [
      { id: 'SMTP_Protocol', type: 'select', value: 'smtp', values: ['smtp', 'smtps'] },
      { id: 'SMTP_Host', type: 'string', value: '' },
      { id: 'SMTP_Port', type: 'string', value: '' },
      { id: 'SMTP_IgnoreTLS', type: 'boolean', value: true },
      { id: 'SMTP_Pool', type: 'boolean', value: true },
      { id: 'SMTP_Username', type: 'string', value: '', secret: true },
      { id: 'SMTP_Password', type: 'password', value: '', secret: true },
      { id: 'From_Email', type: 'string', value: '' },
      // Around every mail.
      { id: 'Email_Header', type: 'code', value: '<div style="font-family:sans-serif"><h1>[Site_Name]</h1>' },
      { id: 'Email_Footer', type: 'code', value: '<p><a href="[Site_Url]">[Site_Url]</a></p></div>' },
      { id: 'Accounts_Enrollment_Email_Subject', type: 'string', value: 'Welcome to [Site_Name]' },
      {
        id: 'Accounts_Enrollment_Email',
        type: 'code',
        value:
          '<h2>Welcome to [Site_Name], [name]</h2><p>Your account is ready: <a href="[Site_Url]">[Site_Url]</a></p>',
      },
      { id: 'Accounts_UserAddedEmail_Subject', type: 'string', value: 'You have been added to [Site_Name]' },
      {
        id: 'Accounts_UserAddedEmail_Email',
        type: 'code',
        value:
          '<h2>Welcome to [Site_Name], [name]</h2><p>Go to <a href="[Site_Url]">[Site_Url]</a> and log in with the address [email] and the password [password]. You may be asked to choose a new one.</p>',
      },
      { id: 'Verification_Email_Subject', type: 'string', value: '[Site_Name] - Verify your account' },
      {
        id: 'Verification_Email',
        type: 'code',
        value:
          '<p>Please confirm that this is your e-mail address: <a href="[Verification_Url]">[Verification_Url]</a></p>',
      },
      { id: 'Forgot_Password_Email_Subject', type: 'string', value: '[Site_Name] - Password recovery' },
      {
        id: 'Forgot_Password_Email',
        type: 'code',
        value:
          '<p>To choose a new password, open <a href="[Forgot_Password_Url]">[Forgot_Password_Url]</a>. If you did not ask for this, ignore this mail.</p>',
      },
      { id: 'Invitation_Subject', type: 'string', value: 'You have been invited to [Site_Name]' },
      {
        id: 'Invitation_Email',
        type: 'code',
        value:
          '<h2>You have been invited to [Site_Name]</h2><p>Go to <a href="[Site_Url]">[Site_Url]</a> and try it.</p>',
      },
      { id: 'Invitation_Email_Count', type: 'int', value: 0, hidden: true },
      { id: 'Password_Changed_Email_Subject', type: 'string', value: '[Site_Name] - Password changed' },
      {
        id: 'Password_Changed_Email',
        type: 'code',
        value: '<p>Your password was changed. If this was not you, tell an administrator at once.</p>',
      },
      { id: 'Email_Changed_Email_Subject', type: 'string', value: '[Site_Name] - Email address changed' },
      {
        id: 'Email_Changed_Email',
        type: 'code',
        value: '<p>The e-mail address of your account was changed to [email].</p>',
      },
      {
        id: 'Offline_DM_Email',
        type: 'string',
        value: '[[Site_Name]] You have been direct messaged by [User]',
      },
      {
        id: 'Offline_Mention_Email',
        type: 'string',
        value: '[[Site_Name]] You have been mentioned by [User] in #[Room]',
      },
      { id: 'Offline_Mention_All_Email', type: 'string', value: '[User] has posted a message in #[Room]' },
    ],
  },
];
