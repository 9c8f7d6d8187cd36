import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Consumer, EventLog, LoggedEvent } from '../messaging/event-log/event-log.ts';
import { createErrorFormatter } from '../observability/format-error.ts';
import { NewerVersion } from '../messaging/definitions.ts';
import { LiveEvents, type Sequenced, type StoredEvent } from './live-events.ts';
import { PAGE_SIZE, QUEUE_LIMIT } from './live-stream.ts';

const TOPIC = 'things.v1';

interface Thing extends Sequenced {
  readonly key: string;
}

/** Events tables, and a log whose tail delays, repeats and loses events on demand. */
class Bench {
  readonly tables = new Map<string, number>();
  readonly unappended: LoggedEvent[] = [];
  readonly undelivered: LoggedEvent[] = [];
  tails = 0;
  tailsAttached = 0;
  reads = 0;
  newestAsked: string[] = [];
  readonly interruptions: string[] = [];
  failReads = false;
  failNewest = false;
  failAttach = false;
  away = false;
  /** A newer program wrote the events from this `seq` on. */
  newerFrom = Infinity;
  /** Unless this is true, the log does not carry every seventh event. */
  allInLog = false;
  #handler: ((event: LoggedEvent) => void) | undefined;
  #onInterrupted: (() => void) | undefined;
  readonly live: LiveEvents;

  constructor() {
    const log: Pick<EventLog, 'tail' | 'settled'> = {
      tail: async ({ topics, handler, onInterrupted }): Promise<Consumer> => {
        assert.deepEqual(topics, [TOPIC]);
        this.tails++;
        await turn();
        if (this.failAttach) throw new Error('no broker');
        this.tailsAttached++;
        this.#handler = handler;
        this.#onInterrupted = onInterrupted;
        return {
          close: async () => {
            this.tailsAttached--;
            this.#handler = undefined;
          },
        };
      },
      settled: async () => this.deliver(this.undelivered.length),
    };
    this.live = new LiveEvents(log as EventLog, { onError: ({ message }) => this.interruptions.push(message) });
  }

  commit(key: string, { append = true } = {}): void {
    const seq = (this.tables.get(key) ?? 0) + 1;
    this.tables.set(key, seq);
    this.unappended.push({
      topic: TOPIC,
      key,
      seq,
      eventId: `${key}-${seq}`,
      type: 'Thing',
      version: 1,
      occurredAt: '',
      payload: { inLog: this.allInLog || seq % 7 !== 0 },
      partition: 0,
      offset: '0',
    });
    if (append) this.append();
  }

  /** Events that are appended while the tail is detached are never delivered. */
  append(): void {
    for (const event of this.unappended.splice(0)) if (this.#handler && !this.away) this.undelivered.push(event);
  }

  deliver(count: number): void {
    for (const event of this.undelivered.splice(0, count)) this.#handler?.(event);
  }

  repeat(count: number): void {
    for (const event of this.undelivered.slice(0, count)) this.#handler?.(event);
  }

  leave(): void {
    this.away = true;
    this.undelivered.length = 0;
  }

  comeBack(): void {
    if (!this.away) return;
    this.away = false;
    this.#onInterrupted?.();
  }

  #stored(key: string, seq: number): StoredEvent<Thing> {
    return {
      seq,
      event: () => {
        if (seq >= this.newerFrom) throw new NewerVersion(`${key} ${seq} is of version 2`);
        return { key, seq };
      },
    };
  }

  stream(key: string, afterSeq: number, signal?: AbortSignal): AsyncIterableIterator<Thing> {
    return this.live.stream<Thing>({
      topic: TOPIC,
      key,
      afterSeq,
      ...(signal ? { signal } : {}),
      read: async (after, limit) => {
        this.reads++;
        if (this.failReads) throw new Error('SELECT secret FROM things');
        const newest = this.tables.get(key) ?? 0;
        await turn();
        return Array.from({ length: Math.max(0, Math.min(limit, newest - after)) }, (_, index) =>
          this.#stored(key, after + 1 + index),
        );
      },
      newestSeq: async () => {
        this.newestAsked.push(key);
        const newest = this.tables.get(key) ?? 0;
        await turn();
        if (this.failNewest) throw new Error('no database');
        return newest;
      },
      fromLog: (event) =>
        (event.payload as { inLog: boolean }).inLog && event.seq < this.newerFrom
          ? { key: event.key, seq: event.seq }
          : null,
    });
  }
}

