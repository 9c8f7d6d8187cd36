// Starts the real servers from nothing, next to running ones, and uses each as the product does.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { connect as connectAmqp } from 'amqplib';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { portsAt, serviceEnvironment, serviceNames } from './ports.ts';
import type { ServiceName } from './ports.ts';
import { startIdOf, runningPid } from './processes.ts';
import { services, start, status, stopAll } from './servers.ts';
import type { Options, Started } from './servers.ts';

const offset = 3000;
const lines: string[] = [];
const data = mkdtempSync(join(tmpdir(), 'prodvor-services-'));
const options: Options = {
  data,
  offset,
  names: [...serviceNames],
  say: (name, text) => lines.push(`${name}: ${text}`),
};
const environment = serviceEnvironment(offset);
const missing = serviceNames.flatMap((name) =>
  services[name].missing() ? [`${name} ${services[name].missing()}`] : [],
);
const url = (name: string) => environment[name] ?? '';

function outcomes(started: Started[]): Record<string, string> {
  return Object.fromEntries(started.map(({ name, outcome, error }) => [name, error ?? outcome]));
}
const all = (outcome: string) => Object.fromEntries(serviceNames.map((name) => [name, outcome]));

async function pids(): Promise<Record<ServiceName, number>> {
  return Object.fromEntries((await status(options)).map(({ name, pid }) => [name, pid ?? 0])) as Record<
    ServiceName,
    number
  >;
}

async function fetchJson(address: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  const response = await fetch(address, init);
  assert.ok(response.ok, `${address} answered ${response.status}: ${response.ok ? '' : await response.text()}`);
  return response.status === 201 ? {} : ((await response.json()) as Record<string, unknown>);
}

async function token(form: Record<string, string>): Promise<string> {
  const address = `${url('KEYCLOAK_ISSUER')}/protocol/openid-connect/token`;
  return String((await fetchJson(address, { method: 'POST', body: new URLSearchParams(form) })).access_token);
}

const claimsOf = (jwt: string) =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

const sql = async (text: string) => {
  const client = new pg.Client({ connectionString: url('DATABASE_URL') });
  await client.connect();
  try {
    return (await client.query(text)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
};

const kafka = new Kafka({ brokers: url('KAFKA_BROKERS').split(','), logLevel: logLevel.NOTHING });

async function publish(queue: string): Promise<void> {
  const connection = await connectAmqp(url('RABBITMQ_URL'));
  try {
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 3 } });
    channel.sendToQueue(queue, Buffer.from('hello'), { persistent: true });
    await channel.waitForConfirms();
  } finally {
    await connection.close();
  }
}

async function take(queue: string): Promise<string | undefined> {
  const connection = await connectAmqp(url('RABBITMQ_URL'));
  try {
    const channel = await connection.createChannel();
    const message = await channel.get(queue, { noAck: true });
    return message ? message.content.toString() : undefined;
  } finally {
    await connection.close();
  }
}

async function produce(topic: string, value: string): Promise<void> {
  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  try {
    await producer.send({ topic, acks: -1, messages: [{ key: 'match-1', value }] });
  } finally {
    await producer.disconnect();
  }
}

async function consume(topic: string, count: number): Promise<string[]> {
  const consumer = kafka.consumer({ groupId: `test-${randomUUID()}`, maxWaitTimeInMs: 100, heartbeatInterval: 500 });
  const values: string[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      // After an error that may pass, for example while the coordinator of the group still loads, kafkajs starts again.
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(payload.error);
      });
      const eachMessage = async ({ message }: { message: { value: Buffer | null } }) => {
        if (values.push(String(message.value)) === count) resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    return values;
  } finally {
    await consumer.disconnect();
  }
}

