import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestError } from '../execution/request-error.ts';
import { ROOM, startLive, turns, until, user } from './live.fixture.ts';
import type { TestSubscriber } from './subscriber.fixture.ts';

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const seqs = ({ answers }: TestSubscriber): unknown[] => answers.map(({ data }) => (Object.values(data ?? {})[0] as { seq: number }).seq);
const codeOf = ({ ended }: TestSubscriber): string | undefined => (ended === 'complete' ? 'complete' : ended?.code);

test('two users of one audience share an upstream that carries its key and nobody\'s identity; the answer is one object', async () => {
  const { room, open, subscriptions, faults } = startLive();
  const query = 'subscription { room(roomId: "r") { text author { name } } }';
  const [anna, boris] = [await open(query, { as: 'anna' }), await open(query, { as: 'boris' })];
  await until(() => room.running.size === 1);
  room.emit();
  await anna.until(() => anna.events.length === 1);
  await boris.until(() => boris.events.length === 1);
  assert.equal(anna.events[0], boris.events[0]);
  assert.deepEqual(anna.answers, [{ data: { room: { text: 'text 1', author: { name: 'name of u' } } } }], 'without the cursor');
  assert.equal(anna.events[0]?.cursor, 1);
  assert.deepEqual(room.checks.map(({ principal, request }) => [principal.userId, request.variables]), [['anna', { roomId: 'r' }], ['boris', { roomId: 'r' }]]);
  const audience = { audience: { subgraph: 'chat', key: 'chat:room:0' } };
  assert.deepEqual(room.opened.map(({ principal, after }) => [principal, after]), [[audience, 0]], 'at the position that the check gave');
  assert.deepEqual(room.fetches.map(({ principal }) => principal), [audience], 'entities once an event');
  assert.deepEqual([subscriptions.stats().upstreams, subscriptions.stats().subscribers, faults], [1, 2, []]);
  anna.subscription?.stop();
  boris.subscription?.stop();
  assert.equal(room.running.size, 0);
});

test('who may not listen gets the subgraph\'s refusal, and nothing else', async () => {
  const { room, open } = startLive();
  const stranger = await open(ROOM, { as: 'mallory' });
  const nobody = await open(ROOM);
  await stranger.until(() => stranger.ended !== undefined);
  await nobody.until(() => nobody.ended !== undefined);
  assert.deepEqual(stranger.ended, { code: 'FORBIDDEN', resumable: false, errors: [{ message: 'not for you', extensions: { code: 'FORBIDDEN' } }] });
  assert.equal(room.opened.length, 0);
});

test('a key that looks like a user is never one, and is not the same as that of another subgraph or of a user', async () => {
  const { room, open } = startLive();
  room.key = () => 'anna';
  const [shared, own] = [await open(ROOM, { as: 'boris' }), await open('subscription R($after: Int) { own(roomId: "r", after: $after) { seq text } }', { as: 'anna' })];
  await until(() => room.running.size === 2);
  assert.deepEqual(room.opened.map(({ principal }) => principal).sort((a) => (a.audience ? -1 : 1)), [{ audience: { subgraph: 'chat', key: 'anna' } }, user('anna')]);
  shared.subscription?.stop();
  own.subscription?.stop();
});

test('what depends on who asks is not shared, wherever it is: three subgraphs away, in fragments, behind interfaces, types, requirements', async () => {
  const selections = [
    'author { blocked }', '... on Said { author { ...F } }', 'author { team { captain { ... on Player { note } } } }', 'author { mail { subject } }', 'author { shade }',
  ];
  for (const selection of selections) {
    for (const field of ['room', 'match']) {
      const { room, open } = startLive();
      const query = `subscription { ${field}(roomId: "r") { seq ${selection} } } ${selection.includes('F') ? 'fragment F on User { id ...G } fragment G on User { blocked }' : ''}`;
      const [anna, boris, again] = [await open(query, { as: 'anna' }), await open(query, { as: 'boris' }), await open(query, { as: 'anna' })];
      await until(() => room.running.size === 2);
      await turns();
      room.emit();
      for (const client of [anna, boris, again]) await client.until(() => client.events.length === 1);
      assert.deepEqual(room.opened.map(({ principal }) => principal), [user('anna'), user('boris')], `${field}: ${selection}`);
      assert.ok(room.fetches.every(({ principal }) => principal.userId !== undefined));
      assert.equal(room.checks.length, field === 'room' ? 3 : 0, 'and still checked');
    }
  }
  const { room, open } = startLive();
  for (const as of ['anna', 'boris']) await open('subscription { room(roomId: "r") { seq author { name team { name captain { badge } } } } }', { as });
  await until(() => room.running.size === 1);
  await turns();
  assert.deepEqual(room.opened.length, 1, 'what is for everybody is shared');
});