async function take(stream: AsyncIterableIterator<Thing>, count: number): Promise<number[]> {
  const seqs: number[] = [];
  while (seqs.length < count) {
    const result = await stream.next();
    if (result.done) break;
    seqs.push(result.value.seq);
  }
  return seqs;
}

const stored = (seq: number): StoredEvent<Thing> => ({ seq, event: () => ({ key: 'a', seq }) });
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
/** Checks the error that the client gets, and that it is not reported as unexpected. */
const coded =
  (code: string) =>
  (error: Error): boolean => {
    const format = createErrorFormatter({ report: (unexpected) => assert.fail(`reported: ${String(unexpected)}`) });
    return format({ message: error.message }, error).extensions?.['code'] === code;
  };

describe('a live stream', () => {
  it('replays past events in pages, then continues live without reading the table again', async () => {
    const bench = new Bench();
    for (let count = 0; count < 250; count++) bench.commit('a');
    const stream = bench.stream('a', 10);
    assert.deepEqual(await take(stream, 240), range(11, 250));
    assert.equal(bench.reads, 3);
    const live = take(stream, 1);
    await bench.live.settled();
    bench.commit('a');
    bench.deliver(1);
    assert.deepEqual(await live, [251]);
    assert.equal(bench.reads, 3);
    await bench.live.close();
  });

  it('has one tail for all streams of a topic, none before the first next(), none after close()', async () => {
    const bench = new Bench();
    const streams = range(1, 5).map((number) => bench.stream(`key ${number % 2}`, 0));
    await turn();
    assert.equal(bench.tails, 0);
    const waiting = streams.map((stream) => stream.next());
    await bench.live.settled();
    assert.equal(bench.tails, 1);
    await Promise.all([bench.live.close(), ...waiting.map((next) => assert.rejects(next, coded('UNAVAILABLE')))]);
    assert.equal(bench.tailsAttached, 0);
    await assert.rejects(bench.stream('a', 0).next(), coded('UNAVAILABLE'));
  });

  it('drops repeats and reads missing events from the table', async () => {
    const bench = new Bench();
    const stream = bench.stream('a', 0);
    bench.commit('a');
    assert.deepEqual(await take(stream, 1), [1]);
    const rest = take(stream, 4);
    await bench.live.settled();
    bench.commit('a');
    bench.commit('a');
    bench.commit('a');
    bench.undelivered.splice(0, 2);
    bench.repeat(1);
    bench.deliver(1);
    bench.commit('a');
    bench.repeat(1);
    bench.deliver(1);
    assert.deepEqual(await rest, [2, 3, 4, 5]);
    await bench.live.close();
  });

  it('fails immediately with RESYNC_REQUIRED for a cursor beyond the newest event, and waits at the newest one', async () => {
    const bench = new Bench();
    for (const seq of [1, 2, 2_147_483_647])
      await assert.rejects(bench.stream('empty', seq).next(), coded('RESYNC_REQUIRED'));
    bench.commit('a');
    await assert.rejects(bench.stream('a', 2).next(), coded('RESYNC_REQUIRED'));
    const next = take(bench.stream('a', 1), 1);
    await bench.live.settled();
    bench.commit('a');
    await bench.live.settled();
    assert.deepEqual(await next, [2]);
    assert.deepEqual(bench.interruptions, []);
    await bench.live.close();
  });

  it('continues after a cursor whose event has been deleted', async () => {
    const bench = new Bench();
    const stream = bench.live.stream<Thing>({
      topic: TOPIC,
      key: 'a',
      afterSeq: 4,
      read: async (after) =>
        range(5, 6)
          .filter((seq) => seq > after)
          .map(stored),
      newestSeq: async () => 6,
      fromLog: () => null,
    });
    assert.deepEqual(await take(stream, 2), [5, 6]);
    const atNewest = bench.live.stream<Thing>({
      topic: TOPIC,
      key: 'b',
      afterSeq: 6,
      read: async () => [],
      newestSeq: async () => 6,
      fromLog: () => null,
    });
    const waiting = atNewest.next();
    await bench.live.settled();
    await atNewest.return?.();
    assert.deepEqual(await waiting, { done: true, value: undefined });
    await bench.live.close();
  });

  it('queues a bounded number of events for a slow consumer, and loses none', async () => {
    const bench = new Bench();
    const stream = bench.stream('a', 0);
    bench.commit('a');
    await take(stream, 1);
    bench.allInLog = true;
    const before = bench.reads;
    const many = QUEUE_LIMIT * 4;
    for (let count = 0; count < many; count++) bench.commit('a');
    bench.deliver(many);
    assert.equal(bench.reads, before);
    assert.deepEqual(await take(stream, many), range(2, many + 1));
    assert.ok(
      bench.reads - before >= Math.floor((many - QUEUE_LIMIT) / PAGE_SIZE),
      'what did not fit came from the table',
    );
    await bench.live.close();
  });

  it('reads the newest seq once per key after the tail was interrupted, and then the missed events', async () => {
    const bench = new Bench();
    const streams = [bench.stream('a', 0), bench.stream('a', 0), bench.stream('b', 0), bench.stream('c', 0)];
    for (const key of ['a', 'b', 'c']) bench.commit(key);
    await Promise.all(streams.map((stream) => take(stream, 1)));
    const rest = streams.slice(0, 3).map((stream) => take(stream, 1));
    await bench.live.settled();
    bench.leave();
    for (const key of ['a', 'b']) bench.commit(key);
    bench.comeBack();
    assert.deepEqual(await Promise.all(rest), [[2], [2], [2]]);
    assert.deepEqual(bench.newestAsked.sort(), ['a', 'b', 'c']);
    await bench.live.close();
  });

  it('reads the table itself when the newest seq cannot be read', async () => {
    const bench = new Bench();
    const stream = bench.stream('a', 0);
    const first = take(stream, 1);
    await bench.live.settled();
    bench.leave();
    bench.commit('a');
    bench.failNewest = true;
    bench.comeBack();
    assert.deepEqual(await first, [1]);
    await bench.live.close();
  });

  it('ends on return() and abort while it waits, and is detached', async () => {
    const bench = new Bench();
    const abort = new AbortController();
    const streams = [bench.stream('a', 0), bench.stream('a', 0, abort.signal)];
    const waiting = streams.map((stream) => stream.next());
    await bench.live.settled();
    await streams[0]?.return?.();
    abort.abort();
    assert.deepEqual(await Promise.all(waiting), [
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    assert.deepEqual(await streams[0]?.next(), { done: true, value: undefined });
    bench.leave();
    bench.comeBack();
    await bench.live.settled();
    assert.deepEqual(bench.newestAsked, [], 'nobody is open any more');
    assert.deepEqual(await bench.stream('a', 0, abort.signal).next(), { done: true, value: undefined });
    await bench.live.close();
  });

  it('answers overlapping next() calls in order', async () => {
    const bench = new Bench();
    for (const _ of range(1, 3)) bench.commit('a');
    const stream = bench.stream('a', 0);
    const results = await Promise.all([stream.next(), stream.next(), stream.next()]);
    assert.deepEqual(
      results.map(({ value }) => value?.seq),
      [1, 2, 3],
    );
    await bench.live.close();
  });

  it('fails with a code, without details of the database', async () => {
    const bench = new Bench();
    for (const bad of [-1, 1.5, Number.NaN]) assert.throws(() => bench.stream('a', bad), coded('BAD_USER_INPUT'));
    bench.failReads = true;
    const stream = bench.stream('a', 0);
    await assert.rejects(
      stream.next(),
      (error: Error) => coded('UNAVAILABLE')(error) && !error.message.includes('secret'),
    );
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
    await bench.live.close();
    assert.deepEqual(bench.interruptions, ['SELECT secret FROM things']);
  });

  it('fails when the tail cannot attach; the next stream tries again', async () => {
    const bench = new Bench();
    bench.commit('a');
    bench.failAttach = true;
    await assert.rejects(bench.stream('a', 0).next(), coded('UNAVAILABLE'));
    bench.failAttach = false;
    assert.deepEqual(await take(bench.stream('a', 0), 1), [1]);
    await bench.live.close();
  });

  it('ends with UNAVAILABLE before an event of an unknown version, and resumes there once it is known', async () => {
    const bench = new Bench();
    bench.allInLog = true;
    for (let count = 0; count < 5; count++) bench.commit('a');
    bench.newerFrom = 4;
    const past = bench.stream('a', 0);
    assert.deepEqual(await take(past, 3), [1, 2, 3]);
    await assert.rejects(past.next(), coded('UNAVAILABLE'));
    await assert.rejects(bench.stream('a', 3).next(), coded('UNAVAILABLE'));
    // A client that has seen the event of the newer version asks for the events after it.
    bench.newerFrom = 6;
    const live = bench.stream('a', 5);
    const next = live.next();
    await bench.live.settled();
    bench.commit('a');
    bench.commit('a');
    bench.deliver(2);
    await assert.rejects(next, coded('UNAVAILABLE'));
    assert.deepEqual(
      bench.interruptions,
      ['a 4 is of version 2', 'a 4 is of version 2', 'a 6 is of version 2'].map((text) => `NEWER_VERSION: ${text}`),
    );
    bench.newerFrom = Infinity;
    assert.deepEqual(await take(bench.stream('a', 3), 4), [4, 5, 6, 7]);
    await bench.live.close();
  }, 30_000);

  it('fails with RESYNC_REQUIRED when the table has a hole', async () => {
    const bench = new Bench();
    const stream = bench.live.stream<Thing>({
      topic: TOPIC,
      key: 'a',
      afterSeq: 0,
      read: async () => [stored(5)],
      newestSeq: async () => 5,
      fromLog: () => null,
    });
    await assert.rejects(stream.next(), coded('RESYNC_REQUIRED'));
    await bench.live.close();
  });
});

/** A consumer that takes as many events as the test allows. */
class Reader {
  readonly seen: number[] = [];
  refused = false;
  readonly #newest: number;
  readonly finished: Promise<void>;
  readonly key: string;
  readonly afterSeq: number;
  #leave = 0;
  #wake: () => void = () => undefined;

  constructor(bench: Bench, key: string, afterSeq: number) {
    this.key = key;
    this.afterSeq = afterSeq;
    this.#newest = bench.tables.get(key) ?? 0;
    this.finished = this.#read(bench.stream(key, afterSeq));
  }

  give(count: number): void {
    this.#leave += count;
    this.#wake();
  }

  /** Reads until the stream is closed. */
  async #read(stream: AsyncIterableIterator<Thing>): Promise<void> {
    for (;;) {
      while (this.#leave <= 0) await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#leave--;
      const [seq] = await take(stream, 1).catch((error: Error) => {
        this.refused = coded('RESYNC_REQUIRED')(error);
        assert.ok(this.refused ? this.afterSeq > this.#newest && this.seen.length === 0 : coded('UNAVAILABLE')(error));
        return [];
      });
      if (seq === undefined) return;
      this.seen.push(seq);
    }
  }
}

type Step =
  | { do: 'commit'; key: string; append: boolean; times: number }
  | { do: 'append' | 'leave' | 'comeBack' | 'turn' }
  | { do: 'deliver' | 'repeat'; count: number }
  | { do: 'join'; key: string; afterSeq: number }
  | { do: 'take'; which: number; count: number };

const key = fc.constantFrom('a', 'b');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('commit'),
      key,
      append: fc.boolean(),
      times: fc.constantFrom(1, 1, 2, 5, 150),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'append' }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver'), count: fc.nat(200) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat'), count: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'leave' }) },
  { weight: 2, arbitrary: fc.constant({ do: 'comeBack' }) },
  { weight: 4, arbitrary: fc.constant({ do: 'turn' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('join'), key, afterSeq: fc.nat(300) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('take'), which: fc.nat(9), count: fc.nat(200) }) },
) as fc.Arbitrary<Step>;

