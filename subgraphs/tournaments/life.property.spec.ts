// In random orders of actions of organizers, teams and matches, the stored tournament keeps its invariants.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { delivered, person } from '../../platform/testing/service.testing.ts';
import { Matches, MatchEventRecorded, type MatchFacts } from '../../schema/messages/matches.ts';
import { MatchForfeited, MatchPlanned, MatchUnplanned } from '../../schema/messages/tournaments.ts';
import { TournamentsConsumers } from './consumers.ts';
import type { Tournament } from './generated/prisma/client.ts';
import { standings } from './rebuild.ts';
import { RulingsService } from './rulings.service.ts';
import { entryIdOf, openTournaments, tournamentIdOf } from './tournaments.fixture.ts';

/** The number of random courses for each format. Twenty for each take three minutes on two cores. */
const RUNS = 3;
/** The seed of the random courses. Each run of this spec tries the same courses; another seed tries others. */
const SEED = 20_261_129;
/** A tournament must be over after this many results. None of these formats has so many, replacements included. */
const MOST_RESULTS = 200;

const olga = person();
let t: Awaited<ReturnType<typeof openTournaments>>;
let rulings: RulingsService;
const log: LoggedEvent[] = [];
beforeAll(async () => {
  t = await openTournaments();
  rulings = new RulingsService(t.prisma, t.outbox);
  new TournamentsConsumers(t.consumers, t.prisma, t.results, t.disbanded);
  await t.consumers.onApplicationBootstrap();
});
afterAll(() => t.close());

const top = [{ top: { stage: 1, places: 2 } }];
const FORMATS: Readonly<Record<string, { readonly most: number; readonly stages: readonly object[] }>> = {
  'a league': { most: 5, stages: [{ name: 'League', format: { roundRobin: {} } }] },
  'a league of two legs': { most: 4, stages: [{ name: 'League', format: { roundRobin: { legs: 2 } } }] },
  'a knock-out': { most: 7, stages: [{ name: 'Cup', format: { singleElimination: { thirdPlace: true } } }] },
  'a double knock-out': { most: 6, stages: [{ name: 'Cup', format: { doubleElimination: {} } }] },
  'a Swiss tournament': { most: 6, stages: [{ name: 'Swiss', format: { swiss: { rounds: 3 } } }] },
  'groups with finals': {
    most: 7,
    stages: [
      { name: 'Groups', format: { roundRobin: { groups: 2 } } },
      { name: 'Finals', format: { singleElimination: {} }, entrants: top },
    ],
  },
};

const score = fc.record({ home: fc.nat(3), away: fc.nat(3) });
const action = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('result' as const), which: fc.nat(20), score }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('finish' as const), which: fc.nat(20), score }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('correct' as const), which: fc.nat(20), score }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('walkover' as const), which: fc.nat(20), home: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disqualify' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deduct' as const), which: fc.nat(20), points: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lots' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('follow' as const) }) },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;
const course = fc.record({
  size: fc.nat(6),
  absent: fc.nat(2),
  actions: fc.array(action, { maxLength: 14 }),
  end: fc.constantFrom('complete' as const, 'complete' as const, 'complete' as const, 'cancel' as const),
});

/** The matches of a tournament, as the subgraph matches has them. */
class Played {
  readonly #tournament: Tournament;
  readonly #matches = new Map<
    string,
    { seq: number; state: string; needsWinner: boolean; home: string; away: string }
  >();
  #read = 0;

  constructor(tournament: Tournament) {
    this.#tournament = tournament;
  }

