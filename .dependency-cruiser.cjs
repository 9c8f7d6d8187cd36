// The rules of the house that concern imports; each fails `npm run check`.
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'subgraphs-know-each-other-by-events-only',
      severity: 'error',
      comment: 'No subgraph imports another: references and events connect them.',
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
        'Scripts and every process read all manifests: what a subgraph hosts is loaded by import() when it is wanted.',
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
        'The router runs any supergraph; it shares the signature, the rules about hosts and origins, what no error repeats, and the race against a timeout, with the platform.',
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
        'What a program may use of the router is in its index.ts, what a build tool may use in its composition.ts. What browsers load of the explorer a test may load too.',
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
        'A metric made elsewhere is in a registry that no page shows: use `Metrics.counter`, `gauge` or `histogram`.',
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
        'Two files that need each other are one file, or a third is missing. Of folders, scripts/import-circles.mjs says the same.',
      from: { path: '^(platform|router|schema|signature)/' },
      to: { circular: true },
    },
    {
      name: 'nothing-from-tests',
      severity: 'error',
      comment: 'What is served must not need what tests need.',
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
        'The first install has `dependencies` alone: what is served, and the programs of the README, import no package of development, and none that package.json does not name.',
      from: {
        path: '^(platform|signature|router|subgraphs|product|schema|examples/competition|examples/typed-client|main\\.ts|loader\\.mjs)',
        pathNot: '\\.(spec|fixture|testing|broker|worker|process)\\.ts$|contract[^/]*\\.ts$|/test/',
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
