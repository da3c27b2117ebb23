import type { Context } from '../context.ts';
import { hasPushTokens } from './push-tokens.store.ts';

/** Whether anybody at all has a device to push to: most workspaces have none, and every message asks. */
export class PushDevices {
  #known = false;

  static async load(ctx: Context): Promise<PushDevices> {
    const devices = new PushDevices();
    devices.#known = await hasPushTokens(ctx.db);
    ctx.events.on('push.registered', () => {
      devices.#known = true;
    });
    return devices;
  }

  /** True after the first one was registered; devices that are gone since only cost a look. */
  get any(): boolean {
    return this.#known;
  }
}

declare module '../kernel/events.ts' {
  interface Events {
    'push.registered': { uid: string };
  }
}