  /** Reads the new events of the tournament, and does what the subgraph matches does after them. */
  async hear(): Promise<void> {
    for (;;) {
      const news = await eventsOf(this.#tournament, this.#read);
      if (news.length === 0) return;
      this.#read += news.length;
      for (const { type, payload } of news) {
        if (type === MatchPlanned.type) {
          const { matchId, needsWinner, homeTeamId, awayTeamId } = MatchPlanned.payload.parse(payload);
          assert.ok(!this.#matches.has(matchId), 'a match is planned once');
          this.#matches.set(matchId, { seq: 0, state: 'SCHEDULED', needsWinner, home: homeTeamId, away: awayTeamId });
        } else if (type === MatchUnplanned.type) {
          const { matchId } = MatchUnplanned.payload.parse(payload);
          await this.#told(matchId, 'CANCELLED', { home: 0, away: 0 }, null);
        } else if (type === MatchForfeited.type) {
          const { matchId, winner } = MatchForfeited.payload.parse(payload);
          const won = { home: winner === 'HOME' ? 3 : 0, away: winner === 'AWAY' ? 3 : 0 };
          await this.#told(matchId, 'WALKOVER', won, winner);
        }
      }
    }
  }

  in(...states: string[]): string[] {
    return [...this.#matches].filter(([, { state }]) => states.includes(state)).map(([id]) => id);
  }

  async result(matchId: string, state: 'FINISHED' | 'CONFIRMED', given: { home: number; away: number }): Promise<void> {
    const isDraw = given.home === given.away;
    const won = isDraw && this.#matches.get(matchId)?.needsWinner ? { ...given, home: given.home + 1 } : given;
    await this.#told(matchId, state, won, won.home === won.away ? null : won.home > won.away ? 'HOME' : 'AWAY');
  }

  walkover(matchId: string, home: boolean): Promise<void> {
    return this.#told(matchId, 'WALKOVER', home ? { home: 3, away: 0 } : { home: 0, away: 3 }, home ? 'HOME' : 'AWAY');
  }

  async #told(matchId: string, state: string, points: object, winner: MatchFacts['winner']): Promise<void> {
    const match = this.#matches.get(matchId) ?? assert.fail(`nobody planned ${matchId}`);
    match.state = state;
    match.seq++;
    const event = delivered({
      topic: Matches.name,
      key: matchId,
      seq: match.seq,
      type: MatchEventRecorded.type,
      payload: {
        matchId,
        eventId: randomUUID(),
        recordedAt: '2030-06-01T08:00:00.000Z',
        match: {
          sport: 'FOOTBALL',
          homeTeamId: match.home,
          awayTeamId: match.away,
          tournamentId: this.#tournament.id,
          kickoffAt: '2030-06-01T08:00:00.000Z',
          state,
          counts: state === 'CONFIRMED' || state === 'WALKOVER',
          how: state === 'WALKOVER' ? 'WALKOVER' : 'PLAYED',
          winner,
        },
        detail: { kind: 'STATE', state, reason: null },
        score: { ...points, periods: [], shootout: null },
      },
    });
    log.push({ ...event, version: MatchEventRecorded.version });
    await t.deliver({ ...event, version: MatchEventRecorded.version });
  }
}

/** A tournament that is running. The last `absent` teams do not check in. */
async function started(stages: readonly object[], size: number, absent: number): Promise<Tournament> {
  const made = await t.made(olga, { maxTeams: size, minTeams: 2 });
  const input = { tournamentId: tournamentIdOf(made) };
  await t.stages.set(olga, { ...input, stages });
  const tournament = await t.life.publish(olga, input);
  const teams = await t.filled(tournament, size);
  await t.life.closeRegistration(olga, input);
  for (const { owner, entry } of teams.slice(0, size - absent))
    await t.entering.checkIn(owner, { entryId: entryIdOf(entry) });
  if (absent > 0) await t.life.endCheckIn(olga, input);
  await t.life.draw(olga, input);
  return t.life.start(olga, input);
}

/** The events of the tournament after this `seq`. */
const eventsOf = ({ id: tournamentId }: Tournament, after = 0) =>
  t.prisma.tournamentEvent.findMany({ where: { tournamentId, seq: { gt: after } }, orderBy: { seq: 'asc' } });
const entriesOf = ({ id }: Tournament) =>
  t.prisma.entry.findMany({ where: { tournamentId: id, seed: { not: null } }, orderBy: { seed: 'asc' } });
const tablesOf = ({ id }: Tournament) =>
  t.prisma.standing.findMany({
    where: { group: { stage: { tournamentId: id } } },
    orderBy: [{ groupId: 'asc' }, { place: 'asc' }],
  });
async function rowsOf({ id }: Tournament) {
  const of = { stage: { tournamentId: id } };
  const [tables, slots, results] = await Promise.all([
    tablesOf({ id } as Tournament),
    t.prisma.slot.findMany({ where: of, orderBy: { id: 'asc' } }),
    t.prisma.result.findMany({ where: { slot: of }, orderBy: { matchId: 'asc' } }),
  ]);
  return { tables, slots, results };
}

/** Waits for a random action. A refusal with user errors is expected and ignored; other errors fail the test. */
async function attempt(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof UserErrors)) throw error;
  });
}