test('without @audience a stream is its user\'s, on all of the user\'s sockets; a public one is everybody\'s', async () => {
  for (const [field, upstreams] of [['plain', 2], ['match', 1]] as const) {
    const { room, open } = startLive();
    for (const as of ['anna', 'boris', 'anna']) await open(`subscription { ${field}(roomId: "r") { seq } }`, { as });
    await turns();
    assert.equal(room.opened.length, upstreams, field);
    if (field === 'match') assert.deepEqual(room.opened[0]?.principal, {});
    assert.equal(room.checks.length, 0);
  }
});

test('variables make a stream another one; the cursor does not', async () => {
  const { room, open } = startLive();
  const query = 'subscription ($r: ID!, $after: Int, $names: Boolean = false) { room(roomId: $r, after: $after) { seq author @include(if: $names) { name } } }';
  room.emit();
  for (const variables of [{ r: 'a' }, { r: 'a', after: 0 }, { r: 'a', after: 1, names: false }, { r: 'b' }, { r: 'a', names: true }]) await open(query, { as: 'anna', variables });
  await turns();
  assert.equal(new Set(room.opened.map(({ request: { variables } }) => JSON.stringify({ ...variables, resume_after: undefined }))).size, 3);
});

test('joiners with old cursors get what they missed, each once and in order, and then go on with the others', async () => {
  const { room, open, subscriptions } = startLive({ keptEvents: 5 });
  for (let n = 0; n < 10; n++) room.emit();
  const first = await open(ROOM, { as: 'anna' });
  await until(() => room.running.size === 1);
  for (let n = 0; n < 10; n++) room.emit();
  await first.until(() => first.events.length === 10);
  const cursors = [0, 3, 9, 10, 15, 17, 20, 99];
  const joined = await Promise.all(cursors.map((after) => open(ROOM, { as: 'boris', variables: { after } })));
  await until(() => joined.every(({ events }, index) => events.length === Math.max(0, 20 - (cursors[index] ?? 0))));
  await until(() => room.running.size === 1);
  room.emit();
  for (const client of [first, ...joined.slice(0, -1)]) await client.until(() => seqs(client).at(-1) === 21);
  joined.slice(0, -1).forEach((client, index) => assert.deepEqual(seqs(client), numbers((cursors[index] ?? 0) + 1, 21)));
  assert.deepEqual(seqs(first), numbers(11, 21));
  assert.deepEqual(joined.at(-1)?.events, [], 'who says that it is further than the stream waits for that');
  assert.ok(room.opened.length <= 4, `${room.opened.length} upstreams for eight joiners`);
  assert.equal(subscriptions.stats().keptEvents, 5);
  assert.deepEqual(room.opened.slice(1).every(({ principal }) => principal.audience?.key === 'chat:room:0'), true);
});

test('events that come while one catches up are neither lost nor repeated', async () => {
  const { room, open } = startLive({ keptEvents: 3 });
  for (let n = 0; n < 50; n++) room.emit();
  const first = await open(ROOM, { as: 'anna' });
  await until(() => room.running.size === 1);
  const joined = await Promise.all([0, 7, 20].map((after) => open(ROOM, { as: 'boris', variables: { after } })));
  for (let n = 0; n < 50; n++) {
    await turns(1);
    room.emit();
  }
  await until(() => [first, ...joined].every((client) => seqs(client).at(-1) === 100));
  assert.deepEqual([first, ...joined].map(seqs), [51, 1, 8, 21].map((from) => numbers(from, 100)));
  await until(() => room.running.size === 1);
});

