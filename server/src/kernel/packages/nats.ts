/** What we use of NATS, for whoever loads it when it is needed: see `scripts/build.mjs` on `import()` of CommonJS packages. */
export { connect } from '@nats-io/transport-node';