async function act(tournament: Tournament, matches: Played, what: Action): Promise<void> {
  const input = { tournamentId: tournamentIdOf(tournament) };
  const one = <T>(all: readonly T[]): T | undefined => ('which' in what ? all[what.which % all.length] : undefined);
  switch (what.do) {
    case 'result':
    case 'finish': {
      const matchId = one(matches.in('SCHEDULED', 'FINISHED'));
      if (matchId) await matches.result(matchId, what.do === 'finish' ? 'FINISHED' : 'CONFIRMED', what.score);
      break;
    }
    case 'correct': {
      const matchId = one(matches.in('CONFIRMED'));
      if (matchId) await matches.result(matchId, 'CONFIRMED', what.score);
      break;
    }
    case 'walkover': {
      const matchId = one(matches.in('SCHEDULED'));
      if (matchId) await matches.walkover(matchId, what.home);
      break;
    }
    case 'withdraw':
    case 'disqualify': {
      const entry = one(await entriesOf(tournament));
      const asked = { entryId: entryIdOf(entry!) };
      await attempt(
        what.do === 'disqualify'
          ? t.entering.disqualify(olga, { ...asked, reason: 'Fielded a stranger.' })
          : t.entering.withdraw({ userId: entry!.enteredBy, roles: [] }, asked),
      );
      break;
    }
    case 'deduct': {
      const entryId = entryIdOf(one(await entriesOf(tournament))!);
      await attempt(
        rulings.deductPoints(olga, {
          ...input,
          clientId: randomUUID(),
          entryId,
          points: -1 - what.points,
          reason: 'Late.',
        }),
      );
      break;
    }
    case 'lots':
      await attempt(rulings.drawLots(olga, input));
      break;
    case 'follow':
      await t.follow();
  }
  await matches.hear();
}

/**
 * Repeats until nothing changes any more: results that wait update tables and brackets, and the matches follow the
 * events of the tournament.
 */
async function settle(tournament: Tournament, matches: Played): Promise<void> {
  for (let quiet = 0; quiet < 2;) {
    const before = (await t.now(tournament)).lastSeq;
    await t.follow();
    await matches.hear();
    quiet = (await t.now(tournament)).lastSeq === before ? quiet + 1 : 0;
  }
}

async function checkTables(tournament: Tournament): Promise<void> {
  for (const row of await tablesOf(tournament)) {
    assert.equal(row.played, row.won + row.drawn + row.lost);
    const isSwiss = (await t.prisma.group.findUniqueOrThrow({ where: { id: row.groupId }, include: { stage: true } }))
      .stage.format;
    if (isSwiss !== 'SWISS') assert.equal(row.points, 3 * row.won + row.drawn + row.deductions, JSON.stringify(row));
  }
}

/** Each pair of entries of a round robin has as many matches as the format says. */
async function checkMeetings({ id }: Tournament, legs: number): Promise<void> {
  const groups = await t.prisma.group.findMany({
    where: { stage: { tournamentId: id, format: 'ROUND_ROBIN' } },
    include: { standings: true },
  });
  const results = await t.prisma.result.findMany({
    where: { annulled: false, slot: { stage: { tournamentId: id, format: 'ROUND_ROBIN' } } },
  });
  const meetings = new Map<string, number>();
  for (const { homeEntryId, awayEntryId } of results) {
    const pair = [homeEntryId, awayEntryId].toSorted().join();
    meetings.set(pair, 1 + (meetings.get(pair) ?? 0));
  }
  for (const { standings: rows } of groups)
    for (const [index, { entryId }] of rows.entries())
      for (const other of rows.slice(index + 1)) {
        const pair = [entryId, other.entryId].toSorted().join();
        const both = await t.prisma.entry.count({
          where: { id: { in: [entryId, other.entryId] }, state: 'CHECKED_IN' },
        });
        const times = meetings.get(pair) ?? 0;
        assert.ok(both < 2 ? times <= legs : times === legs, `${pair} meet ${times} times`);
      }
}

/** Deletes the tournament and its log, because a rebuild would read it again in the next run. */
async function forget({ id }: Tournament): Promise<void> {
  await t.prisma.tournament.delete({ where: { id } });
  log.splice(0);
}

async function rebuild(): Promise<void> {
  const run = await standings.open(t.url, new AbortController().signal);
  const read = async (): Promise<void> => {
    for (const event of log) await run.handle(event);
  };
  try {
    await read();
    await run.finish(read);
  } finally {
    await run.close();
  }
}

