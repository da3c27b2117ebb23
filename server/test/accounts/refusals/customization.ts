import { BAR, DOT, emojiFile, soundFile } from './prepared.ts';
import {
  body,
  coded,
  NO_PERMISSION,
  NOT_AUTHORIZED,
  plain,
  type Row,
  requires,
  unchanged,
} from './refusal.ts';

const status = (code: string, reason: string, field: object = {}) =>
  coded(code, reason, { method: 'insertOrUpdateUserStatus', ...field });
const emoji = (code: string, reason: string, field: object = {}) =>
  coded(code, reason, { method: 'insertOrUpdateEmoji', ...field });
/** The text is the code. */
const bare = (code: string) => body(400, { error: `[${code}]`, errorType: code });
const SILENT = body(400, {});
const asset = (code: string, reason: string, of = 'setAsset') => coded(code, reason, { function: of });
const noAssets = coded(
  'error-action-not-allowed',
  'Managing assets not allowed',
  unchanged('Managing_assets', 'setAsset'),
);
const soundTaken = coded('Custom_Sound_Error_Name_Already_In_Use', 'The custom sound name is already in use');
const statusTaken = status(
  'Custom_User_Status_Error_Name_Already_In_Use',
  'The custom user status name is already in use',
);
const emojiTaken = emoji(
  'Custom_Emoji_Error_Name_Or_Alias_Already_In_Use',
  'The custom emoji or one of its aliases is already in use',
);
const picture = (more: object = {}) => ({ ...emojiFile, field: 'asset', ...more });

const EMOJI_FORM_ROWS = (path: string, first: object): Row[] => [
  [
    'admin',
    `FORM ${path}`,
    { fields: { ...first, name: '::' }, file: emojiFile },
    emoji('error-the-field-is-required', 'The field Name is required', { field: 'Name' }),
  ],
  ...['a b', 'a<b', 'a/b'].map(
    (name): Row => [
      'admin',
      `FORM ${path}`,
      { fields: { ...first, name }, file: emojiFile },
      emoji('error-input-is-not-a-valid-field', `${name} is not a valid name`, {
        input: name,
        field: 'Name',
      }),
    ],
  ),
  [
    'admin',
    `FORM ${path}`,
    { fields: { ...first, name: 'new', aliases: 'ok,a&b' }, file: emojiFile },
    emoji('error-input-is-not-a-valid-field', 'ok,a&b is not a valid alias set', {
      input: 'ok,a&b',
      field: 'Alias_Set',
    }),
  ],
  [
    'admin',
    `FORM ${path}`,
    { fields: { ...first, name: 'new' }, file: { ...emojiFile, bytes: 'text' } },
    coded('emoji-is-not-image', "Emoji file provided cannot be uploaded since it's not an image"),
  ],
];

const SOUND_FORM_ROWS = (path: string, first: object): Row[] => [
  ['alice', `FORM ${path}`, { fields: { ...first, name: 'new' }, file: soundFile }, NO_PERMISSION],
  ...['a b', 'a:b', ''].map(
    (name): Row => [
      'admin',
      `FORM ${path}`,
      { fields: { ...first, name }, file: soundFile },
      plain(`${name} is not a valid name`),
    ],
  ),
  ['admin', `FORM ${path}`, { fields: first, file: soundFile }, requires('name')],
  ['admin', `FORM ${path}`, { fields: { ...first, name: 'taken' }, file: soundFile }, soundTaken],
  [
    'admin',
    `FORM ${path}`,
    {
      fields: { ...first, name: 'new' },
      file: { ...soundFile, bytes: DOT, type: 'image/png', name: 'a.png' },
    },
    plain('MIME type not allowed'),
  ],
  [
    'admin',
    `FORM ${path}`,
    { fields: { ...first, name: 'new' }, file: { ...soundFile, bytes: new Uint8Array(5 * 1024 ** 2 + 1) } },
    bare('error-file-too-large'),
  ],
];

