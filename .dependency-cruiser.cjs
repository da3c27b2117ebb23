// Which way imports may point (docs: ARCHITECTURE.md). Run by `npm run boundaries`; `$1` is the folder that matched.
const SRC = '^server/src';
const FEATURES =
  'accounts|rooms|messages|admin|files|notifications|integrations|commands|mail|jobs|audit|customization|oauth|previews|translation|moderation|conferences|retention|exports|imports|calendar|outbound|mailings|webdav';
/** Tests, and what only tests use: `test-people.ts`, `admin-test-server.ts`. */
const TEST = '(\\.test|[/-]test-[a-z-]+)\\.ts$';
/** Everything in a feature folder that is not a door, not SQL and not a test: operations, presenters, types. */
const OPERATION = {
  path: `${SRC}/(${FEATURES})/`,
  pathNot: ['\\.(rest|ddp|store)\\.ts$', TEST],
};
/** A type costs nothing at run time, but shows whom a file knows; only where a rule says so it is free. */
const NOT_TYPE_ONLY = { dependencyTypesNot: ['type-only'] };

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'kernel-imports-nothing-of-ours',
      severity: 'error',
      from: { path: `${SRC}/kernel/`, pathNot: TEST },
      to: { path: SRC, pathNot: `${SRC}/kernel/` },
    },
    {
      name: 'config-imports-only-kernel',
      severity: 'error',
      from: { path: `${SRC}/config/`, pathNot: TEST },
      to: { path: SRC, pathNot: `${SRC}/(config|kernel)/` },
    },
    {
      name: 'storage-imports-only-kernel-and-config-types',
      severity: 'error',
      from: { path: `${SRC}/storage/`, pathNot: TEST },
      to: { path: SRC, pathNot: `${SRC}/(storage|kernel|config)/` },
    },
    {
      name: 'storage-takes-only-types-from-config',
      severity: 'error',
      from: { path: `${SRC}/storage/`, pathNot: TEST },
      to: { path: `${SRC}/config/`, ...NOT_TYPE_ONLY },
    },
    {
      name: 'stores-import-only-storage-and-kernel',
      comment: 'And the types of their own feature with their row mapping (room.ts), see the next rule.',
      severity: 'error',
      from: { path: `${SRC}/(${FEATURES})/.*\\.store\\.ts$` },
      to: { path: SRC, pathNot: `${SRC}/(storage|kernel|$1)/` },
    },
    {
      name: 'stores-reach-no-operation',
      comment:
        'Whatever takes a Context holds rules; SQL must not depend on rules, not even by way of another file.',
      severity: 'error',
      from: { path: `${SRC}/(${FEATURES})/.*\\.store\\.ts$` },
      to: { path: `${SRC}/context\\.ts$`, reachable: true },
    },
    {
      name: 'operations-know-no-door',
      severity: 'error',
      from: OPERATION,
      to: { path: [`${SRC}/(rest|realtime|cluster)/`, '\\.(rest|ddp)\\.ts$'] },
    },
    {
      name: 'stores-belong-to-their-feature',
      comment: 'Call the other feature’s operation instead of reading its tables.',
      severity: 'error',
      from: { path: `${SRC}/(${FEATURES})/`, pathNot: TEST },
      to: { path: '\\.store\\.ts$', pathNot: `${SRC}/$1/` },
    },
    {
      name: 'doors-and-context-use-no-store',
      severity: 'error',
      from: {
        path: `${SRC}/(rest|realtime|cluster|cli)/|${SRC}/[^/]+\\.ts$`,
        pathNot: [TEST, `${SRC}/(app|app-work|consistency-rules)\\.ts$`],
      },
      to: { path: '\\.store\\.ts$' },
    },
    {
      name: 'rest-does-not-import-realtime',
      severity: 'error',
      from: { path: `${SRC}/rest/`, pathNot: TEST },
      to: { path: [`${SRC}/realtime/`, '\\.ddp\\.ts$'] },
    },
    {
      name: 'realtime-does-not-import-rest',
      comment: 'method.call is a REST endpoint that runs DDP methods: it may know the type of an endpoint.',
      severity: 'error',
      from: { path: `${SRC}/realtime/`, pathNot: [TEST, `${SRC}/realtime/method-call\\.ts$`] },
      to: { path: [`${SRC}/rest/`, '\\.rest\\.ts$'] },
    },
    {
      name: 'method-call-knows-only-endpoint-types',
      severity: 'error',
      from: { path: `${SRC}/realtime/method-call\\.ts$` },
      to: { path: [`${SRC}/rest/`, '\\.rest\\.ts$'], pathNot: `${SRC}/rest/endpoint\\.ts$` },
    },
    {
      name: 'method-call-takes-only-types-from-endpoint',
      severity: 'error',
      from: { path: `${SRC}/realtime/method-call\\.ts$` },
      to: { path: `${SRC}/rest/endpoint\\.ts$`, ...NOT_TYPE_ONLY },
    },
    {
      name: 'doors-know-no-feature',
      comment: 'Only app.ts knows all features; the doors get endpoints, methods and streams as arguments.',
      severity: 'error',
      from: { path: `${SRC}/(rest|realtime|cluster)/`, pathNot: TEST },
      to: { path: '\\.(rest|ddp)\\.ts$' },
    },
    {
      name: 'nothing-imports-the-app',
      comment: 'app.ts and its parts know everything; only the command line starts it.',
      severity: 'error',
      from: { path: SRC, pathNot: [`${SRC}/cli/`, `${SRC}/app\\.ts$`, TEST] },
      to: { path: `${SRC}/(app|app-events|app-work)\\.ts$` },
    },
    {
      name: 'nothing-imports-the-command-line',
      severity: 'error',
      from: { path: SRC, pathNot: [`${SRC}/cli/`, `${SRC}/main\\.ts$`, TEST] },
      to: { path: [`${SRC}/cli/`, `${SRC}/main\\.ts$`] },
    },
    {
      name: 'only-the-command-line-moves-workspaces',
      comment:
        'What writes the rows of every feature, past its operations, does so before any server is there.',
      severity: 'error',
      from: { path: SRC, pathNot: [`${SRC}/(cli|rocketchat-dump)/`, TEST] },
      to: { path: `${SRC}/rocketchat-dump/` },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: SRC },
      to: { circular: true, viaOnly: NOT_TYPE_ONLY },
    },
    {
      name: 'no-test-code-in-the-product',
      severity: 'error',
      from: { path: SRC, pathNot: TEST },
      to: { path: ['^server/test/', TEST] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|data)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
