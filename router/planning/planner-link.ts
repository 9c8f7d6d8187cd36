import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { GraphQLFormattedError } from 'graphql';
import { awakeTimeout } from '../time/awake.ts';
import type { OperationLimits, PlanRequest, PlannerName } from './operation-planner.ts';

/** The first message to the process; after it come PlanRequests, one at a time. */
export interface StartPlanner {
  readonly sdl: string;
  readonly limits: OperationLimits;
  /** For a supergraph that the native planner does not survive. */
  readonly only?: PlannerName;
}

export type FromPlanner =
  | { readonly ready: true }
  /** From here on its time counts: all is loaded. */
  | { readonly planning: true }
  /** JSON of a PlannedOperation. */
  | { readonly planned: string }
  | { readonly refused: readonly GraphQLFormattedError[] }
  | { readonly failed: string };

export type PlanAnswer =
  | Exclude<FromPlanner, { readonly ready: true } | { readonly planning: true }>
  | { readonly ended: 'crashed' | 'timedOut' };

/** Until a process is ready, or has loaded the other planner. */
const LOADING_MS = 20_000;
/** Apollo's planner on a large supergraph and operation; V8's default would be half of the machine's memory. */
const HEAP_MB = 512;

/** A running planner process. */
export interface PlannerLink {
  /** Resolves with undefined when it can plan, else with the reason why it cannot. */
  readonly ready: Promise<string | undefined>;
  readonly alive: boolean;
  /** One at a time. Never rejects. */
  plan(request: PlanRequest, planningMs: number): Promise<PlanAnswer>;
  end(): void;
}

let preforked: ChildProcess | undefined;

/** Starts a process for the first `startPlanner` ahead of it, while the caller still loads what it needs itself. */
export function preforkPlanner(): void {
  preforked ??= forkPlanner();
}

function forkPlanner(): ChildProcess {
  const child = fork(fileURLToPath(new URL('planner-process.mjs', import.meta.url)), [], {
    execArgv: [`--max-old-space-size=${HEAP_MB}`, '--max-semi-space-size=4'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // What is known is served before what is new is planned, where both want a processor.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  // Whoever fails before it is needed ends, and it with them.
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

  const hold = (held: boolean): void => {
    // What nobody waits for does not keep the process alive.
    for (const handle of [child, child.channel])
      if (held) handle?.ref();
      else handle?.unref();
  };

  /**
   * Waits for a message that `take` gives something for; undefined when the process ended or was ended because time was
   * up.
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
        hold(false);
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
      hold(true);
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
        if ('planning' in message) return restart(planningMs) ?? undefined;
        return 'ready' in message ? undefined : message;
      });
      return typeof answer === 'string' ? { ended: answer } : answer;
    },
    end() {
      child.kill('SIGKILL');
    },
  };
}
