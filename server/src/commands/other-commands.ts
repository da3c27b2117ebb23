import { setStatus } from '../accounts/set-status.ts';
import { Refusal } from '../kernel/errors.ts';
import { sendMessage } from '../messages/send-message.ts';
import { createDirectRoom } from '../rooms/direct.ts';
import { type SlashCommand, tell } from './command.ts';
import { namedUser } from './rooms-by-name.ts';

/** The remaining built-in commands (spec 31 §1.2). */

const SHORTCUTS = [
  '*Open channel / user search*: Command (or Ctrl) + p OR Command (or Ctrl) + k',
  '*Edit previous message*: Up Arrow',
  '*Move to the beginning of the message*: Command (or Alt) + Left Arrow',
  '*Move to the beginning of the message*: Command (or Alt) + Up Arrow',
  '*Move to the end of the message*: Command (or Alt) + Right Arrow',
  '*Move to the end of the message*: Command (or Alt) + Down Arrow',
  '*New line in message compose input*: Shift + Enter',
  '*Mark all messages as read*: Shift (or Ctrl) + ESC',
];

export const help: SlashCommand = {
  command: 'help',
  description: 'Show_the_keyboard_shortcut_list',
  async run(call) {
    tell(call, SHORTCUTS.join('\n'));
  },
};

export const msg: SlashCommand = {
  command: 'msg',
  params: '@username <message>',
  description: 'Direct_message_someone',
  permission: 'create-d',
  async run(call) {
    const { ctx, caller, params } = call;
    const [, name = '', text = ''] = /^(\S+)\s+(.*)$/s.exec(params.trim()) ?? [];
    if (text === '') return tell(call, 'Username and message must not be empty.');
    const user = await namedUser(call, name);
    if (!user?.username) return;
    const room = await createDirectRoom(ctx, caller, { usernames: [user.username] });
    await sendMessage(ctx, caller, { rid: room.id, msg: text });
  },
};

/** Everything is done by clients. */
export const open: SlashCommand = {
  command: 'open',
  params: 'room_name',
  description: 'Opens_a_channel_group_or_direct_message',
  permission: ['view-c-room', 'view-d-room', 'view-joined-room', 'create-d'],
};

export const status: SlashCommand = {
  command: 'status',
  params: 'Slash_Status_Params',
  description: 'Slash_Status_Description',
  async run(call) {
    const { ctx, caller, params } = call;
    try {
      await setStatus(ctx, caller, { uid: caller.uid, wish: { message: params }, atOnce: false });
    } catch (error) {
      if (error instanceof Refusal && error.code === 'error-not-allowed') {
        tell(call, 'Your Rocket.Chat administrator has disabled the changing of status messages');
      }
      throw error;
    }
    tell(call, 'Status message changed successfully.');
  },
};
