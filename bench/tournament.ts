// npm run bench:tournament measures how long the subgraph tournaments takes for the result of a match. Its arguments
// are the numbers of teams of the leagues to measure.
//
// Without TEST_DATABASE_URL it starts a temporary PostgreSQL. It delivers events of matches to the real consumer, with
// its inbox and transactions. As in the product, events of different partitions are delivered at the same time.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { delivered } from '../platform/testing/service.testing.ts';
import type { LoggedEvent } from '../platform/messaging/event-log/event-log.ts';
import { Matches, MatchEventRecorded } from '../schema/messages/matches.ts';
import { TournamentsConsumers } from '../subgraphs/tournaments/consumers.ts';
import type { Tournament } from '../subgraphs/tournaments/generated/prisma/client.ts';
import { progress } from '../subgraphs/tournaments/progress.ts';
import { lock } from '../subgraphs/tournaments/record.ts';
import { drawPlans } from '../subgraphs/tournaments/stages.service.ts';
import { openTournaments, tournamentIdOf } from '../subgraphs/tournaments/tournaments.fixture.ts';

/** How many results are delivered one after the other for each measurement. */
const SAMPLES = 15;

const t = await openTournaments();
new TournamentsConsumers(t.consumers, t.prisma, t.results, t.disbanded);
await t.consumers.onApplicationBootstrap();
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

/** The two events of a result: the match is finished, and the result is confirmed. */
function eventsOf(tournament: Tournament, matchId: string, number: number): LoggedEvent[] {
  const score = { home: number % 4, away: number % 3, periods: [], shootout: null };
  return (['FINISHED', 'CONFIRMED'] as const).map((state, index) => ({
    ...delivered({
      topic: Matches.name,
      key: matchId,
      seq: index + 1,
      type: MatchEventRecorded.type,
      payload: {
        matchId,
        eventId: randomUUID(),
        recordedAt: '2030-06-01T08:00:00.000Z',
        match: {
          sport: 'FOOTBALL',
          homeTeamId: randomUUID(),
          awayTeamId: randomUUID(),
          tournamentId: tournament.id,
          kickoffAt: '2030-06-01T08:00:00.000Z',
          state,
          counts: state === 'CONFIRMED',
          how: 'PLAYED',
          winner: score.home === score.away ? null : score.home > score.away ? 'HOME' : 'AWAY',
        },
        detail: { kind: 'STATE', state, reason: null },
        score,
      },
    }),
    version: MatchEventRecorded.version,
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

/** Delivers events: one after the other within a partition, and the partitions at the same time. */
async function deliver(events: readonly LoggedEvent[]): Promise<void> {
  const lanes = Map.groupBy(events, ({ key }) => Number.parseInt(key.slice(0, 4), 16) % Matches.partitions);
  const handle = async (lane: readonly LoggedEvent[]): Promise<void> => {
    for (const event of lane)
      for (let failures = 0; ; failures++)
        try {
          await t.deliver(event);
          break;
        } catch (error) {
          failed.push(String(error).split('\n').at(-1) ?? '');
          await sleep(100 * 2 ** failures);
        }
  };
  await Promise.all([...lanes.values()].map(handle));
}
const failed: string[] = [];
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
    await deliver(matches.slice(done, at).flatMap((id, index) => eventsOf(tournament, id, done + index)));
    await follows(tournament, at);
    const times: number[] = [];
    const statements: number[] = [];
    for (let n = at; n < at + SAMPLES; n++) {
      const [before, began] = [t.statements.length, performance.now()];
      for (const event of eventsOf(tournament, matches[n]!, n)) await t.deliver(event);
      statements.push(t.statements.length - before);
      await follows(tournament, n + 1);
      times.push(ms(began));
    }
    console.log(
      `result ${at + 1}: entered, confirmed and in the table in ${median(times).toFixed(0)} ms (slowest ${Math.max(...times).toFixed(0)}); ${median(statements)} statements in the consumer`,
    );
  }
  const bulk = await league(teams);
  const all = await matchesOf(bulk);
  const [began, before, used] = [performance.now(), t.statements.length, cpu()];
  await deliver(all.flatMap((id, index) => eventsOf(bulk, id, index)));
  const handled = ms(began);
  await follows(bulk, all.length);
  console.log(
    `${all.length} results at once: handled after ${(handled / 1_000).toFixed(1)} s, in the table after ${(ms(began) / 1_000).toFixed(1)} s; ${((t.statements.length - before) / all.length).toFixed(1)} statements and ${((1_000 * (cpu() - used)) / all.length).toFixed(0)} ms of CPU for each; ${failed.length} transactions failed`,
  );
}
await t.close();
