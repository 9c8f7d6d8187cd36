// Measures throughput and the latency from append to tail of both adapters of the event log. It measures one adapter
// after the other in the same process, and repeats the whole once.
//
// KAFKA_BROKERS=127.0.0.1:29092 TEST_DATABASE_URL=postgresql://… node --import ./loader.mjs bench/event-log.ts
//
// Without KAFKA_BROKERS it measures only PostgreSQL. Without TEST_DATABASE_URL it starts a temporary PostgreSQL.
import { randomUUID } from 'node:crypto';
import { createTestDatabase } from '../test/database.ts';
import { makeEvent, makeLog, makeTopic } from '../platform/messaging/event-log/contract.worker.ts';
import type { LogConfig } from '../platform/messaging/event-log/contract.worker.ts';
import type { EventLog } from '../platform/messaging/event-log/event-log.ts';

const SAMPLES = 300;
const EVENTS = 20_000;
const BATCH = 500;
const PAYLOAD = { text: 'x'.repeat(200) };

async function latency(writer: EventLog, reader: EventLog, topic: string): Promise<string> {
  let arrived = Promise.withResolvers<number>();
  await reader.tail({ topics: [topic], handler: () => arrived.resolve(performance.now()) });
  const times: number[] = [];
  for (let seq = 1; seq <= SAMPLES; seq++) {
    arrived = Promise.withResolvers();
    const began = performance.now();
    await writer.append([makeEvent(topic, `k${seq % 50}`, seq, PAYLOAD)]);
    times.push((await arrived.promise) - began);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
  return `append → tail of another instance, ms p50/p95/p99: ${at(0.5)} / ${at(0.95)} / ${at(0.99)}`;
}

async function throughput(writer: EventLog, reader: EventLog, topic: string): Promise<string> {
  const appending = performance.now();
  for (let n = 0; n < EVENTS; n += BATCH) {
    await writer.append(
      Array.from({ length: BATCH }, (_, index) => makeEvent(topic, `k${index % 100}`, n + index, PAYLOAD)),
    );
  }
  const appended = EVENTS / (performance.now() - appending);
  const all = Promise.withResolvers<void>();
  let count = 0;
  const consuming = performance.now();
  await reader.consume({
    group: randomUUID(),
    topics: [topic],
    handler: async () => void (++count === EVENTS && all.resolve()),
  });
  await all.promise;
  const consumed = EVENTS / (performance.now() - consuming);
  const k = (perMs: number): string => `${perMs.toFixed(1)}k/s`;
  return `append in batches of ${BATCH}: ${k(appended)}; consume from the beginning, joining included: ${k(consumed)}`;
}

async function measure(config: LogConfig): Promise<void> {
  const [writer, reader] = await Promise.all([makeLog(config), makeLog(config)]);
  const topics = ['latency', 'throughput'].map((name) => `bench-${name}-${randomUUID()}`);
  await writer.ensureTopics(topics.map((name) => makeTopic(name)));
  const cpu = process.cpuUsage();
  console.log(config.adapter.padEnd(9), await latency(writer, reader, topics[0] ?? ''));
  console.log(config.adapter.padEnd(9), await throughput(writer, reader, topics[1] ?? ''));
  const { user, system } = process.cpuUsage(cpu);
  const closing = performance.now();
  await Promise.all([writer.close(), reader.close()]);
  console.log(
    config.adapter.padEnd(9),
    `CPU of this process ${((user + system) / 1e6).toFixed(1)} s; close ${Math.round(performance.now() - closing)} ms`,
  );
}

const database = await createTestDatabase();
const brokers = process.env.KAFKA_BROKERS?.split(',');
for (let round = 0; round < 2; round++) {
  await measure({ adapter: 'postgres', url: database.url });
  if (brokers !== undefined) await measure({ adapter: 'kafka', brokers });
}
await database.drop();
