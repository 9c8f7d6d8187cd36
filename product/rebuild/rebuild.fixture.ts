import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import assert from 'node:assert/strict';
import pg from 'pg';
import type { EventLog } from '../../platform/messaging/event-log/event-log.ts';
import type { JobQueue } from '../../platform/messaging/job-queue/job-queue.ts';
import { RebuildRuns, type Run } from '../../platform/messaging/rebuilds/runs.ts';
import type { ServiceProcess } from '../../test/network/process.ts';
import { until } from '../../test/network/until.ts';
import { MatchComputations } from '../../schema/messages/matches.ts';
import type { DomainEvent } from '../../platform/messaging/event-log/event-log.ts';
import { type MatchEventDetail, Matches, MatchEventRecorded, type MatchState } from '../../schema/messages/matches.ts';

type Environment = Readonly<Record<string, string>>;

const ROOT = path.join(import.meta.dirname, '../..');

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as `npm run rebuild` does. */
export const command = (args: readonly string[], env: Environment = {}): Promise<Ran> => begin(args, env).ended;

/** Starts the command. */
export function begin(
  args: readonly string[],
  env: Environment = {},
): { readonly ended: Promise<Ran>; interrupt(): void; kill(): void } {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(
    process.execPath,
    ['--import', path.join(ROOT, 'loader.mjs'), path.join(ROOT, 'product/rebuild/cli.ts'), ...args],
    { cwd: ROOT, env: { PATH, HOME, ...env }, timeout: 180_000 },
  );
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }));
  return { ended, interrupt: () => void child.kill('SIGINT'), kill: () => void child.kill('SIGKILL') };
}

/** The events of a match that ended 2:1 and is confirmed. */
function confirmedMatch(homeTeamId: string, awayTeamId: string, kickoffAt: string): DomainEvent[] {
  const matchId = randomUUID();
  const states: MatchState[] = ['SCHEDULED', 'FINISHED', 'CONFIRMED'];
  return states.map((state, index): DomainEvent => {
    const ended = index > 0;
    const score = { home: ended ? 2 : 0, away: ended ? 1 : 0, periods: [], shootout: null };
    const detail: MatchEventDetail = { kind: 'STATE', state, reason: null };
    const eventId = randomUUID();
    return {
      topic: Matches.name,
      key: matchId,
      seq: index + 1,
      eventId,
      type: MatchEventRecorded.type,
      version: MatchEventRecorded.version,
      occurredAt: kickoffAt,
      payload: {
        matchId,
        eventId,
        recordedAt: kickoffAt,
        match: {
          sport: 'FOOTBALL',
          homeTeamId,
          awayTeamId,
          tournamentId: null,
          kickoffAt,
          state,
          counts: state === 'CONFIRMED',
          how: 'PLAYED',
          winner: ended ? 'HOME' : null,
        },
        detail,
        score,
      },
    };
  });
}

/** Two teams and three of their matches with all their events. */
export function season(): { readonly home: string; readonly events: DomainEvent[] } {
  const [home, away] = [randomUUID(), randomUUID()];
  const days = ['2026-05-03', '2026-05-01', '2026-05-02'];
  return { home, events: days.flatMap((day) => confirmedMatch(home, away, `${day}T18:00:00.000Z`)) };
}

export interface Installation {
  /** PostgreSQL with the tables of matches. */
  readonly databaseUrl: string;
  /** For the command. */
  readonly environment: Environment;
  readonly log: Pick<EventLog, 'append'>;
  readonly queue: Pick<JobQueue, 'dead' | 'redrive'>;
  /** A worker of the queue `match-computations`, started. */
  readonly worker: ServiceProcess;
}

/**
 * Checks rebuilds by a worker that are done, refused, cancelled, killed or poisoned. It is the same in both modes.
 */
