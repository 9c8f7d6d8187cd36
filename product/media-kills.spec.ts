import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from '@jest/globals';
import { FolderStorage } from '../platform/storage/folder.ts';
import { afterTest } from '../test/after-test.ts';
import { createTestDatabase } from '../test/database.ts';
import { PASSWORD, passwordGrant } from '../test/network/accounts.ts';
import { Client, Refused } from '../test/network/client.ts';
import { freePorts, ServiceProcess } from '../test/network/process.ts';
import { assertNothingLost, decodersOf, killWhileUploading, makeOld } from './media-kills.fixture.ts';

const ORDER = ['product', 'decoder', 'product', 'decoder', 'decoder', 'product'] as const;

(process.platform === 'linux' ? describe : describe.skip)('kill -9 of embedded mode while files are uploaded', () => {
  it('loses nothing that was acknowledged, and leaves nothing behind', async () => {
    const database = await createTestDatabase();
    afterTest(() => database.drop());
    const data = await mkdtemp(path.join(tmpdir(), 'media-kills-'));
    afterTest(() => rm(data, { recursive: true, force: true }));
    const temporary = path.join(data, 'tmp');
    await mkdir(temporary);
    const [port = 0] = await freePorts(1);
    const environment = {
      DATABASE_URL: database.url,
      PRODVOR_DATA: data,
      TMPDIR: temporary,
      LOOPBACK_RATE_FACTOR: '100',
      LOG_LEVEL: 'error',
    };
    const product = new ServiceProcess('all', port, environment, ['--no-demo']);
    afterTest(async () => void (await product.end('SIGKILL')));
    await product.start();
    const account = { username: 'anna', email: 'anna@test.prodvor.example', password: PASSWORD };
    await fetch(`${product.origin}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(account),
    });
    const token = await passwordGrant(`${product.origin}/identity/token`, account.username, PASSWORD);
    const anna = new Client(`${product.origin}/graphql`, token);
    afterTest(() => anna.close());
    const folder = path.join(data, 'storage');
    const counts = await killWhileUploading(
      {
        databaseUrl: database.url,
        storage: new FolderStorage({ folder, origin: product.origin }),
        temporary,
        async ask(query, variables) {
          const { data: answer, errors } = await anna.execute<Record<string, unknown>>(query, { ...variables });
          if (errors?.length || !answer) throw new Refused(errors ?? []);
          return answer;
        },
        workerPid: () => product.pid,
        victims: {
          async product() {
            await product.end('SIGKILL');
            await product.start();
          },
          async decoder() {
            for (const pid of await decodersOf(product.pid)) process.kill(pid, 'SIGKILL');
          },
        },
        async age() {
          await product.end('SIGTERM');
          for (const name of await readdir(path.join(folder, 'drafts')))
            await makeOld(path.join(folder, 'drafts', name));
          for (const name of await readdir(path.join(folder, 'parts'))) {
            const upload = path.join(folder, 'parts', name);
            // A process that was killed while it began or dropped the upload has left the folder without its key.
            await makeOld(path.join(upload, 'key')).catch(() => makeOld(upload));
          }
          await product.start();
        },
      },
      ORDER,
    ).catch((error: unknown) => {
      throw new Error(product.output, { cause: error });
    });
    assertNothingLost(counts, ORDER);
    assert.deepEqual(await readdir(path.join(folder, 'drafts')), []);
  }, 500_000);
});
