import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { GraphQLFormattedError } from 'graphql';
import { awakeTimeout } from '../time/awake.ts';
import type { OperationLimits, Phase, PlanRequest, PlannerName } from './operation-planner.ts';

/** The first message to the planner process. PlanRequests follow it, one at a time. */
export interface StartPlanner {
  readonly sdl: string;
  readonly limits: OperationLimits;
  /** Set for a supergraph that crashes the native planner. */
  readonly only?: PlannerName;
}

export type FromPlanner =
  | { readonly ready: true }
  /** What the process begins now. The time limit for it starts now too. */
  | { readonly phase: Phase }
  /** The planned operation: a PlannedOperation as JSON. */
  | { readonly planned: string }
  | { readonly refused: readonly GraphQLFormattedError[] }
  | { readonly failed: string };

export type PlanAnswer =
  | Exclude<FromPlanner, { readonly ready: true } | { readonly phase: Phase }>
  | { readonly ended: 'crashed' | 'timedOut' };

/**
 * How long a process may take to get ready or to load the other planner. After that it is killed. Both take about a
 * second of CPU time, with a low priority. Milliseconds.
 */
const LOADING_MS = 60_000;
/**
 * The memory that Apollo's planner needs for a large supergraph and operation. V8's default would be half of the
 * machine's memory. A process that needs more crashes, and another one replaces it.
 */
const HEAP_MB = 512;

/** A running planner process. */
export interface PlannerLink {
  /** Resolves with undefined when the process can plan, otherwise with the reason why it cannot. */
  readonly ready: Promise<string | undefined>;
  readonly alive: boolean;
  /** Plans one operation. Call it again only after it has resolved. Never rejects. */
  plan(request: PlanRequest, planningMs: number): Promise<PlanAnswer>;
  end(): void;
}

let preforked: ChildProcess | undefined;

/** Starts a process for the next `startPlanner` in advance, while the caller still loads its own modules. */
export function preforkPlanner(): void {
  preforked ??= forkPlanner();
}

function forkPlanner(): ChildProcess {
  const child = fork(fileURLToPath(new URL('planner-process.mjs', import.meta.url)), [], {
    execArgv: [`--max-old-space-size=${HEAP_MB}`, '--max-semi-space-size=4'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // The planner gets a low priority: if both processes need the processor, serving known operations is more urgent than
  // planning new ones.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  // The caller may fail before it uses the planner. It can then exit, and the planner process ends with it.
  child.unref();
  child.channel?.unref();
  child.once('exit', () => {
    if (preforked === child) preforked = undefined;
  });
  return child;
}

export function startPlanner(start: StartPlanner): PlannerLink {
  const child = preforked ?? forkPlanner();
  preforked = undefined;
  let alive = true;
  let listener: ((message: FromPlanner | undefined) => void) | undefined;

  const keepAlive = (held: boolean): void => {
    // The handles of the planner process keep this process alive only while somebody waits for a plan.
    for (const handle of [child, child.channel])
      if (held) handle?.ref();
      else handle?.unref();
  };

  /**
   * Sends a message and waits until `take` accepts an answer. Resolves with 'crashed' when the process ends, and with
   * 'timedOut' when it was killed after `ms`.
   */
  const exchange = <T>(
    message: object,
    ms: number,
    take: (answer: FromPlanner, restart: (ms: number) => void) => T | undefined,
  ) =>
    new Promise<T | 'crashed' | 'timedOut'>((resolve) => {
      if (!alive) return resolve('crashed');
      let timedOut = false;
      const onTime = (): void => {
        timedOut = true;
        child.kill('SIGKILL');
      };
      let cancel = awakeTimeout(onTime, ms);
      const done = (result: T | 'crashed' | 'timedOut'): void => {
        cancel();
        listener = undefined;
        keepAlive(false);
        resolve(result);
      };
      listener = (answer) => {
        if (answer === undefined) return done(timedOut ? 'timedOut' : 'crashed');
        const taken = take(answer, (next) => {
          cancel();
          cancel = awakeTimeout(onTime, next);
        });
        if (taken !== undefined) done(taken);
      };
      keepAlive(true);
      child.send(message, (error) => {
        if (error) child.kill('SIGKILL');
      });
    });

  const onEnd = (): void => {
    if (!alive) return;
    alive = false;
    listener?.(undefined);
  };
  child.on('message', (message: FromPlanner) => listener?.(message));
  child.on('exit', onEnd);
  child.on('error', onEnd);

  const ready = exchange<{ readonly problem: string | undefined }>(start, LOADING_MS, (answer) => {
    if ('ready' in answer) return { problem: undefined };
    return 'failed' in answer ? { problem: answer.failed } : undefined;
  }).then((result) =>
    typeof result === 'string'
      ? `the planner ${result === 'crashed' ? 'crashed' : 'took too long'} at its start`
      : result.problem,
  );

  return {
    ready,
    get alive() {
      return alive;
    },
    async plan(request, planningMs) {
      const answer = await exchange<PlanAnswer>(request, LOADING_MS, (message, restart) => {
        if ('phase' in message) return restart(message.phase === 'loading' ? LOADING_MS : planningMs) ?? undefined;
        return 'ready' in message ? undefined : message;
      });
      return typeof answer === 'string' ? { ended: answer } : answer;
    },
    end() {
      child.kill('SIGKILL');
    },
  };
}