test('catching up is limited; who waits for it comes in turn', async () => {
  const { room, open } = startLive({ keptEvents: 1, catchUps: 1 });
  for (let n = 0; n < 5; n++) room.emit();
  await open(ROOM, { as: 'anna' });
  const other = 'subscription Other($after: Int) { room(roomId: "r", after: $after) { seq } }';
  await open(other, { as: 'anna' });
  await until(() => room.running.size === 2);
  const joined = await Promise.all([ROOM, other].map((query) => open(query, { as: 'boris', variables: { after: 1 } })));
  await until(() => joined.every((client) => client.events.length === 4));
  assert.equal(room.most, 3);
  assert.deepEqual(joined.map(seqs), [numbers(2, 5), numbers(2, 5)]);
});

test('a made-up cursor spoils the stream for nobody else', async () => {
  const { room, open } = startLive();
  const match = 'subscription ($after: Int) { match(roomId: "r", after: $after) { seq } }';
  room.emit();
  await open(match, { variables: { after: 1_000 } });
  await until(() => room.running.size === 1);
  const [fromNow, fromOne] = [await open(match), await open(match, { variables: { after: 0 } })];
  await until(() => room.running.size === 3);
  room.emit();
  await fromNow.until(() => fromNow.events.length === 1);
  await fromOne.until(() => fromOne.events.length === 2);
  assert.deepEqual([seqs(fromNow), seqs(fromOne)], [[2], [1, 2]]);
  // where the subgraph says its position, the stream begins there
  await open(ROOM, { as: 'anna', variables: { after: 1_000 } });
  const listener = await open(ROOM, { as: 'boris' });
  await until(() => room.running.size === 4);
  await turns();
  room.emit();
  await listener.until(() => listener.events.length === 1);
  assert.equal(room.opened.at(-1)?.after, 2);
});

test('a default value of the cursor argument is where it begins', async () => {
  const { room, open } = startLive();
  for (let n = 0; n < 3; n++) room.emit();
  const whole = await open('subscription { whole(roomId: "r") { seq } }', { as: 'anna' });
  await whole.until(() => whole.events.length === 3);
  const now = await open('subscription { whole(roomId: "r", after: null) { seq } }', { as: 'anna' });
  await until(() => room.running.size === 2);
  room.emit();
  await now.until(() => now.events.length === 1);
  assert.deepEqual([seqs(whole).slice(0, 3), seqs(now)], [[1, 2, 3], [4]]);
});

test('cursors that are no numbers: resumed by equality', async () => {
  const { room, open } = startLive({ keptEvents: 3 });
  const query = 'subscription ($after: String) { opaque(roomId: "r", after: $after) { seq } }';
  const first = await open(query, { variables: { after: 'm0' } });
  await until(() => room.running.size === 1);
  for (let n = 0; n < 6; n++) room.emit();
  await first.until(() => first.events.length === 6);
  assert.equal(first.events[5]?.cursor, 'm6');
  const joined = await Promise.all(['m5', 'm6', 'm1', 'm3'].map((lastEventId) => open(query, { lastEventId })));
  await turns();
  room.lose();
  room.emit();
  await until(() => [first, ...joined].every((client) => seqs(client).at(-1) === 7));
  assert.deepEqual([first, ...joined].map(seqs), [1, 6, 7, 2, 4].map((from) => numbers(from, 7)));
});

test('Last-Event-ID is the cursor, in the argument\'s type', async () => {
  const { room, open } = startLive();
  for (let n = 0; n < 5; n++) room.emit();
  const client = await open(ROOM, { as: 'anna', lastEventId: '3', variables: { after: 0 } });
  await client.until(() => client.events.length === 2);
  assert.deepEqual([seqs(client), room.opened[0]?.after, client.subscription?.cursor], [[4, 5], 3, 5]);
  await assert.rejects(open(ROOM, { as: 'anna', lastEventId: 'x' }), RequestError);
});

