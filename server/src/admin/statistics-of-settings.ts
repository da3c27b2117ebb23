import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../context.ts';
import { findSetting } from './setting-table.ts';
import { CUSTOM_LOGIN_SERVICES, customServicePrefix } from './settings/custom-login-service.ts';

/** What the statistics say of the settings (spec 23, "Statistics, instances"), in the places where clients look for it. */
export function figuresOfSettings(ctx: Context): Record<string, unknown> {
  const { bool, int, text } = ctx.settings;
  return {
    wizard: {
      organizationType: text('Organization_Type'),
      industry: text('Industry'),
      size: text('Size'),
      country: text('Country'),
      language: text('Language'),
      serverType: text('Server_Type'),
      registerServer: bool('Register_Server'),
    },
    deploymentFingerprintVerified: bool('Deployment_FingerPrint_Verified'),
    readReceiptsEnabled: bool('Message_Read_Receipt_Enabled'),
    readReceiptsDetailed: bool('Message_Read_Receipt_Store_Users'),
    allowUnsafeQueryAndFieldsApiParamsEnabled: ctx.config.allowUnsafeQueryAndFields,
    totalEmailInvitation: int('Invitation_Email_Count'),
    logoChange: isChanged(ctx, 'Assets_logo'),
    showHomeButton: bool('Layout_Show_Home_Button'),
    homeTitleChanged: isChanged(ctx, 'Layout_Home_Title'),
    homeBodyChanged: isChanged(ctx, 'Layout_Home_Body'),
    customCSSChanged: isChanged(ctx, 'theme-custom-css'),
    onLogoutCustomScriptChanged: isChanged(ctx, 'Custom_Script_On_Logout'),
    loggedOutCustomScriptChanged: isChanged(ctx, 'Custom_Script_Logged_Out'),
    loggedInCustomScriptChanged: isChanged(ctx, 'Custom_Script_Logged_In'),
    pushSecured: bool('Push_request_content_from_server'),
    settings: groupsOf(ctx),
  };
}

function groupsOf({ settings: { bool, text } }: Context): Record<string, unknown> {
  return {
    accounts: { account2fa: bool('Accounts_TwoFactorAuthentication_Enabled') },
    cannedResponses: { cannedResponsesEnabled: bool('Canned_Responses_Enable') },
    e2ee: {
      e2e: bool('E2E_Enable'),
      e2eDefaultDirectRoom: bool('E2E_Enabled_Default_DirectRooms'),
      e2eDefaultPrivateRoom: bool('E2E_Enabled_Default_PrivateRooms'),
    },
    email: {
      smtp: {
        smtpHost: text('SMTP_Host'),
        smtpPort: text('SMTP_Port'),
        fromEmail: text('From_Email'),
      },
    },
    fileUpload: { fileUploadEnable: bool('FileUpload_Enabled') },
    general: {
      nps: { surveyEnabled: bool('NPS_survey_enabled') },
      update: { updateChecker: bool('Update_EnableChecker') },
    },
    message: {
      allowEditing: bool('Message_AllowEditing'),
      allowDeleting: bool('Message_AllowDeleting'),
      allowUnrecognizedSlashCommand: bool('Message_AllowUnrecognizedSlashCommand'),
      allowBadWordsFilter: bool('Message_AllowBadWordsFilter'),
      readReceiptEnabled: bool('Message_Read_Receipt_Enabled'),
      readReceiptStoreUsers: bool('Message_Read_Receipt_Store_Users'),
    },
    push: { pushEnable: bool('Push_enable') },
    threads: { threadsEnabled: bool('Threads_enabled') },
    webRTC: {
      webRTCEnableChannel: bool('WebRTC_Enable_Channel'),
      webRTCEnablePrivate: bool('WebRTC_Enable_Private'),
      webRTCEnableDirect: bool('WebRTC_Enable_Direct'),
    },
  };
}

/** Whether somebody made something else of it than the release has. */
function isChanged(ctx: Context, id: string): boolean {
  const setting = findSetting(ctx.settings, id);
  return setting !== undefined && !isDeepStrictEqual(ctx.settings.value(id), setting.value);
}

/** Members of `services.oauth`, and what the setting and the service are called. */
const OAUTH = {
  apple: ['Apple', 'apple'],
  drupal: ['Drupal', 'drupal'],
  facebook: ['Facebook', 'facebook'],
  github: ['Github', 'github'],
  githubEnterprise: ['GitHub_Enterprise', 'github_enterprise'],
  gitlab: ['Gitlab', 'gitlab'],
  google: ['Google', 'google'],
  linkedin: ['Linkedin', 'linkedin'],
  meteor: ['Meteor', 'meteor-developer'],
  nextcloud: ['Nextcloud', 'nextcloud'],
  twitter: ['Twitter', 'twitter'],
  wordpress: ['Wordpress', 'wordpress'],
} as const;

/** The services by which people may log in, and how many did. */
export function figuresOfServices(
  ctx: Context,
  people: ReadonlyMap<string, number>,
): Record<string, unknown> {
  const { bool, text, list } = ctx.settings;
  const users = (service: string) => people.get(service) ?? 0;
  const oauth = Object.entries(OAUTH).map(([member, [setting, service]]) => [
    member,
    { enabled: bool(`Accounts_OAuth_${setting}`), users: users(service) },
  ]);
  const custom = list(CUSTOM_LOGIN_SERVICES).map((name) => [
    name,
    { enabled: bool(customServicePrefix(name)), users: users(name.toLowerCase()) },
  ]);
  return {
    ldap: {
      users: users('ldap'),
      enabled: bool('LDAP_Enable'),
      loginFallback: bool('LDAP_Login_Fallback'),
      encryption: text('LDAP_Encryption'),
      mergeUsers: bool('LDAP_Merge_Existing_Users'),
      groupFilter: bool('LDAP_Group_Filter_Enable'),
      backgroundSync: {
        enabled: bool('LDAP_Background_Sync'),
        interval: text('LDAP_Background_Sync_Interval'),
        newUsers: bool('LDAP_Background_Sync_Import_New_Users'),
        existingUsers: bool('LDAP_Background_Sync_Keep_Existant_Users_Updated'),
      },
    },
    saml: { enabled: bool('SAML_Custom_Default'), users: users('saml') },
    cas: { enabled: bool('CAS_enabled'), users: users('cas') },
    oauth: { ...Object.fromEntries(oauth), custom: Object.fromEntries(custom) },
  };
}
