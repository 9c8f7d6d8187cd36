import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type pg from 'pg';
import { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { handle } from '../../platform/messaging/timers/definition.ts';
import { Timers } from '../../platform/messaging/timers/timers.ts';
import { openPool } from '../../platform/postgres/pool.ts';
import { pgTransactions } from '../../platform/postgres/transactions.ts';
import { GenerationTimer } from '../../subgraphs/ai/record.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { messages, type Ran } from './messages.fixture.ts';

describe('parked timers of ai in npm run messages', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let timers: Timers;
  beforeAll(async () => {
    database = await createTestDatabase({ migrate: ['ai'] });
    const url = `${database.url}?schema=ai`;
    pool = openPool(url, 'test', 4, () => undefined);
    timers = new Timers({ url, outbox: new Outbox({ schema: 'ai' }), maxAttempts: 1 });
  });
  afterAll(async () => {
    await timers.close();
    await pool.end();
    await database.drop();
  });

  /** Runs the command as an operator of the servers does. Timers need neither Kafka nor RabbitMQ. */
  const run = (...args: string[]): Promise<Ran> =>
    messages([...args, '--service', 'ai'], {
      env: { PRODVOR_MODE: 'full', DATABASE_URL: database.url, KEYCLOAK_ISSUER: 'http://127.0.0.1:1' },
    });
  it('are counted, listed, shown, put back and dropped', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    const fired: string[] = [];
    let isBroken = true;
    const handler = handle(GenerationTimer, async ({ payload: { generationId } }) => {
      if (isBroken) throw new Error('no such table');
      fired.push(generationId);
    });
    const runner = timers.runner(pgTransactions(pool), [handler]);
    await pgTransactions(pool).$transaction(async (tx) => {
      for (const generationId of [one, other])
        await timers.set(tx, GenerationTimer, { key: generationId, after: 0, payload: { generationId } });
    });
    await runner.fireDue();
    const status = await run('status');
    assert.equal(status.code, 0, status.err);
    assert.match(status.out, /\nTimers\n.*\n {2}ai +generation +0 +2 /);
    const listed = JSON.parse((await run('parked', '--type', 'generation', '--json')).out) as Record<string, string>[];
    assert.deepEqual(
      listed.map(({ place, service, key, error }) => [place, service, key, error]).toSorted(),
      [one, other].map((key) => ['timers', 'ai', key, 'no such table']).toSorted(),
    );
    const idOf = (key: string): string => listed.find((row) => row['key'] === key)?.['id'] ?? assert.fail('not listed');
    assert.match((await run('show', idOf(one))).out, new RegExp(`"generationId": "${one}"`));

    const redriven = await run('redrive', idOf(one));
    assert.deepEqual([redriven.code, redriven.out.split(':')[0]], [0, '1 timers']);
    const dropped = await run('drop', idOf(other), '--yes');
    assert.deepEqual([dropped.code, dropped.out.trim()], [0, 'timers of ai: dropped']);
    isBroken = false;
    await runner.fireDue();
    assert.deepEqual(fired, [one]);
    assert.equal((await run('redrive', '--all')).code, 1, 'nothing is parked any more');
  });
});
