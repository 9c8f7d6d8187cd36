import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { NewerVersion } from '../../platform/messaging/definitions.ts';
import type { RecordMatchEventInput, Sport } from './generated/graphql.ts';
import type { Match } from './generated/prisma/client.ts';
import { matchId, openMatches, person, refused, teamId } from './matches.fixture.ts';
import { scoreOf } from './score.ts';
import { SPORTS } from '../../schema/sports.ts';

const coded =
  (code: string) =>
  (error: Error & { extensions?: { code?: string } }): boolean =>
    error.extensions?.code === code;
type What = Omit<Partial<RecordMatchEventInput>, 'goal' | 'period'> & {
  goal?: Partial<NonNullable<RecordMatchEventInput['goal']>>;
  period?: { shootout?: boolean };
};

let m: Awaited<ReturnType<typeof openMatches>>;
beforeAll(async () => void (m = await openMatches()));
afterAll(() => m.close());

const record = (match: Match, what: What) =>
  m.events.record(m.referee, { matchId: matchId(match), clientEventId: randomUUID(), ...what });
const takeBack = (match: Match, seq: number, more: object = {}) =>
  m.events.takeBack(m.referee, { matchId: matchId(match), clientEventId: randomUUID(), seq, ...more });
const recorded = async (match: Match) => (await m.events.after([match.id], 0, 100)).get(match.id) ?? [];
const played = (sport: Sport) => m.kickedOff({ sport });

