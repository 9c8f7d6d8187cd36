import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { CACHE_MANAGER } from '@nestjs/cache-manager';
import { Logger } from '@nestjs/common';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Cache } from 'cache-manager';
import fc from 'fast-check';
import { Metrics, renderMetrics } from '../observability/metrics.ts';
import { CacheModule } from './cache.module.ts';
import type { CacheOptions } from './cache.module.ts';
import { cached, cacheKeys, invalidate, mark, marked } from './cache.utils.ts';
import type { CacheKey } from './cache.utils.ts';
import { fromJson, toJson } from './json.ts';

Logger.overrideLogger(false);

const metrics = new Metrics('teams');
type Store = Omit<CacheOptions, 'metrics'>;

async function open(options: Store): Promise<{ app: INestApplicationContext; cache: Cache }> {
  const app = await NestFactory.createApplicationContext(CacheModule.register({ ...options, metrics }), {
    logger: false,
  });
  return { app, cache: app.get<Cache>(CACHE_MANAGER) };
}

const keyOf = cacheKeys('thing', 1);
const key = (): CacheKey => keyOf(randomUUID());
const eventually = async (condition: () => Promise<boolean>) => {
  while (!(await condition()))
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
};

/** The sum of a counter's samples on the scraped page. */
async function scraped(sample: RegExp): Promise<number> {
  const { text } = await renderMetrics();
  return text
    .split('\n')
    .filter((line) => sample.test(line))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
const errors = () => scraped(/^prodvor_cache_errors_total\{/);

/** Whether the store works: it finds a value that was loaded once. */
async function isUp(cache: Cache): Promise<boolean> {
  const probe = key();
  let loads = 0;
  for (let i = 0; i < 2; i++) await cached(cache, probe, 10_000, async () => ++loads);
  return loads === 1;
}

function cacheContract(options: Store, shared: boolean): void {
  let first: Awaited<ReturnType<typeof open>>;
  let second: Awaited<ReturnType<typeof open>>;
  let cache: Cache;
  beforeAll(async () => {
    first = await open(options);
    second = shared ? await open(options) : first;
    cache = first.cache;
    await eventually(() => isUp(cache));
    await eventually(() => isUp(second.cache));
  });
  afterAll(async () => {
    await first.app.close();
    if (shared) await second.app.close();
  });

  it('loads once and returns equal values afterwards, each its own copy', async () => {
    const id = key();
    const joinedAt = new Date('2026-06-01T18:00:00.123Z');
    const value = {
      name: 'Двор',
      members: [{ number: 7, joinedAt, leftAt: new Date(0) }],
      none: null,
      empty: '',
      zero: 0,
      at: joinedAt.toISOString(),
      text: ':date:0',
    };
    let loads = 0;
    const load = async () => {
      loads++;
      return value;
    };
    const results = [
      await cached(cache, id, 10_000, load),
      await cached(cache, id, 10_000, load),
      await cached(second.cache, id, 10_000, load),
    ];
    for (const result of results) assert.deepEqual(result, value);
    assert.equal(loads, 1);
    results[1]!.name = 'changed by a reader';
    assert.equal((await cached(cache, id, 10_000, load)).name, 'Двор');
  });

  it('never caches a value that would be different when read, and counts an error', async () => {
    for (const value of [new Map([[1, 2]]), { bytes: Buffer.from('x') }, [1n], { rate: NaN }]) {
      const id = key();
      const before = await errors();
      for (let i = 0; i < 2; i++) assert.equal(await cached<unknown>(cache, id, 10_000, async () => value), value);
      assert.equal(await errors(), before + 2);
    }
  });

  it('expires after the time', async () => {
    const id = key();
    let loads = 0;
    const load = async () => ++loads;
    await cached(cache, id, 50, load);
    await eventually(async () => (await cached(cache, id, 50, load)) === 2);
  });

  it('loads once for concurrent reads, and again after a failure, which all of them get', async () => {
    const id = key();
    let loads = 0;
    const gate = Promise.withResolvers<void>();
    const reads = Array.from({ length: 20 }, () =>
      cached(cache, id, 10_000, async () => {
        loads++;
        await gate.promise;
        throw new Error('the source is away');
      }),
    );
    gate.resolve();
    for (const read of await Promise.allSettled(reads)) assert.equal(read.status, 'rejected');
    assert.equal(loads, 1);
    assert.equal(await cached(cache, id, 10_000, async () => 'back'), 'back');
  });

  it('caches missing values only if configured', async () => {
    for (const [missing, keepMissing, expected] of [
      [null, false, 2],
      [undefined, false, 2],
      [null, true, 1],
      [undefined, true, 1],
    ] as const) {
      const id = key();
      let loads = 0;
      for (let i = 0; i < 2; i++) {
        assert.equal(
          await cached(
            cache,
            id,
            10_000,
            async () => {
              loads++;
              return missing;
            },
            { keepMissing },
          ),
          missing,
        );
      }
      assert.equal(loads, expected, `${missing} ${keepMissing}`);
    }
  });

  it('caches no value that was loaded before an invalidation, of any process, stored before or after it', async () => {
    for (const invalidator of [cache, second.cache]) {
      for (const warm of [false, true]) {
        const id = key();
        let source = 'old';
        if (warm) {
          await cached(cache, id, 10_000, async () => 'older');
          await invalidate(cache, id);
          await cached(cache, id, 1, async () => 'expires at once');
          await new Promise((resolve) => {
            setTimeout(resolve, 5);
          });
        }
        const began = Promise.withResolvers<void>();
        const gate = Promise.withResolvers<void>();
        const slow = cached(cache, id, 10_000, async () => {
          const seen = source;
          began.resolve();
          await gate.promise;
          return seen;
        });
        await began.promise;
        source = 'new';
        await invalidate(invalidator, id);
        gate.resolve();
        assert.equal(await slow, 'old');
        assert.equal(await cached(cache, id, 10_000, async () => source), 'new');
        assert.equal(await cached(second.cache, id, 10_000, async () => 'not asked'), 'new');
      }
    }
  });

  it('keeps marks for their time, for all processes, and a repeated mark longer', async () => {
    const keys = Array.from({ length: 200 }, key);
    const [kept, short, other] = [keys.slice(0, 150), keys.slice(150, 199), keys.slice(199)];
    await mark(cache, kept, 10_000);
    await mark(second.cache, short, 50);
    assert.deepEqual(
      await marked(second.cache, keys).then((all) => [all.slice(0, 150).every(Boolean), all.slice(199)]),
      [true, [false]],
    );
    await mark(cache, short.slice(0, 1), 10_000);
    await eventually(async () => !(await marked(cache, short)).slice(1).some(Boolean));
    assert.deepEqual(await marked(second.cache, [...kept.slice(0, 2), ...short.slice(0, 2), ...other]), [
      true,
      true,
      true,
      false,
      false,
    ]);
    await mark(cache, [], 1);
    assert.deepEqual(await marked(cache, []), []);
  });

  it('does not let a read join a load that began before the invalidation', async () => {
    const id = key();
    const gate = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    const slow = cached(cache, id, 10_000, async () => {
      began.resolve();
      await gate.promise;
      return 'old';
    });
    await began.promise;
    await invalidate(cache, id);
    assert.equal(await cached(cache, id, 10_000, async () => 'new'), 'new');
    gate.resolve();
    assert.equal(await slow, 'old');
    // The late write has replaced the good entry, but its generation is not valid, so the value is loaded again.
    assert.equal(await cached(cache, id, 10_000, async () => 'new'), 'new');
  });
}

describe('in memory', () => {
  cacheContract({}, false);

  it('is limited in number and size', async () => {
    for (const memory of [{ maxEntries: 100 }, { maxSize: 50_000 }]) {
      const { app, cache } = await open({ memory });
      const value = 'x'.repeat(500);
      const ids = Array.from({ length: 1000 }, key);
      for (const id of ids) await cached(cache, id, 10_000, async () => value);
      let kept = 0;
      for (const id of ids) if ((await cache.get(id)) !== undefined) kept++;
      assert.ok(kept >= 40 && kept <= 100, `${kept} kept`);
      assert.equal((await cached(cache, key(), 10_000, async () => 'y'.repeat(100_000))).length, 100_000);
      await app.close();
    }
  });
});

const redisUrl = process.env.REDIS_URL;
if (!redisUrl) console.log('The cache on Redis is skipped: REDIS_URL is not set.');

(redisUrl ? describe : describe.skip)('on Redis', () => {
  cacheContract({ redisUrl: redisUrl! }, true);

  it('loads from the source while Redis is cut off, and uses it again afterwards', async () => {
    const wire = await Wire.open(redisUrl!);
    const { app, cache } = await open({ redisUrl: wire.url });
    await eventually(() => isUp(cache));
    const id = key();
    await cached(cache, id, 60_000, async () => 'kept');
    await wire.cut();
    await eventually(async () => !(await isUp(cache)));
    const began = performance.now();
    for (let i = 0; i < 50; i++) assert.equal(await cached(cache, id, 60_000, async () => 'source'), 'source');
    assert.ok(performance.now() - began < 500, 'fails at once, does not wait');
    await assert.rejects(invalidate(cache, id));
    await assert.rejects(mark(cache, [id], 1000));
    await assert.rejects(marked(cache, [id]));
    await wire.mend();
    await eventually(() => isUp(cache));
    assert.equal(await cached(cache, id, 60_000, async () => 'source'), 'kept');

    wire.silence();
    const silent = performance.now();
    assert.equal(await cached(cache, id, 60_000, async () => 'source'), 'source');
    assert.ok(performance.now() - silent < 1000, 'a Redis that does not answer is not waited for');
    await app.close();
    await wire.close();
  }, 30_000);
});

it('starts, reads and stops without a Redis', async () => {
  const { app, cache } = await open({ redisUrl: 'redis://127.0.0.1:1' });
  const counted = await errors();
  for (let i = 0; i < 20; i++) assert.equal(await cached(cache, keyOf('1'), 1000, async () => i), i);
  assert.equal(await errors(), counted + 20);
  await app.close();
}, 10_000);

it('counts on the scraped page, under the service of the cache', async () => {
  const { app, cache } = await open({});
  const reads = async () =>
    Promise.all(
      ['miss', 'hit', 'joined'].map((outcome) =>
        scraped(
          new RegExp(`^prodvor_cache_reads_total\\{(?=.*service="teams")(?=.*cache="thing").*outcome="${outcome}"`),
        ),
      ),
    );
  const before = await reads();
  const id = key();
  const load = async () => 1;
  await Promise.all([cached(cache, id, 10_000, load), cached(cache, id, 10_000, load)]);
  await cached(cache, id, 10_000, load);
  assert.deepEqual(
    (await reads()).map((count, n) => count - (before[n] ?? 0)),
    [1, 1, 1],
  );
  await app.close();
});

it('reads every value as it was written', () => {
  const leaf = fc.oneof(
    fc.date({ noInvalidDate: false }),
    fc.string(),
    fc.constantFrom(':', ':date:0', '::date:', ':base64:eA==', 'date'),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('value')),
      fc.dictionary(
        fc.string().filter((name) => name !== '__proto__'),
        tie('value'),
        { noNullPrototype: true },
      ),
    ),
  }));
  fc.assert(fc.property(value, (written) => assert.deepEqual(fromJson(toJson(written)), written)));
});

