import { createReadStream } from 'node:fs';
import { csvRows } from './csv.ts';
import { BadContent, BadImportFile } from './limits.ts';
import type { StagedUser } from './staged.ts';
import type { Staging } from './staging.ts';

/** Stages the list of members that Slack lets administrators download (spec 32 B.2). */
export async function stageSlackUsers(path: string, staging: Staging): Promise<void> {
  await staging.step('importer_preparing_users');
  const bytes = createReadStream(path, { encoding: 'utf8' });
  let isHeader = true;
  try {
    for await (const row of csvRows(watched(bytes, staging))) {
      const user = isHeader ? undefined : userOf(row.map((field) => field.trim()));
      isHeader = false;
      if (user) await staging.add('user', user);
    }
  } catch (error) {
    // There is nothing else in it.
    if (error instanceof BadContent) throw new BadImportFile(error.message, { cause: error });
    throw error;
  } finally {
    bytes.destroy();
  }
}

async function* watched(pieces: AsyncIterable<string>, staging: Staging): AsyncGenerator<string> {
  for await (const piece of pieces) {
    yield piece;
    await staging.looked(Buffer.byteLength(piece));
  }
}

function userOf(row: readonly string[]): StagedUser | undefined {
  const [username = '', email = '', status = '', , , , , fullName = '', displayName = ''] = row;
  if (!email) return undefined;
  return {
    importIds: [email],
    emails: [email],
    ...(username ? { username } : {}),
    name: fullName || displayName || username,
    type: status === 'Bot' ? 'bot' : 'user',
    roles: status === 'Admin' ? ['admin'] : status === 'Bot' ? ['bot'] : [],
    deleted: status === 'Deactivated',
  };
}
