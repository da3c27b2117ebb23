import Fastify from 'fastify';

/** A bare Fastify that answers every request with `bytes` bytes of JSON. Returns its port. */
export async function openEcho({ bytes }: { bytes: number }): Promise<number> {
  const app = Fastify({ logger: false });
  const body = JSON.stringify({ page: 'x'.repeat(Math.max(0, bytes - '{"page":""}'.length)) });
  app.get('/page', (_request, reply) => reply.type('application/json').send(body));
  await app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
