import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import { build } from 'esbuild';

type EmbeddedChat = typeof import('@embeddedchat/api');

/**
 * Loads `@embeddedchat/api` as web pages do, through a bundler that takes the `module` field. Node cannot: the `main` of
 * both of its packages is CommonJS under `type: module`.
 */
export async function loadEmbeddedChat(): Promise<EmbeddedChat> {
  const { outputFiles } = await build({
    stdin: { contents: "export * from '@embeddedchat/api';", resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
  const module = { exports: {} };
  const run = compileFunction(outputFiles[0]?.text ?? '', ['module', 'exports', 'require']);
  run(module, module.exports, createRequire(import.meta.url));
  return module.exports as EmbeddedChat;
}
