/** What we use of node-saml, for whoever loads it when it is needed: see `scripts/build.mjs` on `import()` of CommonJS packages. */
export { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
