import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { eventually } from '../event-log/contract.process.ts';
import type { LoggedEvent } from '../event-log/event-log.ts';
import { Inbox } from '../inbox/inbox.ts';
import { JobQueueError } from '../job-queue/envelope.ts';
import type { DeadJob } from '../job-queue/job-queue.ts';
import { createTestService, SCHEMA } from '../outbox/outbox.testing.ts';
import type { TestService } from '../outbox/outbox.testing.ts';
import { Metrics } from '../../observability/metrics.ts';
import { ParkedGauges } from './gauges.ts';
import { ParkedInbox } from './parked-inbox.ts';
import { ParkedOutbox } from './parked-outbox.ts';
import { Redriver } from './redriver.ts';

let service: TestService;
beforeAll(async () => {
  service = await createTestService();
});
afterAll(() => service.drop());

const fail = (error: Error, doing: string): never => assert.fail(`${doing}: ${error.stack}`);
const empty = (): Promise<unknown> =>
  service.pool.query(`TRUNCATE ${SCHEMA}.outbox, ${SCHEMA}.inbox, ${SCHEMA}.inbox_parked`);

describe('parked rows of an outbox', () => {
  interface Row {
    key: string;
    seq: number;
    state: 'waiting' | 'parked' | 'behind' | 'published';
    kind?: 'JOB';
    type?: string;
    age?: number;
  }
  /** @returns the ids in the same order */
  async function rows(...all: Row[]): Promise<string[]> {
    await empty();
    const ids: string[] = [];
    for (const { key, seq, state, kind = 'EVENT', type = 'ThingChanged', age = 0 } of all) {
      const eventId = randomUUID();
      ids.push(kind === 'JOB' ? key : eventId);
      await service.pool.query(
        `INSERT INTO ${SCHEMA}.outbox (kind, topic, key, seq, event_id, type, version, occurred_at, payload, published_at, parked_at, attempts, last_error)
         VALUES ($1, $2, $3, $4, $5, $6, 1, now() - make_interval(secs => $7), '{"n":1}', CASE WHEN $8 = 'published' THEN now() END, CASE WHEN $8 IN ('parked', 'behind') THEN now() END,
           CASE WHEN $8 = 'parked' THEN 10 ELSE 0 END, CASE WHEN $8 = 'parked' THEN 'too large' END)`,
        [kind, kind === 'JOB' ? 'chores' : 'things.v1', key, seq, eventId, type, age, state],
      );
    }
    return ids;
  }
  const outbox = (): ParkedOutbox => new ParkedOutbox(service.pool, SCHEMA);
  const parked = async (): Promise<string[]> =>
    (await outbox().list({ limit: 100 })).map(({ key, seq, state }) => `${key}${seq} ${state}`);

  it('are counted by topic, listed oldest first and found by id, with the rows not published yet', async () => {
    const job = randomUUID();
    const [waiting = '', first = '', behind = '', , jobId = ''] = await rows(
      { key: 'a', seq: 1, state: 'waiting', age: 60 },
      { key: 'b', seq: 1, state: 'parked' },
      { key: 'b', seq: 2, state: 'behind' },
      { key: 'c', seq: 1, state: 'published', age: 600 },
      { key: job, seq: 1, state: 'parked', kind: 'JOB', type: 'Chore' },
    );
    const counts = (await outbox().counts()).map(({ oldest, ...rest }) => ({
      ...rest,
      minutes: Math.round((Date.now() - Date.parse(oldest)) / 60_000),
    }));
    assert.deepEqual(counts, [
      { place: 'outbox', service: SCHEMA, topic: 'chores', waiting: 0, parked: 1, behind: 0, minutes: 0 },
      { place: 'outbox', service: SCHEMA, topic: 'things.v1', waiting: 1, parked: 1, behind: 1, minutes: 1 },
    ]);
    assert.deepEqual(
      (await outbox().list({ limit: 10 })).map(({ id }) => id),
      [first, behind, jobId],
    );
    assert.deepEqual(
      (await outbox().list({ limit: 1 })).map(({ id }) => id),
      [first],
    );
    assert.deepEqual(
      (await outbox().list({ limit: 10, type: 'Chore' })).map(({ id, kind, topic }) => [id, kind, topic]),
      [[jobId, 'job', 'chores']],
    );
    const found = await outbox().find(first);
    assert.deepEqual([found?.state, found?.error, found?.payload, found?.key], ['parked', 'too large', { n: 1 }, 'b']);
    assert.equal((await outbox().find(waiting))?.state, 'waiting');
    assert.equal((await outbox().find(behind))?.error, undefined);
    assert.equal(await outbox().find(randomUUID()), undefined);
  });

  it('go to the relay again by key, since the order of a key is kept', async () => {
    const keyB: Row[] = [
      { key: 'b', seq: 1, state: 'parked' },
      { key: 'b', seq: 2, state: 'behind' },
    ];
    const all: Row[] = [
      ...keyB,
      { key: 'c', seq: 1, state: 'parked', type: 'Other' },
      { key: 'd', seq: 1, state: 'waiting' },
    ];
    const [, behind = ''] = await rows(...all);
    assert.equal(await outbox().redrive({ id: behind }), 2);
    assert.deepEqual(await parked(), ['c1 parked']);
    assert.deepEqual(
      (await service.pool.query(`SELECT attempts, last_error FROM ${SCHEMA}.outbox WHERE key = 'b' AND seq = 1`)).rows,
      [{ attempts: 0, last_error: null }],
    );
    assert.equal(await outbox().redrive({ id: behind }), 0, 'it is not parked any more');
    await rows(...all);
    assert.equal(await outbox().redrive({ type: 'ThingChanged' }), 2);
    assert.equal(await outbox().redrive({}), 1);
    assert.deepEqual(await parked(), []);
  });

  it('are dropped from the front of their key only; the rows behind continue up to the next one that failed', async () => {
    const [first = '', , third = '', waiting = ''] = await rows(
      { key: 'b', seq: 1, state: 'parked' },
      { key: 'b', seq: 2, state: 'behind' },
      { key: 'b', seq: 3, state: 'parked' },
      { key: 'd', seq: 1, state: 'waiting' },
    );
    assert.deepEqual(await outbox().drop(third), { dropped: false, behind: first });
    assert.deepEqual(await outbox().drop(waiting), { dropped: false });
    assert.equal((await parked()).length, 3);
    assert.deepEqual(await outbox().drop(first), { dropped: true });
    assert.deepEqual(await outbox().drop(first), { dropped: false });
    assert.deepEqual(await parked(), ['b3 parked']);
    assert.equal((await service.pool.query(`SELECT FROM ${SCHEMA}.outbox WHERE key = 'b'`)).rowCount, 2);
  });
});

