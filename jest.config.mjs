// The specs, as three projects of Jest: "embedded" (`npm test`), "full" (`npm run test:full`) and "clients" (`npm run
// test:clients`). Each spec file runs in a process of its own (test/jest/runner.mjs). The servers are started once for
// all of them.
const MINUTE = 60_000;
const CLIENTS = '<rootDir>/examples/clients/';
const FULL_ONLY = ['<rootDir>/test/services/', String.raw`\.full\.spec\.ts$`];

/**
 * @param bounds of a file, in milliseconds: how long it may take, and how long its process may run after its last test
 * before that counts as something left open
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
  testEnvironmentOptions: { leakGrace: 10_000, ...bounds },
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
      { fileTimeout: 4 * MINUTE },
      { testMatch: ['<rootDir>/**/*.spec.ts'], testPathIgnorePatterns: ['/node_modules/', CLIENTS, ...FULL_ONLY] },
    ),
    // The adapters' contracts, the scenarios, the example and the services' specs, on real servers. All specs share the
    // servers, and some specs stop them: so one file at a time.
    project(
      'full',
      'real-servers',
      { fileTimeout: 5 * MINUTE, workers: 1 },
      {
        testMatch: [
          'test/services/**/*.spec.ts',
          '**/*.full.spec.ts',
          'test/e2e/**/*.spec.ts',
          'examples/**/*.spec.ts',
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
      { fileTimeout: 4 * MINUTE },
      { testMatch: [`${CLIENTS}**/*.spec.ts`], testPathIgnorePatterns: [`${CLIENTS}node_modules/`] },
    ),
  ],
};
