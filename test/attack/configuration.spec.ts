// Threat: somebody starts the product from a copied example, and makes it public. Safe means:
// - when its own or Keycloak's address is public, no process starts with a secret from the source code or an easily
//   guessed one. Its exit code is 2, with a line for each variable, and no secret in any line;
// - the same values are accepted for development, where only this machine reaches the process;
// - the deployed realm lets no program sign in with a person's name and password, and contains no account and no
//   secret.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from '@jest/globals';
import { readConfig } from '../../platform/config/config.ts';
import { deployedRealm, testRealm } from '../services/realm.ts';

const ROOT = path.join(import.meta.dirname, '../..');
/** The environment that docker-compose.yml passes on, with the values of .env.development. */
const COPIED = {
  NODE_ENV: 'production',
  PRODVOR_MODE: 'full',
  HOST: '0.0.0.0',
  PUBLIC_URL: 'https://api.example.org',
  DATABASE_URL: 'postgresql://prodvor:prodvor@127.0.0.1:1/prodvor',
  REDIS_URL: 'redis://127.0.0.1:1',
  RABBITMQ_URL: 'amqp://prodvor:prodvor@127.0.0.1:1',
  S3_BUCKET: 'prodvor',
  KAFKA_BROKERS: '127.0.0.1:1',
  KEYCLOAK_ISSUER: 'http://127.0.0.1:28080/realms/prodvor',
  KEYCLOAK_CLIENT_ID: 'prodvor-backend',
  KEYCLOAK_CLIENT_SECRET: 'prodvor-backend-development-only',
  SIGNING_KEYS: 'development:only-for-development-replace-it-elsewhere',
};
const OWN = {
  DATABASE_URL: 'postgresql://prodvor:n3JwqZ8tLx0v@127.0.0.1:1/prodvor',
  RABBITMQ_URL: 'amqp://prodvor:Vb6yRk2mQd9s@127.0.0.1:1',
  KEYCLOAK_CLIENT_SECRET: 'Gk8sPq2xWv5zRt1yMn4b',
  SIGNING_KEYS: 'k1:u7Hq3ZxPw9Lk2VbN5rTyC8mD1sFgJ4aE',
};

function start(what: string, env: Record<string, string>): Promise<{ code: unknown; output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', './loader.mjs', 'main.ts', what, '--port', '0'],
      { cwd: ROOT, env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env }, timeout: 60_000 },
      (error, out, err) => {
        resolve({ code: error?.code ?? 0, output: out + err });
      },
    );
  });
}
const named = (output: string): string[] =>
  output
    .trim()
    .split('\n')
    .map((line) => line.split(' ', 1)[0] ?? '')
    .sort();

describe('a public start', () => {
  it('with the development values is refused by every process', async () => {
    const secrets = Object.keys(OWN).sort();
    for (const what of ['router', 'users', 'migrate', 'all']) {
      const { code, output } = await start(what, COPIED);
      assert.deepEqual([code, named(output)], [2, secrets], output);
      for (const secret of [COPIED.KEYCLOAK_CLIENT_SECRET, 'only-for-development', 'prodvor:prodvor'])
        assert.ok(!output.includes(secret), output);
    }
  });

  it('with one of them, or a weak one, is refused for that one', async () => {
    const cases: [keyof typeof OWN, string][] = [
      ...Object.keys(OWN).map((name) => [name, COPIED[name as keyof typeof OWN]] as [keyof typeof OWN, string]),
      ['SIGNING_KEYS', `k1:${'a'.repeat(40)}`],
      ['SIGNING_KEYS', `k1:${'ab'.repeat(20)}`],
      ['SIGNING_KEYS', 'k1:12345678901234567890123456789012'],
      ['SIGNING_KEYS', 'k1:changeme-changeme-changeme'],
      ['SIGNING_KEYS', `${OWN.SIGNING_KEYS},old:${'a'.repeat(40)}`],
      ['KEYCLOAK_CLIENT_SECRET', '${KEYCLOAK_CLIENT_SECRET}'],
      ['KEYCLOAK_CLIENT_SECRET', '**********'],
    ];
    for (const address of [
      {},
      { PUBLIC_URL: 'http://127.0.0.1:8000', KEYCLOAK_ISSUER: 'https://id.example.org/realms/prodvor' },
    ]) {
      for (const [name, value] of cases) {
        assert.throws(
          () => readConfig({ env: { ...COPIED, ...OWN, ...address, [name]: value } }),
          (error: Error) => error.message.startsWith(`${name} must be `) && !error.message.includes('\n'),
          `${name} ${value}`,
        );
      }
      assert.equal(readConfig({ env: { ...COPIED, ...OWN, ...address } }).PRODVOR_MODE, 'full');
    }
  });

  it('is different from development', () => {
    assert.equal(readConfig({ env: { ...COPIED, PUBLIC_URL: 'http://127.0.0.1:8000' } }).PRODVOR_MODE, 'full');
  });
});

