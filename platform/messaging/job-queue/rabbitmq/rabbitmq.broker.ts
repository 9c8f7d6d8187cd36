import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'amqplib';
import { deadQueueOf } from '../envelope.ts';
import type { QueueDefinition } from '../job-queue.ts';
import { RabbitMqTopology, delaysOf } from './rabbitmq-topology.ts';

// The script on the PATH insists on the user rabbitmq and its folders.
const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const START_TIMEOUT_MS = 60_000;

/** A private RabbitMQ that a test may kill. `missing` tells why there is none. */
export class TestBroker {
  static readonly missing = existsSync(PROGRAM) ? undefined : 'RabbitMQ is not installed';

  readonly url: string;
  readonly #port: number;
  readonly #folder: string;
  #epmd: ChildProcess | undefined;
  #broker: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.url = `amqp://guest:guest@127.0.0.1:${port}`;
  }

  static async start(): Promise<TestBroker> {
    const folder = await mkdtemp(join(tmpdir(), 'job-queue-broker-'));
    for (const name of ['mnesia', 'log', 'home']) await mkdir(join(folder, name));
    await writeFile(join(folder, 'enabled_plugins'), '[].');
    const broker = new TestBroker(folder, await freePorts());
    const env = { ...process.env, ERL_EPMD_PORT: `${broker.#port + 2}`, ERL_EPMD_ADDRESS: '127.0.0.1' };
    broker.#epmd = spawn('epmd', [], { env, stdio: 'ignore' });
    await broker.restart();
    return broker;
  }

  async restart(): Promise<void> {
    const folder = this.#folder;
    const child = spawn(PROGRAM, [], {
      stdio: 'ignore',
      env: {
        ...process.env,
        HOME: join(folder, 'home'),
        RABBITMQ_NODENAME: 'jobs@localhost',
        RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
        RABBITMQ_NODE_PORT: `${this.#port}`,
        RABBITMQ_DIST_PORT: `${this.#port + 1}`,
        ERL_EPMD_PORT: `${this.#port + 2}`,
        ERL_EPMD_ADDRESS: '127.0.0.1',
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
        RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
        RABBITMQ_LOG_BASE: join(folder, 'log'),
        RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
        RABBITMQ_CONFIG_FILE: join(folder, 'none'),
        ERL_CRASH_DUMP_SECONDS: '0',
        // The script execs the broker instead of waiting for it, so the pid is the broker's.
        RUNNING_UNDER_SYSTEMD: '1',
      },
    });
    this.#broker = child;
    const until = Date.now() + START_TIMEOUT_MS;
    while (!(await this.#answers())) {
      if (child.exitCode !== null || Date.now() > until) throw new Error('RabbitMQ did not start');
      await sleep(100);
    }
  }

  async #answers(): Promise<boolean> {
    try {
      await (await connect(this.url)).close();
      return true;
    } catch {
      return false;
    }
  }

  async kill(): Promise<void> {
    await end(this.#broker);
  }

  async stop(): Promise<void> {
    await end(this.#broker);
    await end(this.#epmd);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Deletes the queues and exchanges of a test run from the broker, as far as they exist. */
export async function removeFromRabbitMq(
  url: string,
  exchange: string,
  definitions: readonly QueueDefinition[],
): Promise<void> {
  const topology = new RabbitMqTopology(exchange);
  const waits = new Set(definitions.flatMap(delaysOf).map((delay) => topology.wait(delay)));
  const connection = await connect(url);
  const channel = await connection.createChannel();
  for (const queue of [...waits, ...definitions.flatMap(({ name }) => [name, deadQueueOf(name)])])
    await channel.deleteQueue(queue);
  for (const name of [...waits, topology.exchange, topology.dead, topology.probe]) await channel.deleteExchange(name);
  await connection.close();
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** The first of three free neighbouring ports below the ephemeral range. */
async function freePorts(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 4000) * 3;
    const free = await Promise.all([port, port + 1, port + 2].map(isFree));
    if (free.every(Boolean)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
