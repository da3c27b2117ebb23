import pino from 'pino';
import { type Command, CommandError } from './command.ts';
import { loadStoredConfig } from './config-flags.ts';
import { storedPlace } from './stored-place.ts';

/** `gantry import-rocketchat`: for a workspace that moves here (spec 32 D). */
export const importRocketchatCommand: Command = {
  name: 'import-rocketchat',
  summary: 'Bring a dump of a Rocket.Chat database into an empty workspace',
  positionals: ['dump'],
  flags: {
    files: {
      value: 'folder',
      description: 'Where the uploads are, when they were not kept in the database (GridFS)',
    },
    'dry-run': { description: 'Read everything and say what would be taken over; write nothing' },
  },
  notes:
    '<dump> is a folder that mongodump made, compressed or not, or an archive of it (--archive). The workspace must be one that no server was started on: another --data, or a new database. All of it is brought in or nothing: people with passwords, tokens and second factors, rooms, messages, files, teams, roles, settings, webhooks. Ids stay, so clients and links go on working. Everything that was left is named with a reason. Run it on a dump of the running server first to try it, then once more on a last one.',
  run: async ({ flags, positionals: [dumpPath = ''] }, terminal) => {
    const config = loadStoredConfig(flags, terminal);
    const { openStorage } = await import('../storage/database.ts');
    const { openBlobs } = await import('../files/blobs/blobs.ts');
    const { takeOver, WorkspaceNotEmpty } = await import('../rocketchat-dump/take-over.ts');
    const { BrokenDump } = await import('../rocketchat-dump/bson-documents.ts');
    const { dataDir, databaseUrl } = config;
    const log = pino({ level: 'silent' });
    const storage = await openStorage({ memory: false, dataDir, databaseUrl, log });
    try {
      const blobs = await openBlobs(config);
      try {
        const isTrial = flags['dry-run'] === true;
        const filesPath = typeof flags.files === 'string' ? flags.files : undefined;
        const report = await takeOver(storage, blobs, { dumpPath, filesPath, isTrial, now: Date.now(), log });
        for (const line of report.lines()) terminal.out(line);
        terminal.out(
          isTrial
            ? 'Nothing was written: this was a trial.'
            : `The workspace ${storedPlace(config)} is ready. Start the server on it.`,
        );
        return 0;
      } finally {
        await blobs.close();
      }
    } catch (error) {
      if (error instanceof BrokenDump) throw new CommandError(error.message);
      if (!(error instanceof WorkspaceNotEmpty)) throw error;
      throw new CommandError(
        `the workspace ${storedPlace(config)} is in use already; name a new folder (--data) or a new database`,
      );
    } finally {
      await storage.close();
    }
  },
};
