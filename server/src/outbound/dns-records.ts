import type { Context } from '../context.ts';
import { refuse } from '../kernel/errors.ts';

/** Records of names, for whoever looks why a service is not found (spec 23, `dns.resolve.*`, which names no permission). */

export interface ServiceRecord {
  name: string;
  port: number;
  priority: number;
  weight: number;
}

/** Refuses with the text of DNS. */
export const serviceRecords = (ctx: Context, name: string): Promise<ServiceRecord[]> =>
  asked(() => ctx.names.resolveSrv(name));

/** Each record as one text. Refuses with the text of DNS. */
export const textRecords = async (ctx: Context, name: string): Promise<string[]> =>
  (await asked(() => ctx.names.resolveTxt(name))).map((pieces) => pieces.join(''));

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    // `querySrv ENOTFOUND example.org`; what cannot be a name is refused with a code too.
    if (error instanceof Error && 'code' in error) refuse(error.message.slice(0, 500));
    throw error;
  }
}
