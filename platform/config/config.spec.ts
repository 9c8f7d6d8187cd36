import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { ConfigError, NEEDS, rateLimitsOf, readConfig, type Use } from './config.ts';
import { PLATFORM_RATE_LIMITS } from '../http/rate-limits.ts';

const FULL = {
  PRODVOR_MODE: 'full',
  DATABASE_URL: 'postgresql://u:fT4mZq0w%25Rb2@db:5432/prodvor',
  REDIS_URL: 'rediss://cache',
  RABBITMQ_URL: 'amqp://u:Yk7wPz3dNs1@broker',
  KAFKA_BROKERS: 'one:9092, two:9092',
  KEYCLOAK_ISSUER: 'https://id.example/realms/prodvor',
  KEYCLOAK_CLIENT_ID: 'prodvor-backend',
  KEYCLOAK_CLIENT_SECRET: 'Xo3FzP9vLrQ1tUeB5kNd',
  S3_BUCKET: 'prodvor',
  SIGNING_KEYS: 'new:hR8uVxZ1cGmJ4oWqT6yB0,old: Lp5nEaK2sDfI7gHvM3xC9 ',
};

/** The names of the variables with an error. Each error is one line. */
function complaints(env: Record<string, string>): string[] {
  try {
    readConfig({ env });
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.message, error.complaints.join('\n'));
    for (const complaint of error.complaints) assert.match(complaint, /^[A-Z0-9_]+ (is missing|must be [^\n]+)$/);
    return error.complaints.map((complaint) => complaint.split(' ', 1)[0] ?? '').sort();
  }
  return [];
}