test('a revocation ends its users at once, before the event, and is told to nobody', async () => {
  const { room, open } = startLive();
  const [anna, boris, again] = [await open(ROOM, { as: 'anna' }), await open(ROOM, { as: 'boris' }), await open(ROOM, { as: 'anna' })];
  await until(() => room.running.size === 1);
  await turns();
  room.emit();
  await boris.until(() => boris.events.length === 1);
  room.emit(['anna', 'nobody']);
  room.emit();
  await boris.until(() => boris.events.length === 3);
  assert.deepEqual([codeOf(anna), codeOf(again), codeOf(boris)], ['FORBIDDEN', 'FORBIDDEN', undefined]);
  assert.deepEqual([seqs(anna), seqs(again)], [[1], [1]]);
  assert.doesNotMatch(JSON.stringify(boris.answers), /revoked|anna/);
});

test('a revocation that is seen while a check runs wins over its answer', async () => {
  const { room, open } = startLive();
  const boris = await open(ROOM, { as: 'boris' });
  await until(() => room.running.size === 1);
  let answer: (() => void) | undefined;
  room.beforeCheck = () => new Promise((resolve) => (answer = resolve));
  const anna = await open(ROOM, { as: 'anna' });
  await until(() => answer !== undefined);
  room.emit(['anna']);
  await boris.until(() => boris.events.length === 1);
  room.members.add('anna'); // what the check says was read before
  answer?.();
  await turns();
  assert.equal(codeOf(anna), 'FORBIDDEN');
  assert.deepEqual(anna.events, []);
});

test('a revocation of the past, read by one who has been let in again, is asked about and not believed', async () => {
  const { room, open } = startLive();
  room.emit();
  room.emit(['anna']);
  room.emit();
  room.members.add('anna');
  let last = room.seq;
  const anna = await open(ROOM, { as: 'anna', variables: { after: 0 } });
  await anna.until(() => anna.events.length === 3);
  assert.deepEqual(seqs(anna), [1, 2, 3]);
  assert.ok(room.checks.length === 2, 'once more, after what it read');
  // and one who has not is refused by that question, before it gets anything more
  room.emit();
  last = room.seq;
  room.emit(['boris']);
  room.position = () => String(room.seq);
  room.beforeCheck = async () => { room.members.add('boris'); room.beforeCheck = async () => void room.members.delete('boris'); };
  const boris = await open(ROOM, { as: 'boris', variables: { after: last - 1 } });
  await boris.until(() => boris.ended !== undefined);
  assert.equal(codeOf(boris), 'FORBIDDEN');
  assert.ok(seqs(boris).every((seq) => Number(seq) <= last));
});

test('a lost upstream is taken up behind the last event: nothing is missed or repeated, everybody is asked for again', async () => {
  const { room, open, subscriptions } = startLive();
  const [anna, boris] = [await open(ROOM, { as: 'anna' }), await open(ROOM, { as: 'boris' })];
  await until(() => room.running.size === 1);
  await turns();
  room.lose();
  for (let n = 0; n < 3; n++) room.emit(); // before the first event has come
  await until(() => room.running.size === 1 && boris.events.length === 3);
  room.down = true;
  room.lose();
  room.emit();
  await until(() => room.opened.length > 4);
  room.down = false;
  await until(() => anna.events.length === 4 && boris.events.length === 4);
  assert.deepEqual([seqs(anna), seqs(boris)], [numbers(1, 4), numbers(1, 4)]);
  assert.ok(room.checks.length >= 6);
  // what it has had already, it drops
  assert.equal(subscriptions.stats().keptEvents, 4);
  for (const { queue } of room.running) queue.push({ data: { room: { __typename: 'Said', seq: 4, resume_from: 4 } } });
  room.emit();
  await until(() => anna.events.length === 5);
  assert.deepEqual([seqs(anna), subscriptions.stats().keptEvents], [numbers(1, 5), 5]);
});

test('a subgraph that ends its streams with UNAVAILABLE was lost, too', async () => {
  const { room, open } = startLive();
  const anna = await open(ROOM, { as: 'anna' });
  await until(() => room.running.size === 1);
  for (const { queue } of [...room.running]) {
    queue.push({ errors: [{ message: 'interrupted', extensions: { code: 'UNAVAILABLE' } }] });
    queue.end();
  }
  room.running.clear();
  await until(() => room.running.size === 1);
  room.emit();
  await until(() => anna.events.length === 1);
});

