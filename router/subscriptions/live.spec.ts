import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { errorPolicy } from '../execution/error-policy.ts';
import { RequestError } from '../operation/request-error.ts';
import { ROOM, startLive, turns, until, user } from './live.fixture.ts';
import { codeOf, numbers, seqs } from './subscriber.fixture.ts';

test("two users of one audience share an upstream with its key and nobody's identity; both get the same response object", async () => {
  const { room, open, subscriptions, faults } = startLive();
  const query = 'subscription { room(roomId: "r") { text author { name } } }';
  const [anna, boris] = [await open(query, { as: 'anna' }), await open(query, { as: 'boris' })];
  await until(() => room.running.size === 1);
  room.emit();
  await anna.until(() => anna.events.length === 1);
  await boris.until(() => boris.events.length === 1);
  assert.equal(anna.events[0], boris.events[0]);
  assert.deepEqual(
    anna.answers,
    [{ data: { room: { text: 'text 1', author: { name: 'name of u' } } } }],
    'without the cursor',
  );
  assert.equal(anna.events[0]?.cursor, 1);
  assert.deepEqual(
    room.checks.map(({ principal, request }) => [principal.userId, request.variables]),
    [
      ['anna', { roomId: 'r' }],
      ['boris', { roomId: 'r' }],
    ],
  );
  const audience = { audience: { subgraph: 'chat', key: 'chat:room:0' } };
  assert.deepEqual(
    room.opened.map(({ principal, after }) => [principal, after]),
    [[audience, 0]],
    'at the position that the check gave',
  );
  assert.deepEqual(
    room.fetches.map(({ principal }) => principal),
    [audience],
    'entities once an event',
  );
  assert.deepEqual([subscriptions.stats().upstreams, subscriptions.stats().subscribers, faults], [1, 2, []]);
  anna.subscription?.stop();
  boris.subscription?.stop();
  assert.equal(room.running.size, 0);
});

test("a client that may not listen gets the subgraph's refusal and nothing else", async () => {
  const { room, open } = startLive();
  const stranger = await open(ROOM, { as: 'mallory' });
  const nobody = await open(ROOM);
  await stranger.until(() => stranger.ended !== undefined);
  await nobody.until(() => nobody.ended !== undefined);
  assert.deepEqual(stranger.ended, {
    code: 'NOT_FOUND',
    resumable: false,
    errors: [{ message: 'not for you', extensions: { code: 'NOT_FOUND' } }],
  });
  assert.equal(room.opened.length, 0);
});

test('masks the refusal like other subgraph errors', async () => {
  const { open } = startLive({}, ['anna'], errorPolicy({ maskErrors: true, allowedErrorCodes: [] }));
  const stranger = await open(ROOM, { as: 'mallory' });
  await stranger.until(() => stranger.ended !== undefined);
  const masked = { message: 'A service reported an error', extensions: { code: 'DOWNSTREAM_SERVICE_ERROR' } };
  assert.deepEqual(stranger.ended, { code: 'DOWNSTREAM_SERVICE_ERROR', resumable: false, errors: [masked] });
});

test('a key that looks like a user id is never a user, and differs from keys of other subgraphs', async () => {
  const { room, open } = startLive();
  room.key = () => 'anna';
  const [shared, own] = [
    await open(ROOM, { as: 'boris' }),
    await open('subscription R($after: Int) { own(roomId: "r", after: $after) { seq text } }', { as: 'anna' }),
  ];
  await until(() => room.running.size === 2);
  assert.deepEqual(
    room.opened.map(({ principal }) => principal).sort((a) => (a.audience ? -1 : 1)),
    [{ audience: { subgraph: 'chat', key: 'anna' } }, user('anna')],
  );
  shared.subscription?.stop();
  own.subscription?.stop();
});

test('fields that depend on the identity are not shared: three subgraphs away, in fragments, behind interfaces, types, requirements', async () => {
  const selections = [
    'author { blocked }',
    '... on Said { author { ...F } }',
    'author { team { captain { ... on Player { note } } } }',
    'author { mail { subject } }',
    'author { shade }',
  ];
  for (const selection of selections) {
    for (const field of ['room', 'match']) {
      const { room, open } = startLive();
      const query = `subscription { ${field}(roomId: "r") { seq ${selection} } } ${selection.includes('F') ? 'fragment F on User { id ...G } fragment G on User { blocked }' : ''}`;
      const [anna, boris, again] = [
        await open(query, { as: 'anna' }),
        await open(query, { as: 'boris' }),
        await open(query, { as: 'anna' }),
      ];
      await until(() => room.running.size === 2);
      await turns();
      room.emit();
      for (const client of [anna, boris, again]) await client.until(() => client.events.length === 1);
      assert.deepEqual(
        room.opened.map(({ principal }) => principal),
        [user('anna'), user('boris')],
        `${field}: ${selection}`,
      );
      assert.ok(room.fetches.every(({ principal }) => principal.userId !== undefined));
      assert.equal(room.checks.length, field === 'room' ? 3 : 0, 'and still checked');
    }
  }
  const { room, open } = startLive();
  for (const as of ['anna', 'boris'])
    await open('subscription { room(roomId: "r") { seq author { name team { name captain { badge } } } } }', { as });
  await until(() => room.running.size === 1);
  await turns();
  assert.deepEqual(room.opened.length, 1, 'what is for everybody is shared');
});

