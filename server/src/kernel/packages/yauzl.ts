/** What we use of yauzl, for whoever loads it when it is needed: see `scripts/build.mjs` on `import()` of CommonJS packages. */
export { openPromise } from 'yauzl';
