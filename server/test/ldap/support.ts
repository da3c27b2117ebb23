import type { TestServer } from '../support/server.ts';

/** Sets settings as the administrator does. */
export async function configure({ admin }: TestServer, settings: Record<string, unknown>): Promise<void> {
  for (const [id, value] of Object.entries(settings)) {
    const { status, body } = await admin.post(`settings/${id}`, { value });
    if (status !== 200) throw new Error(`${id} was not set: ${JSON.stringify(body)}`);
  }
}
