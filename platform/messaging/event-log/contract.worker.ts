import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { DomainEvent, EventLog, Topic } from './event-log.ts';

/** The log that a process of the contract suite opens. */
export type LogConfig =
  | { readonly adapter: 'postgres'; readonly url: string }
  | { readonly adapter: 'kafka'; readonly brokers: readonly string[] };

export type Task =
  | { readonly action: 'consume'; readonly group: string; readonly topic: string; readonly hangOnKey?: string }
  | { readonly action: 'tail'; readonly topic: string }
  | { readonly action: 'append'; readonly topic: string; readonly keys: readonly string[]; readonly batches: number }
  | { readonly action: 'use and close'; readonly topic: string };

/** What a process saw or got acknowledged. */
export interface Seen {
  readonly key: string;
  readonly seq: number;
}

export type Report =
  | { readonly ready: true }
  | { readonly seen: Seen }
  | { readonly acknowledged: readonly Seen[] }
  | { readonly done: true };

export async function makeLog(
  config: LogConfig,
  onError: (error: Error, doing: string) => void = () => undefined,
): Promise<EventLog> {
  if (config.adapter === 'postgres') {
    const { PostgresEventLog } = await import('./postgres/postgres.ts');
    return new PostgresEventLog({ url: config.url, leaseMs: 2000, onError });
  }
  const { KafkaEventLog } = await import('./kafka/kafka.ts');
  return new KafkaEventLog({ brokers: config.brokers, clientId: 'contract', sessionTimeoutMs: 6000, onError });
}

/** A topic of the suite. By default it keeps its events for ever. */
export const makeTopic = (name: string, settings: Partial<Topic> = {}): Topic => ({
  name,
  partitions: 6,
  retentionHours: null,
  cleanup: 'delete',
  ...settings,
});

export function makeEvent(
  topic: string,
  key: string,
  seq: number,
  payload: unknown = { text: `${key} ${seq}` },
): DomainEvent {
  return {
    topic,
    key,
    seq,
    eventId: randomUUID(),
    type: 'Something',
    version: 1,
    occurredAt: new Date().toISOString(),
    payload,
  };
}

function report(message: Report): void {
  process.send?.(message);
}

async function run(config: LogConfig, task: Task): Promise<void> {
  const log = await makeLog(config);
  process.once('message', () => void log.close().then(() => process.disconnect()));
  const { topic } = task;
  if (task.action === 'consume') {
    const { group, hangOnKey } = task;
    await log.consume({
      group,
      topics: [topic],
      async handler({ key, seq }) {
        report({ seen: { key, seq } });
        if (key === hangOnKey) await new Promise(() => undefined);
      },
    });
    report({ ready: true });
  } else if (task.action === 'tail') {
    await log.tail({ topics: [topic], handler: ({ key, seq }) => report({ seen: { key, seq } }) });
    report({ ready: true });
  } else if (task.action === 'append') {
    await log.ensureTopics([makeTopic(topic)]);
    report({ ready: true });
    for (let seq = 1; seq <= task.batches;) {
      const outcomes = await log.append(task.keys.map((key) => makeEvent(topic, key, seq)));
      if (outcomes.some((outcome) => !outcome.ok)) continue;
      report({ acknowledged: task.keys.map((key) => ({ key, seq })) });
      seq++;
    }
    report({ done: true });
  } else {
    await log.tail({ topics: [topic], handler: () => undefined });
    await log.consume({ group: randomUUID(), topics: [topic], handler: async () => undefined });
    await log.append([makeEvent(topic, randomUUID(), 1)]);
    await log.close();
    report({ done: true });
    process.disconnect();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [config, task]: [LogConfig, Task] = JSON.parse(process.argv[2] ?? '');
  await run(config, task);
}
