import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { delivered, person } from '../../platform/testing/service.testing.ts';
import { Matches, MatchEventRecorded, type MatchEventDetail, UNRECORDED } from '../../schema/messages/matches.ts';
import { TournamentsConsumers } from './consumers.ts';
import type { Tournament } from './generated/prisma/client.ts';
import { progress } from './progress.ts';
import { lock } from './record.ts';
import { RulingsService } from './rulings.service.ts';
import { drawPlans } from './stages.service.ts';
import { entryIdOf, openTournaments, tournamentIdOf } from './tournaments.fixture.ts';

let t: Awaited<ReturnType<typeof openTournaments>>;
beforeAll(async () => {
  t = await openTournaments();
  new TournamentsConsumers(t.consumers, t.prisma, t.results, t.disbanded);
  await t.consumers.onApplicationBootstrap();
});
afterAll(() => t.close());

const olga = person();

/** A running league of some teams, with its matches in the order of the plan. */
async function league(teams: number): Promise<{ tournament: Tournament; matchIds: string[] }> {
  const made = await t.made(olga, { maxTeams: teams });
  const input = { tournamentId: tournamentIdOf(made) };
  await t.stages.set(olga, { ...input, stages: [{ name: 'League', format: { roundRobin: {} } }] });
  await t.put(made, 'RUNNING');
  const tournament = await t.outbox.transaction(t.prisma, async (tx, emit) => {
    const ids = Array.from({ length: teams }, () => randomUUID());
    const entered = { tournamentId: made.id, state: 'CHECKED_IN' as const, enteredBy: olga.userId };
    await tx.entry.createMany({
      data: ids.map((id, index) => ({
        ...entered,
        id,
        teamId: randomUUID(),
        number: index + 1,
        seed: index + 1,
        enteredAt: new Date(),
      })),
    });
    const locked = (await lock(tx, made.id))!;
    await drawPlans(tx, locked, ids);
    return progress(tx, emit, locked);
  });
  const slots = await t.prisma.slot.findMany({
    where: { stage: { tournamentId: tournament.id } },
    orderBy: [{ round: 'asc' }, { position: 'asc' }],
  });
  return { tournament, matchIds: slots.map(({ matchId }) => matchId!) };
}

const [homeTeamId, awayTeamId] = [randomUUID(), randomUUID()];
type State = 'LIVE' | 'FINISHED' | 'CONFIRMED';
const toState = (state: State): MatchEventDetail => ({ kind: 'STATE', state, reason: null });
const goal = (player: string | null, assist: string | null = null) =>
  ({ kind: 'GOAL', side: 'HOME', goal: 'GOAL', points: 1, period: 1, player, assist, clock: null }) as const;
const card = { kind: 'CARD', side: 'AWAY', card: 'YELLOW', player: null, clock: null } as const;

/** An event of a match as the log delivers it. The match is FINISHED after a correction of its result too. */
function event(
  { id }: Pick<Tournament, 'id'>,
  matchId: string,
  seq: number,
  detail: MatchEventDetail,
  home = 0,
): LoggedEvent {
  const state = detail.kind === 'STATE' ? detail.state : detail.kind === 'RESULT' ? 'FINISHED' : 'LIVE';
  return {
    ...delivered({
      topic: Matches.name,
      key: matchId,
      seq,
      type: MatchEventRecorded.type,
      payload: {
        matchId,
        eventId: randomUUID(),
        recordedAt: '2030-06-01T08:00:00.000Z',
        match: {
          ...{ sport: 'FOOTBALL', homeTeamId, awayTeamId, tournamentId: id, kickoffAt: '2030-06-01T08:00:00.000Z' },
          ...{ state, counts: state === 'CONFIRMED', how: 'PLAYED', winner: home > 0 ? 'HOME' : null },
        },
        detail,
        score: { home, away: 0, periods: [], shootout: null },
      },
    }),
    version: MatchEventRecorded.version,
  };
}

const [ann, bob] = [randomUUID(), randomUUID()];
/** Lives of matches: what the deeds count is added, taken back, and deleted. */
const STORIES: readonly (readonly MatchEventDetail[])[] = [
  [toState('LIVE'), goal(ann), goal(ann, bob), card, toState('FINISHED'), toState('CONFIRMED')],
  [goal(ann), { kind: 'VOID', voids: 1, reason: null, of: goal(ann) }, card, toState('FINISHED')],
  [goal(bob), card, goal(ann), { kind: 'REPLAY', reason: null }, goal(bob, ann), toState('FINISHED')],
  [toState('LIVE'), goal(null), goal(bob), { kind: 'VOID', voids: 3, reason: null, of: goal(bob) }],
];

/** All results of a league in the order of its matches, and the counts of its players. */
async function stored({ tournament, matchIds }: Awaited<ReturnType<typeof league>>): Promise<unknown> {
  const index = (matchId: string): number => matchIds.indexOf(matchId);
  const results = await t.prisma.result.findMany({ where: { matchId: { in: matchIds } } });
  const deeds = await t.prisma.deed.findMany({ where: { tournamentId: tournament.id } });
  return {
    results: results
      .toSorted((a, b) => index(a.matchId) - index(b.matchId))
      .map(({ state, score, winner, how, counts, seq }) => ({ state, score, winner, how, counts, seq })),
    deeds: deeds
      .map(({ matchId, ...deed }) => JSON.stringify({ ...deed, match: index(matchId), tournamentId: null }))
      .toSorted(),
  };
}

