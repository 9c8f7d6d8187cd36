// Commands for the servers of one data directory: start, stop and status.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { kafka } from './kafka.ts';
import { keycloak } from './keycloak.ts';
import { lock } from './lock.ts';
import { portsAt, serviceNames, serviceUrl } from './ports.ts';
import type { Ports, ServiceName } from './ports.ts';
import { postgres } from './postgres.ts';
import { probe } from './probes.ts';
import { lastLines, launch, logFile, runningPid, stop } from './processes.ts';
import { rabbitmq } from './rabbitmq.ts';
import { redis } from './redis.ts';
import { s3 } from './s3.ts';
import { Refusal } from './service.ts';
import type { Context, Service } from './service.ts';

export const services: Record<ServiceName, Service> = { postgres, redis, rabbitmq, kafka, keycloak, s3 };

/** The processes of each service, in the order of their start. */
const processIds: Record<ServiceName, string[]> = {
  postgres: ['server'],
  redis: ['server'],
  rabbitmq: ['epmd', 'broker'],
  kafka: ['broker'],
  keycloak: ['server'],
  s3: ['server'],
};

export interface Options {
  /** Data, logs and pid files of all servers. */
  data: string;
  /** The number that is added to every port. */
  offset: number;
  names: ServiceName[];
  /** Whether nothing is forced to disk, for tests. Then a crash of the machine loses the data. Default false. */
  throwAway?: boolean;
  say(name: ServiceName, text: string): void;
  signal?: AbortSignal;
}

export interface Started {
  name: ServiceName;
  outcome: 'started' | 'already running' | 'failed';
  seconds: number;
  error?: string;
}

export interface Status {
  name: ServiceName;
  url: string;
  /** The pid of the server; absent when it does not run or runs in a container. */
  pid?: number;
  ready: boolean;
}

function contextOf({ data, offset, throwAway = false, say }: Options, name: ServiceName): Context {
  const dir = join(data, name);
  mkdirSync(dir, { recursive: true });
  return { dir, ports: portsAt(offset), throwAway, say: (text) => say(name, text) };
}

/**
 * Starts the services that do not run yet, in parallel. Resolves when each is ready or has failed. A failed service
 * does not delay the others.
 */
export async function start(options: Options): Promise<Started[]> {
  mkdirSync(options.data, { recursive: true });
  const release = await lock(
    join(options.data, 'lock'),
    () => options.say(options.names[0] ?? 'postgres', 'waits for another command on this data directory'),
    options.signal,
  );
  try {
    const started = await Promise.all(options.names.map((name) => startOne(options, name)));
    if (!options.signal?.aborted) return started;
    return await Promise.all(started.map((each) => stopAgain(options, each)));
  } finally {
    await release();
  }
}

/** Stops a service that an interrupted command has started. Services that ran before the command continue to run. */
async function stopAgain(options: Options, each: Started): Promise<Started> {
  if (each.outcome !== 'started') return each;
  const { dir } = contextOf(options, each.name);
  for (const id of processIds[each.name].toReversed()) await stop(dir, id);
  options.say(each.name, 'stopped again');
  return { ...each, outcome: 'failed', error: 'interrupted' };
}

async function startOne(options: Options, name: ServiceName): Promise<Started> {
  const begin = performance.now();
  const context = contextOf(options, name);
  const launched: string[] = [];
  const seconds = () => (performance.now() - begin) / 1000;
  try {
    if (processIds[name].every((id) => runningPid(context.dir, id))) {
      await waitUntilReady(services[name], context, options.signal);
      options.say(name, `already running  ${serviceUrl(name, context.ports)}`);
      return { name, outcome: 'already running', seconds: seconds() };
    }
    const missing = services[name].missing();
    if (missing) throw new Refusal(missing);
    options.say(name, 'starting');
    for (const what of await services[name].prepare(context)) {
      if (runningPid(context.dir, what.id)) continue;
      options.signal?.throwIfAborted();
      launched.push(what.id);
      await launch(context.dir, what);
    }
    await waitUntilReady(services[name], context, options.signal);
    options.say(name, `ready in ${seconds().toFixed(1)} s  ${serviceUrl(name, context.ports)}`);
    return { name, outcome: 'started', seconds: seconds() };
  } catch (error) {
    for (const id of launched.reverse()) await stop(context.dir, id);
    const reason = options.signal?.aborted ? 'interrupted' : error instanceof Error ? error.message : String(error);
    options.say(name, reason);
    return { name, outcome: 'failed', seconds: seconds(), error: reason };
  }
}

/**
 * Waits until the service is ready.
 * @throws Refusal with the end of the log when one of the service's processes ends, or its `patience` is over
 */
async function waitUntilReady(service: Service, context: Context, signal?: AbortSignal): Promise<void> {
  const begin = performance.now();
  let reportedAt = begin;
  for (;;) {
    signal?.throwIfAborted();
    const dead = processIds[service.name].find((id) => !runningPid(context.dir, id));
    if (dead)
      throw new Refusal(
        `ended before it was ready. The end of ${logFile(context.dir, dead)}:\n${logEnd(context, dead)}`,
      );
    try {
      await service.setUp?.(context);
      await probe(service.name, context.ports);
      return;
    } catch (error) {
      const now = performance.now();
      if (now - begin > service.patience * 1000) {
        const last = processIds[service.name].at(-1) ?? '';
        throw new Refusal(
          `not ready after ${service.patience} s (${String(error)}). The end of its log:\n${logEnd(context, last)}`,
        );
      }
      if (now - reportedAt > 5000) {
        reportedAt = now;
        context.say(`still starting, ${Math.round((now - begin) / 1000)} s`);
      }
    }
    await delay(100, undefined, { signal });
  }
}

function logEnd(context: Context, id: string): string {
  const file = logFile(context.dir, id);
  return existsSync(file) ? lastLines(readFileSync(file, 'utf8'), 15) : '';
}

/**
 * Stops the named services, as far as `start` started them in this data directory.
 * @returns the names of the services that ran
 */
export async function stopAll(options: Options): Promise<ServiceName[]> {
  if (!existsSync(options.data)) return [];
  const release = await lock(join(options.data, 'lock'));
  try {
    const stopped = await Promise.all(
      options.names.map(async (name) => {
        const { dir } = contextOf(options, name);
        let ran = false;
        for (const id of processIds[name].toReversed()) ran = (await stop(dir, id)) || ran;
        options.say(name, ran ? 'stopped' : 'was not running');
        return ran ? name : undefined;
      }),
    );
    return stopped.filter((name) => name !== undefined);
  } finally {
    await release();
  }
}

/** The state of each server. A server is ready when it answers, so servers in containers are included. */
export async function status({ data, offset, names }: Pick<Options, 'data' | 'offset' | 'names'>): Promise<Status[]> {
  const ports: Ports = portsAt(offset);
  return Promise.all(
    names.map(async (name) => {
      const ready = await probe(name, ports).then(
        () => true,
        () => false,
      );
      return {
        name,
        url: serviceUrl(name, ports),
        pid: runningPid(join(data, name), processIds[name].at(-1) ?? ''),
        ready,
      };
    }),
  );
}

export function isServiceName(text: string): text is ServiceName {
  return (serviceNames as readonly string[]).includes(text);
}
