import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { PostgresJobQueue } from '../../platform/messaging/job-queue/postgres/postgres.ts';
import { Metrics } from '../../platform/observability/metrics.ts';
import { person, refused } from '../../platform/testing/service.testing.ts';
import { Computations, MatchReplanned, ScheduleRunChanged } from '../../schema/messages/tournaments.ts';
import { afterTest } from '../../test/after-test.ts';
import { createTestDatabase } from '../../test/database.ts';
import { until } from '../../test/network/until.ts';
import type { ScheduleRun, Slot, Tournament } from './generated/prisma/client.ts';
import { TournamentsMetrics } from './metrics.ts';
import { ScheduleWork } from './schedule-work.ts';
import type { WorkerRequest } from './schedule/computations.worker.ts';
import { conflictsIn, placesIn } from './schedule-result.ts';
import { openTournaments, type Person, tournamentIdOf } from './tournaments.fixture.ts';

let t: Awaited<ReturnType<typeof openTournaments>>;
beforeAll(async () => {
  t = await openTournaments();
});
afterAll(() => t.close());

const entrant = (index: number) => ({ kind: 'ENTRANT', entrant: String(index) });
const winnerOf = (slot: string) => ({ kind: 'WINNER', slot });
const runIdOf = ({ id }: Pick<ScheduleRun, 'id'>): string => toGlobalId('ScheduleRun', id);
const slotIdOf = ({ id }: Pick<Slot, 'id'>): string => toGlobalId('BracketSlot', id);
const local = (at: Date | null | undefined): string | undefined =>
  at?.toLocaleString('sv', { timeZone: 'Europe/Berlin' }).slice(0, 16);

/** A running tournament on 1 June 2030 in Berlin: a knock-out of 8 whose quarter-finals have matches. */
async function bracketOf8(owner: Person) {
  const tournament = await t.put(await t.made(owner), 'RUNNING');
  const entries = Array.from({ length: 8 }, (_, index) => ({
    id: randomUUID(),
    tournamentId: tournament.id,
    teamId: randomUUID(),
    state: 'CHECKED_IN' as const,
    number: index + 1,
    enteredBy: randomUUID(),
    enteredAt: new Date(),
  }));
  await t.prisma.entry.createMany({ data: entries });
  const slot = (key: string, round: number, position: number, home: object, away: object) => ({
    key,
    bracket: 'WINNERS' as const,
    round,
    position,
    home,
    away,
  });
  const pairs = [
    [0, 7],
    [3, 4],
    [1, 6],
    [2, 5],
  ] as const;
  const slots = [
    ...pairs.map(([home, away], index) => ({
      ...slot(`W1-${index + 1}`, 1, index + 1, entrant(home), entrant(away)),
      homeEntryId: entries[home]?.id ?? null,
      awayEntryId: entries[away]?.id ?? null,
      matchId: randomUUID(),
      state: 'READY' as const,
    })),
    slot('W2-1', 2, 1, winnerOf('W1-1'), winnerOf('W1-2')),
    slot('W2-2', 2, 2, winnerOf('W1-3'), winnerOf('W1-4')),
    slot('W3-1', 3, 1, winnerOf('W2-1'), winnerOf('W2-2')),
  ];
  await t.prisma.stage.create({
    data: {
      tournamentId: tournament.id,
      number: 1,
      name: 'Cup',
      format: 'SINGLE_ELIMINATION',
      config: {},
      slots: { create: slots },
    },
  });
  return { tournament, entries };
}

const slotsOf = async ({ id }: Tournament): Promise<Record<string, Slot>> => {
  const rows = await t.prisma.slot.findMany({ where: { stage: { tournamentId: id } }, orderBy: { key: 'asc' } });
  return Object.fromEntries(rows.map((row) => [row.key, row]));
};

const hours = (opens: string, closes: string) => [{ firstDay: '2030-06-01', lastDay: '2030-06-01', opens, closes }];

