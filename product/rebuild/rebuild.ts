import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../platform/config/config.ts';
import type { Projection } from '../../platform/messaging/rebuilds/projection.ts';
import { perform } from '../../platform/messaging/rebuilds/perform.ts';
import { RebuildRuns, type Run } from '../../platform/messaging/rebuilds/runs.ts';
import { asError } from '../../platform/async/retry.ts';
import { openStores } from '../../platform/platform.module.ts';
import { isMigrated } from '../../platform/postgres/migrate.ts';
import { openPool } from '../../platform/postgres/pool.ts';
import type { Stores } from '../../platform/stores.ts';
import { PROJECTIONS } from './projections.ts';

const LOOK_EVERY_MS = 250;

/** The error when the command cannot work. The message has one line for the operator. */
export class Refusal extends Error {}

export interface RebuildOptions {
  /** Whether this process does the work even if the product may run. */
  readonly here?: boolean;
  /** Whether to return as soon as a job does the work. */
  readonly detached?: boolean;
  /** Called with the text of a slow step. */
  readonly onProgress?: (step: string) => void;
  /** Called with the run whenever something about it has changed. */
  readonly onRun?: (run: Run) => void;
  /** Cancels the run. */
  readonly signal?: AbortSignal;
}

/** The runs of one service, or why they cannot be read. */
export interface RunsOfService {
  readonly service: string;
  readonly runs: readonly Run[];
  /** One line, if the runs cannot be read. */
  readonly note?: string;
}

/** @throws Refusal for an unknown name */
export function projectionNamed(name: string): Projection {
  const projection = Object.hasOwn(PROJECTIONS, name) ? PROJECTIONS[name] : undefined;
  if (!projection) throw new Refusal(`there is no projection ${name}`);
  return projection;
}

/**
 * Rebuilds a projection from its topics. A worker of the running product does it; a stopped product has none, so this
 * process does it. The live rows stay in use until they are replaced.
 * @returns the run: DONE, FAILED or CANCELLED; or as it is after the request if `detached`
 * @throws Refusal if another run of the projection is not over, or there is nothing to work on; DataDirectoryError;
 * ConfigError; with `here`, also what the projection throws
 */
export async function rebuild(config: Config, name: string, options: RebuildOptions = {}): Promise<Run> {
  const projection = projectionNamed(name);
  return opened(config, options.onProgress, async (stores) => {
    await refuseOldTables(stores, projection.service);
    const pool = openPool(stores.databaseUrl, 'rebuild', 2, () => undefined);
    const runs = new RebuildRuns(pool, projection.service);
    const here = options.here === true || (!stores.mayRun && options.detached !== true);
    try {
      return here ? await doHere(stores, runs, name, projection, options) : await hand(runs, name, projection, options);
    } finally {
      await pool.end();
    }
  });
}

/** The runs of each service, the newest first. @param name only runs of this projection */
export async function status(
  config: Config,
  name?: string,
  onProgress?: RebuildOptions['onProgress'],
): Promise<readonly RunsOfService[]> {
  const projections = name === undefined ? Object.values(PROJECTIONS) : [projectionNamed(name)];
  return opened(config, onProgress, async (stores) => {
    const pool = openPool(stores.databaseUrl, 'rebuild', 1, () => undefined);
    try {
      const found: RunsOfService[] = [];
      for (const service of new Set(projections.map((one) => one.service)))
        found.push(await runsOf(stores, pool, service, name));
      return found;
    } finally {
      await pool.end();
    }
  });
}

/** Cancels the run of the projection. @returns undefined if there is none to cancel */
export async function cancel(config: Config, name: string): Promise<Run | undefined> {
  const { service } = projectionNamed(name);
  return opened(config, undefined, async (stores) => {
    await refuseOldTables(stores, service);
    const pool = openPool(stores.databaseUrl, 'rebuild', 1, () => undefined);
    try {
      return await new RebuildRuns(pool, service).cancel(name);
    } finally {
      await pool.end();
    }
  });
}

async function opened<T>(
  config: Config,
  onProgress: RebuildOptions['onProgress'],
  use: (stores: Stores) => Promise<T>,
): Promise<T> {
  const stores = await openStores(config, { onProgress });
  try {
    return await use(stores);
  } finally {
    await stores.close();
  }
}

async function refuseOldTables({ databaseUrl: url }: Stores, service: string): Promise<void> {
  if ((await isMigrated({ url, service })) !== true)
    throw new Refusal(
      `The tables of ${service} are missing or old: start the product once, or run \`main.ts migrate\`.`,
    );
}

async function runsOf(
  stores: Stores,
  pool: ReturnType<typeof openPool>,
  service: string,
  name: string | undefined,
): Promise<RunsOfService> {
  try {
    await refuseOldTables(stores, service);
    return { service, runs: await new RebuildRuns(pool, service).list(name) };
  } catch (error) {
    if (error instanceof Refusal) return { service, runs: [], note: error.message };
    // 42501: the login of one service may not read another one.
    if ((error as { code?: unknown }).code !== '42501') throw error;
    return { service, runs: [], note: `the login of DATABASE_URL may not read ${service}` };
  }
}

const underWay = (name: string, { state, requestedAt }: Run): Refusal =>
  new Refusal(
    `A rebuild of ${name} is ${state}, asked for at ${requestedAt}: --status ${name} shows it, --cancel ${name} ends it.`,
  );

/** Asks a worker for the run, and follows it until it is over. */
async function hand(runs: RebuildRuns, name: string, { job }: Projection, options: RebuildOptions): Promise<Run> {
  const { run, isNew } = await runs.request(name, job);
  if (!isNew) throw underWay(name, run);
  if (options.detached) return run;
  for (; ; await sleep(LOOK_EVERY_MS)) {
    const now = await look(runs, run, options);
    if (!isOpen(now)) return now;
  }
}

/** The run as it is now. Cancels it if the signal has aborted. @throws Refusal if it does not exist any more */
async function look(runs: RebuildRuns, { id, name }: Run, { signal, onRun }: RebuildOptions): Promise<Run> {
  if (signal?.aborted) await runs.cancel(name);
  const now = await runs.byId(id);
  if (!now) throw new Refusal(`The run of ${name} was deleted`);
  onRun?.(now);
  return now;
}

const isOpen = ({ state }: Run): boolean => state === 'QUEUED' || state === 'RUNNING';

async function doHere(
  { databaseUrl: url, history }: Stores,
  runs: RebuildRuns,
  name: string,
  projection: Projection,
  options: RebuildOptions,
): Promise<Run> {
  if (!history) throw new Refusal(`KAFKA_BROKERS is missing: ${projection.topics.join(', ')} cannot be read`);
  const lock = await runs.lock(url, name, false);
  if (!lock) {
    const [running] = await runs.list(name);
    throw running ? underWay(name, running) : new Refusal(`A rebuild of ${name} is under way.`);
  }
  try {
    const { run, isNew } = await runs.request(name, undefined);
    if (!isNew) throw underWay(name, run);
    const begun = await runs.begin(run.id, 1);
    let over = begun === undefined;
    const looking = (async () => {
      for (; !over; await sleep(LOOK_EVERY_MS)) await look(runs, run, options);
    })().catch(() => undefined);
    try {
      if (begun) await perform({ runs, runId: run.id, projection, lock, history, url });
    } catch (error) {
      await runs.failed(run.id, asError(error), true);
      throw error;
    } finally {
      over = true;
      await looking;
    }
    return await look(runs, run, {});
  } finally {
    await lock.release();
  }
}