describe('recording an event', () => {
  it('keeps who, when and what, and moves the score', async () => {
    const match = await played('FOOTBALL');
    const userId = randomUUID();
    const { event, match: now } = await record(match, {
      goal: {
        side: 'HOME',
        kind: 'PENALTY',
        player: { name: ' Лев Яшин ', userId: toGlobalId('User', userId) },
        clock: { minute: 45, stoppage: 2 },
      },
    });
    const player = await m.prisma.player.findFirstOrThrow({ where: { userId } });
    assert.deepEqual([player.name, player.teamId], ['Лев Яшин', match.homeTeamId]);
    assert.deepEqual(event.detail, {
      kind: 'GOAL',
      side: 'HOME',
      goal: 'PENALTY',
      points: 1,
      period: 1,
      player: player.id,
      assist: null,
      clock: { minute: 45, stoppage: 2 },
    });
    assert.deepEqual([event.seq, now.lastSeq], [4, 4]);
    assert.deepEqual(now.score, { home: 1, away: 0, periods: [{ home: 1, away: 0 }], shootout: null });
    const card = await record(match, { card: { side: 'AWAY', card: 'RED' } });
    assert.deepEqual(card.event.detail, { kind: 'CARD', side: 'AWAY', card: 'RED', player: null, clock: null });
    assert.deepEqual(card.event.score, now.score);
  });

  it('tells the log exactly what is on record', async () => {
    const match = await played('FOOTBALL');
    await record(match, { goal: { side: 'AWAY' } });
    await record(match, { period: {} });
    await takeBack(match, 4, { reason: 'offside' });
    const told = (await m.told()).filter(({ key }) => key === match.id);
    const events = await recorded(match);
    assert.deepEqual(
      told.map(({ seq, eventId, occurredAt, payload }) => ({ seq, eventId, occurredAt, payload })),
      events.map(({ id, seq, recordedAt, detail, score }) => ({
        seq,
        eventId: id,
        occurredAt: recordedAt.toISOString(),
        payload: {
          matchId: match.id,
          eventId: id,
          recordedAt: recordedAt.toISOString(),
          match: {
            sport: 'FOOTBALL',
            homeTeamId: match.homeTeamId,
            awayTeamId: match.awayTeamId,
            tournamentId: null,
            kickoffIsEstimate: false,
            kickoffAt: match.kickoffAt.toISOString(),
            state: seq === 1 ? 'SCHEDULED' : 'LIVE',
            counts: false,
            how: 'PLAYED',
            winner: null,
          },
          detail,
          score,
        },
      })),
    );
    assert.deepEqual(
      events.map(({ seq }) => seq),
      [1, 2, 3, 4, 5, 6],
    );
  });

  it('is for the officials of the match', async () => {
    const match = await played('FOOTBALL');
    const input = () => ({ matchId: matchId(match), clientEventId: randomUUID(), goal: { side: 'HOME' } });
    await assert.rejects(m.events.record(ANONYMOUS, input()), coded('UNAUTHENTICATED'));
    await assert.rejects(m.events.takeBack(ANONYMOUS, input()), coded('UNAUTHENTICATED'));
    for (const stranger of [person(), person('organizer', 'referee')]) {
      await refused(m.events.record(stranger, input()), 'FORBIDDEN', 'matchId');
      await refused(m.events.takeBack(stranger, { ...input(), seq: 2 }), 'FORBIDDEN', 'matchId');
    }
    for (const official of [m.organizer, m.referee, person('admin')]) await m.events.record(official, input());
    await refused(m.events.record(m.referee, { ...input(), matchId: teamId() }), 'NOT_FOUND', 'matchId');
  });

  it('needs a live match', async () => {
    const match = await m.schedule();
    await refused(record(match, { goal: { side: 'HOME' } }), 'CONFLICT', 'matchId');
    await m.moves.start(m.referee, { matchId: matchId(match) });
    await m.moves.finish(m.referee, { matchId: matchId(match) });
    await refused(record(match, { goal: { side: 'HOME' } }), 'CONFLICT', 'matchId');
  });

  it('wants exactly one of goal, card and period, and nothing impossible', async () => {
    const match = await played('FOOTBALL');
    const goal = (more: object): What => ({ goal: { side: 'HOME', ...more } });
    for (const [what, code, field] of [
      [{}, 'INVALID', null],
      [{ ...goal({}), card: { side: 'HOME', card: 'RED' } }, 'INVALID', null],
      [goal({ points: 2 }), 'INVALID', 'goal.points'],
      [goal({ points: 0 }), 'INVALID', 'goal.points'],
      [goal({ clock: { minute: 0 } }), 'INVALID', 'goal.clock.minute'],
      [goal({ clock: { minute: 46 } }), 'INVALID', 'goal.clock.minute'],
      [goal({ clock: { minute: 45, stoppage: 31 } }), 'INVALID', 'goal.clock.stoppage'],
      [goal({ clock: { minute: 45, stoppage: -1 } }), 'INVALID', 'goal.clock.stoppage'],
      [goal({ player: { name: '' } }), 'INVALID', 'goal.player.name'],
      [goal({ player: { name: 'A', userId: teamId() } }), 'NOT_FOUND', 'goal.player.userId'],
      [{ ...goal({}), clientEventId: 'x'.repeat(101) }, 'INVALID', 'clientEventId'],
      [{ card: { side: 'HOME', card: 'RED', clock: { minute: 99 } } }, 'INVALID', 'card.clock.minute'],
      [{ period: { shootout: true } }, 'CONFLICT', 'period.shootout'],
    ] as [What, string, string | null][])
      await refused(record(match, what), code, field);
    assert.equal((await recorded(match)).length, 3, 'nothing of it is on record');
  });

  it('follows the periods to extra time and the shoot-out', async () => {
    const match = await played('FOOTBALL');
    await record(match, { goal: { side: 'HOME' } });
    await record(match, { period: {} });
    await refused(record(match, { period: { shootout: true } }), 'CONFLICT', 'period.shootout');
    await record(match, { goal: { side: 'AWAY', kind: 'OWN_GOAL', clock: { minute: 90, stoppage: 5 } } });
    for (const period of [3, 4])
      assert.deepEqual((await record(match, { period: {} })).event.detail, { kind: 'PERIOD', period });
    await record(match, { card: { side: 'HOME', card: 'YELLOW', clock: { minute: 120 } } });
    await refused(record(match, { period: {} }), 'CONFLICT', 'period');
    assert.deepEqual((await record(match, { period: { shootout: true } })).event.detail, {
      kind: 'PERIOD',
      period: null,
    });
    await refused(record(match, { goal: { side: 'HOME', kind: 'OWN_GOAL' } }), 'INVALID', 'goal.kind');
    const { event } = await record(match, { goal: { side: 'AWAY', kind: 'PENALTY' } });
    assert.equal(event.detail.kind === 'GOAL' && event.detail.period, null);
    assert.deepEqual([event.score.home, event.score.away, event.score.shootout], [1, 1, { home: 0, away: 1 }]);
    await refused(record(match, { period: {} }), 'CONFLICT', 'period');
  });

  it('keeps to what the sport has', async () => {
    const volleyball = await played('VOLLEYBALL');
    await refused(record(volleyball, { goal: { side: 'HOME', clock: { minute: 1 } } }), 'INVALID', 'goal.clock');
    await refused(record(volleyball, { goal: { side: 'HOME', kind: 'OWN_GOAL' } }), 'INVALID', 'goal.kind');
    await refused(record(volleyball, { card: { side: 'HOME', card: 'SECOND_YELLOW' } }), 'INVALID', 'card.card');
    await refused(record(volleyball, { period: { shootout: true } }), 'INVALID', 'period.shootout');
    await refused(record(volleyball, { period: {} }), 'CONFLICT', 'period');
    const basketball = await played('BASKETBALL');
    assert.deepEqual((await record(basketball, { goal: { side: 'AWAY', points: 3 } })).event.score.away, 3);
    assert.deepEqual((await record(basketball, { goal: { side: 'AWAY' } })).event.score.away, 4);
    await refused(record(basketball, { goal: { side: 'HOME', points: 4 } }), 'INVALID', 'goal.points');
  });

  it('plays sets to their end, and the match to its own', async () => {
    const match = await played('BEACH_VOLLEYBALL');
    for (const set of [1, 2]) {
      if (set > 1) await record(match, { period: {} });
      for (let point = 0; point < 21; point++) await record(match, { goal: { side: 'HOME' } });
      await refused(record(match, { goal: { side: 'AWAY' } }), 'CONFLICT', 'goal');
    }
    await refused(record(match, { period: {} }), 'CONFLICT', 'period');
    const { score } = await m.moves.finish(m.referee, { matchId: matchId(match) });
    assert.deepEqual(score, {
      home: 2,
      away: 0,
      periods: [
        { home: 21, away: 0 },
        { home: 21, away: 0 },
      ],
      shootout: null,
    });
  });
});

