import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { trustedProxies } from '../../platform/http/client-address.ts';
import { NEEDS, readConfig, type Use } from '../../platform/config/config.ts';
import { roleOf } from '../../platform/postgres/roles.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { pomVersion } from './java.ts';
import { portsAt, serviceNames } from './ports.ts';
import { run } from './processes.ts';
import { findProgram } from './service.ts';

interface Container {
  image?: string;
  build?: unknown;
  ports?: string[];
  environment?: Record<string, string | number>;
  healthcheck?: unknown;
  depends_on?: Record<string, { condition: string }>;
  networks?: Record<string, { ipv4_address?: string }>;
}

const file = fileURLToPath(new URL('../../docker-compose.yml', import.meta.url));
const text = readFileSync(file, 'utf8');
const developmentFile = fileURLToPath(new URL('../../.env.development', import.meta.url));
const development: Record<string, string> = Object.fromEntries(
  [...readFileSync(developmentFile, 'utf8').matchAll(/^([A-Z0-9_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    value,
  ]),
);
const { services, networks } = parse(text, { merge: true }) as {
  services: Record<string, Container>;
  networks: { default: { ipam: { config: [{ subnet: string; ip_range: string }] } } };
};
const product = ['router', ...Object.keys(subgraphs)];
/** For each use, the secret variables that a container gets. */
const SECRETS: Partial<Record<Use, readonly string[]>> = {
  jobQueue: ['RABBITMQ_PASSWORD'],
  accounts: ['KEYCLOAK_CLIENT_SECRET'],
  storage: ['S3_SECRET_ACCESS_KEY'],
  mail: ['DKIM_PRIVATE_KEY', 'MAIL_WEBHOOK_SECRET', 'SMTP_URL'],
  push: ['FCM_SERVICE_ACCOUNT', 'VAPID_PRIVATE_KEY'],
  model: ['GOOGLE_API_KEY'],
};
const usesOf: Readonly<Record<string, readonly Use[]>> = {
  migrate: ['database'],
  router: ['signatures', 'cache'],
  ...Object.fromEntries(
    Object.entries(subgraphs).map(([name, { uses }]): [string, Use[]] => [
      name,
      ['database', 'eventLog', 'signatures', ...uses],
    ]),
  ),
};
/** A container's environment, with the values of .env.development. */
const environmentOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [
      key,
      String(value).replace(
        /\$\{(\w+):[?-]([^}]*)\}/g,
        (asked, variable: string, otherwise: string) =>
          development[variable] ?? (asked.includes(':-') ? otherwise : ''),
      ),
    ]),
  );

/**
 * Secrets that a deployment may leave out: Keycloak may send mail without authentication, another server may sign mails,
 * nobody has to report bounces, the installation makes a VAPID key, and there may be no apps. The product works without a
 * language model.
 */
const OPTIONAL = [
  'KEYCLOAK_SMTP_PASSWORD',
  'DKIM_PRIVATE_KEY',
  'MAIL_WEBHOOK_SECRET',
  'VAPID_PRIVATE_KEY',
  'FCM_SERVICE_ACCOUNT',
  'GOOGLE_API_KEY',
];