/** Of spec 23: custom emoji, sounds and statuses, and the assets. */
export const CUSTOMIZATION_REFUSALS: Row[] = [
  ['alice', 'FORM emoji-custom.create', { fields: { name: 'new' }, file: emojiFile }, SILENT],
  ['alice', 'FORM emoji-custom.create', { fields: { name: '::' } }, SILENT],
  ['admin', 'FORM emoji-custom.create', { fields: { name: 'new' } }, bare('No file uploaded')],
  ['admin', 'FORM emoji-custom.create', { fields: { name: 'TAKEN' }, file: emojiFile }, SILENT],
  ['admin', 'FORM emoji-custom.create', { fields: { name: 'also' }, file: emojiFile }, SILENT],
  [
    'admin',
    'FORM emoji-custom.create',
    { fields: { name: 'new', aliases: 'taken' }, file: emojiFile },
    SILENT,
  ],
  ...EMOJI_FORM_ROWS('emoji-custom.create', {}),
  ['alice', 'FORM emoji-custom.update', { fields: { _id: '$emoji', name: 'new' } }, NOT_AUTHORIZED],
  ['alice', 'FORM emoji-custom.update', { fields: { name: 'new' } }, NOT_AUTHORIZED],
  ['admin', 'POST emoji-custom.update', { _id: '$emoji', name: 'new' }, plain('Missing Content-Type')],
  [
    'admin',
    'FORM emoji-custom.update',
    { fields: { name: 'new' } },
    bare('The required "_id" query param is missing.'),
  ],
  ['admin', 'FORM emoji-custom.update', { fields: { _id: 'x', name: 'taken' } }, bare('Emoji not found.')],
  ['admin', 'FORM emoji-custom.update', { fields: { _id: '$emoji', name: 'taken' } }, emojiTaken],
  [
    'admin',
    'FORM emoji-custom.update',
    { fields: { _id: '$emoji', name: 'new', aliases: 'also' } },
    emojiTaken,
  ],
  ...EMOJI_FORM_ROWS('emoji-custom.update', { _id: '$emoji' }),
  ...SOUND_FORM_ROWS('custom-sounds.create', {}),
  ['admin', 'FORM custom-sounds.create', { fields: { name: 'new' } }, requires('sound')],
  ['admin', 'POST custom-sounds.create', { name: 'new' }, requires('sound')],
  ['alice', 'POST custom-sounds.create', {}, NO_PERMISSION],
  ...SOUND_FORM_ROWS('custom-sounds.update', { _id: '$sound' }),
  ['admin', 'FORM custom-sounds.update', { fields: { name: 'new' } }, requires('_id')],
  [
    'admin',
    'FORM custom-sounds.update',
    { fields: { _id: 'x', name: 'a b' } },
    plain('Custom Sound not found.'),
  ],
  ['admin', 'POST custom-sounds.delete', {}, requires('_id')],
  ['alice', 'POST custom-user-status.create', { name: '' }, NOT_AUTHORIZED],
  ['admin', 'POST custom-user-status.create', {}, requires('name')],
  ...['a<b', 'a(b)'].map(
    (name): Row => [
      'admin',
      'POST custom-user-status.create',
      { name },
      status('error-input-is-not-a-valid-field', `${name} is not a valid name`, {
        input: name,
        field: 'Name',
      }),
    ],
  ),
  ['admin', 'POST custom-user-status.create', { name: 'Taken' }, statusTaken],
  ['alice', 'POST custom-user-status.update', { _id: '$status', name: 'x' }, NOT_AUTHORIZED],
  ['alice', 'POST custom-user-status.update', { _id: 'x', name: 'x' }, NOT_AUTHORIZED],
  ['admin', 'POST custom-user-status.update', {}, requires('_id', 'name')],
  [
    'admin',
    'POST custom-user-status.update',
    { _id: '$status', name: ' ' },
    status('error-the-field-is-required', 'The field Name is required', { field: 'Name' }),
  ],
  [
    'admin',
    'POST custom-user-status.update',
    { _id: '$status', name: 'x', statusType: 'y' },
    status('error-input-is-not-a-valid-field', 'y is not a valid status type', {
      input: 'y',
      field: 'StatusType',
    }),
  ],
  ['admin', 'POST custom-user-status.update', { _id: '$status', name: 'Taken' }, statusTaken],
  ['alice', 'FORM assets.setAsset', { fields: { assetName: 'logo' }, file: picture() }, noAssets],
  ['alice', 'POST assets.setAsset', {}, noAssets],
  ['admin', 'POST assets.setAsset', { assetName: 'logo' }, plain('Missing Content-Type')],
  ['admin', 'FORM assets.setAsset', { fields: { assetName: 'logo' } }, bare('No file uploaded')],
  [
    'admin',
    'FORM assets.setAsset',
    { fields: { assetName: 'x' }, file: picture() },
    asset('error-invalid-asset', 'Invalid asset'),
  ],
  // Without a name the one of the file counts.
  ['admin', 'FORM assets.setAsset', { file: picture() }, asset('error-invalid-asset', 'Invalid asset')],
  [
    'admin',
    'FORM assets.setAsset',
    { fields: { assetName: 'favicon' }, file: picture() },
    asset('error-invalid-file-type', 'Invalid file type: image/png'),
  ],
  [
    'admin',
    'FORM assets.setAsset',
    { fields: { assetName: 'favicon_16' }, file: picture() },
    asset('error-invalid-file-width', 'Invalid file width'),
  ],
  [
    'admin',
    'FORM assets.setAsset',
    { fields: { assetName: 'favicon_16' }, file: picture({ bytes: BAR }) },
    asset('error-invalid-file-height', 'Invalid file height'),
  ],
  ['alice', 'POST assets.unsetAsset', { assetName: 'x' }, noAssets],
  ['admin', 'POST assets.unsetAsset', {}, requires('assetName')],
  [
    'alice',
    'GET emoji-custom.list',
    { updatedSince: 'x' },
    coded('error-roomId-param-invalid', 'The "updatedSince" query parameter must be a valid date.'),
  ],
  ['admin', 'POST emoji-custom.create', { name: 'x' }, plain('Missing Content-Type')],
  ['admin', 'POST emoji-custom.delete', {}, plain('The "emojiId" params is required!')],
  ['alice', 'POST emoji-custom.delete', { emojiId: 'x' }, NOT_AUTHORIZED],
  [
    'admin',
    'POST emoji-custom.delete',
    { emojiId: 'x' },
    coded('Custom_Emoji_Error_Invalid_Emoji', 'Invalid emoji', { method: 'deleteEmojiCustom' }),
  ],
  [
    'alice',
    'GET custom-sounds.getOne',
    {},
    body(400, {
      error: '[The required "_id" query param is missing.]',
      errorType: 'The required "_id" query param is missing.',
    }),
  ],
  ['alice', 'GET custom-sounds.getOne', { _id: 'x' }, plain('Custom Sound not found.', 404)],
  ['alice', 'POST custom-sounds.delete', { _id: 'x' }, NO_PERMISSION],
  [
    'admin',
    'POST custom-sounds.delete',
    { _id: 'x' },
    body(400, {
      error: 'Custom_Sound_Error_Invalid_Sound',
      errorType: 'Custom_Sound_Error_Invalid_Sound',
    }),
  ],
  ['alice', 'POST custom-user-status.create', { name: 'x' }, NOT_AUTHORIZED],
  [
    'admin',
    'POST custom-user-status.create',
    { name: '' },
    status('error-the-field-is-required', 'The field Name is required', { field: 'Name' }),
  ],
  [
    'admin',
    'POST custom-user-status.create',
    { name: 'x', statusType: 'y' },
    status('error-input-is-not-a-valid-field', 'y is not a valid status type', {
      input: 'y',
      field: 'StatusType',
    }),
  ],
  [
    'admin',
    'POST custom-user-status.update',
    { _id: 'x', name: 'x' },
    plain('No custom user status found with the id of "x".'),
  ],
  ['admin', 'POST custom-user-status.delete', {}, plain('The "customUserStatusId" params is required!')],
  ['alice', 'POST custom-user-status.delete', { customUserStatusId: 'x' }, NOT_AUTHORIZED],
  [
    'admin',
    'POST custom-user-status.delete',
    { customUserStatusId: 'x' },
    coded('Custom_User_Status_Error_Invalid_User_Status', 'Invalid user status', {
      method: 'deleteCustomUserStatus',
    }),
  ],
  ['alice', 'POST assets.unsetAsset', { assetName: 'logo' }, noAssets],
  [
    'admin',
    'POST assets.unsetAsset',
    { assetName: 'x' },
    coded('error-invalid-asset', 'Invalid asset', { function: 'unsetAsset' }),
  ],
];
