// Over each transport a long history reaches a fast reader without a pause, and a slow reader without loss.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { StreamClient } from './http.fixture.ts';
import { startHistory, TRANSPORTS, WITH_WRITERS } from './history.fixture.ts';
import type { HistoryReader } from './history.fixture.ts';
import { RawClient, until } from './server.fixture.ts';
import { afterTest } from '../test/after-test.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);

/** Reads a little at a time until the condition holds. */
async function readSlowly(reader: HistoryReader, enough: () => boolean): Promise<void> {
  while (!enough()) {
    reader.resume();
    await new Promise((resolve) => setTimeout(resolve, 1));
    reader.pause();
    await new Promise((resolve) => setTimeout(resolve, 8));
  }
  reader.resume();
}

for (const [name, listen] of Object.entries(TRANSPORTS)) {
  test(`${name}: a cursor beyond the newest event ends with RESYNC_REQUIRED, also if others listen`, async () => {
    const history = await startHistory({ events: 3, bytes: 10 });
    afterTest(() => history.close());
    const refused = async (): Promise<void> => {
      const reader = await listen(history.origin, 4);
      await reader.until(() => reader.ended() !== undefined);
      assert.deepEqual([reader.ended(), reader.seqs()], ['RESYNC_REQUIRED', []]);
      reader.close();
    };
    await refused();
    const first = await listen(history.origin, 3);
    await refused();
    history.tell();
    await first.until(() => first.seqs().length === 1);
    await until(() => history.router.stats().subscriptions === 1);
    first.close();
  }, 15_000);

  // 1,000 events of 1 kB are 1 MB. The events are small, so the limits are met closely. The history comes once from the
  // events that the shared stream keeps, and once from a separate subscription at the subgraph.
  for (const [from, keptEvents] of [
    ['from the kept events', 1_000],
    ['from the subgraph', 1],
  ] as const) {
    test(`${name}: 1 MB of history ${from} arrives without a pause`, async () => {
      const history = await startHistory({ events: 1_000, bytes: 1_000, limits: { keptEvents, keptBytes: 4_000_000 } });
      afterTest(() => history.close());
      const first = await listen(history.origin, 0);
      await first.until(() => first.seqs().length === 1_000);
      const late = await listen(history.origin, 0);
      await late.until(() => late.seqs().length === 1_000 || late.ended() !== undefined);
      assert.deepEqual([late.ended(), late.seqs()], [undefined, range(1, 1_000)]);
      assert.equal(history.subscribed, keptEvents === 1 ? 2 : 1);
      assert.equal(history.router.stats().pauses, 0);
      history.tell();
      await Promise.all([first, late].map((reader) => reader.until(() => reader.seqs().at(-1) === 1_001)));
      for (const reader of [first, late]) reader.close();
    }, 15_000);
  }

  test(`${name}: waits for a slow reader, which loses nothing`, async () => {
    // The history has 12 MB, which is more than the 4 MB that the kernel buffers for a connection here.
    const history = await startHistory({ events: 1_000, bytes: 12_000, limits: { keptEvents: 50 } });
    afterTest(() => history.close());
    const slow = await listen(history.origin, 0);
    await slow.until(() => slow.seqs().length > 0);
    slow.pause();
    await until(() => history.router.stats().pauses > 0);
    await readSlowly(slow, () => slow.seqs().length === 1_000 || slow.ended() !== undefined);
    assert.deepEqual([slow.ended(), slow.seqs()], [undefined, range(1, 1_000)]);
    slow.close();
  }, 60_000);

  test(`${name}: ends a reader that stops reading with a code, and it can resume`, async () => {
    const history = await startHistory({ events: 1_000, bytes: 12_000, limits: { slowClientMs: 200 } });
    afterTest(() => history.close());
    const stopped = await listen(history.origin, 0);
    await stopped.until(() => stopped.seqs().length > 0);
    stopped.pause();
    await until(() => history.router.stats().subscriptions === 0);
    stopped.resume();
    await stopped.until(() => stopped.ended() !== undefined);
    assert.ok(['SLOW_CONSUMER', '4413', 'CLOSED', '1006'].includes(stopped.ended() ?? ''), stopped.ended());
    const seen = [...stopped.seqs()];
    assert.ok(seen.length < 1_000);
    // On a busy machine the reader may be too slow again, so the test subscribes until all events have arrived.
    while (seen.length < 1_000) {
      const again = await listen(history.origin, seen.length);
      const left = 1_000 - seen.length;
      await again.until(() => again.seqs().length === left || again.ended() !== undefined);
      seen.push(...again.seqs());
      again.close();
    }
    assert.deepEqual(seen, range(1, 1_000));
  }, 60_000);
}

