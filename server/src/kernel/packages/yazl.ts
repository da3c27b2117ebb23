/** What we use of yazl, for whoever loads it when it is needed: see `scripts/build.mjs` on `import()` of CommonJS packages. */
export { ZipFile } from 'yazl';
