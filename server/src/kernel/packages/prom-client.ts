/** What we use of prom-client, for whoever loads it when it is needed: see `scripts/build.mjs` on `import()` of CommonJS packages. */
export { default as prom } from 'prom-client';
