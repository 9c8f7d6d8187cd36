import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Lru } from '../collections/lru.ts';
import { isTextNestedDeeper } from '../operation/nesting.ts';
import { RequestError, nestedTooDeep, requestError } from '../operation/request-error.ts';
import type { OperationLimits, PlannerName } from './operation-planner.ts';
import type { Overrides } from './overrides.ts';
import { startPlanner } from './planner-link.ts';
import type { PlanAnswer, PlannerLink } from './planner-link.ts';

export interface PlannerOptions extends OperationLimits {
  /**
   * How long the planning of one document may take. After that it is cancelled, and the document is refused as long as
   * the planner remembers the refusal. Milliseconds.
   */
  readonly planningMs: number;
  /** How many documents may wait while others are planned. A further one is refused with PlannerBusy. */
  readonly planningQueue: number;
  /**
   * How many refused documents the planner remembers, so that it does not check them again. Beyond this number it
   * forgets the documents that clients sent least recently.
   */
  readonly refusals: number;
  /** Called when the planner process had to be replaced. */
  readonly onTrouble?: (message: string) => void;
}

/**
 * Checks and plans operations in a separate process. If a document makes a planner crash or hang, this process
 * continues to serve.
 */
export interface Planner {
  /**
   * Resolves when documents can be planned.
   * @throws Error (as a rejection) when no planner accepts the supergraph
   */
  ready(): Promise<void>;
  /**
   * Parses, validates, checks and plans a document. Concurrent calls for the same document share the work. It caches
   * refusals but not plans.
   * @returns JSON of a PlannedOperation
   * @throws RequestError (as a rejection) when the document is refused; PlannerBusy when it cannot be planned now
   */
  plan(text: string, operationName: string | null | undefined, overrides: Overrides): Promise<string>;
  /** Ends the process. Waiting documents are rejected with PlannerBusy. */
  close(): void;
}

/** The error when too many documents wait to be planned, or there is no planner. The document itself may be fine. */
export class PlannerBusy extends Error {
  readonly code = 'UNAVAILABLE';
  override readonly name = 'PlannerBusy';
}

/**
 * After this many crashes only Apollo's planner is used. Each crash costs a start of the process, and a client that has
 * found a crashing document may send more of them.
 */
const MAX_CRASHES = 10;
/** An idle process ends after this time. The next document starts another one, which takes 0.3 s. Milliseconds. */
const IDLE_MS = 60_000;
/**
 * The pause between two waiting documents. Each new document costs this process about 2 ms: it reads and compiles the
 * plan, and the first execution runs code that V8 has not optimised. Without a pause a queue of new documents would
 * delay known operations: at 100 new documents a second their p99 rose 5 times, and with this pause 2.4 times.
 */
const PAUSE_MS = 3;
/** Up to this length a document itself is its cache key. A longer document has its hash as key. */
const LONGEST_KEY = 8_192;

/** The cache key of a document for plans and refusals. */
export function planKey(
  text: string,
  operationName: string | null | undefined,
  { labels, percentage }: Overrides,
): string {
  const short = text.length <= LONGEST_KEY ? text : createHash('sha256').update(text).digest('base64');
  return `${operationName ?? ''}\n${labels.join()}\n${percentage}\n${short}`;
}

interface Job {
  readonly text: string;
  readonly operationName: string | undefined;
  readonly overrides: Overrides;
  resolve(planned: string): void;
  reject(error: Error): void;
}

