import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { until } from './until.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const ENDS_WITHIN_MS = 60_000;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** One process of `main.ts <what>`, which can be killed and started again on its port. */
export class ServiceProcess {
  /** `users`, `router`, `all` … */
  readonly what: string;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly #flags: readonly string[];
  #child: ChildProcess | undefined;
  #output: string[] = [];

  constructor(
    what: string,
    port: number,
    environment: Readonly<Record<string, string>>,
    flags: readonly string[] = [],
  ) {
    this.what = what;
    this.port = port;
    this.environment = environment;
    this.#flags = flags;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Undefined when the process does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The output of the process since its start. If it is long, only the last chunks, at least 200. */
  get log(): string {
    return this.#output.join('');
  }

  /** The last 4,000 characters of the output. */
  get output(): string {
    return this.log.slice(-4000);
  }

  /** Whether the process ended without a call of `end`. */
  get hasEnded(): boolean {
    return this.#child !== undefined && (this.#child.exitCode !== null || this.#child.signalCode !== null);
  }

  /** Resolves when the process is ready. */
  async start(): Promise<void> {
    this.#output = [];
    const child = spawn(
      process.execPath,
      ['--import', './loader.mjs', 'main.ts', this.what, '--port', String(this.port), ...this.#flags],
      {
        cwd: ROOT,
        env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: 'warn', ...this.environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.#child = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output.push(text);
        if (this.#output.length > 400) this.#output.splice(0, 200);
      });
    }
    let ended = false;
    child.once('exit', () => (ended = true));
    await until(`${this.what} is ready`, async () => ended || (await isReady(this.origin)), 180_000).catch(
      (error: unknown) => {
        throw new Error(`${this.what} does not become ready:\n${this.output}`, { cause: error });
      },
    );
    if (ended) throw new Error(`${this.what} ended at its start:\n${this.output}`);
  }

  /**
   * Sends the signal, and after a minute SIGKILL. Resolves when the process has ended: to its exit code, or to null
   * when a signal ended it.
   */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child) return 0;
    this.#child = undefined;
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
      await exited;
      clearTimeout(late);
    }
    return child.exitCode;
  }
}

/** How many processes start at the same time. A start takes 2 s of CPU time, so more would only wait for the CPUs. */
const STARTING = Math.max(3, availableParallelism());

/**
 * Starts the processes. Resolves when all are ready.
 * @throws the first error of a start, when no start is under way any more
 */
export async function startAll(processes: Iterable<ServiceProcess>): Promise<void> {
  const waiting = [...processes];
  const errors: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next && errors.length === 0; next = waiting.shift())
      await next.start().catch((error: unknown) => errors.push(error));
  };
  await Promise.all(Array.from({ length: STARTING }, lane));
  if (errors.length > 0) throw errors[0];
}

async function isReady(origin: string): Promise<boolean> {
  const response = await fetch(`${origin}/health/ready`, { signal: AbortSignal.timeout(2000) });
  await response.arrayBuffer();
  return response.ok;
}

const given = new Set<number>();

/** The first port. `fetch` refuses port 10080, as a browser does, so the ports begin above it. */
const FIRST_PORT = 10_100;
/** How many ports each lane of the test runner has. */
const PORTS_OF_LANE = 500;

/**
 * Free ports below the ephemeral range, so that no outgoing connection takes one before its use. Spec files that run at
 * the same time have different ranges, so that none of them takes a port before another file uses it.
 */
export async function freePorts(count: number): Promise<number[]> {
  const first = FIRST_PORT + (Number(process.env.PRODVOR_TEST_LANE ?? 0) % 20) * PORTS_OF_LANE;
  const ports: number[] = [];
  while (ports.length < count) {
    const port = first + Math.floor(Math.random() * PORTS_OF_LANE);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