(missing.length > 0 ? describe.skip : describe)('the real servers', () => {
  const user = `player${Date.now()}`;

  beforeAll(async () => {
    chmodSync(data, 0o755); // so that PostgreSQL's user can enter
    const started = await start(options);
    assert.deepEqual(outcomes(started), all('started'), lines.join('\n'));
  });
  afterAll(async () => {
    await stopAll(options);
    rmSync(data, { recursive: true, force: true });
  });

  it('are all ready, and print it', async () => {
    for (const { name, pid, ready } of await status(options)) assert.ok(ready && pid, name);
  });

  it('PostgreSQL creates tables and folds Cyrillic', async () => {
    await sql('create table kept (id int primary key)');
    await sql('insert into kept values (1)');
    assert.deepEqual(await sql(`select lower('ПРО ДВОР') as name`), [{ name: 'про двор' }]);
  });

  it('RabbitMQ confirms to a quorum queue', async () => {
    await publish('kept');
  });

  it('Kafka stores and delivers in order', async () => {
    const admin = kafka.admin();
    await admin.connect();
    try {
      await admin.createTopics({
        topics: [{ topic: 'kept', numPartitions: 3, replicationFactor: 1 }],
        waitForLeaders: true,
      });
    } finally {
      await admin.disconnect();
    }
    await produce('kept', 'one');
    await produce('kept', 'two');
    assert.deepEqual(await consume('kept', 2), ['one', 'two']);
  });

  it('Keycloak registers a player for the backend, and the player signs in', async () => {
    const backend = await token({
      grant_type: 'client_credentials',
      client_id: url('KEYCLOAK_CLIENT_ID'),
      client_secret: url('KEYCLOAK_CLIENT_SECRET'),
    });
    const users = url('KEYCLOAK_ISSUER').replace('/realms/', '/admin/realms/') + '/users';
    const credentials = [{ type: 'password', value: 'correct horse', temporary: false }];
    const account = { username: user, email: `${user}@example.org`, enabled: true, credentials };
    const headers = { authorization: `Bearer ${backend}`, 'content-type': 'application/json' };
    await fetchJson(users, { method: 'POST', headers, body: JSON.stringify(account) });
    const claims = claimsOf(
      await token({
        grant_type: 'password',
        client_id: 'prodvor-test',
        username: user,
        password: 'correct horse',
        scope: 'openid',
      }),
    );
    assert.equal(claims.iss, url('KEYCLOAK_ISSUER'));
    assert.equal(claims.aud, 'prodvor-api');
    assert.deepEqual(claims.roles, ['player']);
    assert.equal(claims.preferred_username, user);
    await assert.rejects(
      token({ grant_type: 'password', client_id: 'prodvor-web', username: user, password: 'correct horse' }),
      /unauthorized_client/,
    );
  });

  it('a second start changes nothing', async () => {
    const before = await pids();
    assert.deepEqual(outcomes(await start(options)), all('already running'));
    assert.deepEqual(await pids(), before);
  });

  it('start again after each was killed, with their data', async () => {
    const killed = await pids();
    for (const pid of Object.values(killed)) process.kill(pid, 'SIGKILL');
    while (Object.values(killed).some((pid) => startIdOf(pid))) await delay(20);
    assert.deepEqual(
      (await status(options)).map(({ ready }) => ready),
      serviceNames.map(() => false),
    );
    assert.deepEqual(outcomes(await start(options)), all('started'), lines.join('\n'));
    assert.deepEqual(await sql('select id from kept'), [{ id: 1 }]);
    assert.equal(await take('kept'), 'hello');
    assert.deepEqual(await consume('kept', 2), ['one', 'two']);
    await token({ grant_type: 'password', client_id: 'prodvor-test', username: user, password: 'correct horse' });
  });

  it('stop ends every process, and the next start keeps the data', async () => {
    const running = await pids();
    const epmd = runningPid(join(data, 'rabbitmq'), 'epmd') ?? 0;
    assert.ok(epmd);
    assert.deepEqual(await stopAll(options), [...serviceNames]);
    for (const pid of [...Object.values(running), epmd]) assert.equal(startIdOf(pid), undefined);
    assert.deepEqual(await stopAll(options), [], 'a second stop finds nothing');
    assert.equal(existsSync(join(data, 'lock')), false);
    assert.deepEqual(outcomes(await start(options)), all('started'), lines.join('\n'));
    assert.deepEqual(await sql('select id from kept'), [{ id: 1 }]);
    assert.deepEqual(await consume('kept', 2), ['one', 'two']);
    await token({ grant_type: 'password', client_id: 'prodvor-test', username: user, password: 'correct horse' });
  });

  it('a service whose port is in use fails with one line; the others start', async () => {
    await stopAll({ ...options, names: ['redis', 'postgres'] });
    const squatter = createServer().listen(portsAt(offset).redis, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const found = outcomes(await start({ ...options, names: ['redis', 'postgres'] }));
      assert.match(found.redis ?? '', /^port \d+ is taken by another program/);
      assert.equal(found.postgres, 'started');
    } finally {
      squatter.close();
    }
  });
});
