import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { delivered, person } from '../../platform/testing/service.testing.ts';
import { type MatchEventDetail, Matches, MatchEventRecorded, type MatchFacts } from '../../schema/messages/matches.ts';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { TournamentsConsumers } from './consumers.ts';
import type { Tournament } from './generated/prisma/client.ts';
import { progress } from './progress.ts';
import { standings } from './rebuild.ts';
import { lock } from './record.ts';
import { RulingsService } from './rulings.service.ts';
import { drawPlans, StagesService } from './stages.service.ts';
import { openTournaments, tournamentIdOf } from './tournaments.fixture.ts';

const olga = person();
const league = { name: 'League', format: { roundRobin: {} } };
const cup = { name: 'Cup', format: { singleElimination: {} }, entrants: [{ top: { stage: 1, places: 4 } }] };

let t: Awaited<ReturnType<typeof openTournaments>>;
let rulings: RulingsService;
/** The events of the matches topic, as a rebuild reads them. */
const log: LoggedEvent[] = [];
beforeAll(async () => {
  t = await openTournaments();
  rulings = new RulingsService(t.prisma, t.outbox);
  new TournamentsConsumers(t.consumers, t.prisma, t.results, t.disbanded);
  await t.consumers.onApplicationBootstrap();
});
afterAll(() => t.close());

async function drawn(): Promise<Tournament> {
  const size = 4;
  const tournament = await t.made(olga, { maxTeams: size });
  await new StagesService(t.prisma, t.outbox).set(olga, {
    tournamentId: tournamentIdOf(tournament),
    stages: [league, cup],
  });
  await t.put(tournament, 'RUNNING');
  return t.outbox.transaction(t.prisma, async (tx, emit) => {
    const locked = (await lock(tx, tournament.id))!;
    const ids = Array.from({ length: size }, () => randomUUID());
    await tx.entry.createMany({
      data: ids.map((id, index) => ({
        id,
        tournamentId: tournament.id,
        teamId: randomUUID(),
        state: 'CHECKED_IN' as const,
        number: index + 1,
        seed: index + 1,
        enteredBy: randomUUID(),
        enteredAt: new Date(),
      })),
    });
    await drawPlans(tx, locked, ids);
    return progress(tx, emit, locked);
  });
}

const entriesOf = ({ id }: Tournament) =>
  t.prisma.entry.findMany({ where: { tournamentId: id }, orderBy: { seed: 'asc' } });
const matchesOf = async ({ id }: Tournament, stage: number): Promise<string[]> =>
  (
    await t.prisma.slot.findMany({
      where: { stage: { tournamentId: id, number: stage }, matchId: { not: null } },
      orderBy: { key: 'asc' },
    })
  ).map(({ matchId }) => matchId!);

/** Adds an event of the match to `log`, and does not deliver it. */
async function told(
  tournament: Tournament,
  matchId: string,
  detail: MatchEventDetail,
  state: MatchFacts['state'],
  score = { home: 0, away: 0 },
): Promise<LoggedEvent> {
  const { homeEntryId, awayEntryId } = await t.prisma.result.findUniqueOrThrow({ where: { matchId } });
  const teams = new Map((await entriesOf(tournament)).map(({ id, teamId }) => [id, teamId]));
  const event = delivered({
    topic: Matches.name,
    key: matchId,
    seq: 1 + log.filter(({ key }) => key === matchId).length,
    type: MatchEventRecorded.type,
    payload: {
      matchId,
      eventId: randomUUID(),
      recordedAt: '2030-06-01T08:00:00.000Z',
      match: {
        sport: 'FOOTBALL',
        homeTeamId: teams.get(homeEntryId),
        awayTeamId: teams.get(awayEntryId),
        tournamentId: tournament.id,
        kickoffAt: '2030-06-01T08:00:00.000Z',
        state,
        counts: state === 'CONFIRMED',
        how: 'PLAYED',
        winner: score.home === score.away ? null : score.home > score.away ? 'HOME' : 'AWAY',
      },
      detail,
      score: { ...score, periods: [], shootout: null },
    },
  });
  const versioned = { ...event, version: MatchEventRecorded.version };
  log.push(versioned);
  return versioned;
}
async function happens(...what: Parameters<typeof told>): Promise<void> {
  await t.deliver(await told(...what));
  await t.follow();
}

const striker = randomUUID();
const helper = randomUUID();
const goal = {
  kind: 'GOAL',
  side: 'HOME',
  goal: 'GOAL',
  points: 1,
  period: 1,
  player: striker,
  assist: helper,
  clock: null,
} as const satisfies MatchEventDetail;
const as = (state: MatchFacts['state']): MatchEventDetail => ({ kind: 'STATE', state, reason: null });

