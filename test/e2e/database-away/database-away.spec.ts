import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { createLiveClient, resumable } from '../../../examples/typed-client/resumable.ts';
import { type Network, type Person, startNetwork, until } from '../../network.ts';
import type { Absence } from '../../network/database-line.ts';
import { MatchEvents, RoomEvents } from '../operations.ts';
import { createTeam, kickOff, record, roomOfTeam, schedule } from '../play.ts';
import { endOf } from '../reading.ts';

const ABSENCES: readonly Absence[] = [
  'refused',
  'reset',
  { sqlstate: '57P01' },
  { sqlstate: '57P03' },
  { sqlstate: '53300' },
  { sqlstate: '08006' },
];
const nameOf = (absence: Absence): string => (typeof absence === 'string' ? absence : absence.sqlstate);

describe('a database that is unavailable', () => {
  let network: Network;
  let olga: Person;
  let matchId: string, teamId: string, roomId: string;
  beforeAll(async () => {
    network = await startNetwork({ databaseLine: true });
    olga = await network.user('olga', { roles: ['organizer'] });
    ({ matchId } = await schedule(olga));
    teamId = await createTeam(olga, 'Yard Foxes');
    roomId = await roomOfTeam(olga, teamId);
    await network.settled();
  });
  afterAll(() => network?.stop());

  const there = (): Promise<true | undefined> =>
    until(
      'the database is back',
      async () => {
        const { data, errors } = await olga.execute<Record<string, unknown>>(
          'query ($t: ID!, $m: ID!) { me { id } team(id: $t) { name room { id } } match(id: $m) { state organizer { displayName } room { id } } }',
          { t: teamId, m: matchId },
        );
        return !errors && data !== undefined && (true as const);
      },
      30_000,
    );

  const signIn = async (): Promise<{ status: number; error?: string }> => {
    const form = new URLSearchParams({
      grant_type: 'password',
      client_id: 'prodvor-test',
      username: 'nobody',
      password: 'x',
    });
    const answer = await fetch(new URL('/identity/token', network.routers[0]?.url), { method: 'POST', body: form });
    return { status: answer.status, error: ((await answer.json()) as { error?: string }).error };
  };

  /** Queries and mutations that read or write the database. */
  const operations: readonly (readonly [what: string, query: string, variables: () => Record<string, unknown>])[] = [
    ['a query', 'query ($id: ID!) { match(id: $id) { state } }', () => ({ id: matchId })],
    ['a list', '{ matches { edges { node { state } } } }', () => ({})],
    [
      'nested fields',
      'query ($id: ID!) { team(id: $id) { members { edges { node { user { displayName } } } } room { id messages { edges { node { text } } } } } }',
      () => ({ id: teamId }),
    ],
    ['the viewer', '{ me { username } }', () => ({})],
    [
      'createTeam',
      'mutation ($input: CreateTeamInput!) { createTeam(input: $input) { team { id } userErrors { code } } }',
      () => ({ input: { clientId: randomUUID(), name: 'Yard Foxes', sport: 'FOOTBALL' } }),
    ],
    [
      'inviteToTeam',
      'mutation ($input: InviteToTeamInput!) { inviteToTeam(input: $input) { token userErrors { code } } }',
      () => ({ input: { teamId, userId: olga.id, role: 'PLAYER' } }),
    ],
    [
      'sendMessage',
      'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code } } }',
      () => ({ input: { roomId, clientMessageId: randomUUID(), text: 'hello' } }),
    ],
    [
      'recordMatchEvent',
      'mutation ($input: RecordMatchEventInput!) { recordMatchEvent(input: $input) { event { seq } userErrors { code } } }',
      () => ({ input: { matchId, clientEventId: randomUUID(), goal: { side: 'HOME' } } }),
    ],
    [
      'register',
      'mutation ($input: RegisterInput!) { register(input: $input) { user { id } userErrors { code } } }',
      () => {
        const username = `away-${randomUUID().slice(0, 8)}`;
        return { input: { username, email: `${username}@test.prodvor.example`, password: 'correct horse battery' } };
      },
    ],
  ];

  for (const absence of ABSENCES) {
    it(`is UNAVAILABLE, never INTERNAL, for queries, mutations, nested fields and streams: ${nameOf(absence)}`, async () => {
      await there();
      await network.databaseLine?.makeUnavailable(absence);
      // The router retries a public stream for a while. So this subscription is sent now, and its answer is read at the
      // end.
      const stream = olga.subscribe(MatchEvents, { matchId });
      const begun = stream.next();
      const issuer: Awaited<ReturnType<typeof signIn>>[] = [];
      try {
        // In the first round, connections that were open fail at their use. In the second round, new ones cannot be
        // opened.
        for (const round of ['at once', 'later']) {
          await Promise.all(
            operations.map(async ([what, query, variables]) => {
              const { errors } = await olga.execute(query, variables());
              assert.deepEqual(
                new Set(errors?.map(({ extensions }) => extensions?.code)),
                new Set(['UNAVAILABLE']),
                `${what}, ${round}: ${JSON.stringify(errors)}`,
              );
            }),
          );
          assert.equal(await endOf(olga.subscribe(RoomEvents, { roomId })), 'UNAVAILABLE', round);
        }
        if (network.mode === 'embedded') issuer.push(await signIn());
        const users = await fetch(`${network.originOf('users')}/register`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(operations.at(-1)?.[2]().input),
        });
        assert.deepEqual([users.status, (await users.text()).includes('UNAVAILABLE')], [503, true]);
      } finally {
        await network.databaseLine?.restore();
      }
      if (network.mode === 'embedded')
        assert.ok(
          issuer.every(({ status, error }) => status === 503 && error === 'temporarily_unavailable'),
          JSON.stringify(issuer),
        );
      assert.equal((await begun).value?.matchEvents.seq, 1);
      await stream.return();
    });
  }

  it('ends a public stream with UNAVAILABLE when it cannot start for a long time', async () => {
    await there();
    await network.databaseLine?.makeUnavailable('refused');
    assert.equal(
      await endOf(olga.subscribe(MatchEvents, { matchId })).finally(() => network.databaseLine?.restore()),
      'UNAVAILABLE',
    );
  });

  it('does not end a stream of the typed client: the stream continues where it was', async () => {
    await there();
    await kickOff(olga, matchId);
    const client = createLiveClient({
      url: (network.routers[0]?.url ?? '').replace(/^http/, 'ws'),
      token: () => olga.token ?? '',
      firstPauseMs: 20,
    });
    const stream = resumable({
      client,
      document: MatchEvents,
      variables: { matchId },
      seqOf: ({ matchEvents }) => matchEvents.seq,
      firstPauseMs: 20,
    });
    const seqs: number[] = [];
    const next = async (): Promise<void> => void seqs.push((await stream.next()).value?.matchEvents.seq ?? 0);
    while (seqs.at(-1) !== 3) await next();
    const waiting = next();
    await network.databaseLine?.makeUnavailable('reset');
    assert.notEqual(
      (await olga.execute('query ($id: ID!) { match(id: $id) { state } }', { id: matchId })).errors,
      undefined,
    );
    await network.databaseLine?.restore();
    await there();
    const seq = await until(
      'it is recorded',
      () => record(olga, matchId, { goal: { side: 'HOME' } }, 'after the absence'),
      30_000,
    );
    await waiting;
    assert.equal(seqs.at(-1), seq);
    assert.deepEqual(
      seqs,
      seqs.map((_, index) => index + 1),
    );
    await stream.return();
    await client.dispose();
  });
});
