// npm run bench:tournament measures how long the subgraph tournaments takes for the result of a match. Its arguments
// are the numbers of teams of the leagues to measure.
//
// Without TEST_DATABASE_URL it starts a temporary PostgreSQL. Events of matches go through the event log in it to the
// real consumer, with its inbox and transactions.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Consumers } from '../platform/messaging/consumers/consumers.ts';
import type { DomainEvent } from '../platform/messaging/event-log/event-log.ts';
import { PostgresEventLog } from '../platform/messaging/event-log/postgres/postgres.ts';
import { Matches, MatchEventRecorded, type MatchEventDetail } from '../schema/messages/matches.ts';
import { Teams } from '../schema/messages/teams.ts';
import { TournamentsConsumers } from '../subgraphs/tournaments/consumers.ts';
import type { Tournament } from '../subgraphs/tournaments/generated/prisma/client.ts';
import { progress } from '../subgraphs/tournaments/progress.ts';
import { lock } from '../subgraphs/tournaments/record.ts';
import { drawPlans } from '../subgraphs/tournaments/stages.service.ts';
import { openTournaments, tournamentIdOf } from '../subgraphs/tournaments/tournaments.fixture.ts';

/** How many results are delivered one after the other for each measurement. */
const SAMPLES = 15;

/** How many people enter results at the same time. */
const WRITERS = 8;

const t = await openTournaments();
const failed: string[] = [];
const log = new PostgresEventLog({ url: t.url, onError: ({ message }) => failed.push(message) });
await log.ensureTopics([Matches, Teams]);
const jobs = { work: () => Promise.reject(new Error('no jobs here')) };
const consumers = new Consumers({ service: 'tournaments', log, jobs, inbox: t.inbox, outbox: t.outbox });
new TournamentsConsumers(consumers, t.prisma, t.results, t.disbanded);
await consumers.onApplicationBootstrap();
t.start();

async function league(teams: number): Promise<Tournament> {
  const owner = { userId: randomUUID(), roles: [] };
  const tournament = await t.made(owner, { maxTeams: teams });
  const stages = [{ name: 'League', format: { roundRobin: { legs: 2 } } }];
  await t.stages.set(owner, { tournamentId: tournamentIdOf(tournament), stages });
  await t.put(tournament, 'RUNNING');
  const ids = Array.from({ length: teams }, () => randomUUID());
  const entered = ids.map((id, index) => ({
    id,
    tournamentId: tournament.id,
    teamId: randomUUID(),
    state: 'CHECKED_IN' as const,
    number: index + 1,
    seed: index + 1,
    enteredBy: owner.userId,
    enteredAt: new Date(),
  }));
  return t.outbox.transaction(
    t.prisma,
    async (tx, emit) => {
      const locked = (await lock(tx, tournament.id))!;
      await tx.entry.createMany({ data: entered });
      await drawPlans(tx, locked, ids);
      return progress(tx, emit, locked);
    },
    { timeout: 60_000 },
  );
}

/** The events of a result: kick-off, goals, the end of the match, and the confirmation. */
function eventsOf(tournament: Tournament, matchId: string, number: number): DomainEvent[] {
  const score = { home: number % 4, away: number % 3, periods: [], shootout: null };
  const state = (to: 'LIVE' | 'FINISHED' | 'CONFIRMED'): MatchEventDetail => ({
    kind: 'STATE',
    state: to,
    reason: null,
  });
  const goal = (side: 'HOME' | 'AWAY'): MatchEventDetail => ({
    kind: 'GOAL',
    side,
    player: randomUUID(),
    assist: null,
    goal: 'GOAL',
    points: 1,
    period: 1,
    clock: null,
  });
  const details = [
    state('LIVE'),
    ...Array.from({ length: score.home }, () => goal('HOME')),
    ...Array.from({ length: score.away }, () => goal('AWAY')),
    state('FINISHED'),
    state('CONFIRMED'),
  ];
  const [homeTeamId, awayTeamId] = [randomUUID(), randomUUID()];
  return details.map((detail, index) => ({
    topic: Matches.name,
    key: matchId,
    seq: index + 1,
    eventId: randomUUID(),
    type: MatchEventRecorded.type,
    version: MatchEventRecorded.version,
    occurredAt: new Date().toISOString(),
    payload: {
      matchId,
      eventId: randomUUID(),
      recordedAt: new Date().toISOString(),
      match: {
        sport: 'FOOTBALL',
        homeTeamId,
        awayTeamId,
        tournamentId: tournament.id,
        kickoffAt: '2030-06-01T08:00:00.000Z',
        state: detail.kind === 'STATE' ? detail.state : 'LIVE',
        counts: index === details.length - 1,
        how: 'PLAYED',
        winner: score.home === score.away ? null : score.home > score.away ? 'HOME' : 'AWAY',
      },
      detail,
      score,
    },
  }));
}