const addVenue = (owner: Person, tournament: Tournament, more: object = {}) =>
  t.venues.add(owner, {
    tournamentId: tournamentIdOf(tournament),
    clientId: randomUUID(),
    name: 'Hall',
    pitches: [{ name: 'Court 1', hours: hours('10:00', '22:00') }],
    ...more,
  });

const plan = (owner: Person, tournament: Tournament, more: object = {}) =>
  t.runs.plan(owner, { tournamentId: tournamentIdOf(tournament), clientId: randomUUID(), matchMinutes: 30, ...more });

const stored = (run: ScheduleRun) => t.prisma.scheduleRun.findUniqueOrThrow({ where: { id: run.id } });
const compute = (run: ScheduleRun, work = t.work) => work.compute({ tournamentId: run.tournamentId, runId: run.id });

const told = async (tournament: Tournament): Promise<string[]> =>
  (await t.toldOf(tournament))
    .filter(({ type }) => type === ScheduleRunChanged.type)
    .map(({ payload }) => ScheduleRunChanged.payload.parse(payload).state);

/** A tournament with a venue, and a schedule that is computed but not applied. */
async function scheduled(owner: Person, more: object = {}) {
  const { tournament, entries } = await bracketOf8(owner);
  await addVenue(owner, tournament);
  const run = await plan(owner, tournament, more);
  await compute(run);
  return { tournament, entries, run: await stored(run) };
}

describe('venues', () => {
  it('are added once by their organizers, and shown', async () => {
    const owner = person();
    const { tournament } = await bracketOf8(owner);
    const clientId = randomUUID();
    const added = await Promise.all(Array.from({ length: 5 }, () => addVenue(owner, tournament, { clientId })));
    assert.equal(new Set(added.map(({ id }) => id)).size, 1);
    await refused(addVenue(owner, tournament, { clientId, name: 'Park' }), 'CONFLICT', 'clientId');
    await refused(addVenue(person(), tournament), 'FORBIDDEN', 'tournamentId');
    await refused(addVenue(person(), await t.made(owner)), 'NOT_FOUND', 'tournamentId');
    assert.deepEqual([...(await t.venues.byIds(ANONYMOUS, [added[0]?.id ?? ''])).values()].length, 1);
    const draft = await addVenue(owner, await t.made(owner));
    assert.equal((await t.venues.byIds(ANONYMOUS, [draft.id])).size, 0);
    assert.equal((await t.venues.byIds(owner, [draft.id])).size, 1);
  });

  for (const [what, field, more] of [
    ['no pitch', 'pitches', { pitches: [] }],
    ['hours that are none', 'pitches.0.hours.0.opens', { pitches: [{ name: 'A', hours: hours('25:00', '23:00') }] }],
    [
      'a day that is none',
      'pitches.0.hours.0.firstDay',
      { pitches: [{ name: 'A', hours: [{ ...hours('10:00', '12:00')[0], firstDay: '2030-02-30' }] }] },
    ],
    [
      'days that end before they begin',
      'pitches.0.hours.0.lastDay',
      { pitches: [{ name: 'A', hours: [{ ...hours('10:00', '12:00')[0], lastDay: '2030-05-31' }] }] },
    ],
    [
      'more than a year',
      'pitches.0.hours.0.lastDay',
      { pitches: [{ name: 'A', hours: [{ ...hours('10:00', '12:00')[0], lastDay: '2031-06-02' }] }] },
    ],
    ['an unknown time zone', 'timeZone', { timeZone: 'Europe/Atlantis' }],
  ] as const)
    it(`are refused with ${what}`, async () => {
      const owner = person();
      await refused(addVenue(owner, await t.made(owner), more), 'INVALID', field);
    });

  it('are removed only while nothing is planned there', async () => {
    const owner = person();
    const { tournament, run } = await scheduled(owner);
    const [venue] = await t.prisma.venue.findMany({ where: { tournamentId: tournament.id } });
    const input = { venueId: toGlobalId('Venue', venue?.id ?? '') };
    await t.kickoffs.apply(owner, { runId: runIdOf(run) });
    await refused(t.venues.remove(owner, input), 'CONFLICT', 'venueId');
    await t.prisma.slot.updateMany({ where: { stage: { tournamentId: tournament.id } }, data: { pitchId: null } });
    await refused(t.venues.remove(person(), input), 'FORBIDDEN', 'venueId');
    assert.equal(await t.venues.remove(owner, input), input.venueId);
    await refused(t.venues.remove(owner, input), 'NOT_FOUND', 'venueId');
  });
});

