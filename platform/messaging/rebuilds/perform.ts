import { asError, pause } from '../../async/retry.ts';
import type { History } from '../event-log/history.ts';
import type { Projection } from './projection.ts';
import type { RebuildRuns, RunLock, RunProgress } from './runs.ts';

/** How often the progress is stored, in milliseconds. A cancelled run notices it then. */
const TELL_MS = 500;

/** The error that ends the work on a run which is not running any more, for example because somebody cancelled it. */
class Stopped extends Error {}

export interface Performed {
  readonly runs: RebuildRuns;
  readonly runId: string;
  readonly projection: Projection;
  /** The held lock of the run. */
  readonly lock: RunLock;
  readonly history: History;
  /** PostgreSQL URL of the service. */
  readonly url: string;
  /** Stops the work with its reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds between two looks at the run. Default 500. */
  readonly tellMs?: number;
}

/**
 * Rebuilds the projection of a run that has begun. The product may run meanwhile: the live rows stay in use until they
 * are replaced. The same run again makes the same rows, so it can be repeated after any failure.
 * @returns false if the run was cancelled
 * @throws what the projection throws; the reason of `signal`; an error if the lock or the database is lost
 */
export async function perform({
  runs,
  runId,
  projection: { topics, open },
  lock,
  history,
  url,
  signal,
  tellMs = TELL_MS,
}: Performed): Promise<boolean> {
  const stop = new AbortController();
  const ended = new AbortController();
  const stopped = AbortSignal.any([stop.signal, lock.lost, ...(signal ? [signal] : [])]);
  let progress: RunProgress = { step: 'READING', events: 0, total: 0 };
  const tell = async (): Promise<void> => {
    for (; !ended.signal.aborted; await pause(tellMs, ended.signal))
      if (!(await runs.seen(runId, progress))) return stop.abort(new Stopped());
  };
  const telling = tell().catch((error: unknown) => stop.abort(asError(error)));
  try {
    const rebuild = await open(url, stopped);
    let figures;
    try {
      const read = async (count: (events: number) => void): Promise<void> => {
        for (const topic of topics)
          for await (const page of history.read(topic)) {
            stopped.throwIfAborted();
            for (const event of page) await rebuild.handle(event);
            count(page.length);
          }
      };
      let total = 0;
      for (const topic of topics) total += await history.size(topic);
      progress = { ...progress, total };
      await read((events) => (progress = { ...progress, events: progress.events + events }));
      stopped.throwIfAborted();
      progress = { ...progress, step: 'REPLACING' };
      figures = await rebuild.finish(() => read(() => undefined));
    } finally {
      await rebuild.close();
    }
    ended.abort();
    await telling;
    return await runs.done(runId, progress, figures);
  } catch (error) {
    if (error instanceof Stopped) return false;
    throw error;
  } finally {
    ended.abort();
    await telling;
  }
}