test('without a position that is known, and without @resume, a loss is an error, never silence', async () => {
  for (const field of ['match', 'plain', 'own']) {
    const { room, open } = startLive();
    const client = await open(`subscription { ${field}(roomId: "r") { seq } }`, { as: 'anna' });
    await until(() => room.running.size === 1);
    room.lose();
    await client.until(() => client.ended !== undefined);
    assert.deepEqual([codeOf(client), client.ended !== 'complete' && client.ended?.resumable], ['UNAVAILABLE', true], field);
  }
  const { room, open } = startLive();
  const client = await open('subscription { match(roomId: "r") { seq } }');
  await until(() => room.running.size === 1);
  room.emit();
  await client.until(() => client.events.length === 1);
  room.lose();
  room.emit();
  await client.until(() => client.events.length === 2);
});

test('a subgraph that stays away is waited for so long, then its clients are told', async () => {
  const { room, open } = startLive({ audienceStaleMs: 40 });
  const client = await open('subscription { match(roomId: "r", after: 0) { seq } }');
  await until(() => room.running.size === 1);
  room.down = true;
  room.lose();
  await client.until(() => client.ended !== undefined);
  assert.equal(codeOf(client), 'UNAVAILABLE');
});

test('a changed key moves the client, from its cursor; the old stream\'s refusal harms nobody', async () => {
  const { room, open } = startLive({}, ['anna', 'boris', 'clara']);
  const [anna, boris] = [await open(ROOM, { as: 'anna' }), await open(ROOM, { as: 'boris' })];
  await until(() => room.running.size === 1);
  await turns();
  room.emit();
  await boris.until(() => boris.events.length === 1);
  room.emit(['clara']); // the key is another one
  room.refuse = ({ audience }) => (audience?.key === room.key() ? undefined : { errors: [{ message: 'of the past', extensions: { code: 'FORBIDDEN' } }] });
  await boris.until(() => boris.events.length === 2);
  room.lose();
  room.emit();
  await until(() => anna.events.length === 3 && boris.events.length === 3);
  assert.deepEqual([seqs(anna), seqs(boris), anna.ended, boris.ended], [[1, 2, 3], [1, 2, 3], undefined, undefined]);
  assert.equal(room.running.size, 1);
  // refused though the key is right: that is the answer
  room.refuse = () => ({ errors: [{ message: 'closed', extensions: { code: 'GONE' } }] });
  room.lose();
  await until(() => anna.ended !== undefined && boris.ended !== undefined);
  assert.deepEqual([codeOf(anna), codeOf(boris)], ['GONE', 'GONE']);
});

test('a check that cannot be run keeps a client for a while, and no longer', async () => {
  const { room, open } = startLive({ audienceStaleMs: 60 });
  const [anna, boris] = [await open(ROOM, { as: 'anna' }), await open(ROOM, { as: 'boris' })];
  await until(() => room.running.size === 1);
  await turns();
  room.checkFails = () => true;
  room.lose();
  room.emit();
  await until(() => anna.events.length === 1 && room.checks.length >= 6);
  assert.deepEqual([anna.ended, boris.ended], [undefined, undefined]);
  room.checkFails = ({ userId }) => userId === 'boris';
  await boris.until(() => boris.ended !== undefined);
  assert.deepEqual([codeOf(boris), codeOf(anna)], ['UNAVAILABLE', undefined]);
  room.emit();
  await anna.until(() => anna.events.length === 2);
  room.checkFails = () => true;
  const late = await open(ROOM, { as: 'anna' });
  await late.until(() => late.ended !== undefined);
  assert.equal(codeOf(late), 'UNAVAILABLE', 'and nobody is let in meanwhile');
});

