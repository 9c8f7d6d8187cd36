import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { LogConfig, Report, Seen, Task } from './contract.worker.ts';

const LOADER = new URL('../../../loader.mjs', import.meta.url).href;
const WORKER = new URL('./contract.worker.ts', import.meta.url);

/** A process of the contract suite. It reads or appends, and reports what it saw. */
export class WorkerProcess {
  readonly seen: Seen[] = [];
  readonly acknowledged: Seen[] = [];
  ready = false;
  done = false;
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown[]>;

  constructor(config: LogConfig, task: Task) {
    this.#child = fork(WORKER, [JSON.stringify([config, task])], {
      execArgv: ['--import', LOADER],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#exit = once(this.#child, 'exit');
    this.#child.on('message', (message: Report) => {
      if ('ready' in message) this.ready = true;
      else if ('done' in message) this.done = true;
      else if ('seen' in message) this.seen.push(message.seen);
      else this.acknowledged.push(...message.acknowledged);
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Asks the process to close its log. The process must then end by itself. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.send('close');
    await this.ended(8000);
  }

  /** Resolves when the process has ended. After `ms` milliseconds it kills the process and throws. */
  async ended(ms: number): Promise<void> {
    const late = new AbortController();
    const timer = wait(ms, 'late', { signal: late.signal }).catch(() => 'ended');
    const first = await Promise.race([this.#exit.then(() => 'ended'), timer]);
    late.abort();
    if (first === 'ended') return;
    await this.kill();
    throw new Error(`the process did not end within ${ms} ms`);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}

/** Resolves as soon as the condition holds. After `ms` milliseconds it throws an error with the name `what`. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms = 40_000,
): Promise<void> {
  for (const end = performance.now() + ms; !(await condition());) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await wait(10);
  }
}