describe('a schedule', () => {
  it('is computed as a job, and applied in one go', async () => {
    const owner = person();
    const { tournament, run } = await scheduled(owner, { restMinutes: 30 });
    assert.deepEqual([run.state, run.percent, conflictsIn(run.conflicts)], ['DONE', 100, []]);
    assert.deepEqual([...new Set(await told(tournament))], ['QUEUED', 'RUNNING', 'DONE']);
    assert.equal(placesIn(run.places).length, 7);
    assert.ok(
      Object.values(await slotsOf(tournament)).every(({ kickoffAt }) => kickoffAt === null),
      'not applied yet',
    );

    const applied = await t.kickoffs.apply(owner, { runId: runIdOf(run) });
    assert.ok(applied.appliedAt);
    const slots = await slotsOf(tournament);
    assert.deepEqual(
      ['W1-1', 'W2-1', 'W2-2', 'W3-1'].map((key) => local(slots[key]?.kickoffAt)).toSorted(),
      ['10:00', '12:00', '12:30', '13:30'].map((time) => `2030-06-01 ${time}`),
    );
    assert.deepEqual([slots['W3-1']?.venue, slots['W3-1']?.pitch], ['Hall', 'Court 1']);
    const replanned = (await t.toldOf(tournament)).filter(({ type }) => type === MatchReplanned.type);
    assert.deepEqual(
      replanned
        .map(({ payload }) => MatchReplanned.payload.parse(payload))
        .toSorted((a, b) => a.kickoffAt.localeCompare(b.kickoffAt)),
      ['W1-1', 'W1-2', 'W1-3', 'W1-4']
        .map((key) => slots[key])
        .toSorted((a, b) => (a?.kickoffAt?.getTime() ?? 0) - (b?.kickoffAt?.getTime() ?? 0))
        .map((slot) => ({
          matchId: slot?.matchId,
          tournamentId: tournament.id,
          kickoffAt: slot?.kickoffAt?.toISOString(),
          kickoffIsEstimate: false,
          venue: 'Hall, Court 1',
          refereeId: null,
        })),
      'only slots with a match are told',
    );
    const before = (await t.toldOf(tournament)).length;
    await t.kickoffs.apply(owner, { runId: runIdOf(run) });
    assert.equal((await t.toldOf(tournament)).length, before, 'a second time does nothing');
  });

  it('is one run, however often the client asks, also at once; another one waits', async () => {
    const owner = person();
    const { tournament } = await bracketOf8(owner);
    await addVenue(owner, tournament);
    const clientId = randomUUID();
    const runs = await Promise.all(Array.from({ length: 8 }, () => plan(owner, tournament, { clientId })));
    assert.equal(new Set(runs.map(({ id }) => id)).size, 1);
    assert.deepEqual(await told(tournament), ['QUEUED']);
    const jobs = (await t.told()).jobs.filter(({ payload }) => (payload as { runId: string }).runId === runs[0]?.id);
    assert.equal(jobs.length, 1);
    await refused(plan(owner, tournament, { clientId, matchMinutes: 40 }), 'CONFLICT', 'clientId');
    await refused(plan(owner, tournament), 'CONFLICT', 'tournamentId');
  });

  it('is for organizers, and they alone see it', async () => {
    const owner = person();
    const { tournament, run } = await scheduled(owner);
    await refused(plan(person(), tournament), 'FORBIDDEN', 'tournamentId');
    const draft = await t.made(owner);
    await refused(plan(person(), draft), 'NOT_FOUND', 'tournamentId');
    for (const act of [
      (who: Person) => t.runs.cancel(who, { runId: runIdOf(run) }),
      (who: Person) => t.kickoffs.apply(who, { runId: runIdOf(run) }),
    ])
      await refused(act(person()), 'FORBIDDEN', 'runId');
    await refused(t.kickoffs.apply(owner, { runId: toGlobalId('ScheduleRun', randomUUID()) }), 'NOT_FOUND', 'runId');
    assert.equal((await t.runs.byIds(owner, [run.id])).size, 1);
    for (const viewer of [person(), person('admin'), ANONYMOUS])
      assert.equal((await t.runs.byIds(viewer, [run.id])).size, 0);
    assert.equal((await t.runs.runsOf(person(), [tournament.id])).size, 0);
    await assert.rejects(t.runs.plan(ANONYMOUS, {}), /UNAUTHENTICATED|sign in/i);
  });

  it('are not taken over, and no time is set, after the tournament is archived or cancelled', async () => {
    const owner = person();
    const { tournament, run } = await scheduled(owner);
    const { 'W1-1': quarter } = await slotsOf(tournament);
    for (const state of ['ARCHIVED', 'CANCELLED'] as const) {
      await t.put(tournament, state);
      await refused(t.kickoffs.apply(owner, { runId: runIdOf(run) }), 'CONFLICT', 'runId');
      const slotId = quarter && slotIdOf(quarter);
      await refused(
        t.kickoffs.set(owner, { slotId, kickoffAt: new Date('2030-06-01T07:00:00Z') }),
        'CONFLICT',
        'slotId',
      );
    }
    assert.equal((await stored(run)).appliedAt, null);
  });

  it('is refused when the tournament is over, or asked for with settings that are none', async () => {
    const owner = person();
    const { tournament } = await bracketOf8(owner);
    for (const state of ['COMPLETED', 'ARCHIVED', 'CANCELLED'] as const) {
      await t.put(tournament, state);
      await refused(plan(owner, tournament), 'CONFLICT', 'tournamentId');
    }
    await t.put(tournament, 'RUNNING');
    for (const [field, more] of [
      ['matchMinutes', { matchMinutes: 4 }],
      ['restMinutes', { restMinutes: -1 }],
      ['pauseMinutes', { pauseMinutes: 1_441 }],
    ] as const)
      await refused(plan(owner, tournament, more), 'INVALID', field);
    const referees = [{ userId: toGlobalId('User', randomUUID()), entryIds: [toGlobalId('Entry', randomUUID())] }];
    await refused(plan(owner, tournament, { referees }), 'NOT_FOUND', 'referees.0.entryIds');
  });

  it('that cannot exist says which constraint, and keeps what fits', async () => {
    const owner = person();
    const { tournament } = await bracketOf8(owner);
    await addVenue(owner, tournament, { pitches: [{ name: 'Court 1', hours: hours('10:00', '12:30') }] });
    const run = await plan(owner, tournament);
    await compute(run);
    const done = await stored(run);
    const [conflict] = conflictsIn(done.conflicts);
    assert.deepEqual(
      [done.state, conflict?.code, conflict?.params],
      ['DONE', 'TOO_FEW_SLOTS', { needs: 7, exist: 5, minutes: 60 }],
    );
    assert.equal(placesIn(done.places).length, 5);
    await t.kickoffs.apply(owner, { runId: runIdOf(run) });
    const times = Object.values(await slotsOf(tournament)).filter(({ kickoffAt }) => kickoffAt !== null);
    assert.equal(times.length, 5);
  });

  it('gives nobody to referee a match of a team that the referee entered or plays for', async () => {
    const owner = person();
    const { tournament, entries } = await bracketOf8(owner);
    await addVenue(owner, tournament);
    const [captain, neutral] = [entries[0]?.enteredBy ?? '', randomUUID()];
    const referees = [captain, neutral].map((user) => ({ userId: toGlobalId('User', user) }));
    const run = await plan(owner, tournament, { referees });
    await compute(run);
    await t.kickoffs.apply(owner, { runId: runIdOf(run) });
    const slots = await slotsOf(tournament);
    assert.deepEqual(
      ['W1-1', 'W2-1', 'W3-1'].map((key) => slots[key]?.refereeId),
      [neutral, neutral, neutral],
    );
    assert.ok(Object.values(slots).some(({ refereeId }) => refereeId === captain));
  });
});