describe('docker-compose.yml', () => {
  const program = findProgram('docker-compose');
  (program ? it : it.skip)('is accepted by docker-compose', async () => {
    await run(program ?? '', ['--env-file', developmentFile, '-f', file, 'config', '-q']);
  });

  (program ? it : it.skip)('does not start with what is for development, unless it is told to', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'prodvor-compose-')); // a folder without a developer's .env
    try {
      await assert.rejects(
        run(program ?? '', ['-f', file, '--project-directory', folder, 'config', '-q'], { cwd: folder }),
        /see \.env\.development/,
      );
      for (const name of Object.keys(development).filter((each) => text.includes(`\${${each}:?`))) {
        await assert.rejects(
          run(program ?? '', ['--env-file', developmentFile, '-f', file, 'config', '-q'], { env: { [name]: '' } }),
          /see \.env\.development/,
          name,
        );
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has no default for secrets and public addresses', () => {
    const asked = new Set([...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name));
    for (const name of asked) assert.ok(development[name ?? ''], `.env.development has ${name}`);
    for (const [, name = '', value = ''] of text.matchAll(/\$\{(\w+):-([^}]*)\}/g)) {
      if (!OPTIONAL.includes(name)) assert.doesNotMatch(name, /PASSWORD|SECRET|KEY(S|$)|URL/);
      assert.match(
        value,
        /^(|\d+|local|admin|true|false|\.\/deploy\/keycloak\/realm-prodvor\.json)$/,
        `${name}: a port, a number, a name`,
      );
    }
  });

  it('publishes ports on loopback only', () => {
    for (const [name, { ports = [] }] of Object.entries(services)) {
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, name);
    }
  });

  it('publishes the servers on the ports where full mode expects them', () => {
    const ports = portsAt();
    for (const name of serviceNames) {
      assert.deepEqual(
        services[name]?.ports?.map((port) => /:-(\d+)\}/.exec(port)?.[1]),
        [String(ports[name])],
        name,
      );
    }
  });

  it('gives each container the secrets that it uses, and no other', () => {
    const received = (name: string): string[] => {
      const asked = [...JSON.stringify(services[name]?.environment ?? {}).matchAll(/\$\{(\w+):[?-]/g)].map(
        ([, variable = '']) => variable,
      );
      return [...new Set(asked)]
        .filter((variable) => /PASSWORD|SECRET|KEYS|(PRIVATE|API)_KEY|SMTP_URL|FCM_SERVICE_ACCOUNT/.test(variable))
        .sort();
    };
    const ofRole = (name: string): string => `${name.toUpperCase()}_DATABASE_PASSWORD`;
    assert.deepEqual(
      Object.fromEntries(
        Object.keys(services)
          .map((name) => [name, received(name)])
          .filter(([, secrets = []]) => secrets.length > 0),
      ),
      {
        postgres: ['KEYCLOAK_DATABASE_PASSWORD', 'POSTGRES_PASSWORD'],
        rabbitmq: ['RABBITMQ_PASSWORD'],
        s3: ['S3_SECRET_ACCESS_KEY'],
        keycloak: [
          'KEYCLOAK_ADMIN_PASSWORD',
          'KEYCLOAK_CLIENT_SECRET',
          'KEYCLOAK_DATABASE_PASSWORD',
          'KEYCLOAK_SMTP_PASSWORD',
        ],
        migrate: [...Object.keys(subgraphs).map(ofRole), 'POSTGRES_PASSWORD'].sort(),
        router: ['SIGNING_KEYS'],
        ...Object.fromEntries(
          Object.values(subgraphs).map(({ name, uses }) => [
            name,
            ['SIGNING_KEYS', ofRole(name), ...uses.flatMap((use) => SECRETS[use] ?? [])].sort(),
          ]),
        ),
      },
    );
  });

  it('gives each container the variables that its process needs, and no others', () => {
    const all = new Set<string>(Object.values(NEEDS).flat());
    for (const [name, uses] of Object.entries(usesOf)) {
      const environment = services[name]?.environment ?? {};
      assert.deepEqual(
        Object.keys(environment)
          .filter((variable) => all.has(variable))
          .sort(),
        uses.flatMap((use) => NEEDS[use]).sort(),
        name,
      );
      for (const key of ['PRODVOR_MODE', 'HOST', 'KEYCLOAK_ISSUER', ...(name === 'migrate' ? [] : ['PORT'])])
        assert.ok(environment[key], `${name}: ${key}`);
    }
    // The router needs these addresses, and so do the questions between subgraphs.
    const urls = Object.keys(subgraphs).map(
      (subgraph) => `${subgraph}=http://${subgraph}:${services[subgraph]?.environment?.PORT}/graphql`,
    );
    for (const name of product)
      assert.deepEqual(String(services[name]?.environment?.SUBGRAPH_URLS).split(/, ?/), urls, name);
  });

  it('gives each subgraph the login of its own role, with the password that migrate sets', () => {
    for (const name of Object.keys(subgraphs)) {
      const { username, password, pathname } = new URL(environmentOf(name).DATABASE_URL ?? '');
      assert.equal(username, roleOf(pathname.slice(1), name));
      assert.ok(
        readConfig({ env: environmentOf('migrate'), uses: ['database'] }).DATABASE_PASSWORDS.some(
          ([service, given]) => service === name && given === password,
        ),
        name,
      );
    }
  });

  it('gives it a configuration that the product accepts', () => {
    for (const [name, uses] of Object.entries(usesOf)) {
      const env = environmentOf(name);
      const config = readConfig({ env, uses });
      assert.equal(config.PRODVOR_MODE, 'full');
      if (name === 'router')
        assert.deepEqual([config.CORS_ORIGINS, config.CORS_HEADERS], [[development.PRODVOR_WEB_URL], 'proxy']);
      // With a public address, or a public issuer, the same development secrets are refused.
      const secrets = [
        'SIGNING_KEYS',
        'KEYCLOAK_CLIENT_SECRET',
        'DATABASE_URL',
        'DATABASE_PASSWORDS',
        'RABBITMQ_URL',
      ].filter((secret) => env[secret]);
      for (const address of [
        { PUBLIC_URL: 'https://api.example.org' },
        { KEYCLOAK_ISSUER: 'https://id.example.org/realms/prodvor' },
      ]) {
        assert.throws(
          () => readConfig({ env: { ...env, NODE_ENV: 'production', ...address }, uses }),
          (error: Error) => secrets.every((secret) => error.message.includes(`${secret} must be your own secret`)),
        );
      }
    }
  });

  it('has metrics on an unpublished port', () => {
    for (const name of product) assert.equal(services[name]?.environment?.METRICS_PORT, 9464, name);
    assert.doesNotMatch(JSON.stringify(Object.values(services).map(({ ports }) => ports)), /9464/);
  });

  it('trusts only Kong to write X-Forwarded-For', () => {
    for (const name of product)
      assert.equal(services[name]?.environment?.TRUSTED_PROXIES, services.kong?.networks?.default?.ipv4_address, name);
    const [{ subnet, ip_range: range }] = networks.default.ipam.config;
    const within = (network: string): boolean =>
      trustedProxies([network]).has(services.kong?.networks?.default?.ipv4_address ?? '');
    assert.deepEqual(
      [within(subnet), within(range)],
      [true, false],
      'an address of the network that no other container is given',
    );
  });

  it('waits for its dependencies: each has a health check or ends', () => {
    for (const [name, { depends_on = {} }] of Object.entries(services)) {
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        if (condition === 'service_healthy') assert.ok(services[needed]?.healthcheck, `${name} needs ${needed}`);
        else assert.equal(condition, 'service_completed_successfully');
      }
    }
  });

  it('has a variable for every password and key', () => {
    for (const [name, { environment = {} }] of Object.entries(services)) {
      for (const [key, value] of Object.entries(environment)) {
        if (/PASSWORD|_PASS$|SECRET|KEYS/.test(key) && !OPTIONAL.includes(key))
          assert.match(String(value), /\$\{\w+:\?/, `${name}: ${key}`);
      }
    }
  });

  it('runs the same versions as without containers', () => {
    assert.equal(services.kafka?.image, `apache/kafka:${pomVersion('kafka')}`);
    assert.equal(services.keycloak?.image, `quay.io/keycloak/keycloak:${pomVersion('keycloak')}`);
  });

  it('names every image with a version', () => {
    for (const [name, { image }] of Object.entries(services)) assert.match(image ?? '', /:[\w.${}:-]+$/, name);
  });
});
