/** What we use of undici, for whoever loads it when it is needed: see `scripts/build.mjs` on `import()` of CommonJS packages. */
export { Agent, request } from 'undici';
