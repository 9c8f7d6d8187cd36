import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { ROOM, startLive, turns, until, user } from './live.fixture.ts';
import { codeOf, numbers, seqs } from './subscriber.fixture.ts';

test('resumes a lost upstream after the last event: no event is lost or repeated, and all members are checked again', async () => {
  const { room, open, subscriptions } = startLive();
  const [anna, boris] = [await open(ROOM, { as: 'anna' }), await open(ROOM, { as: 'boris' })];
  await until(() => room.running.size === 1);
  await turns();
  room.lose();
  for (let n = 0; n < 3; n++) room.emit(); // The room emits these before the first event has arrived.
  await until(() => room.running.size === 1 && boris.events.length === 3);
  room.down = true;
  room.lose();
  room.emit();
  await until(() => room.opened.length > 4);
  room.down = false;
  await until(() => anna.events.length === 4 && boris.events.length === 4);
  assert.deepEqual([seqs(anna), seqs(boris)], [numbers(1, 4), numbers(1, 4)]);
  assert.ok(room.checks.length >= 6);
  // The router keeps four events, because it drops the repeated event, which it already has.
  assert.equal(subscriptions.stats().keptEvents, 4);
  for (const { queue } of room.running) queue.push({ data: { room: { __typename: 'Said', seq: 4, resume_from: 4 } } });
  room.emit();
  await until(() => anna.events.length === 5);
  assert.deepEqual([seqs(anna), subscriptions.stats().keptEvents], [numbers(1, 5), 5]);
});

test('a subgraph that ends its streams with UNAVAILABLE counts as lost', async () => {
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

test('without a known position, or without @resume, a loss is an error, never silence', async () => {
  for (const field of ['match', 'plain', 'own']) {
    const { room, open } = startLive();
    const client = await open(`subscription { ${field}(roomId: "r") { seq } }`, { as: 'anna' });
    await until(() => room.running.size === 1);
    room.lose();
    await client.until(() => client.ended !== undefined);
    assert.deepEqual(
      [codeOf(client), client.ended !== 'complete' && client.ended?.resumable],
      ['UNAVAILABLE', true],
      field,
    );
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

test('waits for a lost subgraph for a limited time, then ends its clients', async () => {
  const { room, open } = startLive({ audienceStaleMs: 40 });
  const client = await open('subscription { match(roomId: "r", after: 0) { seq } }');
  await until(() => room.running.size === 1);
  room.down = true;
  room.lose();
  await client.until(() => client.ended !== undefined);
  assert.equal(codeOf(client), 'UNAVAILABLE');
});

test('a changed key moves the client from its cursor; a refusal of the old stream harms nobody', async () => {
  const { room, open } = startLive({}, ['anna', 'boris', 'clara']);
  const [anna, boris] = [await open(ROOM, { as: 'anna' }), await open(ROOM, { as: 'boris' })];
  await until(() => room.running.size === 1);
  await turns();
  room.emit();
  await boris.until(() => boris.events.length === 1);
  room.emit(['clara']); // The key has changed.
  room.refuse = ({ audience }) =>
    audience?.key === room.key()
      ? undefined
      : { errors: [{ message: 'of the past', extensions: { code: 'FORBIDDEN' } }] };
  await boris.until(() => boris.events.length === 2);
  room.lose();
  room.emit();
  await until(() => anna.events.length === 3 && boris.events.length === 3);
  assert.deepEqual([seqs(anna), seqs(boris), anna.ended, boris.ended], [[1, 2, 3], [1, 2, 3], undefined, undefined]);
  assert.equal(room.running.size, 1);
  // The subgraph refuses the stream although the key is right, so the refusal is final.
  room.refuse = () => ({ errors: [{ message: 'closed', extensions: { code: 'GONE' } }] });
  room.lose();
  await until(() => anna.ended !== undefined && boris.ended !== undefined);
  assert.deepEqual([codeOf(anna), codeOf(boris)], ['GONE', 'GONE']);
});

test('a check that fails keeps a client for a limited time', async () => {
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

test('a client that does not read slows down nobody; it continues from the kept events, and ends when they are gone', async () => {
  const { room, open, subscriptions } = startLive({ keptEvents: 10 });
  const [anna, boris, clara] = [
    await open(ROOM, { as: 'anna' }),
    await open(ROOM, { as: 'boris', room: 0 }),
    await open(ROOM, { as: 'boris', room: 2 }),
  ];
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

test('bounds what all streams keep; a stream that nobody can resume keeps nothing', async () => {
  const { room, open, subscriptions } = startLive({ keptEvents: 100, keptBytes: 4_000, keptBytesInAll: 6_000 });
  room.extra = { text: 'x'.repeat(900) };
  for (const name of ['A', 'B', 'C'])
    await open(`subscription ${name} { room(roomId: "r") { seq text } }`, { as: 'anna' });
  const plain = await open('subscription { plain(roomId: "r") { text } }', { as: 'anna' });
  await until(() => room.running.size === 4);
  for (let n = 0; n < 20; n++) room.emit();
  await plain.until(() => plain.events.length === 20);
  const { keptBytes } = subscriptions.stats();
  assert.ok(keptBytes > 4_000 && keptBytes <= 6_000, `${keptBytes} bytes`);
});

test('a new token is checked again; changed claims move an unshared stream from its cursor', async () => {
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

test('an expired token ends a subscription that cannot get a new one', async () => {
  const { open } = startLive();
  const client = await open(ROOM, { as: 'anna', expiresAt: Date.now() + 30 });
  await client.until(() => client.ended !== undefined);
  assert.deepEqual([codeOf(client), client.ended !== 'complete' && client.ended?.resumable], ['TOKEN_EXPIRED', true]);
});

test('the end of a stream comes after its events, also for a client that lags', async () => {
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
