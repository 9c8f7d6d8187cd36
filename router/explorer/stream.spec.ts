// The explorer's response pane, with a real router.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { startProxy } from '../../test/network/proxy.ts';
import { startHistory } from '../history.fixture.ts';
import { startNetwork, until } from '../server.fixture.ts';
import { fillIn, timed } from './answers.js';
import { follow, type StreamPicture } from './stream.js';
import { afterTest } from '../../test/after-test.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const seqs = (picture: StreamPicture | undefined) => picture?.events.map(({ seq }) => seq);

/** Reads the states of the pane as GraphiQL does. */
function watch(stream: ReturnType<typeof follow>) {
  const pictures: StreamPicture[] = [];
  const ended = (async () => {
    for await (const picture of stream) pictures.push(picture);
  })();
  return { pictures, ended, newest: () => pictures.at(-1), leave: async () => (await stream.return?.(), await ended) };
}

test('appends events with seq and time; shows each event once across lost connections', async () => {
  const history = await startHistory({ events: 3, bytes: 10 });
  const proxy = await startProxy(`${history.origin}/graphql`);
  const client = createClient({
    url: proxy.url.replace('http', 'ws'),
    retryAttempts: 10,
    shouldRetry: () => true,
    retryWait: () => Promise.resolve(),
  });
  afterTest(async () => {
    await client.dispose();
    await proxy.close();
    await history.close();
  });
  const query = (variable: string) => `subscription ($${variable}: Int) { told(after: $${variable}) { seq text } }`;
  // The first subscription resumes from its cursor. The second has no cursor, so it gets all events again.
  const [resuming, again] = [
    watch(follow(client, { query: query('afterSeq'), variables: {} }, { pauseMs: 0 })),
    watch(follow(client, { query: query('from'), variables: { from: 1 } }, { pauseMs: 0 })),
  ];
  await until(() => seqs(resuming.newest())?.length === 3 && seqs(again.newest())?.length === 2);
  for (let n = 0; n < 3; n++) {
    const before = [resuming, again].map(({ pictures }) => pictures.length);
    proxy.cut();
    await until(() =>
      [resuming, again].every(({ pictures }, index) =>
        pictures.slice(before[index]).some(({ stream }) => stream.startsWith('connection lost (1006')),
      ),
    );
    history.tell();
    await until(() => [resuming, again].every(({ newest }) => newest()?.events.at(-1)?.seq === history.newest));
  }
  assert.deepEqual(seqs(resuming.newest()), range(1, 6));
  assert.deepEqual(seqs(again.newest()), range(2, 6));
  const { variables, received, stream, notShown, events } = again.newest() ?? {};
  assert.deepEqual([variables, received, stream, notShown], [{ from: 1 }, 5, 'live', undefined]);
  assert.match(events?.[0]?.time ?? '', /^\d\d:\d\d:\d\d\.\d{3}$/);
  assert.deepEqual(events?.[0]?.data, { told: { seq: 2, text: '2 ééé' } });
  await Promise.all([resuming.leave(), again.leave()]);
  await until(() => history.router.stats().subscriptions === 0);
}, 30_000);

test('bounds the list by events and characters, and says how many are not shown', async () => {
  const history = await startHistory({ events: 500, bytes: 1_000 });
  const client = createClient({ url: `${history.origin.replace('http', 'ws')}/graphql` });
  afterTest(async () => {
    await client.dispose();
    await history.close();
  });
  const query = 'subscription { told { seq text } }';
  const [few, short] = [
    watch(follow(client, { query }, { mostEvents: 20 })),
    watch(follow(client, { query }, { mostCharacters: 5_000 })),
  ];
  await until(() => few.newest()?.received === 500 && short.newest()?.received === 500);
  assert.deepEqual(seqs(few.newest()), range(481, 500));
  assert.equal(few.newest()?.notShown, 480);
  const shown = JSON.stringify(short.newest()?.events).length;
  assert.ok(shown > 4_000 && shown < 5_100, `${shown} characters`);
  assert.ok(few.pictures.length < 250, `${few.pictures.length} pictures: what is received together is shown together`);
  await Promise.all([few.leave(), short.leave()]);
}, 30_000);

