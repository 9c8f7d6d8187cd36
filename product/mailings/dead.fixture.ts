import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from '@jest/globals';
import { signedBy } from '../../platform/mail/dkim.testing.ts';
import { MailingStep, MassMailing } from '../../schema/messages/notifications.ts';
import { until } from '../../test/network/until.ts';
import { messages, type Ran } from '../messages/messages.fixture.ts';
import { openMailingRun } from './mailing-run.fixture.ts';

const queueName = MassMailing.name;

/** Declares the test of a mailing whose job died. The specs of both modes call it. */
export function testDeadStep(mode: 'embedded' | 'full', people: number): void {
  it('a job that died is seen and redriven, and the mailing goes on; a job that nobody can read holds up nothing', async () => {
    const run = await openMailingRun({ people, mode });
    const queue = await run.openQueue();
    const command = (...args: string[]): Promise<Ran> => messages(args, { env: run.commands });
    const dead = async (): Promise<{ id: string; kind: string; reason: string }[]> =>
      JSON.parse((await command('dead', '--type', MailingStep.kind, '--json')).out) as never;
    try {
      await queue.ensureQueues([MassMailing]);
      // A worker of a faulty release: each job dies at its first delivery.
      const faulty = await queue.work(queueName, {
        concurrency: 1,
        handler: () => Promise.reject(Object.assign(new Error('a fault of this release'), { permanent: true })),
      });
      await run.order();
      await until('the step is dead', async () => (await queue.deadCount(queueName)) === 1, 60_000);
      await faulty.close();
      const [step] = await dead();
      assert.deepEqual([step?.kind, step?.reason], [MailingStep.kind, 'Error: a fault of this release']);
      const { state, counts } = await run.state();
      assert.deepEqual([state, counts], ['RUNNING', { total: null, sent: 0, failed: 0, skipped: 0 }]);

      await run.worker.start();
      const poison = randomUUID();
      await queue.enqueue([
        { id: poison, queue: queueName, kind: MailingStep.kind, version: 1, payload: { step: 'x' } },
      ]);
      await until('the unreadable job is dead', async () => (await queue.deadCount(queueName)) === 2, 60_000);
      assert.ok((await command('dead')).out.includes(poison));
      assert.equal((await run.state()).state, 'RUNNING', 'the mailing waits for its step');

      const redriven = await command('redrive', step?.id ?? '');
      assert.equal(redriven.code, 0, redriven.err);
      await until('the mailing ends', async () => (await run.state()).state === 'FINISHED', 120_000);
      assert.deepEqual((await run.state()).counts, { total: people, sent: people, failed: 0, skipped: 0 });
      const mails = await run.mailbox.all();
      const addressed = mails.map(({ raw }) => /^To: (\S+)\r$/m.exec(raw)?.[1] ?? '');
      assert.deepEqual(addressed.toSorted(), run.addresses.toSorted(), 'one e-mail to each person');
      // The e-mails of a mailing are signed as all others are, with the headers of one-click unsubscribing.
      for (const { raw } of mails) {
        const { isValid, domain, selector, covers } = signedBy(raw, run.dkimKey);
        assert.deepEqual([isValid, domain, selector], [true, 'prodvor.example', 'm1']);
        for (const header of ['from', 'to', 'subject', 'list-unsubscribe', 'list-unsubscribe-post'])
          assert.ok(covers.includes(header), header);
      }

      assert.equal((await command('redrive', poison)).code, 0);
      await until('it is dead again', async () => (await queue.deadCount(queueName)) === 1, 60_000);
      assert.equal((await command('drop', poison, '--yes')).code, 0);
      assert.deepEqual(await dead(), []);
      assert.equal((await run.mailbox.all()).length, people);
    } finally {
      await queue.close();
      await run.close();
    }
  }, 220_000);
}
