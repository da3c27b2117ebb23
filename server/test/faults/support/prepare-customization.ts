import { sendForm, silentSound } from '../../support/files.ts';
import type { Person, TestServer } from '../../support/server.ts';
import { DOT } from './hostile-forms.ts';

/** The emoji or sound that an endpoint changes, shows or removes. */
export async function prepareCustomization(
  server: TestServer,
  owner: Person,
  path: string,
  known: Record<string, unknown>,
): Promise<void> {
  known.assetName = 'logo';
  known.setDeploymentAs = 'updated-configuration';
  const name = `before-${String(known.name)}`;
  if (/^emoji-custom\.(update|delete)$/.test(path)) {
    const files = [{ field: 'emoji', name: 'a.png', type: 'image/png', bytes: DOT }];
    await sendForm(server, owner, 'emoji-custom.create', { files, fields: { name } });
    const { emojis } = (await owner.get('emoji-custom.all', { name })).body;
    known._id = emojis[0]._id;
    known.emojiId = emojis[0]._id;
  }
  if (/^custom-sounds\.(update|delete|getOne)$/.test(path)) {
    const files = [{ field: 'sound', name: 'a.wav', type: 'audio/wav', bytes: silentSound() }];
    const { body } = await sendForm(server, owner, 'custom-sounds.create', { files, fields: { name } });
    known._id = body.sound._id;
  }
}