test('events that could not be completed while a service was down are completed again, once for all later members', async () => {
  const history = await startHistory({ events: 0, bytes: 10, limits: { subgraphCircuitMs: 50 } });
  afterTest(() => history.close());
  const names = async (count: number): Promise<unknown[]> => {
    const client = await new RawClient(history.origin).open();
    afterTest(() => client.end());
    client.subscribe('1', WITH_WRITERS, { after: 0 });
    await client.until(() => client.of('1').length === count);
    return client.of('1').map(({ payload }) => {
      const { data, errors } = payload as {
        data: { told: { writer: { name: string | null } | null } };
        errors?: { extensions: { code: string } }[];
      };
      return data.told.writer?.name ?? errors?.[0]?.extensions.code;
    });
  };
  const first = await new RawClient(history.origin).open();
  afterTest(() => first.end());
  first.subscribe('1', WITH_WRITERS, { after: 0 });
  history.tell();
  await first.until(() => first.of('1').length === 1);
  history.writers.away = true;
  for (const _ of range(2, 3)) history.tell();
  await first.until(() => first.of('1').length === 3);
  assert.deepEqual(await names(3), ['Nestor', 'UNAVAILABLE', 'UNAVAILABLE'], 'it is still away');
  history.writers.away = false;
  history.tell();
  await first.until(() => first.of('1').length === 4);
  const before = history.subscribed;
  assert.deepEqual(await names(4), ['Nestor', 'Nestor', 'Nestor', 'Nestor']);
  assert.equal(history.subscribed, before + 1);
  assert.deepEqual(await names(4), ['Nestor', 'Nestor', 'Nestor', 'Nestor']);
  assert.equal(history.subscribed, before + 1, 'the kept events are whole again');
}, 15_000);

// Parts of a response with @defer use the same transports.
const PARTS = 25;
const DEFERRED = `{ first: chapter(number: 0) ${range(1, PARTS)
  .map((n) => `... @defer(label: "${n}") { c${n}: chapter(number: ${n}) }`)
  .join(' ')} }`;
const labels = (text: string): number[] =>
  [...new Set([...text.matchAll(/"label":"(\d+)"/g)].map(([, label]) => Number(label)))].sort((a, b) => a - b);

for (const [name, accept] of [
  ['multipart/mixed', 'multipart/mixed;deferSpec=20220824'],
  ['Server-Sent Events', 'text/event-stream'],
] as const) {
  for (const [speed, bytes] of [
    ['fast', 40_000],
    ['slow', 240_000],
  ] as const) {
    test(`@defer over ${name}: ${(PARTS * bytes) / 1e6} MB in parts to a ${speed} reader`, async () => {
      const history = await startHistory({ events: 0, bytes });
      afterTest(() => history.close());
      const client = new StreamClient(history.origin, { headers: { accept }, body: { query: DEFERRED } });
      if (speed === 'slow') {
        await client.until(() => client.response !== undefined);
        await readSlowly(
          {
            pause: () => client.response?.pause(),
            resume: () => client.response?.resume(),
          } as unknown as HistoryReader,
          () => client.ended,
        );
      } else await client.until(() => client.ended);
      assert.deepEqual(labels(client.text), range(1, PARTS));
      assert.match(client.text, /"hasNext":false/);
      if (speed === 'fast') assert.equal(history.router.stats().pauses, 0);
    }, 60_000);
  }
}

test('@defer over graphql-transport-ws: 1 MB in parts', async () => {
  const history = await startHistory({ events: 0, bytes: 40_000 });
  afterTest(() => history.close());
  const client = await new RawClient(history.origin).open();
  client.subscribe('1', DEFERRED);
  await client.until(() => client.of('1').at(-1)?.type === 'complete');
  assert.deepEqual(labels(JSON.stringify(client.of('1'))), range(1, PARTS));
  assert.equal(history.router.stats().pauses, 0);
  client.end();
}, 15_000);
