import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type FullConfig, readConfig } from '../platform/config/config.ts';
import { prefixed } from '../platform/messaging/job-queue/prefixed.ts';
import { RabbitMqJobQueue } from '../platform/messaging/job-queue/rabbitmq/rabbitmq.ts';
import { Emails, ReportQueue, ReportRequested, WelcomeEmail } from '../schema/messages/notifications.ts';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { openBrokers } from '../test/network/brokers.ts';
import { fullEnvironment, fullProcesses } from '../test/network/full.ts';
import { type Mailbox, smtpMailbox } from '../test/network/mailbox.ts';
import { freePorts, ServiceProcess } from '../test/network/process.ts';
import { until } from '../test/network/until.ts';
import { startIssuer } from '../test/stored/issuer.ts';

const { RABBITMQ_URL = '', KAFKA_BROKERS = '' } = process.env;
const SKIP = RABBITMQ_URL === '' || KAFKA_BROKERS === '' ? 'RABBITMQ_URL or KAFKA_BROKERS is not set' : false;

(SKIP ? describe.skip : describe)('workers apart from the API', () => {
  const prefix = `t${randomUUID().slice(0, 8)}-`;
  let database: TestDatabase;
  let issuer: Awaited<ReturnType<typeof startIssuer>>;
  let mailbox: Mailbox;
  let environment: Record<string, string>;
  let rabbitMq: RabbitMqJobQueue;
  let api: ServiceProcess;
  let worker: ServiceProcess;
  let reporter: ServiceProcess;
  beforeAll(async () => {
    database = await createTestDatabase();
    issuer = await startIssuer();
    mailbox = await smtpMailbox();
    environment = fullEnvironment({
      databaseUrl: database.url,
      prefix,
      env: {
        KEYCLOAK_ISSUER: issuer.url,
        KEYCLOAK_CLIENT_ID: 'none',
        KEYCLOAK_CLIENT_SECRET: 'none',
        REDIS_URL: 'redis://127.0.0.1:1',
      },
    });
    const whole = (await fullProcesses({ environment, mailUrl: mailbox.url ?? '' })).get('notifications');
    assert.ok(whole);
    const [port = 0, other = 0] = await freePorts(2);
    api = new ServiceProcess('notifications', whole.port, whole.environment, ['--no-workers']);
    worker = new ServiceProcess('worker', port, whole.environment, [Emails.name]);
    reporter = new ServiceProcess('worker', other, whole.environment, [ReportQueue.name]);
    rabbitMq = await RabbitMqJobQueue.open({ url: RABBITMQ_URL, exchange: `${prefix}jobs` });
  });
  afterAll(async () => {
    await Promise.all([api?.end('SIGKILL'), worker?.end('SIGKILL'), reporter?.end('SIGKILL')]);
    await rabbitMq?.close();
    await openBrokers(readConfig({ env: environment }) as FullConfig).clear();
    await mailbox.close();
    await issuer.close();
    await database.drop();
  });

  const enqueue = async (addresses: readonly string[]): Promise<void> =>
    prefixed(rabbitMq, prefix).enqueue(
      addresses.map((to) => ({
        id: randomUUID(),
        queue: Emails.name,
        kind: WelcomeEmail.kind,
        version: WelcomeEmail.version,
        payload: { userId: randomUUID(), to, displayName: 'Анна' },
      })),
    );
  const metricsOf = async ({ origin }: ServiceProcess): Promise<string> => (await fetch(`${origin}/metrics`)).text();
  const sample = (text: string, name: string): number =>
    Number(new RegExp(`^${name}\\{[^}]*queue="email-sender"[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1]);

  it('do the jobs that a process with --no-workers leaves in the queue, and that process counts them', async () => {
    const addresses = Array.from({ length: 20 }, (_, n) => `reader-${n}@test.prodvor.example`);
    await api.start();
    await enqueue(addresses);
    const counted = await until('the jobs are counted', async () => {
      const text = await metricsOf(api);
      return sample(text, 'jobs_waiting') === 20 && text;
    });
    assert.ok(sample(counted, 'jobs_waiting_oldest_seconds') >= 0);
    for (const address of addresses) assert.deepEqual(await mailbox.to(address), []);

    await worker.start();
    for (const address of addresses)
      await until(`a mail to ${address}`, async () => (await mailbox.to(address)).length > 0);
    const done = /jobs_deliveries_total\{[^}]*kind="WelcomeEmail"[^}]*outcome="done"[^}]*\} 20$/m;
    await until('the worker counts them', async () => done.test(await metricsOf(worker)));
    await until('none waits', async () => sample(await metricsOf(api), 'jobs_waiting') === 0);
  });

  it('go on after the worker was killed', async () => {
    await worker.end('SIGKILL');
    await enqueue(['late@test.prodvor.example']);
    await worker.start();
    await until('the mail', async () => (await mailbox.to('late@test.prodvor.example')).length > 0);
  });

  it('of reports do no other jobs, and the worker of e-mails does none of theirs', async () => {
    // SIGTERM, not SIGKILL: a mail arrives before its job is acknowledged, and a killed worker would leave that job in
    // the queue beside the one that is counted below.
    assert.equal(await worker.end('SIGTERM'), 0);
    await reporter.start();
    await enqueue(['waiting@test.prodvor.example']);
    // Its report was deleted meanwhile, so the job has nothing to do.
    const { name: queue } = ReportQueue;
    const { kind, version } = ReportRequested;
    const payload = { reportId: randomUUID() };
    await prefixed(rabbitMq, prefix).enqueue([{ id: randomUUID(), queue, kind, version, payload }]);
    const done = /jobs_deliveries_total\{[^}]*kind="ReportRequested"[^}]*outcome="done"[^}]*\} 1$/m;
    await until('the job of the report', async () => done.test(await metricsOf(reporter)));
    await until('the e-mail is counted', async () => sample(await metricsOf(api), 'jobs_waiting') === 1);
    assert.deepEqual(await mailbox.to('waiting@test.prodvor.example'), []);
    assert.doesNotMatch(await metricsOf(reporter), /kind="WelcomeEmail"/);
  });
});