describe('configuration', () => {
  it('needs nothing in embedded mode', () => {
    const config = readConfig({ env: {} });
    assert.deepEqual(
      [config.PRODVOR_MODE, config.HOST, config.PORT, config.LOG_LEVEL, config.DATABASE_POOL],
      ['embedded', '127.0.0.1', undefined, 'info', 10],
    );
  });

  it('requires in full mode only what the process uses', () => {
    const { PRODVOR_MODE, KEYCLOAK_ISSUER, ...servers } = FULL;
    const bare = { PRODVOR_MODE, KEYCLOAK_ISSUER };
    const missing = (uses?: readonly Use[]): string[] => {
      try {
        readConfig({ env: bare, uses });
        return [];
      } catch (error) {
        assert.ok(error instanceof ConfigError);
        return error.complaints.map((complaint) => complaint.replace(/ is missing$/, '')).sort();
      }
    };
    assert.deepEqual(missing(), Object.keys(servers).sort(), 'everything');
    for (const [use, names] of Object.entries(NEEDS)) assert.deepEqual(missing([use as Use]), [...names].sort(), use);
    assert.deepEqual(missing([]), []);
    const passwords = (DATABASE_PASSWORDS: string) =>
      readConfig({ env: { ...bare, DATABASE_PASSWORDS }, uses: [] }).DATABASE_PASSWORDS;
    assert.deepEqual(passwords('users=fT4mZq0w=, teams=Yk7wPz3dNs1'), [
      ['users', 'fT4mZq0w='],
      ['teams', 'Yk7wPz3dNs1'],
    ]);
    for (const wrong of ['users', 'users=', '=x', 'users=пароль'])
      assert.throws(() => passwords(wrong), /^ConfigError: DATABASE_PASSWORDS must be service=password/);
    assert.throws(
      () => passwords('users=users-development-only'),
      /^ConfigError: DATABASE_PASSWORDS must be your own secret/,
    );
    assert.throws(() => passwords('users=users'), /^ConfigError: DATABASE_PASSWORDS must be harder to guess/);
  });

  it('takes a key for signing mails only with its selector, and only an RSA key', () => {
    const pem = (type: 'rsa' | 'ed25519'): string =>
      (type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')).privateKey
        .export({ format: 'pem', type: 'pkcs8' })
        .toString();
    const DKIM_PRIVATE_KEY = pem('rsa').replaceAll('\n', '\\n');
    const read = readConfig({ env: { DKIM_SELECTOR: 'm1', DKIM_PRIVATE_KEY } });
    assert.equal(read.DKIM_PRIVATE_KEY, DKIM_PRIVATE_KEY.replaceAll('\\n', '\n'));
    assert.deepEqual(complaints({ DKIM_PRIVATE_KEY }), ['DKIM_SELECTOR']);
    assert.deepEqual(complaints({ DKIM_SELECTOR: 'm1' }), ['DKIM_PRIVATE_KEY']);
    for (const wrong of ['-----BEGIN', pem('ed25519')])
      assert.deepEqual(complaints({ DKIM_SELECTOR: 'm1', DKIM_PRIVATE_KEY: wrong }), ['DKIM_PRIVATE_KEY']);
  });

  it('prefers the command line to the environment to the defaults; an empty variable counts as absent', () => {
    const sources = {
      defaults: { LOG_LEVEL: 'warn', LOG_FORMAT: 'text', PORT: '1' },
      env: { LOG_LEVEL: '', PORT: '2' },
      overrides: { PORT: '3', PRODVOR_DATA: undefined },
    };
    const { LOG_LEVEL, LOG_FORMAT, PORT } = readConfig(sources);
    assert.deepEqual([LOG_LEVEL, LOG_FORMAT, PORT], ['warn', 'text', 3]);
  });

  it('has all values of full mode, parsed', () => {
    const config = readConfig({
      env: { ...FULL, SUBGRAPH_URLS: 'users=http://users:4001/graphql,teams=http://teams:4002/graphql?a=b' },
    });
    assert.ok(config.PRODVOR_MODE === 'full');
    assert.deepEqual(config.KAFKA_BROKERS, ['one:9092', 'two:9092']);
    assert.deepEqual(config.SIGNING_KEYS, [
      ['new', 'hR8uVxZ1cGmJ4oWqT6yB0'],
      ['old', 'Lp5nEaK2sDfI7gHvM3xC9'],
    ]);
    assert.deepEqual(config.SUBGRAPH_URLS, [
      ['users', 'http://users:4001/graphql'],
      ['teams', 'http://teams:4002/graphql?a=b'],
    ]);
  });

  for (const missing of Object.keys(FULL).filter((name) => name !== 'PRODVOR_MODE')) {
    it(`reports that ${missing} is missing in full mode`, () =>
      assert.deepEqual(complaints({ ...FULL, [missing]: '' }), [missing]));
  }

  it('changes single limits, and privileges loopback only in embedded mode', () => {
    const { RATE_LIMITS, TRUSTED_PROXIES, LOOPBACK_RATE_FACTOR } = readConfig({
      env: { ...FULL, RATE_LIMITS: 'register=5/m, sendMessage=2/s', TRUSTED_PROXIES: '10.0.0.7, fd00::/8' },
    });
    assert.deepEqual(
      [...RATE_LIMITS],
      [
        ['register', { count: 5, seconds: 60 }],
        ['sendMessage', { count: 2, seconds: 1 }],
      ],
    );
    assert.deepEqual([TRUSTED_PROXIES, LOOPBACK_RATE_FACTOR], [['10.0.0.7', 'fd00::/8'], 1]);
  });

  it('changes rate limits of the platform and of subgraphs, and refuses unknown names', () => {
    const own = { register: { count: 20, seconds: 3_600 }, sendMessage: { count: 300, seconds: 60 } };
    const limits = (RATE_LIMITS: string) => rateLimitsOf(readConfig({ env: { RATE_LIMITS } }), own);
    assert.deepEqual(limits('register=5/m,failedSignInByName=2/s'), {
      ...PLATFORM_RATE_LIMITS,
      ...own,
      register: { count: 5, seconds: 60 },
      failedSignInByName: { count: 2, seconds: 1 },
    });
    for (const name of ['unknown', 'constructor', '__proto__']) {
      assert.throws(() => limits(`${name}=1/h`), {
        name: 'ConfigError',
        message: `RATE_LIMITS: there is no ${name}; names are failedSignInByAddress, failedSignInByName, register, sendMessage`,
      });
    }
  });

  it('reports all errors at once', () => {
    assert.deepEqual(
      complaints({ PRODVOR_MODE: 'full' }),
      Object.keys(FULL)
        .filter((name) => name !== 'PRODVOR_MODE')
        .sort(),
    );
    const wrong = {
      PORT: '65536',
      PUBLIC_URL: 'ftp://x',
      LOG_LEVEL: 'loud',
      LOG_FORMAT: 'xml',
      SMTP_URL: 'localhost:25',
      SIGNING_KEYS: 'a',
      SUBGRAPH_URLS: 'users',
      DATABASE_POOL: '0',
      DATABASE_URL: 'mysql://x',
    };
    assert.deepEqual(complaints(wrong), Object.keys(wrong).sort());
  });

  const wrong: [name: string, values: string[]][] = [
    ['PRODVOR_MODE', ['half', 'FULL']],
    ['PORT', ['x', '-1', '1.5', ' ', '99999999999', '0x10']],
    ['DATABASE_POOL', ['0', '201', 'many']],
    ['DATABASE_URL', ['postgres', 'http://db']],
    [
      'CORS_ORIGINS',
      ['*', 'app.example.org', 'https://app.example.org/', 'https://a.example,', 'ws://a.example', 'null'],
    ],
    [
      'SIGNING_KEYS',
      [
        'key',
        'a:',
        ':secret',
        'a:short',
        'a b:sixteen bytes or more',
        'a:sixteen bytes or more,',
        'a:sixteen bytes or more,b:short',
      ],
    ],
    ['ACCEPTED_CLIENTS', [',', 'web,', 'a b']],
    ['ACCEPTED_TOKEN_TYPES', [',']],
    ['TRUSTED_PROXIES', ['kong', '10.0.0.0/33', '10.0.0.1,', '*']],
    ['RATE_LIMITS', ['register', 'register=20', 'register=0/h', 'register=20/d', '=20/h', 'register=20/h,']],
    ['LOOPBACK_RATE_FACTOR', ['0', 'x']],
    ['SUBGRAPH_URLS', ['users', 'users=', '=http://x', 'users=x', 'users=ws://x', 'users=http://x,']],
  ];
  for (const [name, values] of wrong) {
    it(`refuses ${name} ${values.map((value) => `"${value}"`).join(', ')}`, () => {
      for (const value of values) assert.deepEqual(complaints({ [name]: value }), [name], value);
    });
  }

  it('refuses wrong addresses of full mode, and shows no secret in the errors', () => {
    const bad = {
      DATABASE_URL: 'db',
      REDIS_URL: 'http://x',
      RABBITMQ_URL: 'x',
      KAFKA_BROKERS: 'one',
      KEYCLOAK_ISSUER: 'realm',
      SIGNING_KEYS: 'k:s3cr3t',
      KEYCLOAK_INTERNAL_URL: 'x',
    };
    assert.deepEqual(complaints({ ...FULL, ...bad }), Object.keys(bad).sort());
    for (const KAFKA_BROKERS of [',', 'one:9092,', 'one:', ':9092', 'one:x'])
      assert.deepEqual(complaints({ ...FULL, KAFKA_BROKERS }), ['KAFKA_BROKERS'], KAFKA_BROKERS);
    assert.throws(
      () => readConfig({ env: { ...FULL, SIGNING_KEYS: 'k:s3cr3t' } }),
      (error: Error) => !error.message.includes('s3cr3t'),
    );
  });

  describe('with an address beyond this machine', () => {
    const LOCAL = {
      ...FULL,
      KEYCLOAK_ISSUER: 'http://127.0.0.1:28080/realms/prodvor',
      PUBLIC_URL: 'http://localhost:8000',
    };
    const PUBLISHED = {
      DATABASE_URL: 'postgresql://prodvor:prodvor@postgres/prodvor',
      RABBITMQ_URL: 'amqp://prodvor:prodvor@rabbitmq',
      KEYCLOAK_CLIENT_SECRET: 'prodvor-backend-development-only',
      SIGNING_KEYS: 'development:only-for-development-replace-it-elsewhere',
    };

    it('refuses secrets of the source code', () => {
      assert.deepEqual(complaints({ ...LOCAL, ...PUBLISHED }), [], 'development');
      for (const address of [
        { PUBLIC_URL: 'https://api.example.org' },
        { KEYCLOAK_ISSUER: 'https://id.example.org/realms/prodvor' },
        { PUBLIC_URL: 'http://192.168.1.5:8000' },
        { PUBLIC_URL: 'http://127.0.0.1.example.org' },
      ]) {
        assert.deepEqual(complaints({ ...LOCAL, ...PUBLISHED, ...address }), Object.keys(PUBLISHED).sort());
        for (const [name, value] of Object.entries(PUBLISHED))
          assert.deepEqual(complaints({ ...LOCAL, ...address, [name]: value }), [name]);
        assert.deepEqual(complaints({ ...LOCAL, ...address }), []);
      }
    });

    it('refuses weak secrets, also as the second key', () => {
      const weak = {
        SIGNING_KEYS: `${FULL.SIGNING_KEYS},old2:${'a'.repeat(32)}`,
        KEYCLOAK_CLIENT_SECRET: 'secret',
        DATABASE_URL: 'postgresql://u:%70rodvor@db/prodvor',
        REDIS_URL: 'redis://:12345678@cache',
      };
      assert.deepEqual(complaints({ ...FULL, ...weak }), Object.keys(weak).sort());
    });

    it('refuses them in embedded mode too', () => {
      const { SIGNING_KEYS, DATABASE_URL } = PUBLISHED;
      assert.deepEqual(complaints({ SIGNING_KEYS, DATABASE_URL }), []);
      assert.deepEqual(complaints({ PUBLIC_URL: 'https://api.example.org', SIGNING_KEYS, DATABASE_URL }), [
        'DATABASE_URL',
        'SIGNING_KEYS',
      ]);
      assert.deepEqual(complaints({ PUBLIC_URL: 'https://api.example.org' }), []);
    });
  });
});
