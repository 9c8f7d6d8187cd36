// Jest runs the specs in three projects: "embedded" (`npm test`), "full" (`npm run test:full`) and "clients" (`npm run
// test:clients`). Each spec file runs in a process of its own (test/jest/runner.mjs). The servers are started once for
// all spec files of a project.
const MINUTE = 60_000;
const CLIENTS = '<rootDir>/examples/clients/';
/**
 * Parts of the paths of the slowest files, which begin first. Jest itself knows a file's duration only after its first
 * run. These files kill processes and start them again, or play a whole tournament.
 */
const SLOW = [
  'test/e2e/ai/crash',
  'product/kill-points',
  'product/media-kills',
  'examples/competition/import',
  'test/e2e/crash/',
  'test/e2e/chat/unread',
  'test/stored/',
];
const FULL_ONLY = ['<rootDir>/test/services/', String.raw`\.full\.spec\.ts$`];

/**
 * Makes a project.
 * @param bounds limits for each spec file: `fileTimeout` is the time that it may take, in milliseconds. `leakGrace` is
 * the time in which its process must end after the last test, in milliseconds; otherwise the spec has left something
 * open and fails. `workers` is the number of files that run at the same time; by default that of the CPUs, and at least
 * two. Files of `slow` begin first.
 */
const project = (displayName, servers, bounds, specs) => ({
  displayName,
  rootDir: import.meta.dirname,
  roots: ['platform', 'signature', 'router', 'subgraphs', 'product', 'test', 'schema', 'examples', 'scripts'].map(
    (folder) => `<rootDir>/${folder}`,
  ),
  runner: '<rootDir>/test/jest/runner.mjs',
  globalSetup: `<rootDir>/test/jest/${servers}.mjs`,
  globalTeardown: '<rootDir>/test/jest/stop-servers.mjs',
  testEnvironmentOptions: { fileTimeout: 8 * MINUTE, leakGrace: 10_000, slow: SLOW, ...bounds },
  transform: {},
  moduleFileExtensions: ['ts', 'mts', 'mjs', 'js', 'json'],
  modulePathIgnorePatterns: ['/generated/'],
  ...specs,
});

export default {
  reporters: ['default', '<rootDir>/test/jest/closing-line.mjs'],
  testTimeout: 4 * MINUTE,
  projects: [
    project(
      'embedded',
      'embedded-server',
      {},
      { testMatch: ['<rootDir>/**/*.spec.ts'], testPathIgnorePatterns: ['/node_modules/', CLIENTS, ...FULL_ONLY] },
    ),
    // This project uses real servers. It runs the contracts of the adapters, the scenarios, the examples, and the specs
    // of the servers in test/services. All specs share the servers, and some scenarios have ten processes. So only one
    // file runs at a time.
    project(
      'full',
      'real-servers',
      { workers: 1 },
      {
        testMatch: [
          'test/services/**/*.spec.ts',
          '**/*.full.spec.ts',
          'test/e2e/**/*.spec.ts',
          // The other specs of the examples use no server.
          'examples/*/{import,small,draw,typed-client}.spec.ts',
          'platform/full.platform.spec.ts',
          'platform/cache/*.spec.ts',
          'platform/**/*contract.spec.ts',
          'platform/**/{kafka,rabbitmq,redis,keycloak}*.spec.ts',
        ].map((pattern) => `<rootDir>/${pattern}`),
        testPathIgnorePatterns: ['/node_modules/', CLIENTS],
      },
    ),
    project(
      'clients',
      'embedded-server',
      {},
      { testMatch: [`${CLIENTS}**/*.spec.ts`], testPathIgnorePatterns: [`${CLIENTS}node_modules/`] },
    ),
  ],
};