test("without @audience a stream belongs to its user, on all of the user's sockets; a public stream to everybody", async () => {
  for (const [field, upstreams] of [
    ['plain', 2],
    ['match', 1],
  ] as const) {
    const { room, open } = startLive();
    for (const as of ['anna', 'boris', 'anna']) await open(`subscription { ${field}(roomId: "r") { seq } }`, { as });
    await turns();
    assert.equal(room.opened.length, upstreams, field);
    if (field === 'match') assert.deepEqual(room.opened[0]?.principal, {});
    assert.equal(room.checks.length, 0);
  }
});

test('a @personal stream is never shared by two users, also after its upstream is lost; a guest gets none', async () => {
  const { room, open } = startLive();
  const query = 'subscription ($after: Int) { mine(after: $after) { seq } }';
  const ask = (as?: string) => open(query, { ...(as && { as }), variables: { after: 0 } });
  await ask('anna');
  await ask('boris');
  await ask('anna');
  await turns();
  const users = (): unknown[] => [...room.running].map(({ principal: { userId } }) => userId).sort();
  assert.deepEqual(users(), ['anna', 'boris']);
  room.emit();
  await turns();
  const guest = await ask();
  await guest.until(() => guest.ended !== undefined);
  assert.deepEqual(guest.ended, {
    code: 'UNAUTHENTICATED',
    resumable: false,
    errors: [{ message: 'Sign in first.', extensions: { code: 'UNAUTHENTICATED' } }],
  });
  room.lose();
  await until(() => room.running.size === 2);
  assert.deepEqual(users(), ['anna', 'boris']);
  assert.ok(room.opened.every(({ principal }) => principal.userId !== undefined && !principal.audience));
});

test('variables distinguish streams; the cursor does not', async () => {
  const { room, open } = startLive();
  const query =
    'subscription ($r: ID!, $after: Int, $names: Boolean = false) { room(roomId: $r, after: $after) { seq author @include(if: $names) { name } } }';
  room.emit();
  for (const variables of [
    { r: 'a' },
    { r: 'a', after: 0 },
    { r: 'a', after: 1, names: false },
    { r: 'b' },
    { r: 'a', names: true },
  ])
    await open(query, { as: 'anna', variables });
  await turns();
  assert.equal(
    new Set(room.opened.map(({ request: { variables } }) => JSON.stringify({ ...variables, resume_after: undefined })))
      .size,
    3,
  );
});

test('members with old cursors get what they missed, once and in order, and then join the shared stream', async () => {
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
  joined
    .slice(0, -1)
    .forEach((client, index) => assert.deepEqual(seqs(client), numbers((cursors[index] ?? 0) + 1, 21)));
  assert.deepEqual(seqs(first), numbers(11, 21));
  assert.deepEqual(joined.at(-1)?.events, [], 'who says that it is further than the stream waits for that');
  assert.ok(room.opened.length <= 4, `${room.opened.length} upstreams for eight joiners`);
  assert.equal(subscriptions.stats().keptEvents, 5);
  assert.deepEqual(
    room.opened.slice(1).every(({ principal }) => principal.audience?.key === 'chat:room:0'),
    true,
  );
});

test('events that arrive during a catch-up are neither lost nor repeated', async () => {
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
  assert.deepEqual(
    [first, ...joined].map(seqs),
    [51, 1, 8, 21].map((from) => numbers(from, 100)),
  );
  await until(() => room.running.size === 1);
});