describe('results', () => {
  it('are the same whether events come one by one or together', async () => {
    const [one, many] = [await league(4), await league(4)];
    const events = ({ tournament, matchIds }: typeof one): LoggedEvent[] => {
      const lives = matchIds.map((id, match) =>
        STORIES[match % STORIES.length]!.map((detail, index) => event(tournament, id, index + 1, detail, index)),
      );
      // The matches take turns.
      return [0, 1, 2, 3, 4, 5].flatMap((turn) => lives.flatMap((life) => life.slice(turn, turn + 1)));
    };
    for (const each of events(one)) await t.deliver(each);
    const all = events(many);
    await t.deliverAll(all.slice(0, 7));
    await t.deliverAll(all.slice(3, 12));
    await t.deliverAll(all.slice(12));
    await t.deliverAll(all);
    const expected = await stored(one);
    assert.deepEqual(await stored(many), expected);
    assert.ok(JSON.stringify(expected).includes(UNRECORDED) && JSON.stringify(expected).includes(ann));
  });

  it('of many events take a few statements, also in two tournaments', async () => {
    const [one, other] = [await league(6), await league(6)];
    const events = [one, other].flatMap(({ tournament, matchIds }) =>
      matchIds.flatMap((id) => STORIES[0]!.map((detail, index) => event(tournament, id, index + 1, detail, 1))),
    );
    const before = t.statements.length;
    await t.deliverAll(events);
    assert.equal(events.length, 180);
    assert.ok(t.statements.length - before <= 12, t.statements.slice(before).join('\n'));
    await t.follow();
    for (const { tournament } of [one, other]) assert.equal(await playedIn(tournament), 30);
  });

  it('of another tournament than the event says, of annulled matches and archived tournaments are ignored', async () => {
    const [one, other] = [await league(4), await league(4)];
    const [named, annulled, good] = one.matchIds;
    await t.prisma.result.update({ where: { matchId: annulled! }, data: { annulled: true } });
    await t.put(other.tournament, 'ARCHIVED');
    const finished = toState('FINISHED');
    await t.deliverAll([
      event(other.tournament, named!, 1, finished, 1),
      event(one.tournament, annulled!, 1, finished, 1),
      event(other.tournament, other.matchIds[0]!, 1, finished, 1),
      event(one.tournament, randomUUID(), 1, finished, 1),
      event(one.tournament, good!, 1, finished, 1),
    ]);
    const kept = await t.prisma.result.findMany({
      where: { seq: 1, matchId: { in: [...one.matchIds, ...other.matchIds] } },
    });
    assert.deepEqual(
      kept.map(({ matchId }) => matchId),
      [good],
    );
  });

  it('wait for a running change of the tournament, and follow it', async () => {
    const { tournament, matchIds } = await league(4);
    const events = matchIds.map((id) => event(tournament, id, 1, toState('FINISHED'), 1));
    const begun = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const change = t.prisma.$transaction(async (tx) => {
      await lock(tx, tournament.id);
      begun.resolve();
      await held.promise;
      await tx.tournament.update({ where: { id: tournament.id }, data: { state: 'ARCHIVED' } });
    });
    await begun.promise;
    let isDone = false;
    const delivery = t.deliverAll(events).finally(() => (isDone = true));
    const waiting = async (): Promise<boolean> => {
      const [row] = await t.prisma.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%tournaments.results%'`;
      return row!.count > 0;
    };
    while (!isDone && !(await waiting()));
    held.resolve();
    await Promise.all([change, delivery]);
    assert.equal(await t.prisma.result.count({ where: { matchId: { in: matchIds }, seq: { gt: 0 } } }), 0);
  });

  it('reach the table completely while all partitions deliver, timers fire, and organizers change rulings', async () => {
    const { tournament, matchIds } = await league(10);
    const [entry] = await t.prisma.entry.findMany({ where: { tournamentId: tournament.id } });
    const rulings = new RulingsService(t.prisma, t.outbox);
    const lanes = Map.groupBy(matchIds.keys(), (index) => index % 8);
    const lane = async (indexes: readonly number[]): Promise<void> => {
      const events = indexes.flatMap((match) =>
        STORIES[0]!.map((detail, index) => event(tournament, matchIds[match]!, index + 1, detail, 1)),
      );
      for (let at = 0; at < events.length; at += 8) await t.deliverAll(events.slice(at, at + 8));
    };
    let isDone = false;
    const fire = async (): Promise<void> => {
      while (!isDone) await t.follow();
    };
    const deduct = async (): Promise<void> => {
      for (let n = 0; n < 5; n++)
        await rulings.deductPoints(olga, {
          ...{ tournamentId: tournamentIdOf(tournament), entryId: entryIdOf(entry!), points: -1, reason: 'Late' },
          clientId: `deduction ${n}`,
        });
    };
    const firing = fire();
    await Promise.all([...[...lanes.values()].map(lane), deduct()]).finally(() => (isDone = true));
    await firing;
    await t.follow();
    assert.equal(await playedIn(tournament), 90);
    const rows = await t.prisma.standing.findMany({ where: { group: { stage: { tournamentId: tournament.id } } } });
    assert.equal(
      rows.reduce((sum, { points }) => sum + points, 0),
      3 * 45 - 5,
    );
    assert.equal(rows.find(({ entryId }) => entryId === entry!.id)?.deductions, -5);
    assert.ok(rows.every(({ provisional }) => !provisional));
  }, 60_000);
});

/** How many matches the table of the league has, each counted for both of its teams. */
async function playedIn({ id }: Pick<Tournament, 'id'>): Promise<number> {
  const rows = await t.prisma.standing.findMany({ where: { group: { stage: { tournamentId: id } } } });
  return rows.reduce((sum, { played }) => sum + played, 0);
}
