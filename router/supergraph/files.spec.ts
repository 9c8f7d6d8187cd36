import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@jest/globals';
import { until } from '../server.fixture.ts';
import { supergraphFiles } from './files.ts';
import { loadSupergraph, SupergraphError } from './supergraph.ts';
import { afterTest } from '../../test/after-test.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'router-files-'));
  afterTest(() => rmSync(path, { recursive: true }));
  return path;
}

/**
 * Records what a watcher has read, in order, with errors as their messages. It checks the files only when the test
 * calls `look`.
 */
async function watch(path: string, intervalMs = 1_000_000) {
  const files = supergraphFiles(path);
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    seen.push(
      await files
        .read()
        .catch((error: unknown) => (error instanceof SupergraphError ? `error: ${error.message}` : String(error))),
    );
  };
  await read();
  const watcher = files.watch(read, intervalMs);
  afterTest(() => watcher.close());
  return {
    seen,
    /** Looks twice, because a change counts only when it has not changed again. */
    async look(): Promise<string | undefined> {
      await watcher.look();
      await watcher.look();
      return seen.at(-1);
    },
    once: () => watcher.look(),
  };
}

test('a file that is written, replaced, removed, restored or unchanged', async () => {
  const path = join(folder(), 'supergraph.graphql');
  writeFileSync(path, 'one');
  const watching = await watch(path);
  await watching.look();
  writeFileSync(path, 'two');
  assert.equal(await watching.look(), 'two');
  writeFileSync(`${path}.new`, 'three');
  renameSync(`${path}.new`, path);
  assert.equal(await watching.look(), 'three');
  await watching.look();
  unlinkSync(path);
  assert.equal(await watching.look(), 'error: there is no such file');
  await watching.look();
  writeFileSync(path, 'four');
  assert.equal(await watching.look(), 'four');
  assert.deepEqual(watching.seen, ['one', 'two', 'three', 'error: there is no such file', 'four'], 'each once');
});

test('does not read a file that is still being written', async () => {
  const path = join(folder(), 'supergraph.graphql');
  writeFileSync(path, 'start');
  const watching = await watch(path);
  for (let part = 1; part < 20; part++) {
    writeFileSync(path, 'x'.repeat(part * 100));
    await watching.once();
  }
  unlinkSync(path);
  await watching.once();
  assert.deepEqual(watching.seen, ['start']);
  writeFileSync(path, 'whole');
  assert.equal(await watching.look(), 'whole');
  assert.equal(watching.seen.length, 2);
});

test('a file behind symbolic links, as Kubernetes mounts configuration', async () => {
  const path = folder();
  for (const [version, text] of [
    ['v1', 'one'],
    ['v2', 'two'],
  ] as const) {
    mkdirSync(join(path, version));
    writeFileSync(join(path, version, 'supergraph.graphql'), text);
  }
  symlinkSync('v1', join(path, '..data'));
  symlinkSync(join('..data', 'supergraph.graphql'), join(path, 'supergraph.graphql'));
  const watching = await watch(join(path, 'supergraph.graphql'));
  symlinkSync('v2', join(path, '..new'));
  renameSync(join(path, '..new'), join(path, '..data'));
  assert.equal(await watching.look(), 'two');
});

test('checks at intervals until it is closed', async () => {
  const path = join(folder(), 'supergraph.graphql');
  writeFileSync(path, 'one');
  const watching = await watch(path, 5);
  writeFileSync(path, 'two');
  await until(() => watching.seen.length === 2);
});

const USERS = `# url: http://127.0.0.1:4001/graphql
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { me: User }
type User @key(fields: "id") { id: ID! name: String }
`;
const ROOMS = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { room: Room }
type Room { owner: User }
type User @key(fields: "id", resolvable: false) { id: ID! }
`;

test('composes a directory of SDL with the URLs of the first lines; a change of one file is a change', async () => {
  const path = folder();
  writeFileSync(join(path, 'users.graphql'), USERS);
  writeFileSync(join(path, 'rooms.graphql'), ROOMS);
  writeFileSync(join(path, 'notes.txt'), 'not SDL');
  const watching = await watch(path);
  const { subgraphs, apiSchema } = loadSupergraph(watching.seen[0] ?? '');
  assert.deepEqual([...subgraphs].sort(), [
    ['rooms', ''],
    ['users', 'http://127.0.0.1:4001/graphql'],
  ]);
  assert.deepEqual(Object.keys(apiSchema.getQueryType()?.getFields() ?? {}).sort(), ['me', 'room']);
  writeFileSync(join(path, 'rooms.graphql'), ROOMS.replace('room: Room', 'room: Room rooms: [Room]'));
  assert.match((await watching.look()) ?? '', /rooms: \[Room\]/);
  writeFileSync(join(path, 'more.graphql'), 'type Query { more: Int }');
  assert.match((await watching.look()) ?? '', /more: Int/);
});

test('a composition error is one line with its place', async () => {
  const path = folder();
  const problem = async (files: Record<string, string>): Promise<string> => {
    for (const [name, sdl] of Object.entries(files)) writeFileSync(join(path, name), sdl);
    const error: unknown = await supergraphFiles(path)
      .read()
      .catch((reason: unknown) => reason);
    assert.ok(error instanceof SupergraphError);
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  };
  assert.match(await problem({}), /there is no \.graphql file/);
  assert.match(
    await problem({ 'users.graphql': USERS, 'rooms.graphql': `${ROOMS}\ntype Broken {` }),
    /^Syntax Error: .*\(rooms\.graphql:\d+\)$/,
  );
  assert.match(await problem({ 'rooms.graphql': ROOMS.replace('room: Room', 'room: Room me: Int') }), /me/);
  assert.match(
    await problem({ 'rooms.graphql': ROOMS.replace('type Room { owner: User }', '') }),
    /Unknown type "?Room"?/,
  );
});