describe('a run', () => {
  it('that fails at each delivery is FAILED after the last one, and another one can be requested', async () => {
    const owner = person();
    const { tournament } = await bracketOf8(owner);
    await addVenue(owner, tournament);
    const run = await plan(owner, tournament);
    const startTimer = (): never => {
      throw new Error('broken');
    };
    const broken = new ScheduleWork(t.prisma, t.outbox, undefined, undefined, {
      schedule: { startTimer },
    } as unknown as TournamentsMetrics);
    const asked = { tournamentId: run.tournamentId, runId: run.id };
    for (const [attempt, state] of [
      [1, 'RUNNING'],
      [Computations.maxDeliveries - 1, 'RUNNING'],
      [Computations.maxDeliveries, 'FAILED'],
    ] as const) {
      await assert.rejects(broken.compute(asked, { attempt }), /broken/);
      assert.equal((await stored(run)).state, state);
    }
    assert.equal((await stored(run)).error, 'INTERNAL');
    await compute(await plan(owner, tournament));
  });

  it('whose workers are lost at each delivery is FAILED, and another one can be requested; a finished one stays', async () => {
    const owner = person();
    const { tournament } = await bracketOf8(owner);
    await addVenue(owner, tournament);
    const work = new ScheduleWork(t.prisma, t.outbox);
    const run = await plan(owner, tournament);
    await work.lost({ tournamentId: run.tournamentId, runId: run.id });
    const { state, error } = await stored(run);
    assert.deepEqual([state, error], ['FAILED', 'INTERNAL']);

    const next = await plan(owner, tournament);
    await compute(next);
    await work.lost({ tournamentId: next.tournamentId, runId: next.id });
    assert.equal((await stored(next)).state, 'DONE');
  });

  it('whose worker dies in the middle is computed again, and has one result', async () => {
    const owner = person();
    const { tournament } = await bracketOf8(owner);
    await addVenue(owner, tournament);
    const run = await plan(owner, tournament);
    const database = await createTestDatabase();
    const queue = await PostgresJobQueue.open({ database: database.url });
    await queue.ensureQueues([{ ...Computations, retryDelayMs: 1 }]);
    const late: Promise<void>[] = [];
    const attempts: number[] = [];
    const worker = await queue.work(Computations.name, {
      concurrency: 1,
      handler: async ({ attempt }) => {
        attempts.push(attempt);
        if (attempt > 1) return compute(run);
        // The queue thinks that the first worker died and delivers the job again. That worker still finishes.
        late.push(compute(run));
        await until('the run is computed', async () => (await stored(run)).state !== 'QUEUED');
        throw new Error('the process is gone');
      },
    });
    const [job] = (await t.told()).jobs.filter(({ payload }) => (payload as { runId: string }).runId === run.id);
    assert.ok(job);
    await queue.enqueue([{ ...job, version: 1, payload: job.payload }]);
    await queue.settled([Computations.name]);
    await Promise.all(late);
    await worker.close();
    await queue.close();
    await database.drop();
    assert.deepEqual(attempts, [1, 2]);
    assert.equal((await stored(run)).state, 'DONE');
    assert.deepEqual(
      (await told(tournament)).filter((state) => state !== 'RUNNING'),
      ['QUEUED', 'DONE'],
    );
  });

  it('goes on in another process after kill -9 of its worker, with progress that only grows and one result', async () => {
    const owner = person();
    const { tournament } = await bracketOf8(owner);
    await addVenue(owner, tournament);
    const run = await plan(owner, tournament);
    const database = await createTestDatabase();
    const queue = await PostgresJobQueue.open({ database: database.url, heartbeatSeconds: 10 });
    afterTest(async () => {
      await queue.close();
      await database.drop();
    });
    await queue.ensureQueues([{ ...Computations, retryDelayMs: 1 }]);
    const [job] = (await t.told()).jobs.filter(({ payload }) => (payload as { runId: string }).runId === run.id);
    assert.ok(job);
    await queue.enqueue([{ ...job, version: 1, payload: job.payload }]);
    // The number of steps is so large that the worker cannot finish them before it is killed.
    const request: WorkerRequest = { url: t.url, queueUrl: database.url, steps: 500_000_000, tellMs: 20 };
    const child = fork(new URL('./schedule/computations.worker.ts', import.meta.url), [JSON.stringify(request)], {
      execArgv: ['--import', new URL('../../loader.mjs', import.meta.url).href],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    afterTest(() => void child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    await until('it runs', async () => (await stored(run)).state === 'RUNNING', 60_000);
    child.kill('SIGKILL');
    assert.deepEqual(await exited, [null, 'SIGKILL']);
    const dead = await stored(run);
    assert.equal(dead.state, 'RUNNING');
    const attempts: number[] = [];
    const next = new ScheduleWork(t.prisma, t.outbox, 300_000, 1);
    const worker = await queue.work(Computations.name, {
      concurrency: 1,
      handler: async ({ attempt }) => {
        attempts.push(attempt);
        await compute(run, next);
      },
    });
    await until('the run is done', async () => (await stored(run)).state === 'DONE', 120_000);
    await queue.settled([Computations.name]);
    await worker.close();
    assert.deepEqual(attempts, [2]);
    const percents = (await t.toldOf(tournament))
      .filter(({ type }) => type === ScheduleRunChanged.type)
      .map(({ payload }) => ScheduleRunChanged.payload.parse(payload))
      .filter(({ state }) => state !== 'QUEUED')
      .map(({ percent }) => percent);
    assert.deepEqual(
      percents,
      [...new Set(percents)].toSorted((a, b) => a - b),
    );
    assert.equal(percents.at(-1), 100);
    assert.ok(
      percents.some((percent) => percent > dead.percent && percent < 100),
      'the second worker reports progress',
    );
    assert.equal((await stored(run)).places !== null, true);
  }, 240_000);

  it('has the same result whoever computes it', async () => {
    const owner = person();
    const { run } = await scheduled(owner);
    await t.prisma.scheduleRun.update({ where: { id: run.id }, data: { state: 'RUNNING', percent: 0 } });
    await compute(run, new ScheduleWork(t.prisma, t.outbox));
    assert.deepEqual((await stored(run)).places, run.places);
  });

  it('is cancelled before and while it is computed, and nothing is told of it afterwards', async () => {
    const owner = person();
    const { tournament } = await bracketOf8(owner);
    await addVenue(owner, tournament);
    const first = await plan(owner, tournament);
    await t.runs.cancel(owner, { runId: runIdOf(first) });
    await compute(first);
    assert.deepEqual(await told(tournament), ['QUEUED', 'CANCELLED']);

    const second = await plan(owner, tournament);
    // These steps would take hours, so only the cancellation can end the computation.
    const computing = compute(second, new ScheduleWork(t.prisma, t.outbox, 1_000_000_000));
    await until('the run is computed', async () => (await stored(second)).state === 'RUNNING');
    const cancelled = await t.runs.cancel(owner, { runId: runIdOf(second) });
    assert.equal(cancelled.state, 'CANCELLED');
    await computing;
    assert.deepEqual((await told(tournament)).slice(2), ['QUEUED', 'RUNNING', 'CANCELLED']);
    await refused(t.kickoffs.apply(owner, { runId: runIdOf(second) }), 'CONFLICT', 'runId');
    assert.equal((await t.runs.cancel(owner, { runId: runIdOf(second) })).state, 'CANCELLED', 'again');
    const { run } = await scheduled(owner);
    await refused(t.runs.cancel(owner, { runId: runIdOf(run) }), 'CONFLICT', 'runId');
  });

  it('is measured, with its outcome', async () => {
    const metrics = new Metrics('tournaments');
    const work = new ScheduleWork(
      t.prisma,
      t.outbox,
      1_000_000_000,
      undefined,
      new TournamentsMetrics(metrics, t.prisma),
    );
    const owner = person();
    const { tournament } = await bracketOf8(owner);
    await addVenue(owner, tournament);
    const run = await plan(owner, tournament);
    const computing = compute(run, work);
    await until('the run is computed', async () => (await stored(run)).state === 'RUNNING');
    await t.runs.cancel(owner, { runId: runIdOf(run) });
    await computing;
    const quick = new ScheduleWork(t.prisma, t.outbox, 20, undefined, new TournamentsMetrics(metrics, t.prisma));
    await compute(await plan(owner, tournament), quick);
    const text = await metrics.registry.metrics();
    metrics.close();
    for (const outcome of ['cancelled', 'done'])
      assert.match(text, new RegExp(`^tournaments_schedule_seconds_count\\{.*outcome="${outcome}".*\\} 1$`, 'm'));
  });

  it('tells how far it is, at every tenth at most', async () => {
    const owner = person();
    const { tournament } = await bracketOf8(owner);
    await addVenue(owner, tournament);
    const run = await plan(owner, tournament);
    await compute(run, new ScheduleWork(t.prisma, t.outbox, 20_000, 0));
    const percents = (await t.toldOf(tournament))
      .filter(({ type }) => type === ScheduleRunChanged.type)
      .map(({ payload }) => ScheduleRunChanged.payload.parse(payload).percent);
    assert.deepEqual(percents, [0, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  });

  it('of a plan that has changed is neither computed nor applied', async () => {
    const owner = person();
    const { tournament } = await bracketOf8(owner);
    await addVenue(owner, tournament);
    const run = await plan(owner, tournament);
    await addVenue(owner, tournament, { name: 'Park' });
    await compute(run);
    assert.deepEqual([(await stored(run)).state, (await stored(run)).error], ['FAILED', 'PLAN_CHANGED']);

    const next = await plan(owner, tournament);
    await compute(next);
    await t.prisma.slot.updateMany({
      where: { key: 'W2-1', stage: { tournamentId: tournament.id } },
      data: { homeEntryId: (await slotsOf(tournament))['W1-1']?.homeEntryId ?? null },
    });
    await refused(t.kickoffs.apply(owner, { runId: runIdOf(next) }), 'CONFLICT', 'runId');
    assert.ok(Object.values(await slotsOf(tournament)).every(({ kickoffAt }) => kickoffAt === null));
  });

  it('is one of the newest 20', async () => {
    const owner = person();
    const { tournament } = await bracketOf8(owner);
    for (let index = 0; index < 22; index++) {
      const run = await plan(owner, tournament);
      await t.runs.cancel(owner, { runId: runIdOf(run) });
    }
    assert.equal((await t.runs.runsOf(owner, [tournament.id])).get(tournament.id)?.length, 20);
  });
});

describe('a time set by hand', () => {
  const june1 = (time: string): Date => new Date(`2030-06-01T${time}:00+02:00`);

  async function applied(owner: Person) {
    const { tournament, run } = await scheduled(owner, { restMinutes: 15 });
    await t.kickoffs.apply(owner, { runId: runIdOf(run) });
    const [venue] = await t.prisma.venue.findMany({
      where: { tournamentId: tournament.id },
      include: { pitches: true },
    });
    const slots = await slotsOf(tournament);
    const byTime = Object.values(slots).toSorted(
      (a, b) => (a.kickoffAt?.getTime() ?? 0) - (b.kickoffAt?.getTime() ?? 0),
    );
    const set = (slot: Slot | undefined, time: string, more: object = {}, who = owner) =>
      t.kickoffs.set(who, {
        slotId: slot && slotIdOf(slot),
        kickoffAt: june1(time),
        pitchId: toGlobalId('Pitch', venue?.pitches[0]?.id ?? ''),
        ...more,
      });
    return { tournament, slots, byTime, set };
  }

  it('is told, and later schedules keep it', async () => {
    const owner = person();
    const { tournament, slots, set } = await applied(owner);
    const final = slots['W3-1'];
    const { slot, warnings } = await set(final, '18:05');
    assert.deepEqual([local(slot.kickoffAt), slot.kickoffIsFixed, warnings], ['2030-06-01 18:05', true, []]);
    const run = await plan(owner, tournament, { matchMinutes: 40 });
    await compute(run);
    await t.kickoffs.apply(owner, { runId: runIdOf(run) });
    assert.equal(local((await slotsOf(tournament))['W3-1']?.kickoffAt), '2030-06-01 18:05');
    const quarter = (await slotsOf(tournament))['W1-2'];
    await t.kickoffs.set(owner, { matchId: toGlobalId('Match', quarter?.matchId ?? ''), kickoffAt: june1('09:00') });
    const last = (await t.toldOf(tournament)).at(-1);
    assert.deepEqual(MatchReplanned.payload.parse(last?.payload), {
      matchId: quarter?.matchId,
      tournamentId: tournament.id,
      kickoffAt: '2030-06-01T07:00:00.000Z',
      kickoffIsEstimate: false,
      venue: null,
      refereeId: null,
    });
  });

  it('that breaks a hard rule is refused, with the rule in words', async () => {
    const owner = person();
    const { tournament, slots, byTime, set } = await applied(owner);
    const rulesOf = async (work: Promise<unknown>): Promise<string[]> => {
      try {
        await work;
      } catch (error) {
        const { errors } = error as { errors: { code: string; field: string[]; params: { value: string }[] }[] };
        assert.ok(errors.every(({ code, field }) => code === 'CONFLICT' && field.join() === 'kickoffAt'));
        return errors.map(({ params }) => params[0]?.value ?? '');
      }
      return [];
    };
    const [first, second] = byTime;
    assert.deepEqual(await rulesOf(set(first, '10:30')), ['PITCH_TAKEN']);
    assert.deepEqual(await rulesOf(set(first, '23:00', {})), ['PITCH_CLOSED', 'NOT_DECIDED_YET']);
    assert.deepEqual(await rulesOf(set(slots['W3-1'], '13:00')), ['NOT_DECIDED_YET']);
    assert.deepEqual(await slotsOf(tournament), slots, 'nothing is half done');
    // Without a pitch, the match overlaps no other match, so no rule is broken.
    const { warnings } = await set(second, '10:00', { pitchId: null });
    assert.deepEqual(warnings, []);
    await refused(set(first, '10:00', {}, person()), 'FORBIDDEN', 'slotId');
    await refused(set(first, '10:00', { pitchId: toGlobalId('Pitch', randomUUID()) }), 'NOT_FOUND', 'pitchId');
    await refused(set(first, '10:00', { slotId: toGlobalId('BracketSlot', randomUUID()) }), 'NOT_FOUND', 'slotId');
    await refused(set(undefined, '10:00'), 'INVALID', null);
  });

  it('out of the order of rounds is a warning', async () => {
    const owner = person();
    const { byTime, set } = await applied(owner);
    // The semi-final begins before the last quarter-final. Its teams come from the first two quarter-finals.
    const semi = byTime[4];
    const { warnings } = await set(semi, '11:25', { pitchId: null });
    assert.deepEqual(
      warnings.map(({ rule, matches }) => [rule, matches]),
      [['ROUND_ORDER', [byTime[3]?.id, semi?.id]]],
    );
    assert.match(warnings[0]?.message ?? '', /round/);
  });

  it('cannot be that of a match that has begun', async () => {
    const owner = person();
    const { tournament, slots, set } = await applied(owner);
    const quarter = slots['W1-1'];
    await t.prisma.result.create({
      data: {
        matchId: quarter?.matchId ?? '',
        slotId: quarter?.id ?? '',
        homeEntryId: quarter?.homeEntryId ?? '',
        awayEntryId: quarter?.awayEntryId ?? '',
        state: 'LIVE',
        number: 1,
      },
    });
    await refused(set(quarter, '15:00'), 'CONFLICT', 'slotId');
    const run = await plan(owner, tournament, { matchMinutes: 20 });
    await compute(run);
    await t.kickoffs.apply(owner, { runId: runIdOf(run) });
    assert.deepEqual((await slotsOf(tournament))['W1-1']?.kickoffAt, quarter?.kickoffAt);
  });
});