it('allows each name of keys once', () => {
  assert.throws(() => cacheKeys('thing', 2), /exist already/);
});

it('makes different keys of different ids, for any content, with a limited length', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.constantFrom('a:b', 'a', '"', '\\', '\ud800', '\ud801', 'x'.repeat(5000)),
  );
  fc.assert(
    fc.property(anything, anything, (a, b) => {
      assert.equal(keyOf(a) === keyOf(b), a === b);
      assert.ok(keyOf(a).length < 250);
      assert.ok(keyOf(a).isWellFormed());
    }),
  );
});

/** A connection to Redis that can be cut, or can swallow everything. */
class Wire {
  readonly url: string;
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #silent = false;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.#port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async open(target: string): Promise<Wire> {
    const { hostname, port } = new URL(target);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const wire = new Wire(server, (server.address() as AddressInfo).port);
    server.on('connection', (near) => {
      const far = connect(Number(port || 6379), hostname);
      for (const socket of [near, far]) {
        wire.#sockets.add(socket);
        socket
          .on('error', () => undefined)
          .on('close', () => {
            near.destroy();
            far.destroy();
            wire.#sockets.delete(socket);
          });
      }
      near.on('data', (chunk) => {
        if (!wire.#silent) far.write(chunk);
      });
      far.on('data', (chunk) => near.write(chunk));
    });
    return wire;
  }

  async cut(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async mend(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  silence(): void {
    this.#silent = true;
  }

  async close(): Promise<void> {
    await this.cut();
  }
}
