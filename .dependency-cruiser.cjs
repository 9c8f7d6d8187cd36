// Rules for imports. A violation fails `npm run check`.
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'subgraphs-know-each-other-by-events-only',
      severity: 'error',
      comment: 'No subgraph imports another. They communicate by references, events and questions.',
      from: { path: '^subgraphs/([^/]+)/' },
      to: { path: '^subgraphs/', pathNot: '^subgraphs/$1/' },
    },
    {
      name: 'subgraphs-do-not-import-the-router',
      severity: 'error',
      from: { path: '^subgraphs/' },
      to: { path: '^router/' },
    },
    {
      name: 'manifests-are-cheap',
      severity: 'error',
      comment:
        'Scripts and every process read all manifests. A process loads the code of a subgraph by import(), only if it hosts it.',
      from: { path: '^(subgraphs/[^/]+/subgraph|platform/manifest/manifest|platform/edge/routes)\\.ts$' },
      to: {
        dynamic: false,
        dependencyTypesNot: ['type-only'],
        pathNot: '^(platform/manifest/manifest|platform/edge/routes)\\.ts$|^schema/',
      },
    },
    {
      name: 'platform-imports-no-subgraph',
      severity: 'error',
      from: { path: '^platform/' },
      to: { path: '^subgraphs/' },
    },
    {
      name: 'signature-stands-alone',
      severity: 'error',
      comment: 'The router and the platform both import it, so it imports neither.',
      from: { path: '^signature/' },
      to: { path: '^(platform|router|subgraphs|schema|product)/' },
    },
    {
      name: 'router-knows-no-domain',
      severity: 'error',
      comment:
        'The router serves any supergraph. With the platform it shares only the signature, the rules for hosts and origins, the removal of values from errors, and the timeout.',
      from: { path: '^router/' },
      to: {
        path: '^(subgraphs|platform|schema|prisma|main\\.ts)(/|$)',
        pathNot: '^platform/(http/|observability/without-values\\.ts$|async/within\\.ts$)',
      },
    },
    {
      name: 'the-router-has-one-door',
      severity: 'error',
      comment:
        'Programs import the router from index.ts, build tools from composition.ts. Tests may also import the scripts that browsers load from the explorer.',
      from: { pathNot: '^router/' },
      to: {
        path: '^router/',
        pathNot: '^router/(index|composition)\\.ts$|^router/explorer/(answers|session|stream)\\.js$',
      },
    },
    {
      name: 'metrics-are-scraped',
      severity: 'error',
      comment:
        'A metric that is created elsewhere is not in the registry of /metrics. Use `Metrics.counter`, `gauge` or `histogram`.',
      from: { pathNot: '^(platform/observability|router)/metrics\\.ts$' },
      to: { path: 'node_modules/prom-client/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Types may refer to each other; code may not.',
      from: { pathNot: '/generated/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-cycles-of-types-either',
      severity: 'error',
      comment:
        'If two files need each other, merge them or extract a third one. `scripts/import-cycles.mjs` checks the same for folders.',
      from: { path: '^(platform|router|schema|signature)/' },
      to: { circular: true },
    },
    {
      name: 'nothing-from-tests',
      severity: 'error',
      comment: 'Production code must not import test code.',
      from: {
        path: '^(platform|signature|router|subgraphs|main\\.ts)',
        pathNot: '\\.(spec|fixture|testing)\\.ts$|contract[^/]*\\.ts$|/test/',
      },
      to: { path: '^(test|bench|examples)/' },
    },
    {
      name: 'what-runs-is-installed-to-run',
      severity: 'error',
      comment:
        'The first install has only `dependencies`. So production code and the programs of the README must not import devDependencies, or packages that package.json does not name.',
      from: {
        path: '^(platform|signature|router|subgraphs|product|schema|examples/competition|examples/draw|examples/typed-client|main\\.ts|loader\\.mjs)',
        // deploy/s3 installs the packages of s3.ts for full mode.
        pathNot:
          '\\.(spec|fixture|testing|broker|worker|process)\\.ts$|contract[^/]*\\.ts$|/test/|^platform/storage/s3\\.ts$',
      },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|/generated/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js', '.json'] },
  },
};