describe('the input `event`', () => {
  it('is the same as the deprecated fields beside it, and its complaints have its place', async () => {
    const match = await played('FOOTBALL');
    const goal = { goal: { side: 'HOME' as const, clock: { minute: 3 } } };
    const clientEventId = randomUUID();
    const { event } = await record(match, { clientEventId, event: goal });
    assert.equal((await record(match, { clientEventId, ...goal })).event.id, event.id, 'whichever way it is repeated');
    assert.deepEqual((await record(match, { event: { card: { side: 'AWAY', card: 'RED' } } })).event.detail, {
      kind: 'CARD',
      side: 'AWAY',
      card: 'RED',
      player: null,
      clock: null,
    });
    const nobody = toGlobalId('User', randomUUID());
    m.elsewhere.missing.add(nobody);
    for (const [what, code, field] of [
      [{ event: {} }, 'INVALID', 'event'],
      [{ event: { goal: null } }, 'INVALID', 'event'],
      [{ event: { ...goal, period: {} } }, 'INVALID', 'event'],
      [{ event: goal, ...goal }, 'INVALID', null],
      [{ event: null }, 'INVALID', null],
      [{ event: { goal: { side: 'HOME', points: 2 } } }, 'INVALID', 'event.goal.points'],
      [{ event: { goal: { side: 'HOME', player: { name: '' } } } }, 'INVALID', 'event.goal.player.name'],
      [
        { event: { goal: { side: 'HOME', player: { name: 'A', userId: 'x' } } } },
        'NOT_FOUND',
        'event.goal.player.userId',
      ],
      [
        { event: { goal: { side: 'HOME', player: { name: 'A', userId: nobody } } } },
        'NOT_FOUND',
        'event.goal.player.userId',
      ],
      [{ event: { period: { shootout: true } } }, 'CONFLICT', 'event.period.shootout'],
    ] as [object, string, string | null][])
      await refused(record(match, what), code, field);
    assert.equal((await recorded(match)).length, 5, 'nothing of it is on record');
  });
});

