/** What we use of pg, for whoever loads it when it is needed: see `scripts/build.mjs` on `import()` of CommonJS packages. */
export { default as pg } from 'pg';
