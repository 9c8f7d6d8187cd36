// Runs the command in a copy of the repository. The subgraph that it writes composes, migrates, has correct types,
// passes its specs and starts.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Copy, copyRepository } from '../../test/copy.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { passwordGrant } from '../../test/network/accounts.ts';
import { freePorts } from '../../test/network/process.ts';
import { prisma } from '../prisma.mjs';

let copy: Copy;
let database: TestDatabase;
beforeAll(async () => {
  [copy, database] = await Promise.all([copyRepository(), createTestDatabase()]);
});
afterAll(async () => {
  await copy?.close();
  await database?.drop();
});

const GENERATED = [
  '.env.development',
  'CHANGELOG.md',
  'deploy/prometheus/prometheus.yml',
  'docker-compose.yml',
  'docs/',
  'schema/api.graphql',
  'schema/inputs.sha256',
  'schema/supergraph.graphql',
];
const OWN = ['prisma/halls/', 'schema/halls.graphql', 'schema/messages/halls.ts', 'subgraphs/halls/'];

describe('npm run new', () => {
  it('writes nothing when it refuses, and undoes everything when it fails', async () => {
    const earlier = await copy.files();
    for (const [args, said] of [
      [['subgraph', 'teams'], /^there is a subgraph teams already\n$/],
      [['subgraph', 'No-Name'], /^"No-Name" is no name of a subgraph/],
      [['subgraph', 'halls', '--type', 'Team'], /^the schema has Team, /],
      [['subgraph'], /--help says more\n$/],
      [['thing', 'halls'], /--help says more\n$/],
      [['subgraph', 'halls', 'courts'], /--help says more\n$/],
      [['subgraph', 'halls', '--wrong'], /--wrong/],
    ] as const) {
      const { status, err } = await copy.run('scripts/new/command.ts', args);
      assert.match(err, said);
      assert.equal(status, 2, args.join(' '));
    }
    assert.deepEqual(await copy.files(), earlier);
    // When generation fails, the files that were written before are deleted.
    const broken = path.join(copy.directory, 'schema/courts.graphql');
    await writeFile(broken, 'type Query { court: String }');
    const { status, err } = await copy.run('scripts/new/command.ts', ['subgraph', 'halls']);
    assert.deepEqual([status, /^Nothing is written\. .*courts/s.test(err)], [1, true], err);
    await rm(broken);
    assert.deepEqual(await copy.files(), earlier);
  }, 120_000);

  it('creates a subgraph of its own files, one line of the registry, and generated files', async () => {
    const earlier = await copy.files();
    const { status, out, err } = await copy.run('scripts/new.mjs', ['subgraph', 'halls']);
    assert.equal(status, 0, out + err);
    assert.match(out, /^Subgraph halls is written: type Hall, port \d+\.$/m);
    const later = await copy.files();
    const touched = [...new Set([...earlier.keys(), ...later.keys()])].filter(
      (file) => earlier.get(file) !== later.get(file),
    );
    const foreign = touched.filter(
      (file) =>
        ![...OWN, ...GENERATED].some((start) => file === start || (start.endsWith('/') && file.startsWith(start))),
    );
    assert.deepEqual(foreign, ['subgraphs/registry.ts']);
    const again = await copy.run('scripts/new/command.ts', ['subgraph', 'halls']);
    assert.deepEqual([again.status, again.err], [2, 'there is a subgraph halls already\n']);
    assert.deepEqual(await copy.files(), later);
  }, 120_000);

  it('creates a subgraph that passes the checks', async () => {
    const checks = await copy.run('scripts/check-run.mjs', [
      'manifests',
      'composition',
      'personal data',
      'generated code',
      'one file',
      'lint',
      'rules of the schema',
      'exports that',
    ]);
    assert.equal(checks.status, 0, checks.out);
    // npm run check would compile the whole program. This compiles only the files from the templates.
    await writeFile(
      path.join(copy.directory, 'tsconfig.new.json'),
      JSON.stringify({
        extends: './tsconfig.json',
        include: ['subgraphs/halls/**/*.ts', 'schema/messages/halls.ts', 'subgraphs/registry.ts'],
      }),
    );
    const types = await copy.run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.new.json', '--pretty', 'false']);
    assert.deepEqual([types.status, types.out], [0, '']);
    const directory = path.join(copy.directory, 'prisma');
    const migrations = [
      'migrate',
      'diff',
      '--from-migrations',
      path.join(directory, 'halls/migrations'),
      '--to-schema',
      path.join(directory, 'halls'),
      '--exit-code',
    ];
    const drift = await prisma('halls', migrations, {
      url: `${database.url}?schema=halls`,
      directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    assert.equal(drift.code, 0, drift.output);
  }, 240_000);

  it('creates a subgraph that passes its own specs and the cheap specs of all subgraphs', async () => {
    const specs = [
      'subgraphs/halls/halls.service.spec.ts',
      'subgraphs/halls/halls.module.spec.ts',
      'schema/nodes.spec.ts',
      'schema/messages/owners.spec.ts',
      'product/uses.spec.ts',
    ];
    const { status, out, err } = await copy.run('node_modules/jest/bin/jest.js', [
      ...specs,
      '--selectProjects=embedded',
    ]);
    assert.equal(status, 0, err);
    assert.match(out, /^\d{2} passed, 0 failed/m);
  }, 240_000);

  it('creates a subgraph that the product serves through the router', async () => {
    const [port = 0] = await freePorts(1);
    const env = { DATABASE_URL: database.url, LOG_LEVEL: 'warn' };
    const origin = await copy.start('all', port, env, [
      '--no-demo',
      '--data',
      path.join(copy.directory, '.prodvor/data'),
    ]);
    const post = async (url: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<unknown> =>
      (
        await fetch(`${origin}${url}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(body),
        })
      ).json();
    const create = {
      query:
        'mutation ($input: CreateHallInput!) { createHall(input: $input) { hall { id name } userErrors { code } } }',
      variables: { input: { clientId: randomUUID(), name: 'Yard' } },
    };
    const refused = (await post('/graphql', create)) as { errors: { extensions: { code: string } }[] };
    assert.deepEqual(
      refused.errors.map(({ extensions }) => extensions.code),
      ['UNAUTHENTICATED'],
    );
    await post('/register', { username: 'olga', email: 'olga@prodvor.example', password: 'correct horse' });
    const authorization = `Bearer ${await passwordGrant(`${origin}/identity/token`, 'olga', 'correct horse')}`;
    const { data } = (await post('/graphql', create, { authorization })) as {
      data: { createHall: { hall: { id: string } } };
    };
    const { id } = data.createHall.hall;
    const found = await post('/graphql', {
      query:
        'query ($id: ID!) { halls { totalCount edges { node { id name } } } node(id: $id) { id ... on Hall { name } } }',
      variables: { id },
    });
    assert.deepEqual(found, {
      data: { halls: { totalCount: 1, edges: [{ node: { id, name: 'Yard' } }] }, node: { id, name: 'Yard' } },
    });
  }, 120_000);
});