test('a stream that ends shows its errors; a stream that was left shows nothing more', async () => {
  const history = await startHistory({ events: 1, bytes: 10 });
  const client = createClient({ url: `${history.origin.replace('http', 'ws')}/graphql` });
  afterTest(async () => {
    await client.dispose();
    await history.close();
  });
  const refused = watch(follow(client, { query: 'subscription { told(after: 9) { seq } }' }));
  await refused.ended;
  assert.equal(refused.newest()?.stream, 'ended');
  assert.match(JSON.stringify(refused.newest()?.errors), /RESYNC_REQUIRED/);
  const left = watch(follow(client, { query: 'subscription { told { seq } }' }));
  await until(() => left.newest()?.received === 1);
  await left.leave();
  const shown = left.pictures.length;
  const other = watch(follow(client, { query: 'subscription { told { seq } }' }));
  await until(() => other.newest()?.received === 1);
  history.tell();
  await until(() => other.newest()?.received === 2);
  assert.equal(left.pictures.length, shown);
  // This happens when another user signs in.
  await client.dispose();
  await other.ended;
  assert.equal(other.newest()?.stream, 'ended');
}, 30_000);

test('shows a response with @defer part by part, with the time of each part', async () => {
  const network = await startNetwork();
  afterTest(() => network.close());
  const query = '{ user(id: "slow") { id ... @defer(label: "n") { name } } }';
  type Part = { data?: object; incremental?: object[]; extensions?: { explorer?: { parts: unknown[] } } };
  for (const format of ['deferSpec=20220824', 'incrementalSpec=v0.2']) {
    const chunks = async function* (): AsyncGenerator<Part[]> {
      const response = await fetch(`${network.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: `multipart/mixed;${format}, application/json` },
        body: JSON.stringify({ query }),
      });
      let text = '';
      for await (const bytes of response.body ?? []) {
        text += new TextDecoder().decode(bytes);
        const pieces = text.split('\r\n---');
        text = pieces.pop() ?? '';
        const parts = pieces
          .filter((piece) => piece.includes('{'))
          .map((piece) => JSON.parse(piece.slice(piece.indexOf('{'))) as Part);
        if (parts.length > 0) yield parts;
      }
    };
    let time = 100;
    const answers = timed(chunks(), () => time);
    const first = (await answers.next()).value ?? [];
    assert.deepEqual(
      [first[0]?.data, first[0]?.extensions],
      [{ user: { id: 'slow' } }, { explorer: { parts: [{ afterMs: 0, first: true }] } }],
      'before the rest is there',
    );
    await until(() => network.users.waiting.length > 0);
    for (const go of network.users.waiting.splice(0)) go();
    time = 340;
    const second = (await answers.next()).value ?? [];
    assert.deepEqual(second[0]?.extensions, {
      explorer: {
        parts: [
          { afterMs: 0, first: true },
          { afterMs: 240, deferred: [{ path: ['user'], label: 'n' }] },
        ],
      },
    });
    assert.match(JSON.stringify(second[0]?.incremental), /"name":"late"/);
    assert.equal((await answers.next()).done, true);
  }
  const whole = { data: { a: 1 } };
  assert.deepEqual(
    await timed(
      (async function* () {
        yield whole;
      })(),
    ).next(),
    { done: false, value: whole },
  );
}, 30_000);

test('queries a variable that was left out; leaves others alone', async () => {
  const finders = { m: { query: '{ a { id } }', path: ['a', 0, 'id'], absent: 'There is none now.' } };
  const asked: string[] = [];
  const ask = (answer: object) => (query: string) => {
    asked.push(query);
    return Promise.resolve(answer);
  };
  const found = ask({ data: { a: [{ id: 'x' }] } });
  assert.deepEqual(
    await fillIn(finders, { query: 'subscription ($m: ID!, $n: Int) { s(m: $m, n: $n) }', variables: { n: 1 } }, found),
    { m: 'x', n: 1 },
  );
  assert.deepEqual(asked, ['{ a { id } }']);
  assert.deepEqual(
    await fillIn(finders, { query: 'subscription ($m: ID!) { s(m: $m) }', variables: { m: 'mine' } }, found),
    { m: 'mine' },
  );
  assert.deepEqual(await fillIn(finders, { query: 'subscription ($more: Int) { s(more: $more) }' }, found), {});
  assert.deepEqual(await fillIn(undefined, { query: 'subscription ($m: ID!) { s(m: $m) }' }, found), {});
  assert.equal(asked.length, 1);
  const query = 'subscription ($m: ID!) { s(m: $m) }';
  await assert.rejects(fillIn(finders, { query }, ask({ data: { a: [] } })), /^Error: There is none now\.$/);
  await assert.rejects(fillIn(finders, { query }, ask({ errors: [{ message: 'Away.' }] })), /^Error: Away\.$/);
});