describe('any course of a tournament', () => {
  it.each(Object.entries(FORMATS))(
    '%s ends with one champion or none, its points add up, a rebuild equals it, and its archive is final',
    async (_, { most, stages }) => {
      await fc.assert(
        fc.asyncProperty(course, async ({ size: more, absent: missing, actions, end }) => {
          const least = stages.length > 1 || 'swiss' in (stages[0] as { format: object }).format ? 4 : 2;
          const size = least + (more % (most - least + 1));
          const tournament = await started(stages, size, Math.min(missing, size - least));
          const input = { tournamentId: tournamentIdOf(tournament) };
          const matches = new Played(tournament);
          await matches.hear();
          for (const what of actions) {
            await act(tournament, matches, what);
            await checkTables(tournament);
          }
          await settle(tournament, matches);
          if (end === 'cancel') await attempt(t.life.cancel(olga, input));
          await matches.hear();
          for (let n = 0; (await t.now(tournament)).state === 'RUNNING'; n++) {
            assert.ok(n < MOST_RESULTS, 'the tournament does not end');
            const [open] = matches.in('SCHEDULED', 'FINISHED');
            if (open) await matches.result(open, 'CONFIRMED', { home: n % 3, away: (n * 7) % 4 });
            // No match is left to play, so a tie in a table waits for a decision: the organizer draws lots.
            else await rulings.drawLots(olga, input);
            await settle(tournament, matches);
          }
          await checkTables(tournament);
          const { state, championId } = await t.now(tournament);
          const entries = await entriesOf(tournament);
          if (state === 'COMPLETED') {
            const champion = entries.find(({ id }) => id === championId);
            assert.equal(champion === undefined, championId === null);
            if (champion) assert.equal(champion.state, 'CHECKED_IN', 'who left is no champion');
            const legs = 'legs' in ((stages[0] as { format: { roundRobin?: object } }).format.roundRobin ?? {}) ? 2 : 1;
            await checkMeetings(tournament, legs);
          }
          const before = await rowsOf(tournament);
          if (state !== 'CANCELLED') {
            await t.prisma.standing.deleteMany({ where: { group: { stage: { tournamentId: tournament.id } } } });
            await rebuild();
            assert.deepEqual(await rowsOf(tournament), before);
          }
          await t.life.archive(olga, input);
          const archived = await t.now(tournament);
          for (const matchId of matches.in('CONFIRMED'))
            await matches.result(matchId, 'CONFIRMED', { home: 9, away: 8 });
          await t.follow();
          for (const { enteredBy, ...entry } of entries) {
            const asked = { entryId: entryIdOf(entry) };
            await attempt(t.entering.disqualify(olga, { ...asked, reason: 'Late.' }));
            await attempt(t.entering.withdraw({ userId: enteredBy, roles: [] }, asked));
          }
          await assert.rejects(rulings.drawLots(olga, input), UserErrors);
          assert.deepEqual(await rowsOf(tournament), before);
          assert.deepEqual(await entriesOf(tournament), entries);
          assert.deepEqual(await t.now(tournament), archived);
          await forget(tournament);
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: true },
      );
    },
    600_000,
  );

  it('tables do not depend on the order in which results arrive', async () => {
    const size = 5;
    const pairs = (size * (size - 1)) / 2;
    await fc.assert(
      fc.asyncProperty(
        fc.array(score, { minLength: pairs, maxLength: pairs }),
        fc.shuffledSubarray([...Array(pairs).keys()], { minLength: pairs }),
        async (scores, order) => {
          const played = async (indices: readonly number[], follows: boolean) => {
            const tournament = await started(FORMATS['a league']!.stages, size, 0);
            const matches = new Played(tournament);
            await matches.hear();
            const seeds = new Map((await entriesOf(tournament)).map(({ id, seed }) => [id, seed!]));
            const slots = await t.prisma.slot.findMany({
              where: { stage: { tournamentId: tournament.id } },
              orderBy: { key: 'asc' },
            });
            for (const index of indices) {
              await matches.result(slots[index]!.matchId!, 'CONFIRMED', scores[index]!);
              if (follows) await t.follow();
            }
            await settle(tournament, matches);
            const rows = await tablesOf(tournament);
            await forget(tournament);
            return rows
              .map(({ entryId, groupId: _g, place: _p, ...row }) => ({ seed: seeds.get(entryId)!, ...row }))
              .sort((a, b) => a.seed - b.seed);
          };
          const all = [...Array(pairs).keys()];
          assert.deepEqual(await played(order, false), await played(all, true));
        },
      ),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
  }, 600_000);
});
