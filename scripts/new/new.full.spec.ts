// Does on the real servers what new.spec.ts does in embedded mode: a new subgraph runs in its own process, with a
// router in front of it.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { type FullConfig, NEEDS, readConfig, type Use } from '../../platform/config/config.ts';
import { roleOf } from '../../platform/postgres/roles.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { copyRepository } from '../../test/copy.ts';
import { createTestDatabase } from '../../test/database.ts';
import { openBrokers } from '../../test/network/brokers.ts';
import { freePorts } from '../../test/network/process.ts';

describe('npm run new, on the real servers', () => {
  const skip = process.env.PRODVOR_TEST_MODE === 'full' ? false : 'needs the servers of full mode';
  (skip ? it.skip : it)(
    'makes a subgraph that migrates, starts as a process of its own, and answers the router',
    async () => {
      const [copy, database] = await Promise.all([copyRepository(), createTestDatabase()]);
      const passwords = new Map(
        [...Object.keys(subgraphs), 'halls'].map((name) => [name, randomBytes(12).toString('base64url')]),
      );
      const prefix = `new-${randomUUID().slice(0, 8)}-`;
      const everything: Record<string, string> = {
        PRODVOR_MODE: 'full',
        DATABASE_URL: database.url,
        KAFKA_PREFIX: prefix,
        RABBITMQ_PREFIX: prefix,
        SIGNING_KEYS: `tests:${randomBytes(32).toString('base64url')}`,
        ...Object.fromEntries(
          [
            'KEYCLOAK_ISSUER',
            'KEYCLOAK_CLIENT_ID',
            'KEYCLOAK_CLIENT_SECRET',
            'REDIS_URL',
            'RABBITMQ_URL',
            'KAFKA_BROKERS',
          ].map((name) => [name, process.env[name] ?? '']),
        ),
      };
      const brokers = openBrokers(readConfig({ env: { ...everything, S3_BUCKET: 'prodvor' } }) as FullConfig);
      /** The environment of a process: only the variables of its uses, and the variables that belong to no use. */
      const given = (...uses: Use[]): Record<string, string> => {
        const needed = new Set<string>(uses.flatMap((use) => NEEDS[use]));
        const all = new Set<string>(Object.values(NEEDS).flat());
        return Object.fromEntries(Object.entries(everything).filter(([name]) => !all.has(name) || needed.has(name)));
      };
      try {
        const made = await copy.run('scripts/new.mjs', ['subgraph', 'halls']);
        assert.equal(made.status, 0, made.out + made.err);
        const migrated = await copy.run('main.ts', ['migrate'], {
          ...given('database'),
          DATABASE_PASSWORDS: [...passwords].map((pair) => pair.join('=')).join(','),
        });
        assert.equal(migrated.status, 0, migrated.out + migrated.err);
        const own = new URL(database.url);
        Object.assign(own, { username: roleOf(own.pathname.slice(1), 'halls'), password: passwords.get('halls') });
        const [port = 0, routerPort = 0] = await freePorts(2);
        const origin = await copy.start('halls', port, {
          ...given('database', 'eventLog', 'signatures'),
          DATABASE_URL: own.toString(),
        });
        const router = await copy.start('router', routerPort, {
          ...given('signatures', 'cache'),
          SUBGRAPH_URLS: `halls=${origin}/graphql`,
        });
        const ask = async (url: string): Promise<unknown> =>
          (
            await fetch(`${url}/graphql`, {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: '{"query":"{ halls { totalCount edges { cursor } } }"}',
            })
          ).json();
        assert.deepEqual(await ask(router), { data: { halls: { totalCount: 0, edges: [] } } });
        assert.match(
          JSON.stringify(await ask(origin)),
          /UNSIGNED_REQUEST/,
          'the subgraph itself answers the router only',
        );
      } finally {
        await copy.close();
        await brokers.clear();
        await database.drop();
      }
    },
    240_000,
  );
});