describe('Keycloak', () => {
  const begin = (env: Record<string, string>) =>
    new Promise<{ code: unknown; output: string }>((resolve) => {
      execFile(
        'bash',
        ['deploy/keycloak/start.sh', 'start', '--import-realm'],
        { cwd: ROOT, env: { PATH: process.env.PATH, KC: 'echo', ...env } },
        (error, out, err) => resolve({ code: error?.code ?? 0, output: out + err }),
      );
    });
  const development = {
    KC_HOSTNAME: 'http://127.0.0.1:28080',
    KC_BOOTSTRAP_ADMIN_PASSWORD: 'admin',
    KC_DB_PASSWORD: 'keycloak',
    KEYCLOAK_CLIENT_SECRET: 'prodvor-backend-development-only',
  };
  const own = {
    KC_BOOTSTRAP_ADMIN_PASSWORD: 'Xw4nT7bQz2Lk',
    KC_DB_PASSWORD: 'Rp9vJ3mCy6Hs',
    KEYCLOAK_CLIENT_SECRET: 'Gk8sPq2xWv5zRt1yMn4b',
  };

  it('starts with the development passwords on this machine only', async () => {
    for (const KC_HOSTNAME of ['http://127.0.0.1:28080', 'http://localhost:8080', 'http://localhost']) {
      assert.deepEqual(
        await begin({ ...development, KC_HOSTNAME }),
        { code: 0, output: 'start --import-realm\n' },
        KC_HOSTNAME,
      );
    }
    for (const KC_HOSTNAME of [
      'https://id.example.org',
      'http://127.0.0.1.example.org',
      'http://localhost.example.org',
      'http://127.0.0.1@example.org',
      'http://10.0.0.1:8080',
    ]) {
      assert.equal((await begin({ ...development, KC_HOSTNAME })).code, 2, KC_HOSTNAME);
      for (const name of Object.keys(own)) {
        const { code, output } = await begin({
          ...development,
          ...own,
          KC_HOSTNAME,
          [name]: development[name as keyof typeof development],
        });
        assert.deepEqual([code, output.split(' ', 1)[0]], [2, name]);
        assert.equal((await begin({ ...own, KC_HOSTNAME, [name]: 'short' })).code, 2);
        assert.equal((await begin({ ...own, KC_HOSTNAME, [name]: '' })).code, 2);
      }
      assert.equal((await begin({ ...own, KC_HOSTNAME })).code, 0, KC_HOSTNAME);
    }
  });

  it('starts that way in containers', () => {
    const compose = readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8');
    assert.match(
      compose,
      /entrypoint: \['bash', '\/opt\/keycloak\/start\.sh'\]\n\s+command: \['start', '--import-realm'\]/,
    );
    assert.match(compose, /\.\/deploy\/keycloak\/start\.sh:\/opt\/keycloak\/start\.sh:ro/);
  });
});

describe('the deployed realm', () => {
  const realm = deployedRealm();
  it('lets no program sign in as a person', () => {
    for (const { clientId, directAccessGrantsEnabled, implicitFlowEnabled = false } of realm.clients) {
      assert.deepEqual([directAccessGrantsEnabled, implicitFlowEnabled], [false, false], clientId);
    }
    assert.deepEqual(
      realm.clients.map(({ clientId }) => clientId),
      ['prodvor-web', 'prodvor-backend'],
    );
    assert.deepEqual(
      realm.scopeMappings.map(({ client }) => client),
      ['prodvor-web'],
    );
    assert.doesNotMatch(JSON.stringify(realm), /prodvor-test/);
  });

  it('has no account to sign in to, and no secret', () => {
    for (const user of realm.users as { serviceAccountClientId?: string; credentials?: unknown }[])
      assert.ok(user.serviceAccountClientId && !user.credentials);
    assert.equal(
      realm.clients.find(({ clientId }) => clientId === 'prodvor-backend')?.secret,
      '${KEYCLOAK_CLIENT_SECRET}',
    );
    assert.equal(realm.registrationAllowed, false);
  });

  it('differs from the test realm by the client, and by requiring a confirmed address', () => {
    const test = JSON.parse(testRealm()) as typeof realm;
    assert.deepEqual(
      { ...test, clients: [], scopeMappings: [], verifyEmail: true },
      { ...realm, clients: [], scopeMappings: [] },
    );
    assert.deepEqual(
      test.clients.filter(({ clientId }) => clientId !== 'prodvor-test'),
      realm.clients,
    );
  });

  it('is the one that containers import', () => {
    const compose = readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8');
    assert.match(
      compose,
      /\$\{KEYCLOAK_REALM_FILE:-\.\/deploy\/keycloak\/realm-prodvor\.json\}:\/opt\/keycloak\/data\/import\//,
    );
  });
});
