import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { SupergraphError } from '../supergraph/supergraph.ts';
import { Engines } from './engines.ts';
import type { EnginesOptions } from './engines.ts';
import type { Serving } from './serving.ts';

interface Fake extends Serving {
  readonly sdl: string;
  closed: boolean;
}

function make(options: Partial<EnginesOptions> = {}) {
  const events: string[] = [];
  const log = { warn: () => undefined, error: (message: string) => void events.push(message) };
  const engines = new Engines({
    build(sdl) {
      if (sdl.startsWith('bad')) throw new SupergraphError(sdl);
      events.push(`built ${sdl}`);
      const serving = {
        sdl,
        closed: false,
        engine: { supergraph: { id: sdl } },
        subgraphs: {},
        async close() {
          events.push(`closed ${sdl}`);
          serving.closed = true;
        },
      };
      return serving as unknown as Fake;
    },
    async warmUp(next) {
      events.push(`warmed ${(next as Fake).sdl}`);
    },
    async migrate() {
      /* There are no subscriptions to move. */
    },
    log,
    ...options,
  });
  return { engines, events, said: () => events.splice(0) };
}
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('closes the old engine when its last user has released it; warms up the new one before it serves', async () => {
  const { engines, said } = make();
  assert.equal(engines.acquire(), undefined);
  assert.deepEqual(await engines.reload('a'), { result: 'loaded', id: 'a' });
  const [one, two] = [engines.acquire()!, engines.acquire()!];
  assert.deepEqual(said(), ['built a', 'warmed a']);
  assert.deepEqual(await engines.reload('b'), { result: 'loaded', id: 'b' });
  await settle();
  assert.deepEqual([said(), one.current, engines.id, engines.generations], [['built b', 'warmed b'], false, 'b', 2]);
  one.release();
  await settle();
  assert.deepEqual(said(), []);
  two.release();
  await settle();
  assert.deepEqual([said(), engines.generations], [['closed a'], 1]);
  assert.equal(engines.acquire()?.current, true);
});

test('an invalid or unchanged supergraph changes nothing', async () => {
  const { engines, said } = make();
  assert.equal((await engines.reload('bad first')).result, 'invalid');
  assert.deepEqual(said(), [], "the first is its caller's to report");
  assert.equal((await engines.reload('bad again')).result, 'invalid');
  await engines.reload('a');
  const bad = await engines.reload(async () => {
    throw new SupergraphError('no such file');
  });
  assert.deepEqual([bad.result, bad.id, bad.error?.message], ['invalid', 'a', 'no such file']);
  assert.equal((await engines.reload(async () => 'a')).result, 'unchanged');
  assert.deepEqual(said(), [
    'the supergraph cannot be used',
    'built a',
    'warmed a',
    'the new supergraph cannot be used, the old one is kept',
  ]);
  assert.deepEqual(engines.reloads, { loaded: 0, unchanged: 1, invalid: 3 });
});

test('loads supergraphs one after the other; of several waiting ones only the last', async () => {
  let open = (): void => undefined;
  const { engines, said } = make({ warmUp: () => new Promise<void>((resolve) => (open = resolve)) });
  const results = ['a', 'b', 'c'].map((sdl) => engines.reload(sdl));
  await settle();
  assert.deepEqual(said(), ['built a']);
  open();
  assert.equal((await results[0]!).result, 'loaded');
  assert.equal((await results[1]!).result, 'superseded');
  await settle();
  open();
  assert.deepEqual([(await results[2]!).result, said()], ['loaded', ['built c', 'closed a']]);
});

test('a third supergraph waits while two old engines are in use', async () => {
  const { engines, said } = make();
  const held = [];
  for (const sdl of ['a', 'b', 'c']) {
    await engines.reload(sdl);
    held.push(engines.acquire()!);
  }
  said();
  const waiting = engines.reload('d');
  await settle();
  assert.deepEqual([said(), engines.generations], [[], 3]);
  held[1]!.release();
  assert.equal((await waiting).result, 'loaded');
  assert.deepEqual(said(), ['closed b', 'built d', 'warmed d']);
});

test('the old engine stays open until subscriptions have moved; a failed move closes it too', async () => {
  let fail: (error: Error) => void = () => undefined;
  const { engines, said } = make({ migrate: () => new Promise<void>((_, reject) => (fail = reject)) });
  await engines.reload('a');
  await engines.reload('b');
  await settle();
  said();
  assert.equal(engines.generations, 2);
  fail(new Error('x'));
  await settle();
  assert.deepEqual(said(), ['subscriptions could not be moved to the new supergraph', 'closed a']);
});

test('close() closes all engines, and an engine that is still loading never serves', async () => {
  let open = (): void => undefined;
  const { engines, said } = make({ warmUp: () => new Promise<void>((resolve) => (open = resolve)) });
  const first = engines.reload('a');
  await settle();
  const closed = engines.close();
  open();
  assert.equal((await first).result, 'superseded');
  await closed;
  assert.deepEqual([said(), engines.acquire()], [['built a', 'closed a'], undefined]);
  assert.equal((await engines.reload('b')).result, 'superseded');
});