export async function rebuildByWorker({ databaseUrl, environment, log, queue, worker }: Installation): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  const { home, events } = season();
  for (const outcome of await log.append(events)) assert.ok(outcome.ok);
  const run = (...args: string[]): Promise<Ran> => command(args, environment);
  const changes = async (): Promise<readonly unknown[]> =>
    (
      await pool.query<{ mu: number }>(
        'SELECT mu FROM matches.rating_changes WHERE subject_id = $1 ORDER BY kickoff_at',
        [home],
      )
    ).rows;
  /** The newest run. */
  const newest = async (): Promise<Run> => {
    const [found] = await new RebuildRuns(pool, 'matches').list('ratings');
    assert.ok(found);
    return found;
  };
  const stateIs = (state: Run['state']): Promise<true> =>
    until(`the run is ${state}`, async () => (await newest()).state === state, 110_000);
  /** Holds a rebuild where it fills its new tables. Resolves to a function that ends that. */
  const hold = async (): Promise<() => Promise<void>> => {
    const client = await pool.connect();
    await client.query('BEGIN; LOCK TABLE matches.rated_matches IN ACCESS EXCLUSIVE MODE');
    return async () => {
      await client.query('ROLLBACK');
      client.release();
    };
  };
  const leftTables = async (): Promise<number | null> =>
    (await pool.query("SELECT FROM pg_class WHERE relname LIKE '%\\_new' AND relnamespace = 'matches'::regnamespace"))
      .rowCount;
  try {
    const done = await run('ratings', '--json');
    assert.equal(done.code, 0, done.err);
    const { took: _took, ...figures } = JSON.parse(done.out) as Record<string, unknown>;
    assert.deepEqual(figures, { name: 'ratings', events: 9, matches: 3, rows: 9, late: 0 });
    const made = await changes();
    assert.equal(made.length, 3);
    const status = await run('ratings', '--status', '--json');
    assert.equal(status.code, 0, status.err);
    const [shown, ...others] = JSON.parse(status.out) as Run[];
    assert.deepEqual([shown, others], [await newest(), []]);
    const { state, events: read, total, byCommand } = await newest();
    assert.deepEqual({ state, read, total, byCommand }, { state: 'DONE', read: 9, total: 9, byCommand: false });

    // Two at once: the second one is refused, also if it would do the work itself. Another projection is not.
    let goOn = await hold();
    const first = begin(['ratings'], environment);
    await stateIs('RUNNING');
    for (const second of await Promise.all([run('ratings'), run('ratings', '--here')])) {
      assert.equal(second.code, 1);
      assert.match(second.err, /^A rebuild of ratings is RUNNING, asked for at \S+: --status ratings shows it/m);
    }
    assert.equal((await run('statistics', '--here')).code, 0);

    // Ctrl-C cancels it. The rows stay, and nothing else is left of it.
    first.interrupt();
    const cancelled = await first.ended;
    assert.deepEqual([cancelled.code, cancelled.out], [1, '']);
    assert.match(cancelled.err, /ratings: cancelled/);
    await goOn();
    await until('it has cleared away', async () => (await leftTables()) === 0);
    assert.equal((await newest()).state, 'CANCELLED');
    assert.deepEqual(await changes(), made);
    assert.equal((await run('ratings', '--cancel')).code, 1, 'there is nothing to cancel any more');

    // A killed worker: the job is delivered again, and begins again.
    await pool.query('DELETE FROM matches.rating_changes');
    goOn = await hold();
    const enqueued = await run('ratings', '--no-wait');
    assert.equal(enqueued.code, 0, enqueued.err);
    await stateIs('RUNNING');
    await worker.end('SIGKILL');
    await goOn();
    await worker.start();
    await stateIs('DONE');
    assert.ok((await newest()).attempt > 1);
    assert.deepEqual(await changes(), made);
    assert.equal(await leftTables(), 0);

    // A rebuild that fails each time ends among the dead letters. Put back, it is done.
    await pool.query('CREATE VIEW matches.rated_matches_new AS SELECT 1 AS one');
    const poisoned = await run('ratings');
    assert.equal(poisoned.code, 1);
    assert.match(poisoned.err, /delivery 1 failed \(.*it is tried again/);
    assert.match(poisoned.err, /ratings: it failed 5 times\. The last time: .*\nThe job is dead/);
    const { id } = await newest();
    const [dead] = await queue.dead(MatchComputations.name, 10);
    assert.deepEqual(dead?.payload, { runId: id });
    assert.ok(dead.reason.includes('rated_matches_new'), dead.reason);
    assert.deepEqual(await changes(), made);
    await pool.query('DROP VIEW matches.rated_matches_new; DELETE FROM matches.rating_changes');
    assert.equal(await queue.redrive(MatchComputations.name, 10, dead.id), 1);
    await stateIs('DONE');
    assert.deepEqual([(await newest()).id, await changes()], [id, made]);
  } finally {
    await pool.end();
  }
}
