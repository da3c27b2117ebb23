import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import { objectParam, optionalText, textParam } from '../realtime/params.ts';
import { COMMANDS_DIFFER, commandForMethod, noPreviews, runCommand } from './run-command.ts';

/** Slash commands over DDP (spec 31 §1.1). */

const previewing = (name: string): DdpMethod =>
  userMethod(name, (_, { params }) => {
    commandForMethod(textParam(objectParam(params[0]).cmd));
    return noPreviews();
  });

export const commandMethods: DdpMethod[] = [
  userMethod(
    'slashCommand',
    async (ctx, { caller, params }) => {
      const { cmd, params: text, msg } = objectParam(params[0]);
      const { command } = commandForMethod(textParam(cmd));
      const { _id, rid, tmid } = objectParam(msg);
      await runCommand(ctx, caller, {
        command,
        rid: textParam(rid),
        params: optionalText(text),
        tmid: optionalText(tmid),
        messageId: optionalText(_id),
      });
    },
    { partly: COMMANDS_DIFFER },
  ),
  previewing('getSlashCommandPreviews'),
  previewing('executeSlashCommandPreview'),
];
