import assert from 'node:assert/strict';
import { it } from '@jest/globals';
import { until } from '../../test/network/until.ts';
import { openMailingRun } from './mailing-run.fixture.ts';

/** The number of e-mails that a worker sends at the same time: AT_ONCE in mailing-work.service.ts. */
const AT_ONCE = 2;

/** Declares the tests of a worker that is killed. The specs of both modes call it. */
export function testKilledWorker(mode: 'embedded' | 'full', people: number): void {
  it('kill -9 of the worker in the middle skips nobody, and repeats at most the e-mails under way, with their Message-ID', async () => {
    const run = await openMailingRun({ people, mode });
    try {
      await run.worker.start();
      await run.order();
      const arrived = async (): Promise<number> => (await run.mailbox.all()).length;
      await until('a third has arrived', async () => (await arrived()) >= people / 3, 60_000);
      await run.worker.end('SIGKILL');
      const atKill = await arrived();
      assert.ok(atKill < people, 'killed in the middle');
      await run.worker.start();
      await until('it continues', async () => (await arrived()) > atKill + AT_ONCE, 120_000);
      const { state, counts } = await until(
        'it ends',
        async () => {
          const now = await run.state();
          return now.state === 'FINISHED' && now;
        },
        120_000,
      );
      assert.deepEqual([state, counts], ['FINISHED', { total: people, sent: people, failed: 0, skipped: 0 }]);
      const mails = await run.mailbox.all();
      const to = Map.groupBy(mails, ({ raw }) => /^To: (\S+)\r$/m.exec(raw)?.[1] ?? '');
      assert.deepEqual([...to.keys()].sort(), run.addresses.toSorted(), 'nobody is skipped');
      for (const [address, repeats] of to)
        assert.equal(new Set(repeats.map(({ messageId }) => messageId)).size, 1, `the Message-ID to ${address}`);
      assert.equal(new Set(mails.map(({ messageId }) => messageId)).size, people);
      assert.ok(mails.length - people <= AT_ONCE, `${mails.length - people} e-mails went twice`);
    } finally {
      await run.close();
    }
  }, 220_000);
}
