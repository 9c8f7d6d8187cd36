import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from '@jest/globals';
import { type FullConfig, readConfig } from '../platform/config/config.ts';
import { openS3 } from '../platform/storage/open.ts';
import { MediaProcessor } from '../schema/messages/media.ts';
import { signRequest } from '../signature/signature.ts';
import { afterTest } from '../test/after-test.ts';
import { createTestDatabase } from '../test/database.ts';
import { openBrokers } from '../test/network/brokers.ts';
import { fullEnvironment, fullProcesses } from '../test/network/full.ts';
import { freePorts, ServiceProcess } from '../test/network/process.ts';
import { until } from '../test/network/until.ts';
import { bucket, portsAt } from '../test/services/ports.ts';
import { s3 } from '../test/services/s3.ts';
import { startIssuer } from '../test/stored/issuer.ts';
import { assertNothingLost, decodersOf, killWhileUploading, makeOld } from './media-kills.fixture.ts';
import { KEY, signedUser } from './product.fixture.ts';

const ORDER = ['s3', 'worker', 'decoder', 's3', 'media', 'decoder', 's3', 'worker', 'media', 'decoder'] as const;

const { RABBITMQ_URL = '', KAFKA_BROKERS = '', S3_ENDPOINT = '' } = process.env;
const CAN = RABBITMQ_URL !== '' && KAFKA_BROKERS !== '' && S3_ENDPOINT !== '' && process.platform === 'linux';

(CAN ? describe : describe.skip)('kill -9 of full mode while files are uploaded', () => {
  it('of media, its worker, its decoders and S3 loses nothing, and leaves nothing behind', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'media-kills-'));
    afterTest(() => rm(folder, { recursive: true, force: true }));
    const temporary = path.join(folder, 'tmp');
    await mkdir(temporary);
    const [s3Port = 0, workerPort = 0] = await freePorts(2);
    const server = await startS3(path.join(folder, 's3'), s3Port);
    afterTest(() => server.kill());
    const database = await createTestDatabase();
    afterTest(() => database.drop());
    const issuer = await startIssuer();
    afterTest(() => issuer.close());
    const environment = fullEnvironment({
      databaseUrl: database.url,
      prefix: `t${randomUUID().slice(0, 8)}-`,
      env: {
        KEYCLOAK_ISSUER: issuer.url,
        KEYCLOAK_CLIENT_ID: 'none',
        KEYCLOAK_CLIENT_SECRET: 'none',
        REDIS_URL: 'redis://127.0.0.1:1',
        SIGNING_KEYS: 'test:a secret of enough bytes',
        S3_ENDPOINT: server.url,
        S3_BUCKET: 'media-kills',
        S3_ACCESS_KEY_ID: bucket.user,
        S3_SECRET_ACCESS_KEY: bucket.password,
        TMPDIR: temporary,
        LOG_LEVEL: 'error',
      },
    });
    const config = readConfig({ env: environment }) as FullConfig;
    const brokers = openBrokers(config);
    afterTest(() => brokers.clear());
    const whole = (await fullProcesses({ environment, mailUrl: '' })).get('media') ?? assert.fail();
    const media = new ServiceProcess('media', whole.port, whole.environment, ['--no-workers']);
    const worker = new ServiceProcess('worker', workerPort, whole.environment, [MediaProcessor.name]);
    afterTest(async () => void (await Promise.all([media, worker].map((each) => each.end('SIGKILL')))));
    await Promise.all([media.start(), worker.start()]);
    const storage = openS3(config, [], () => undefined);
    afterTest(() => storage.close());
    const principal = signedUser(randomUUID());
    const again = (process: ServiceProcess) => async (): Promise<void> => {
      await process.end('SIGKILL');
      await process.start();
    };
    const counts = await killWhileUploading(
      {
        databaseUrl: database.url,
        storage,
        temporary,
        async ask(query, variables) {
          const body = JSON.stringify({ query, variables });
          const requestId = randomUUID();
          const response = await fetch(`${media.origin}/graphql`, {
            method: 'POST',
            headers: {
              'content-type': 'application/json',
              'x-request-id': requestId,
              'x-authenticated-userid': principal.userId ?? '',
              'x-userinfo': principal.userinfo ?? '',
              ...signRequest(KEY, { method: 'POST', path: '/graphql', body, principal, requestId, target: 'media' }),
            },
            body,
          });
          const { data, errors } = (await response.json()) as { data?: Record<string, unknown>; errors?: object[] };
          if (errors || !data) throw new Error(JSON.stringify(errors));
          return data;
        },
        workerPid: () => worker.pid,
        victims: {
          media: again(media),
          worker: again(worker),
          async decoder() {
            for (const pid of await decodersOf(worker.pid)) process.kill(pid, 'SIGKILL');
          },
          async s3() {
            await server.kill();
            await server.start();
          },
        },
        // The server dates an upload in parts by its folder.
        async age() {
          const uploads = path.join(folder, 's3/data/media-kills/.sgwtmp/multipart');
          for (const name of await readdir(uploads, { recursive: true }).catch(() => []))
            await makeOld(path.join(uploads, name));
        },
      },
      ORDER,
    ).catch((error: unknown) => {
      throw new Error(`${media.output}\n${worker.output}`, { cause: error });
    });
    assertNothingLost(counts, ORDER);
  }, 500_000);
});

/** An S3 server of this spec alone, which keeps its port and its objects when it is killed. */
async function startS3(dir: string, port: number) {
  await mkdir(dir);
  const [what] = await s3.prepare({ dir, ports: { ...portsAt(), s3: port }, throwAway: true, say: () => undefined });
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const started = {
    url,
    async start(): Promise<void> {
      child = spawn(what?.command ?? '', what?.args ?? [], { env: { ...what?.env }, stdio: 'ignore' });
      await until('the S3 server listens', async () => (await fetch(url)).status > 0);
    },
    async kill(): Promise<void> {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
  await started.start();
  return started;
}