/** Plays a match with two goals and a card. The second goal is voided. */
async function play(tournament: Tournament, matchId: string, score: { home: number; away: number }): Promise<void> {
  await happens(tournament, matchId, as('LIVE'), 'LIVE');
  await happens(tournament, matchId, goal, 'LIVE', { home: 1, away: 0 });
  await happens(tournament, matchId, goal, 'LIVE', { home: 2, away: 0 });
  const card = { kind: 'CARD', side: 'AWAY', card: 'RED', player: helper, clock: null } as const;
  await happens(tournament, matchId, card, 'LIVE', { home: 2, away: 0 });
  await happens(tournament, matchId, { kind: 'VOID', voids: 3, reason: null, of: goal }, 'LIVE', { home: 1, away: 0 });
  await happens(tournament, matchId, as('FINISHED'), 'FINISHED', score);
  await happens(tournament, matchId, as('CONFIRMED'), 'CONFIRMED', score);
}

/** All rows that a rebuild writes. */
async function rows() {
  const [results, deeds, tables, slots] = await Promise.all([
    t.prisma.result.findMany({ orderBy: { matchId: 'asc' } }),
    t.prisma.deed.findMany({ orderBy: [{ matchId: 'asc' }, { playerId: 'asc' }, { teamId: 'asc' }] }),
    t.prisma.standing.findMany({ orderBy: [{ groupId: 'asc' }, { place: 'asc' }] }),
    t.prisma.slot.findMany({ orderBy: { id: 'asc' } }),
  ]);
  return { results, deeds, tables, slots };
}

async function spoil(): Promise<void> {
  await t.prisma.deed.deleteMany({ where: { playerId: striker } });
  await t.prisma.deed.updateMany({ data: { red: 7, yellow: 5 } });
  await t.prisma.standing.deleteMany();
  const wrong = { score: { home: 9, away: 9, periods: [], shootout: null }, winner: 'NONE', how: 'AWARDED' } as const;
  await t.prisma.result.updateMany({ data: { ...wrong, counts: true } });
  await t.prisma.result.updateMany({ where: { annulled: false }, data: { state: 'CONFIRMED', seq: 0 } });
  await t.prisma.slot.updateMany({
    data: { state: 'EMPTY', homeEntryId: null, awayEntryId: null, winner: null, matchId: null },
  });
}

/** Runs a rebuild as the command does. `during` runs after it has read the log, before it writes. */
async function rebuild(during: () => Promise<void> = async () => undefined) {
  const run = await standings.open(t.url, new AbortController().signal);
  const read = async (): Promise<void> => {
    for (const event of log) await run.handle(event);
  };
  try {
    await read();
    await during();
    return await run.finish(read);
  } finally {
    await run.close();
  }
}

const score = fc.record({ home: fc.nat(2), away: fc.nat(2) });
const season = fc.record({
  scores: fc.array(score, { minLength: 6, maxLength: 6 }),
  cup: fc.array(score, { minLength: 3, maxLength: 3 }),
  deducted: fc.option(fc.nat(3)),
  lots: fc.boolean(),
  leaves: fc.option(fc.record({ seed: fc.nat(3), after: fc.nat(7) })),
  corrected: fc.array(fc.record({ stage: fc.constantFrom(1, 2), which: fc.nat(5), score }), { maxLength: 3 }),
});

const oneNil = { home: 1, away: 0 };
const ordered = {
  scores: Array.from({ length: 6 }, () => oneNil),
  cup: Array.from({ length: 3 }, () => oneNil),
  deducted: 0,
  lots: true,
};
/** A corrected result brings another team into the final, so the final that was played is annulled. */
const corrected = {
  ...ordered,
  leaves: null,
  corrected: [{ stage: 2 as const, which: 0, score: { home: 0, away: 1 } }],
};
const withdrawn = { ...ordered, leaves: { seed: 1, after: 3 }, corrected: [] };