describe('a player', () => {
  it('has an account, if the event names one', async () => {
    const match = await played('FOOTBALL');
    const [somebody, nobody] = [toGlobalId('User', randomUUID()), toGlobalId('User', randomUUID())];
    m.elsewhere.missing.add(nobody);
    await refused(
      record(match, { goal: { side: 'HOME', player: { name: 'A', userId: nobody } } }),
      'NOT_FOUND',
      'goal.player.userId',
    );
    await refused(
      record(match, { card: { side: 'HOME', card: 'RED', player: { name: 'A', userId: nobody } } }),
      'NOT_FOUND',
      'card.player.userId',
    );
    const goal = {
      clientEventId: randomUUID(),
      goal: { side: 'HOME' as const, player: { name: 'A', userId: somebody } },
    };
    const { event } = await record(match, goal);
    const input = {
      matchId: matchId(match),
      clientEventId: randomUUID(),
      goal: { side: 'HOME', player: { name: 'A', userId: nobody } },
    };
    await refused(m.events.record(person(), input), 'FORBIDDEN', 'matchId');
    m.elsewhere.away = true;
    try {
      await refused(m.events.record(person(), input), 'FORBIDDEN', 'matchId');
      await assert.rejects(m.events.record(m.referee, input), { code: 'UNAVAILABLE' });
      assert.equal((await record(match, goal)).event.id, event.id, 'a repeated request needs no answer');
      await record(match, { goal: { side: 'AWAY', player: { name: 'without an account' } } });
    } finally {
      m.elsewhere.away = false;
    }
    assert.equal((await recorded(match)).length, 5);
  });
});

describe('a client id', () => {
  it('gives the same event however often it comes, also when the match has moved on, and burns no seq', async () => {
    const match = await played('FOOTBALL');
    const goal = { clientEventId: randomUUID(), goal: { side: 'HOME' as const, clock: { minute: 3 } } };
    const second = { clientEventId: randomUUID(), period: {} };
    const first = await record(match, goal);
    const period = await record(match, second);
    await m.moves.finish(m.referee, { matchId: matchId(match) });
    const [again, periodAgain] = [await record(match, goal), await record(match, second)];
    assert.deepEqual([again.event, periodAgain.event], [first.event, period.event]);
    assert.equal(again.match.lastSeq, 6);
    await refused(
      record(match, { ...goal, goal: { side: 'AWAY', clock: { minute: 3 } } }),
      'CONFLICT',
      'clientEventId',
    );
    await refused(record(match, { clientEventId: goal.clientEventId, period: {} }), 'CONFLICT', 'clientEventId');
    await refused(takeBack(match, 4, { clientEventId: goal.clientEventId }), 'CONFLICT', 'clientEventId');
    assert.equal((await recorded(match)).length, 6);
  });

  it('twice at once is one event', async () => {
    const match = await played('FOOTBALL');
    const goal = { clientEventId: randomUUID(), goal: { side: 'HOME' as const } };
    const both = await Promise.all([record(match, goal), record(match, goal)]);
    assert.equal(both[0].event.id, both[1].event.id);
    assert.equal((await recorded(match)).length, 4);
    // Client ids of events are unique only within a match.
    assert.notEqual((await record(await played('FOOTBALL'), goal)).event.id, both[0].event.id);
  });

  it('twenty events at once have twenty seqs without holes, each with the score of its place', async () => {
    const match = await played('HOCKEY');
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => record(match, { goal: { side: index % 2 ? 'HOME' : 'AWAY' } })),
    );
    const events = await recorded(match);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      Array.from({ length: 23 }, (_, index) => index + 1),
    );
    assert.deepEqual(
      events.slice(3).map(({ score }) => score.home + score.away),
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    assert.deepEqual(
      events.map(({ recordedAt }) => recordedAt),
      events.map(({ recordedAt }) => recordedAt).toSorted((a, b) => a.getTime() - b.getTime()),
    );
    assert.deepEqual(
      (await m.told()).filter(({ key }) => key === match.id).map(({ seq }) => seq),
      events.map(({ seq }) => seq),
    );
  });
});

