import { sha256hex } from '../../../src/kernel/ids.ts';
import {
  ACCOUNT,
  type Call,
  coded,
  type Given,
  NEWCOMER,
  plain,
  type Refused,
  type Row,
  under,
} from './refusal.ts';

/**
 * What spec 20 and 21 ask of names, addresses, custom fields and passwords, for each endpoint that takes them: registering,
 * adding somebody, editing somebody, editing oneself.
 */

/** The call that gives these fields, in the words of the endpoint. */
type Giving = (given: { name?: string; email?: string; password?: string; customFields?: object }) => Call;

const registering: Giving = ({ password = NEWCOMER.pass, ...given }) => [
  'nobody',
  'POST users.register',
  { ...NEWCOMER, ...given, pass: password },
];
const adding: Giving = (given) => ['admin', 'POST users.create', { ...ACCOUNT, ...given }];
const editing: Giving = (given) => ['admin', 'POST users.update', { userId: '$alice', data: given }];
const editingOneself: Giving = ({ customFields, password, ...given }) => [
  'alice',
  'POST users.updateOwnBasicInfo',
  {
    data: {
      ...given,
      ...(password === undefined ? {} : { newPassword: password }),
      currentPassword: sha256hex('alice-password'),
    },
    ...(customFields ? { customFields } : {}),
  },
];
const EVERYWHERE = [registering, adding, editing, editingOneself];

const declared = (fields: object): Given => under('Accounts_CustomFields', JSON.stringify(fields));
const custom = (reason: string) => coded('error-user-registration-custom-field', reason);
const TEXT = { team: { type: 'text', required: true, minLength: 2, maxLength: 4 } };
const CHOICE = { team: { type: 'select', options: ['red', 'blue'] } };

const CUSTOM_FIELDS: [customFields: object, refused: Refused, given: Given][] = [
  [
    { team: 'x' },
    coded('error-invalid-customfield-json', 'Invalid JSON for Custom Fields'),
    under('Accounts_CustomFields', '{broken'),
  ],
  [{ other: 'x' }, custom('Field team is required'), declared(TEXT)],
  [{ team: 'x' }, custom('Min length of field team 2'), declared(TEXT)],
  [{ team: 'of us all' }, custom('Max length of field team 4'), declared(TEXT)],
  [{ team: 'green' }, custom('Value for field team is invalid'), declared(CHOICE)],
];

const policy = (...broken: [error: string, message: string][]) =>
  coded(
    'error-password-policy-not-met',
    "The password provided does not meet the server's password policy.",
    broken.map(([error, message]) => ({ error: `error-password-policy-not-met${error}`, message })),
  );
const without = (what: string) =>
  `The password does not contain at least one ${what} which is against the password policy.`;
const PASSWORDS: [password: string, refused: Refused, given?: Given][] = [
  ['  ', policy(['', "The password provided does not meet the server's password policy."])],
  [
    'aaaa',
    policy(
      ['-minLength', 'The password does not meet the minimum length password policy.'],
      [
        '-repeatingCharacters',
        'The password contains repeating characters which is against the password policy.',
      ],
      ['-oneUppercase', without('uppercase character')],
      ['-oneNumber', without('numerical character')],
      ['-oneSpecial', without('special character')],
    ),
    under('Accounts_Password_Policy_Enabled', true),
  ],
  [
    'ABAB!5',
    policy(
      ['-maxLength', 'The password does not meet the maximum length password policy.'],
      ['-oneLowercase', without('lowercase character')],
    ),
    {
      settings: {
        Accounts_Password_Policy_Enabled: true,
        Accounts_Password_Policy_MinLength: 1,
        Accounts_Password_Policy_MaxLength: 5,
      },
    },
  ],
];

const ADDRESSES: [email: string, refused: Refused, given?: Given][] = [
  ['nowhere', coded('error-invalid-email', 'Invalid email')],
  [
    'x@example.org',
    coded('error-invalid-domain', 'The email domain is not in whitelist'),
    under('Accounts_AllowedDomainsList', 'example.net, example.com'),
  ],
  [
    'x@example.org',
    coded('error-email-domain-blacklisted', 'The email domain is blacklisted'),
    under('Accounts_BlockedDomainsList', 'example.net,example.org'),
  ],
  [
    'x@mailinator.com',
    coded('error-email-domain-blacklisted', 'The email domain is blacklisted'),
    under('Accounts_BlockedDomainsList', 'example.net'),
  ],
  // The list of those who may come is looked at first.
  [
    'x@example.org',
    coded('error-invalid-domain', 'The email domain is not in whitelist'),
    { settings: { Accounts_AllowedDomainsList: 'example.net', Accounts_BlockedDomainsList: 'example.org' } },
  ],
];

const BAD_NAME = plain('Name contains invalid characters');

export const FIELD_REFUSALS: Row[] = [
  ...EVERYWHERE.flatMap((giving): Row[] => [
    ...['a<b', 'a\\b', 'a%2Fb', '%3E', '%'].map((name): Row => [...giving({ name }), BAD_NAME]),
    ...CUSTOM_FIELDS.map(
      ([customFields, refused, given]): Row => [...giving({ customFields }), refused, given],
    ),
    ...ADDRESSES.map(([email, refused, given]): Row => [...giving({ email }), refused, ...optional(given)]),
  ]),
  // Administrators need not keep to the policy when they add somebody.
  ...[registering, editing, editingOneself].flatMap((giving) =>
    PASSWORDS.map(
      ([password, refused, given]): Row => [...giving({ password }), refused, ...optional(given)],
    ),
  ),
];

function optional(given: Given | undefined): [] | [Given] {
  return given ? [given] : [];
}