describe('a rebuild of standings', () => {
  it('equals the live rows after any season, and emits nothing', async () => {
    let annulled = 0;
    await fc.assert(
      fc.asyncProperty(season, async ({ scores, cup: later, deducted, lots, leaves, corrected }) => {
        const tournament = await drawn();
        const entries = await entriesOf(tournament);
        const tournamentId = tournamentIdOf(tournament);
        let played = 0;
        const next = async (matchId: string, result: { home: number; away: number }): Promise<void> => {
          if (leaves?.after === played++) {
            await t.outbox.transaction(t.prisma, async (tx, emit) => {
              const locked = (await lock(tx, tournament.id))!;
              await tx.entry.update({ where: { id: entries[leaves.seed]!.id }, data: { state: 'WITHDRAWN' } });
              await progress(tx, emit, locked);
            });
          }
          await play(tournament, matchId, result);
        };
        for (const [index, matchId] of (await matchesOf(tournament, 1)).entries()) await next(matchId, scores[index]!);
        if (deducted !== null) {
          const entryId = toGlobalId('Entry', entries[deducted]!.id);
          const decision = { clientId: randomUUID(), points: -4, reason: 'An ineligible player.' };
          await rulings.deductPoints(olga, { tournamentId, entryId, ...decision });
        }
        if (lots) await rulings.drawLots(olga, { tournamentId });
        const done = new Set<string>();
        for (const result of later) {
          const matchId = (await matchesOf(tournament, 2)).find((id) => !done.has(id));
          if (matchId === undefined) break;
          done.add(matchId);
          await next(matchId, result.home === result.away ? { home: 3, away: 0 } : result);
        }
        for (const { stage, which, score: right } of corrected) {
          const matchId = (await matchesOf(tournament, stage))[which];
          if (matchId !== undefined) await happens(tournament, matchId, as('CONFIRMED'), 'CONFIRMED', right);
        }
        const before = await rows();
        annulled += before.results.filter((row) => row.annulled).length;
        const events = (await t.told()).events.length;
        await spoil();
        expect(await rows()).not.toEqual(before);
        expect((await rebuild())['late']).toBe(0);
        expect(await rows()).toEqual(before);
        expect((await t.told()).events).toHaveLength(events);
      }),
      { numRuns: 5, examples: [[corrected], [withdrawn]] },
    );
    expect(annulled).toBeGreaterThan(0);
  }, 120_000);

  it('has what was handled while it ran, also on top of spoilt rows', async () => {
    const [one, other] = [await drawn(), await drawn()];
    const [first, second] = await matchesOf(one, 1);
    await play(one, first!, { home: 1, away: 0 });
    const [elsewhere] = await matchesOf(other, 1);
    await play(other, elsewhere!, { home: 0, away: 1 });
    let before: Awaited<ReturnType<typeof rows>> | undefined;
    const { late } = await rebuild(async () => {
      await happens(one, first!, goal, 'CONFIRMED', { home: 2, away: 0 });
      await play(one, second!, { home: 0, away: 3 });
      before = await rows();
      await spoil();
    });
    expect(late).toBe(1);
    expect(await rows()).toEqual(before);
  });

  it('leaves tables to the timer that is due, which says what changes', async () => {
    const tournament = await drawn();
    const [first, second] = await matchesOf(tournament, 1);
    await play(tournament, first!, { home: 1, away: 0 });
    const { homeEntryId } = await t.prisma.result.findUniqueOrThrow({ where: { matchId: second! } });
    await t.outbox.transaction(t.prisma, async (tx, emit) => {
      const locked = (await lock(tx, tournament.id))!;
      await tx.entry.update({ where: { id: homeEntryId }, data: { state: 'WITHDRAWN' } });
      await progress(tx, emit, locked);
    });
    await t.deliver(await told(tournament, first!, as('CONFIRMED'), 'CONFIRMED', { home: 0, away: 5 }));
    const [before, events] = [await rows(), await t.toldOf(tournament)];
    await rebuild();
    expect(await rows()).toEqual(before);
    await t.follow();
    const after = await t.toldOf(tournament);
    expect(after.slice(events.length).map(({ type }) => type)).toEqual(['StageChanged']);
    const live = await rows();
    expect(live).not.toEqual(before);
    await rebuild();
    expect(await rows()).toEqual(live);
  });

  it('leaves to the live projection what that has not handled yet', async () => {
    const tournament = await drawn();
    const [first] = await matchesOf(tournament, 1);
    await play(tournament, first!, { home: 1, away: 0 });
    const before = await rows();
    const waiting = await told(tournament, first!, goal, 'CONFIRMED', { home: 2, away: 0 });
    await rebuild();
    expect(await rows()).toEqual(before);
    await t.deliver(waiting);
    const { results, deeds } = await rows();
    expect(results.find(({ matchId }) => matchId === first)?.score).toMatchObject({ home: 2, away: 0 });
    expect(deeds.find(({ matchId, playerId }) => matchId === first && playerId === striker)?.goals).toBe(2);
  });
});