const matchesOf = async ({ id }: Tournament): Promise<string[]> =>
  (
    await t.prisma.result.findMany({ where: { slot: { stage: { tournamentId: id } } }, orderBy: { matchId: 'asc' } })
  ).map(({ matchId }) => matchId);

/** Waits until the table of the league has this number of results, all of them confirmed. */
async function follows({ id }: Tournament, results: number): Promise<void> {
  for (;;) {
    const [row] = await t.prisma.$queryRawUnsafe<{ played: number; provisional: boolean }[]>(
      `SELECT coalesce(sum(played), 0)::int AS played, bool_or(provisional) AS provisional FROM tournaments.standings
       JOIN tournaments.groups g ON g.id = group_id JOIN tournaments.stages s ON s.id = g.stage_id WHERE s.tournament_id = $1::uuid`,
      id,
    );
    if (row?.played === 2 * results && !row.provisional) return;
    await sleep(2);
  }
}

/** Appends results, each event after the one before, as the clients do that enter them. */
async function enter(tournament: Tournament, matches: readonly string[], from: number): Promise<number> {
  const left = matches.entries();
  let count = 0;
  const write = async (): Promise<void> => {
    for (const [index, matchId] of left)
      for (const event of eventsOf(tournament, matchId, from + index)) {
        await log.append([event]);
        count++;
      }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  return count;
}
/**
 * Seconds of CPU that this process has used. Other work on the machine changes this number less than the elapsed time.
 */
const cpu = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
const ms = (since: number): number => performance.now() - since;
const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;

const sizes = process.argv.slice(2).map(Number);
for (const teams of sizes.length > 0 ? sizes : [20, 32]) {
  const tournament = await league(teams);
  const matches = await matchesOf(tournament);
  console.log(`\nA league of ${teams} teams, ${matches.length} matches`);
  for (const at of [0, Math.floor(matches.length / 2) - SAMPLES, matches.length - 2 * SAMPLES]) {
    const done = await t.prisma.result.count({
      where: { counts: true, slot: { stage: { tournamentId: tournament.id } } },
    });
    await enter(tournament, matches.slice(done, at), done);
    await follows(tournament, at);
    const times: number[] = [];
    for (let n = at; n < at + SAMPLES; n++) {
      const began = performance.now();
      await log.append(eventsOf(tournament, matches[n]!, n));
      await follows(tournament, n + 1);
      times.push(ms(began));
    }
    console.log(
      `result ${at + 1}: in the table after ${median(times).toFixed(0)} ms (slowest ${Math.max(...times).toFixed(0)})`,
    );
  }
  const bulk = await league(teams);
  const all = await matchesOf(bulk);
  const [began, before, used] = [performance.now(), t.statements.length, cpu()];
  const events = await enter(bulk, all, 0);
  const entered = ms(began);
  await follows(bulk, all.length);
  const delay = ms(began) - entered;
  console.log(
    `${all.length} results with ${events} events, entered by ${WRITERS} at once in ${(entered / 1_000).toFixed(1)} s: in the table ${(delay / 1_000).toFixed(2)} s after the last; ${((t.statements.length - before) / events).toFixed(1)} statements for each event, ${(cpu() - used).toFixed(1)} s of CPU; ${failed.length} failures`,
  );
}
await consumers.onModuleDestroy();
await log.close();
await t.close();