describe('taking an event back', () => {
  it('counts the score anew and leaves the record as it was', async () => {
    const match = await played('FOOTBALL');
    await record(match, { goal: { side: 'HOME' } });
    await record(match, { period: {} });
    await record(match, { goal: { side: 'AWAY' } });
    const before = await recorded(match);
    const { event, match: now } = await takeBack(match, 4, { reason: ' offside ' });
    assert.deepEqual(event.detail, {
      kind: 'VOID',
      voids: 4,
      reason: 'offside',
      of: (await recorded(match))[3]?.detail,
    });
    assert.deepEqual(now.score, {
      home: 0,
      away: 1,
      periods: [
        { home: 0, away: 0 },
        { home: 0, away: 1 },
      ],
      shootout: null,
    });
    assert.deepEqual((await recorded(match)).slice(0, -1), before);
    assert.deepEqual(
      [...(await m.events.voided([4, 5, 6].map((seq) => `${match.id}:${seq}`))).keys()],
      [`${match.id}:4`],
    );
  });

  it('is for goals and cards, once, also after the end', async () => {
    const match = await played('FOOTBALL');
    await record(match, { goal: { side: 'HOME' } });
    await record(match, { card: { side: 'HOME', card: 'RED' } });
    await refused(takeBack(match, 1), 'INVALID', 'seq');
    await refused(takeBack(match, 3), 'INVALID', 'seq');
    for (const seq of [0, -1, 99]) await refused(takeBack(match, seq), 'NOT_FOUND', 'seq');
    const request = { clientEventId: randomUUID() };
    const first = await takeBack(match, 5, request);
    assert.deepEqual((await takeBack(match, 5, request)).event, first.event);
    await refused(takeBack(match, 4, request), 'CONFLICT', 'clientEventId');
    await refused(takeBack(match, 5), 'CONFLICT', 'seq');
    await refused(takeBack(match, first.event.seq), 'INVALID', 'seq');
    await m.moves.finish(m.referee, { matchId: matchId(match) });
    const both = await Promise.allSettled([takeBack(match, 4), takeBack(match, 4)]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.deepEqual((await m.matches.byIds([match.id])).get(match.id)?.score, {
      home: 0,
      away: 0,
      periods: [{ home: 0, away: 0 }],
      shootout: null,
    });
  });

  it('reopens a set that the point had won', async () => {
    const match = await played('BEACH_VOLLEYBALL');
    for (let point = 0; point < 21; point++) await record(match, { goal: { side: 'AWAY' } });
    assert.equal((await recorded(match)).at(-1)?.score.away, 1);
    assert.equal((await takeBack(match, 24)).event.score.away, 0);
    assert.equal((await record(match, { goal: { side: 'HOME' } })).event.score.away, 0);
    assert.equal((await record(match, { goal: { side: 'AWAY' } })).event.score.away, 1);
  });

  it('whatever is recorded and taken back, the score is that of what still counts, at every seq', async () => {
    const step = fc.oneof(
      fc.record({ side: fc.constantFrom('HOME' as const, 'AWAY' as const) }),
      fc.record({ voids: fc.integer({ min: 4, max: 20 }) }),
      fc.constant({ period: {} }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<Sport>('FOOTBALL', 'BASKETBALL', 'HOCKEY'),
        fc.array(step, { minLength: 3, maxLength: 14 }),
        async (sport, steps) => {
          const match = await played(sport);
          for (const action of steps) {
            const work =
              'side' in action
                ? record(match, { goal: action })
                : 'voids' in action
                  ? takeBack(match, action.voids)
                  : record(match, { period: {} });
            // A refused mutation (no event to void, no period left) must change nothing. The assertions below check
            // that.
            await work.catch((error: Error) => assert.equal(error.name, 'UserErrors'));
          }
          const events = await recorded(match);
          events.forEach((event, index) => {
            assert.equal(event.seq, index + 1);
            assert.deepEqual(event.score, scoreOf(SPORTS[sport], events.slice(0, index + 1)));
          });
          const now = (await m.matches.byIds([match.id])).get(match.id);
          const goals = events.filter(
            ({ detail, seq }) =>
              detail.kind === 'GOAL' &&
              !events.some((other) => other.detail.kind === 'VOID' && other.detail.voids === seq),
          );
          const points = (side: string): number =>
            goals.reduce(
              (sum, { detail }) => sum + (detail.kind === 'GOAL' && detail.side === side ? detail.points : 0),
              0,
            );
          assert.deepEqual(now?.score, events.at(-1)?.score);
          assert.deepEqual(
            [events.at(-1)?.score.home, events.at(-1)?.score.away, now?.lastSeq],
            [points('HOME'), points('AWAY'), events.length],
          );
        },
      ),
      { numRuns: 12 },
    );
  });
});

describe('the events of a match', () => {
  it('come in stretches of bounded length', async () => {
    const match = await played('FOOTBALL');
    const seqs = async (afterSeq: number, first?: number) =>
      ((await m.events.after([match.id], afterSeq, first)).get(match.id) ?? []).map(({ seq }) => seq);
    assert.deepEqual(
      [await seqs(0), await seqs(1, 1), await seqs(3), await seqs(2 ** 31 - 1)],
      [[1, 2, 3], [2], [], []],
    );
    await assert.rejects(m.events.after([match.id], -1, 1), coded('BAD_USER_INPUT'));
    await assert.rejects(m.events.after([match.id], 0, 101), coded('BAD_USER_INPUT'));
  });

  it('stream: what was, then what comes, the same from the table and from the log', async () => {
    const match = await played('FOOTBALL');
    const stream = await m.events.stream(matchId(match), 1);
    const take = async () => (await stream.next()).value;
    const replayed = [await take(), await take()];
    const live = take();
    await m.live.settled();
    const { event } = await record(match, { goal: { side: 'HOME', player: { name: 'A' }, clock: { minute: 1 } } });
    const before = m.statements.length;
    await m.relay();
    assert.deepEqual(await live, event);
    assert.ok(
      m.statements.slice(before).every((sql) => !sql.includes('match_events')),
      'the log carried it',
    );
    assert.deepEqual([...replayed, await live], (await recorded(match)).slice(1));
    await stream.return?.();
    await assert.rejects(m.events.stream(toGlobalId('Match', randomUUID()), 0), coded('NOT_FOUND'));
    await assert.rejects(m.events.stream('x', 0), coded('NOT_FOUND'));
    await assert.rejects(m.events.stream(matchId(match), -1), coded('BAD_USER_INPUT'));
  });

  it('of a version that only a newer program knows are left out nowhere: a stream ends there with UNAVAILABLE, everything else fails with it', async () => {
    const match = await played('FOOTBALL');
    const { event } = await record(match, { goal: { side: 'HOME' } });
    const setVersion = (version: number) => m.prisma.matchEvent.update({ where: { id: event.id }, data: { version } });
    await setVersion(3);
    const stream = await m.events.stream(matchId(match), event.seq - 2);
    assert.equal(((await stream.next()).value as { seq: number }).seq, event.seq - 1);
    await assert.rejects(stream.next(), coded('UNAVAILABLE'));
    const reads = [
      () => m.events.after([match.id], 0, 100),
      () => m.events.byIds([event.id]),
      () => m.events.bySeqs([`${match.id}:${event.seq}`]),
      () => takeBack(match, event.seq),
    ];
    for (const read of reads)
      await assert.rejects(read, (error) => error instanceof NewerVersion && error.code === 'UNAVAILABLE');
    await setVersion(2);
    assert.equal((await m.events.after([match.id], event.seq - 1, 1)).get(match.id)?.[0]?.seq, event.seq);
  });
});
