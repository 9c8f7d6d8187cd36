import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { LIVE_TYPES, ROOM, engineOf, startLive, turns, until } from './live.fixture.ts';
import { open } from './subscriber.fixture.ts';
import type { TestSubscriber } from './subscriber.fixture.ts';

const codeOf = ({ ended }: TestSubscriber): string | undefined => (ended === 'complete' ? 'complete' : ended?.code);
const edited = (name: string, edit: (sdl: string) => string): Readonly<Record<string, string>> => {
  const [before, after] = [LIVE_TYPES[name] ?? '', edit(LIVE_TYPES[name] ?? '')];
  assert.notEqual(before, after);
  return { [name]: after };
};
const changed = (name: string, edit: (sdl: string) => string): Readonly<Record<string, string>> => ({
  ...LIVE_TYPES,
  ...edited(name, edit),
});

test('a subscription with the same subgraph request continues with the new engine; another ends with a code', async () => {
  const { room, open: subscribe, subscriptions } = startLive();
  // The new supergraph takes the user's name from `tones` instead of `users`.
  const kept = await subscribe('subscription { room(roomId: "r") { seq author { name } } }', { as: 'anna' });
  const gone = await subscribe('subscription { room(roomId: "r") { seq author { mail { subject } } } }', {
    as: 'anna',
  });
  await until(() => room.running.size === 2);
  await turns();
  room.emit();
  await until(() => kept.events.length === 1 && gone.events.length === 1);
  const engine = engineOf(room, {
    ...LIVE_TYPES,
    ...edited('users', (sdl) => sdl.replace('name: String team', 'team')),
    ...edited('tones', (sdl) => sdl.replace('blocked: Boolean', 'name: String blocked: Boolean')),
    ...edited('notes', (sdl) => sdl.replace('mail: Mail', '').replace(/type Mail[^}]*\}/, '')),
  });
  await subscriptions.migrate(engine, 0);
  assert.deepEqual([codeOf(kept), codeOf(gone)], [undefined, 'SUBSCRIPTION_RELOADED']);
  assert.ok(gone.ended !== 'complete' && gone.ended?.resumable);
  room.fetches.length = 0;
  room.emit();
  await kept.until(() => kept.events.length === 2);
  assert.deepEqual(
    room.fetches.map(({ subgraph }) => subgraph),
    ['tones'],
  );
  assert.deepEqual(kept.answers[1], { data: { room: { seq: 2, author: { name: 'name of u' } } } });
  assert.equal(room.opened.length, 2, 'its upstream is the one that it had');
});

test('a field that became private, or a stream with another audience, does not continue', async () => {
  const cases: [string, (sdl: string) => string, string][] = [
    [
      'users',
      (sdl) => sdl.replace('name: String', 'name: String @cached(scope: PRIVATE)'),
      'subscription { room(roomId: "r") { seq author { name } } }',
    ],
    [
      'chat',
      (sdl) =>
        sdl.replace(
          'room(roomId: ID!, after: Int): RoomEvent @audience(check: "roomAudience")',
          'room(roomId: ID!, after: Int): RoomEvent @audience',
        ),
      ROOM,
    ],
  ];
  for (const [name, change, query] of cases) {
    const { room, open: subscribe, subscriptions } = startLive();
    const clients = [await subscribe(query, { as: 'anna' }), await subscribe(query, { as: 'boris' })];
    await until(() => room.running.size === 1);
    await turns();
    const engine = engineOf(room, changed(name, change));
    await subscriptions.migrate(engine, 0);
    assert.deepEqual(clients.map(codeOf), ['SUBSCRIPTION_RELOADED', 'SUBSCRIPTION_RELOADED'], name);
    assert.equal(room.running.size, 0);
    // A client that subscribes again gets what the new schema says.
    const back = await open(subscriptions, engine, query, { principal: { userId: 'anna' } });
    await until(() => room.running.size === 1);
    assert.deepEqual(room.opened.at(-1)?.principal, name === 'users' ? { userId: 'anna' } : {});
    back.subscription?.stop();
  }
});

test('a running check, and a request that was prepared before, use the new schema', async () => {
  const { room, open: subscribe, subscriptions } = startLive();
  const answers: (() => void)[] = [];
  room.beforeCheck = () => new Promise((resolve) => answers.push(resolve));
  const checking = [
    await subscribe(ROOM, { as: 'anna' }),
    await subscribe('subscription { match(roomId: "r", after: 0) { seq author { shade } } }', { as: 'anna' }),
  ];
  await until(() => answers.length === 1);
  const engine = engineOf(
    room,
    changed('tones', (sdl) => sdl.replace('shade: String', 'tint: String')),
  );
  await subscriptions.migrate(engine, 0);
  const late = [
    await subscribe(ROOM, { as: 'boris' }),
    await subscribe('subscription { room(roomId: "r") { author { shade } } }', { as: 'boris' }),
  ];
  await until(() => answers.length === 2);
  for (const answer of answers) answer();
  await until(() => [...room.running].some(({ principal }) => principal.audience !== undefined));
  await turns();
  room.emit();
  await until(() => checking[0]?.events.length === 1 && late[0]?.events.length === 1 && late[1]?.ended !== undefined);
  assert.deepEqual([...checking, ...late].map(codeOf), [
    undefined,
    'SUBSCRIPTION_RELOADED',
    undefined,
    'SUBSCRIPTION_RELOADED',
  ]);
});

test('spreads the ends evenly over the given time', async () => {
  const { room, open: subscribe, subscriptions } = startLive();
  const clients: TestSubscriber[] = [];
  for (let n = 0; n < 5; n++)
    clients.push(await subscribe(`subscription S${n} { match(roomId: "r") { author { shade } } }`, { as: 'anna' }));
  await until(() => room.running.size === 5);
  const ends: number[] = [];
  const started = performance.now();
  const all = clients.map((client) =>
    client.until(() => client.ended !== undefined).then(() => ends.push(performance.now() - started)),
  );
  const engine = engineOf(
    room,
    changed('tones', (sdl) => sdl.replace('shade: String', 'tint: String')),
  );
  await subscriptions.migrate(engine, 400);
  await Promise.all(all);
  const gaps = ends.slice(1).map((end, index) => end - (ends[index] ?? 0));
  assert.ok(
    gaps.every((gap) => gap > 20),
    `ended after ${ends.map(Math.round).join()} ms`,
  );
});