test('one who does not take its events slows nobody; it reads on from what is kept, and is ended beyond', async () => {
  const { room, open, subscriptions } = startLive({ keptEvents: 10 });
  const [anna, boris, clara] = [await open(ROOM, { as: 'anna' }), await open(ROOM, { as: 'boris', room: 0 }), await open(ROOM, { as: 'boris', room: 2 })];
  await until(() => room.running.size === 1);
  await turns();
  for (let n = 0; n < 10; n++) room.emit();
  await anna.until(() => anna.events.length === 10);
  clara.take(Infinity);
  assert.deepEqual(seqs(clara), numbers(1, 10));
  boris.take(1);
  assert.deepEqual(seqs(boris), [1]);
  room.emit();
  await anna.until(() => anna.events.length === 11);
  assert.equal(boris.ended, undefined);
  room.emit();
  await anna.until(() => anna.events.length === 12);
  assert.equal(codeOf(boris), 'SLOW_CONSUMER');
  room.emit();
  await until(() => anna.events.length === 13 && clara.events.length === 13);
  assert.ok(subscriptions.stats().keptEvents <= 10);
});

test('what all streams keep is bounded; streams that nobody comes back to keep nothing', async () => {
  const { room, open, subscriptions } = startLive({ keptEvents: 100, keptBytes: 4_000, keptBytesInAll: 6_000 });
  room.extra = { text: 'x'.repeat(900) };
  for (const name of ['A', 'B', 'C']) await open(`subscription ${name} { room(roomId: "r") { seq text } }`, { as: 'anna' });
  const plain = await open('subscription { plain(roomId: "r") { text } }', { as: 'anna' });
  await until(() => room.running.size === 4);
  for (let n = 0; n < 20; n++) room.emit();
  await plain.until(() => plain.events.length === 20);
  const { keptBytes } = subscriptions.stats();
  assert.ok(keptBytes > 4_000 && keptBytes <= 6_000, `${keptBytes} bytes`);
});

test('a new token: asked for anew; another person\'s claims move an unshared stream from its cursor', async () => {
  const { room, open } = startLive();
  const anna = await open(ROOM, { as: 'anna' });
  const own = await open('subscription { own(roomId: "r") { seq } }', { as: 'anna' });
  const plain = await open('subscription { plain(roomId: "r") { seq } }', { as: 'anna' });
  await until(() => room.running.size === 3);
  room.emit();
  await until(() => anna.events.length === 1 && own.events.length === 1 && plain.events.length === 1);
  const promoted = { userId: 'anna', userinfo: 'e30' };
  for (const { subscription } of [anna, own, plain]) subscription?.reauthorize(user('anna'));
  await turns();
  assert.deepEqual([room.opened.length, room.checks.length], [3, 2], 'the same person: nothing moves');
  for (const { subscription } of [anna, own, plain]) subscription?.reauthorize(promoted);
  await until(() => room.checks.length === 3);
  assert.equal(codeOf(plain), 'SUBSCRIPTION_RELOADED', 'it has no cursor to move from');
  room.emit();
  await until(() => anna.events.length === 2 && own.events.length === 2);
  assert.deepEqual([seqs(own), room.opened.at(-1)?.principal, room.opened.at(-1)?.after], [[1, 2], promoted, 1]);
  room.members.delete('anna');
  anna.subscription?.reauthorize(promoted);
  await anna.until(() => anna.ended !== undefined);
  assert.equal(codeOf(anna), 'FORBIDDEN');
});

test('a token that ends ends what cannot be given a new one', async () => {
  const { open } = startLive();
  const client = await open(ROOM, { as: 'anna', expiresAt: Date.now() + 30 });
  await client.until(() => client.ended !== undefined);
  assert.deepEqual([codeOf(client), client.ended !== 'complete' && client.ended?.resumable], ['TOKEN_EXPIRED', true]);
});

test('the end of a stream comes after its events, also for one who is behind', async () => {
  const { room, open } = startLive();
  const slow = await open('subscription { plain(roomId: "r") { seq } }', { as: 'anna', room: 1 });
  const quick = await open('subscription { plain(roomId: "r") { seq } }', { as: 'anna' });
  await until(() => room.running.size === 1);
  await turns();
  for (let n = 0; n < 3; n++) room.emit();
  for (const { queue } of room.running) queue.end();
  await quick.until(() => quick.ended !== undefined);
  assert.deepEqual([seqs(slow), slow.ended], [[1], undefined]);
  slow.take(Infinity);
  assert.deepEqual([seqs(slow), slow.ended], [[1, 2, 3], 'complete']);
});
