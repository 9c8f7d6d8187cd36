import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Network, type Person, startNetwork, until } from '../../network.ts';
import { type Browser, CERTIFICATE, type PushService, startPushService } from '../../network/push-service.ts';
import { Invite } from '../operations.ts';
import { createTeam } from '../play.ts';

interface Registered {
  readonly registerDevice: { readonly device: { readonly id: string } | null; readonly userErrors: readonly unknown[] };
}

describe('push messages to a person’s browsers', () => {
  let network: Network;
  let service: PushService;
  let folder: string;
  let anna: Person, boris: Person;
  let teamId: string;
  beforeAll(async () => {
    service = await startPushService();
    setDefaultCACertificates([...getCACertificates('default'), CERTIFICATE]);
    folder = await mkdtemp(path.join(tmpdir(), 'push-'));
    const certificate = path.join(folder, 'ca.pem');
    await writeFile(certificate, CERTIFICATE);
    network = await startNetwork({
      // Processes of full mode trust the certificate from their start, and this one from now on.
      env: { PUSH_HOSTS: service.host, NODE_EXTRA_CA_CERTS: certificate },
    });
    [anna, boris] = await Promise.all([network.user('anna'), network.user('boris')]);
    teamId = await createTeam(anna, 'Yard Foxes');
  });
  afterAll(async () => {
    await network?.stop();
    await service.close();
    await rm(folder, { recursive: true, force: true });
  });

  const register = async (who: Person, { web }: Browser): Promise<string> => {
    const { data } = await who.execute<Registered>(
      'mutation ($input: RegisterDeviceInput!) { registerDevice(input: $input) { device { id } userErrors { code } } }',
      { input: { clientId: randomUUID(), name: 'Firefox on Linux', web } },
    );
    return data?.registerDevice.device?.id ?? assert.fail(JSON.stringify(data));
  };

  it('arrive on all devices, in the person’s language, and stop for a device that is gone or was removed', async () => {
    const { data } = await network.guest.execute<{ pushKey: string }>('{ pushKey }');
    assert.equal(Buffer.from(data?.pushKey ?? '', 'base64url').length, 65);
    const [phone, laptop, old] = [service.browser(), service.browser(), service.browser()];
    old.answer = { status: 410 };
    for (const browser of [old, phone]) await register(boris, browser);
    const removed = await register(boris, laptop);
    await boris.execute(
      'mutation { setNotificationPreferences(input: { language: RU }) { preferences { language } } }',
    );
    await anna.request(Invite, { input: { teamId, userId: boris.id, role: 'PLAYER' } });
    for (const browser of [phone, laptop]) {
      await until('the message', async () => browser.messages.length > 0);
      const [{ topic, message } = assert.fail()] = browser.messages;
      assert.equal(message['body'], 'anna приглашает вас в команду «Yard Foxes». Роль: игрок.');
      assert.equal(message['tag'], topic);
    }
    const mine = async (): Promise<unknown[]> =>
      (await boris.execute<{ myDevices: { id: string; name: string }[] }>('{ myDevices { id name kind } }')).data
        ?.myDevices ?? [];
    await until('the device is removed', async () => (await mine()).length === 2);
    const { errors } = await boris.execute(
      'mutation ($input: UnregisterDeviceInput!) { unregisterDevice(input: $input) { deviceId userErrors { code } } }',
      { input: { deviceId: removed } },
    );
    assert.deepEqual([errors, (await mine()).length], [undefined, 1]);
    assert.deepEqual([old.attempts, phone.messages.length], [1, 1]);
  });
});