describe('parked events of an inbox', () => {
  let handled: string[] = [];
  let broken = new Set<number>();
  const event = (key: string, seq: number): LoggedEvent => ({
    topic: 't',
    key,
    seq,
    eventId: randomUUID(),
    type: seq === 1 ? 'First' : 'Later',
    version: 1,
    occurredAt: '2026-11-22T10:00:00.000Z',
    payload: { seq },
    partition: 0,
    offset: String(seq),
  });
  const consume =
    (consumer: string, inbox = new Inbox({ schema: SCHEMA, maxAttempts: 1 })) =>
    (one: LoggedEvent) =>
      inbox.once(service.prisma, consumer, one, async () => {
        if (broken.has(one.seq)) throw new Error(`no luck with ${one.seq}`);
        handled.push(`${consumer} ${one.key}${one.seq}`);
      });
  const inbox = (): ParkedInbox => new ParkedInbox(service.pool, SCHEMA);
  const parked = async (): Promise<string[]> =>
    (await inbox().list({ limit: 100 })).map(
      ({ consumer, key, seq, error }) => `${consumer} ${key}${seq} ${error ?? 'behind'}`,
    );
  const position = async (consumer: string, key: string): Promise<unknown> =>
    (
      await service.pool.query(
        `SELECT last_seq AS last, parked, redrive FROM ${SCHEMA}.inbox WHERE consumer = $1 AND key = $2`,
        [consumer, key],
      )
    ).rows[0];
  /** Two keys of consumer `c` whose first events fail. @returns their ids by name */
  async function fill(): Promise<Record<string, string>> {
    await empty();
    [handled, broken] = [[], new Set([1])];
    const ids: Record<string, string> = {};
    for (const [key, seq] of [
      ['a', 1],
      ['a', 2],
      ['a', 3],
      ['b', 1],
    ] as const) {
      const one = event(key, seq);
      ids[`${key}${seq}`] = one.eventId;
      assert.equal(await consume('c')(one), 'parked');
    }
    return ids;
  }
  async function withRedriver(work: () => Promise<void>, onError = fail, consumers = ['c']): Promise<void> {
    const redriver = new Redriver({ pool: service.pool, service: SCHEMA, onError });
    for (const consumer of consumers) redriver.serve(consumer, consume(consumer));
    await work().finally(() => redriver.close());
  }

  it('are counted by consumer and topic, and listed with the reason', async () => {
    await fill();
    const [counts] = await inbox().counts();
    assert.deepEqual(
      { ...counts, oldest: '' },
      { place: 'inbox', service: SCHEMA, consumer: 'c', topic: 't', waiting: 0, parked: 2, behind: 2, oldest: '' },
    );
    assert.deepEqual(await parked(), ['c a1 no luck with 1', 'c a2 behind', 'c a3 behind', 'c b1 no luck with 1']);
    assert.deepEqual(
      (await inbox().list({ limit: 10, type: 'Later' })).map(({ seq, state, payload }) => [seq, state, payload]),
      [
        [2, 'behind', { seq: 2 }],
        [3, 'behind', { seq: 3 }],
      ],
    );
  });

  it('are handled again in order on request by the running consumer, before events that arrive meanwhile', async () => {
    const ids = await fill();
    broken.clear();
    await withRedriver(async () => {
      assert.equal(await inbox().askForRedrive({ id: ids.a2 }), 3);
      await eventually('a is done', async () => (await parked()).length === 1);
      assert.deepEqual(handled, ['c a1', 'c a2', 'c a3']);
      assert.equal(await consume('c')(event('a', 4)), 'handled');
      await eventually(
        'the request is done with',
        async () => ((await position('c', 'a')) as { redrive: boolean }).redrive === false,
      );
      assert.deepEqual(await parked(), ['c b1 no luck with 1']);
    });
    assert.deepEqual(await position('c', 'a'), { last: 4, parked: false, redrive: false });
  });

  it('stay parked from the first one that fails again, with the new reason, until the next request', async () => {
    await fill();
    broken = new Set([2]);
    const errors: string[] = [];
    await withRedriver(
      async () => {
        assert.equal(await inbox().askForRedrive({ type: 'Later' }), 3);
        await eventually('a2 has failed', () => errors.length > 0);
      },
      ((error: Error) => errors.push(error.message)) as unknown as typeof fail,
    );
    assert.deepEqual([handled, errors], [['c a1'], ['no luck with 2']]);
    assert.deepEqual(await parked(), ['c a2 no luck with 2', 'c a3 behind', 'c b1 no luck with 1']);
    assert.deepEqual(await position('c', 'a'), { last: 1, parked: true, redrive: false });
  });

  it('survive a temporary fault, because nobody would request them again', async () => {
    await fill();
    broken.clear();
    let faults = 2;
    const handler = consume('c');
    const redriver = new Redriver({ pool: service.pool, service: SCHEMA, onError: fail });
    redriver.serve('c', async (one) => {
      if (one.seq === 2 && faults-- > 0) throw new Error('deadlock detected');
      return handler(one);
    });
    await inbox().askForRedrive({ type: 'Later' });
    await eventually('a is done', async () => (await parked()).length === 1).finally(() => redriver.close());
    assert.deepEqual([handled, await parked()], [['c a1', 'c a2', 'c a3'], ['c b1 no luck with 1']]);
  });

  it('wait for their own consumer, also when the request is older than its start, and one of several replicas handles them', async () => {
    await fill();
    broken.clear();
    assert.equal(await inbox().askForRedrive({}), 4);
    await withRedriver(async () => undefined, fail, ['another']);
    assert.equal((await parked()).length, 4);
    await withRedriver(() => withRedriver(() => eventually('all is done', async () => (await parked()).length === 0)));
    assert.deepEqual(handled.toSorted(), ['c a1', 'c a2', 'c a3', 'c b1']);
  });

  it('are removed when their consumer ignores them by now', async () => {
    await fill();
    const redriver = new Redriver({ pool: service.pool, service: SCHEMA, onError: fail });
    redriver.serve('c', async () => undefined);
    await inbox().askForRedrive({});
    await eventually('all is done', async () => (await parked()).length === 0);
    await redriver.close();
    assert.deepEqual([await position('c', 'a'), handled], [{ last: 3, parked: false, redrive: false }, []]);
  });

  it('are dropped from the front of their key only, for one consumer, and the ones behind are handled', async () => {
    const ids = await fill();
    const { a1 = '', a2 = '' } = ids;
    assert.deepEqual(await inbox().drop('c', a2), { dropped: false, behind: a1 });
    assert.deepEqual(await inbox().drop('another', a1), { dropped: false });
    broken.clear();
    assert.deepEqual(await inbox().drop('c', a1), { dropped: true });
    assert.deepEqual(await inbox().drop('c', a1), { dropped: false });
    assert.deepEqual(await position('c', 'a'), { last: 1, parked: true, redrive: true });
    await withRedriver(() => eventually('a goes on', async () => (await parked()).length === 1));
    assert.deepEqual(handled, ['c a2', 'c a3']);
    assert.equal(await consume('c')({ ...event('a', 1), eventId: a1 }), 'repeat', 'the log may deliver it once more');
    assert.equal(await consume('c')(event('a', 4)), 'handled');
  });

  it('do not miss an event that is parked while a drop waits for the lock', async () => {
    const { b1 = '' } = await fill();
    const holding = await service.pool.connect();
    await holding.query('BEGIN');
    await holding.query(`SELECT FROM ${SCHEMA}.inbox WHERE key = 'b' FOR UPDATE`);
    const dropping = inbox().drop('c', b1);
    await eventually(
      'it waits',
      async () =>
        (
          await service.pool.query(
            `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
          )
        ).rowCount === 1,
    );
    await holding.query(
      `INSERT INTO ${SCHEMA}.inbox_parked (consumer, topic, key, seq, event) VALUES ('c', 't', 'b', 2, $1)`,
      [JSON.stringify(event('b', 2))],
    );
    await holding.query('COMMIT');
    holding.release();
    assert.deepEqual(await dropping, { dropped: true });
    assert.deepEqual(await position('c', 'b'), { last: 1, parked: true, redrive: true });
  });
});

describe('gauges of parked messages and dead jobs', () => {
  const job = (diedAt: string): DeadJob => ({
    id: randomUUID(),
    queue: 'chores',
    kind: 'Chore',
    version: 1,
    payload: {},
    reason: 'x',
    diedAt,
  });
  const shown = (text: string): Record<string, number> =>
    Object.fromEntries(
      text.split('\n').flatMap((line) => {
        const [, name = '', , label = '', value = ''] =
          /^((?:outbox|inbox|jobs)_\w+)\{([a-z]+="([^"]*)",)?service="svc"\} (\S+)$/.exec(line) ?? [];
        return name === '' ? [] : [[`${name} ${label}`.trim(), Math.round(Number(value))]];
      }),
    );

  it('count and show the oldest age, and query the servers only every few seconds, however often they are scraped', async () => {
    await empty();
    await service.pool.query(`
      INSERT INTO ${SCHEMA}.outbox (kind, topic, key, seq, event_id, type, version, occurred_at, payload, parked_at)
        SELECT 'EVENT', 't', n::text, 1, gen_random_uuid(), 'T', 1, now(), '1', now() - make_interval(secs => 100 * n) FROM generate_series(1, 3) n;
      INSERT INTO ${SCHEMA}.inbox_parked (consumer, topic, key, seq, event, parked_at)
        SELECT c, 't', n::text, 1, '{}', now() - make_interval(secs => 10 * n) FROM generate_series(1, 2) n, (VALUES ('one'), ('two')) v(c);
      INSERT INTO ${SCHEMA}.inbox_parked (consumer, topic, key, seq, event, error, parked_at)
        SELECT 'two', 't', 'newer', n, '{}', CASE n WHEN 1 THEN 'NEWER_VERSION: x' END, now() - interval '1 day' FROM generate_series(1, 5) n`);
    const metrics = new Metrics('svc');
    const asked: string[] = [];
    const jobs = {
      deadCount: async (queue: string) => (
        asked.push('count'),
        queue === 'chores' ? 2 : Promise.reject(new JobQueueError('JOB_QUEUE_UNKNOWN', queue))
      ),
      dead: async () => (asked.push('oldest'), [job(new Date(Date.now() - 60_000).toISOString())]),
      backlog: async (queue: string) => (
        asked.push('backlog'),
        queue === 'chores'
          ? { waiting: 7, oldestSeconds: 12 }
          : Promise.reject(new JobQueueError('JOB_QUEUE_UNKNOWN', queue))
      ),
    };
    const gauges = new ParkedGauges({ metrics, pool: service.pool, service: SCHEMA, jobs, onError: fail });
    for (const queue of ['chores', 'none-yet', 'chores']) gauges.queue(queue);
    for (let n = 0; n < 5; n++) {
      const { outbox_parked_oldest_seconds: outbox = 0, ...rest } = shown(await metrics.registry.metrics());
      assert.ok(outbox >= 300 && outbox < 330, String(outbox));
      assert.deepEqual(Object.keys(rest).toSorted(), [
        'inbox_held_back one',
        'inbox_held_back two',
        'inbox_parked one',
        'inbox_parked two',
        'inbox_parked_oldest_seconds one',
        'inbox_parked_oldest_seconds two',
        'jobs_dead chores',
        'jobs_dead none-yet',
        'jobs_dead_oldest_seconds chores',
        'jobs_dead_oldest_seconds none-yet',
        'jobs_waiting chores',
        'jobs_waiting none-yet',
        'jobs_waiting_oldest_seconds chores',
        'jobs_waiting_oldest_seconds none-yet',
        'outbox_parked',
      ]);
      assert.deepEqual(
        [rest.outbox_parked, rest['inbox_parked one'], rest['jobs_dead chores'], rest['jobs_dead none-yet']],
        [3, 2, 2, 0],
      );
      assert.deepEqual([rest['inbox_parked two'], rest['inbox_held_back two'], rest['inbox_held_back one']], [2, 5, 0]);
      assert.ok((rest['inbox_parked_oldest_seconds two'] ?? 99) < 60, 'what is held back is nobody’s to look at');
      assert.ok((rest['jobs_dead_oldest_seconds chores'] ?? 0) >= 60);
      assert.deepEqual([rest['jobs_waiting chores'], rest['jobs_waiting none-yet']], [7, 0]);
      assert.equal(rest['jobs_waiting_oldest_seconds chores'], 12);
    }
    assert.deepEqual(asked, ['backlog', 'backlog', 'count', 'oldest', 'count']);
    await gauges.close();
    metrics.close();
  });

  it('show the last counts, and do not block a scrape, while a server does not answer', async () => {
    await empty();
    const metrics = new Metrics('svc');
    const errors: string[] = [];
    const answer = Promise.withResolvers<number>();
    const gauges = new ParkedGauges({
      metrics,
      pool: service.pool,
      service: SCHEMA,
      jobs: {
        deadCount: () => answer.promise,
        dead: async () => [],
        backlog: async () => ({ waiting: 0, oldestSeconds: 0 }),
      },
      onError: (error) => void errors.push(error.message),
    });
    gauges.queue('chores');
    const began = performance.now();
    assert.deepEqual(shown(await metrics.registry.metrics()).jobs_dead, undefined);
    assert.ok(performance.now() - began < 10_000);
    answer.reject(new Error('away'));
    await gauges.close();
    assert.deepEqual([errors, shown(await metrics.registry.metrics())['jobs_dead chores']], [['away'], 0]);
    metrics.close();
  });

  it('use an index, and count no more than they show', async () => {
    await empty();
    await service.pool.query(`
      INSERT INTO ${SCHEMA}.outbox (kind, topic, key, seq, event_id, type, version, occurred_at, payload, published_at, parked_at)
        SELECT 'EVENT', 't', n::text, 1, gen_random_uuid(), 'T', 1, now(), '1', CASE WHEN n > 12000 THEN now() END, CASE WHEN n <= 12000 THEN now() END FROM generate_series(1, 30000) n;
      ANALYZE ${SCHEMA}.outbox`);
    const metrics = new Metrics('svc');
    const gauges = new ParkedGauges({
      metrics,
      pool: service.pool,
      service: SCHEMA,
      jobs: { deadCount: async () => 0, dead: async () => [], backlog: async () => ({ waiting: 0, oldestSeconds: 0 }) },
      onError: fail,
    });
    assert.equal(shown(await metrics.registry.metrics()).outbox_parked, 10_000);
    const { rows } = await service.pool.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT parked_at FROM ${SCHEMA}.outbox WHERE parked_at IS NOT NULL ORDER BY parked_at LIMIT 10000`,
    );
    assert.match(rows.map((row) => row['QUERY PLAN']).join('\n'), /outbox_parked_at_idx/);
    await gauges.close();
    metrics.close();
  });
});