describe('live streams, in every order of events', () => {
  it('yield afterSeq + 1 … newest, each once and in order, or refuse a cursor beyond the newest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }), async (steps) => {
        const bench = new Bench();
        const readers: Reader[] = [];
        for (const action of steps) {
          if (action.do === 'commit') for (const _ of range(1, action.times)) bench.commit(action.key, action);
          else if (action.do === 'deliver') bench.deliver(action.count);
          else if (action.do === 'repeat') bench.repeat(action.count);
          else if (action.do === 'turn') await turn();
          else if (action.do === 'join') readers.push(new Reader(bench, action.key, action.afterSeq));
          else if (action.do === 'take') readers[action.which]?.give(action.count);
          else bench[action.do]();
        }
        bench.comeBack();
        bench.append();
        for (const reader of readers) reader.give(Infinity);
        await bench.live.settled();
        for (const reader of readers) {
          const expected = range(reader.afterSeq + 1, Math.max(reader.afterSeq, bench.tables.get(reader.key) ?? 0));
          for (let patience = 2000; patience > 0 && reader.seen.length < expected.length && !reader.refused; patience--)
            await turn();
          if (!reader.refused) assert.deepEqual(reader.seen, expected);
        }
        await bench.live.close();
        await Promise.all(readers.map((reader) => reader.finished));
      }),
      { numRuns: 300 },
    );
  });
});