test('limits catch-ups; others wait for their turn', async () => {
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

const MATCH = 'subscription ($after: Int) { match(roomId: "r", after: $after) { seq } }';

test('a cursor beyond the newest event ends with RESYNC_REQUIRED and does not affect other members', async () => {
  const { room, open } = startLive();
  room.emit();
  // The first client determines where the shared stream starts. If its cursor is invalid, clients that join at the same
  // time must not fail.
  const [madeUp, fromNow, fromOne, another] = await Promise.all([
    open(MATCH, { variables: { after: 1_000 } }),
    open(MATCH),
    open(MATCH, { variables: { after: 0 } }),
    open(MATCH, { variables: { after: 2_000 } }),
  ]);
  await madeUp.until(() => madeUp.ended !== undefined);
  await another.until(() => another.ended !== undefined);
  await fromOne.until(() => fromOne.events.length === 1);
  await turns();
  const late = await open(MATCH, { variables: { after: 3_000 } });
  await late.until(() => late.ended !== undefined);
  room.emit();
  await fromNow.until(() => fromNow.events.length === 1);
  await fromOne.until(() => fromOne.events.length === 2);
  assert.deepEqual([seqs(fromNow), seqs(fromOne)], [[2], [1, 2]]);
  assert.deepEqual(
    [madeUp, another, late].map((client) => [codeOf(client), client.ended !== 'complete' && client.ended?.resumable]),
    Array.from({ length: 3 }, () => ['RESYNC_REQUIRED', false]),
  );
  room.emit();
  await until(() => room.running.size === 1 && seqs(fromOne).at(-1) === 3); // Both share one stream.
  // The check reports the position, so no request to the subgraph is needed.
  const opened = room.opened.length;
  const checked = await open(ROOM, { as: 'anna', variables: { after: 1_000 } });
  await checked.until(() => checked.ended !== undefined);
  assert.deepEqual([codeOf(checked), room.opened.length], ['RESYNC_REQUIRED', opened]);
});

test('a cursor that the subgraph has reached but the shared stream has not, is resumed', async () => {
  const { room, open } = startLive();
  for (let n = 0; n < 3; n++) room.emit();
  const first = await open(MATCH, { variables: { after: 3 } });
  await until(() => room.running.size === 1);
  await turns();
  // The subgraph has more events than the shared stream has delivered.
  const [shared] = room.running;
  room.running.clear();
  room.emit();
  room.emit();
  if (shared) room.running.add(shared);
  const ahead = await open(MATCH, { variables: { after: 5 } });
  await until(() => room.opened.length === 2);
  assert.equal(room.opened[1]?.after, 5);
  for (const seq of [4, 5]) shared?.queue.push({ data: { match: { __typename: 'Said', seq, resume_from: seq } } });
  await first.until(() => first.events.length === 2);
  await until(() => room.running.size === 1);
  room.emit();
  await Promise.all([first.until(() => first.events.length === 3), ahead.until(() => ahead.events.length === 1)]);
  assert.deepEqual([seqs(first), seqs(ahead), room.opened.length], [[4, 5, 6], [6], 2]);
});

test('a default value of the cursor argument is where the stream starts', async () => {
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

test('cursors that are not numbers are resumed by equality', async () => {
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
  assert.deepEqual(
    [first, ...joined].map(seqs),
    [1, 6, 7, 2, 4].map((from) => numbers(from, 7)),
  );
});

test("Last-Event-ID is the cursor, in the argument's type", async () => {
  const { room, open } = startLive();
  for (let n = 0; n < 5; n++) room.emit();
  const client = await open(ROOM, { as: 'anna', lastEventId: '3', variables: { after: 0 } });
  await client.until(() => client.events.length === 2);
  assert.deepEqual([seqs(client), room.opened[0]?.after, client.subscription?.cursor], [[4, 5], 3, 5]);
  await assert.rejects(open(ROOM, { as: 'anna', lastEventId: 'x' }), RequestError);
});

test('a revocation holds its users before the event, ends those whose check fails, and is not sent to clients', async () => {
  const { room, open } = startLive();
  const [anna, boris, again] = [
    await open(ROOM, { as: 'anna' }),
    await open(ROOM, { as: 'boris' }),
    await open(ROOM, { as: 'anna' }),
  ];
  await until(() => room.running.size === 1);
  await turns();
  room.emit();
  await boris.until(() => boris.events.length === 1);
  room.emit(['anna', 'nobody']);
  room.emit();
  await boris.until(() => boris.events.length === 3);
  await until(() => anna.ended !== undefined && again.ended !== undefined);
  assert.deepEqual([codeOf(anna), codeOf(again), codeOf(boris)], ['FORBIDDEN', 'FORBIDDEN', undefined]);
  assert.deepEqual([seqs(anna), seqs(again)], [[1], [1]]);
  assert.doesNotMatch(JSON.stringify(boris.answers), /revoked|anna/);
});

test('a revocation on a stream with an older key affects its listeners, and not members that rejoined under a newer key', async () => {
  const { room, open } = startLive({}, ['anna', 'boris', 'clara']);
  const [boris, away] = [await open(ROOM, { as: 'boris' }), await open(ROOM, { as: 'clara' })];
  await until(() => room.running.size === 1);
  await turns();
  room.emit(['clara']);
  await away.until(() => away.ended !== undefined);
  room.members.add('clara');
  const back = await open(ROOM, { as: 'clara' });
  await until(() => room.running.size === 2);
  await turns();
  const [older] = room.running;
  older?.queue.push({
    data: { room: { __typename: 'Said', seq: 2, text: '', resume_from: 2 } },
    extensions: { revoked: ['clara'] },
  });
  await boris.until(() => boris.events.length === 2);
  assert.equal(back.ended, undefined);
});

/**
 * The result of Anna's first check is computed but not delivered when she leaves. The stream that Boris listens to
 * reports the revocation.
 */
async function leavesDuringFirstCheck() {
  const { room, open } = startLive();
  const boris = await open(ROOM, { as: 'boris' });
  await until(() => room.running.size === 1);
  let answer: (() => void) | undefined;
  room.afterCheck = () => new Promise((resolve) => (answer = resolve));
  const anna = await open(ROOM, { as: 'anna' });
  await until(() => answer !== undefined);
  room.afterCheck = undefined;
  room.emit(['anna']);
  return { room, anna, boris, answer: () => answer?.() };
}

test('a revocation during a check overrides the result of the check', async () => {
  const { anna, boris, answer } = await leavesDuringFirstCheck();
  await boris.until(() => boris.events.length === 1);
  answer();
  await anna.until(() => anna.ended !== undefined);
  assert.deepEqual([codeOf(anna), anna.events], ['NOT_FOUND', []]);
});

test('a user who left and rejoined during the first check is checked again and admitted', async () => {
  const { room, anna, boris, answer } = await leavesDuringFirstCheck();
  room.members.add('anna');
  await boris.until(() => boris.events.length === 1);
  answer();
  room.emit();
  await turns();
  room.emit();
  await anna.until(() => seqs(anna).at(-1) === 3);
  assert.equal(anna.ended, undefined);
});

test('a listener who left and rejoined before the revocation arrives continues without loss', async () => {
  for (const query of [
    ROOM,
    'subscription R($after: Int) { room(roomId: "r", after: $after) { seq author { blocked } } }',
  ]) {
    const { room, open } = startLive();
    const anna = await open(query, { as: 'anna' });
    await until(() => room.running.size === 1);
    await turns();
    room.emit();
    await anna.until(() => anna.events.length === 1);
    room.emit(['anna']);
    room.members.add('anna');
    room.emit();
    await anna.until(() => seqs(anna).at(-1) === 3 || anna.ended !== undefined);
    assert.deepEqual([codeOf(anna), seqs(anna)], [undefined, [1, 2, 3]], query);
  }
});

test("a removed member's stream ends with FORBIDDEN, shared or not, live or after a loss; a stranger gets the subgraph's refusal", async () => {
  const own = 'subscription R($after: Int) { room(roomId: "r", after: $after) { seq author { blocked } } }';
  for (const query of [ROOM, own]) {
    for (const lost of [false, true]) {
      const { room, open } = startLive();
      const anna = await open(query, { as: 'anna' });
      await until(() => room.running.size === 1);
      await turns();
      if (lost) {
        room.down = true;
        room.lose();
        await until(() => room.opened.length > 1);
      }
      room.emit(['anna']);
      room.down = false;
      await anna.until(() => anna.ended !== undefined);
      assert.deepEqual([codeOf(anna), anna.events], ['FORBIDDEN', []], `${query} ${String(lost)}`);
      const again = await open(query, { as: 'anna' });
      await again.until(() => again.ended !== undefined);
      assert.equal(codeOf(again), 'NOT_FOUND');
    }
  }
});

test('a subgraph that refuses a stream but allows it in the check: the refusal counts if no further event arrives', async () => {
  const { room, open } = startLive();
  room.refuse = () => ({ errors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }] });
  const anna = await open(ROOM, { as: 'anna' });
  await anna.until(() => anna.ended !== undefined);
  assert.equal(codeOf(anna), 'FORBIDDEN');
  assert.ok(room.opened.length <= 2, String(room.opened.length));
});

test('an old revocation, replayed to a member who was readmitted, is checked and not applied', async () => {
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
  // A client that has not listened yet is refused by this check before it gets any event.
  room.emit();
  last = room.seq;
  room.emit(['boris']);
  room.position = () => String(room.seq);
  room.beforeCheck = async () => {
    room.members.add('boris');
    room.beforeCheck = async () => void room.members.delete('boris');
  };
  const boris = await open(ROOM, { as: 'boris', variables: { after: last - 1 } });
  await boris.until(() => boris.ended !== undefined);
  assert.equal(codeOf(boris), 'FORBIDDEN');
  assert.ok(seqs(boris).every((seq) => Number(seq) <= last));
});