/** Creates a planner, whose process starts at the first use. @param sdl a supergraph that `loadSupergraph` accepts */
export function createPlanner(sdl: string, options: PlannerOptions): Planner {
  const { planningMs, planningQueue, refusals, onTrouble, ...limits } = options;
  const refused = new Lru<string, RequestError>(refusals);
  const pending = new Map<string, Promise<string>>();
  const queue: Job[] = [];
  let only: PlannerName | undefined;
  let link: PlannerLink | undefined;
  let starting: Promise<PlannerLink> | undefined;
  let working = false;
  let crashes = 0;
  let idle: NodeJS.Timeout | undefined;
  let closed = false;

  /** Starts a planner process. @throws Error when no planner accepts the supergraph */
  const start = async (): Promise<PlannerLink> => {
    link = startPlanner({ sdl, limits, ...(only && { only }) });
    let problem = await link.ready;
    if (problem !== undefined && only === undefined && !closed) {
      onTrouble?.(`the native planner cannot be used with this supergraph: ${problem}`);
      only = 'apollo';
      link.end();
      link = startPlanner({ sdl, limits, only });
      problem = await link.ready;
    }
    if (problem === undefined) return link;
    link.end();
    throw new Error(`The supergraph cannot be planned for: ${problem}`);
  };
  const runningPlanner = (): Promise<PlannerLink> => {
    if (link?.alive === false) starting = undefined;
    starting ??= start();
    return starting;
  };

  const askPlanner = async ({ text, operationName, overrides }: Job, by?: PlannerName): Promise<PlanAnswer> => {
    const planner = await runningPlanner().catch((error: unknown) => {
      throw closed ? new PlannerBusy('The planner was closed') : error;
    });
    return planner.plan(
      { text, overrides, ...(operationName !== undefined && { operationName }), ...(by && { by }) },
      planningMs,
    );
  };

  const planJob = async (job: Job): Promise<string> => {
    if (closed) throw new PlannerBusy('The planner was closed');
    let answer = await askPlanner(job);
    if ('ended' in answer && answer.ended === 'crashed' && !closed) {
      onTrouble?.('the native planner crashed; the operation is planned with the other');
      if (++crashes === MAX_CRASHES) only = 'apollo';
      answer = await askPlanner(job, 'apollo');
    }
    if ('planned' in answer) return answer.planned;
    if ('refused' in answer) throw new RequestError(answer.refused);
    if (closed) throw new PlannerBusy('The planner was closed');
    if (!('ended' in answer)) throw new Error(answer.failed);
    if (answer.ended === 'timedOut')
      onTrouble?.(`the planner was ended: an operation took more than ${planningMs} ms to plan`);
    throw requestError('GRAPHQL_PLANNING_FAILED', [
      answer.ended === 'timedOut' ? 'Planning the operation takes too long.' : 'The operation could not be planned.',
    ]);
  };

  const processQueue = async (): Promise<void> => {
    if (working) return;
    working = true;
    clearTimeout(idle);
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      try {
        job.resolve(await planJob(job));
      } catch (error) {
        job.reject(error instanceof Error ? error : new Error(String(error)));
      }
      // Starts the next process now, so that the next document does not wait for its start.
      if (link?.alive === false && !closed) runningPlanner().catch(() => undefined);
      if (queue.length > 0) await pause(PAUSE_MS);
    }
    working = false;
    idle = setTimeout(() => link?.end(), IDLE_MS).unref();
  };

  return {
    ready: async () => void (await runningPlanner()),

    plan(text, operationName, overrides) {
      const key = planKey(text, operationName, overrides);
      const refusal = refused.get(key);
      if (refusal !== undefined) return Promise.reject(refusal);
      const known = pending.get(key);
      if (known !== undefined) return known;
      if (closed) return Promise.reject(new PlannerBusy('The planner was closed'));
      if (isTextNestedDeeper(text, limits.nesting))
        return Promise.reject(requestError('GRAPHQL_PARSE_FAILED', [nestedTooDeep('The document', limits.nesting)]));
      if (queue.length >= planningQueue)
        return Promise.reject(new PlannerBusy('Too many new operations wait to be planned'));
      const planned = new Promise<string>((resolve, reject) => {
        queue.push({ text, operationName: operationName ?? undefined, overrides, resolve, reject });
      })
        .catch((error: unknown) => {
          if (error instanceof RequestError) refused.set(key, error);
          throw error;
        })
        .finally(() => pending.delete(key));
      pending.set(key, planned);
      void processQueue();
      return planned;
    },

    close() {
      closed = true;
      clearTimeout(idle);
      link?.end();
      for (const { reject } of queue.splice(0)) reject(new PlannerBusy('The planner was closed'));
    },
  };
}
