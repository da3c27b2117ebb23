/** What we use of sax, for whoever loads it when it is needed: see `scripts/build.mjs` on `import()` of CommonJS packages. */
import sax from 'sax';

export const { parser } = sax;
