import type { Context, WriteScope } from '../context.ts';
import { sha256hex } from '../kernel/ids.ts';
import { mailLogin } from './account-mails.ts';
import { readDevice } from './device.ts';
import type { Client } from './find-users.ts';
import { deleteKnownDevices, insertKnownDevice, knownDevicesOf } from './known-devices.store.ts';
import type { User } from './user.ts';

/** Whoever has used more forgets the oldest: a `User-Agent` is what the client says. */
const KEPT = 50;

/**
 * Remembers what kind of device somebody logs in with, and tells the person by mail when it is a new one, as far as the
 * workspace and the person want that (spec 20, "Sessions / device management": `Device_Management_*`). The first device of
 * an account is nothing new.
 */
export async function tellOfLogin(
  ctx: Context,
  scope: WriteScope,
  user: User,
  { userAgent, ip }: Client,
): Promise<void> {
  const { tx } = scope;
  const device = readDevice(userAgent);
  const now = ctx.clock.now();
  const kind = sha256hex([device.type, device.name, device.os.name].join('\n'));
  if (!(await insertKnownDevice(tx, { uid: user._id, device: kind, first_seen: now }))) return;
  const known = await knownDevicesOf(tx, user._id, 2 * KEPT);
  await deleteKnownDevices(tx, user._id, known.filter((one) => one !== kind).slice(KEPT - 1));
  if (known.length > 1 && wantsMail(ctx, user)) await mailLogin(ctx, scope, user, { device, ip, at: now });
}

function wantsMail({ settings }: Context, { preferences }: User): boolean {
  if (!settings.bool('Device_Management_Enable_Login_Emails')) return false;
  const mayRefuse = settings.bool('Device_Management_Allow_Login_Email_preference');
  return !(mayRefuse && preferences?.receiveLoginDetectionEmail === false);
}
