// Checks that a client can use a server as the product does. A server's port opens earlier than that.
import { connect as connectSocket } from 'node:net';
import { connect as connectAmqp } from 'amqplib';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { backendClient, serviceUrl } from './ports.ts';
import type { Ports, ServiceName } from './ports.ts';

const patience = 2_000;

const probes: Record<ServiceName, (url: string) => Promise<void>> = { postgres, redis, rabbitmq, kafka, keycloak, s3 };

/** Resolves when the server answers as a client needs. @throws the client's error */
export async function probe(name: ServiceName, ports: Ports): Promise<void> {
  await probes[name](serviceUrl(name, ports));
}

async function postgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: patience });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function redis(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  await new Promise<void>((resolve, reject) => {
    const socket = connectSocket({ host: hostname, port: Number(port), timeout: patience });
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (reply) => {
      socket.destroy();
      if (reply.toString().startsWith('+PONG')) resolve();
      else reject(new Error(`Redis answered ${reply.toString().trim()}`));
    });
    socket.once('error', reject);
    socket.once('timeout', () => socket.destroy(new Error('Redis does not answer')));
  });
}

async function rabbitmq(url: string): Promise<void> {
  const connection = await connectAmqp(url, { timeout: patience });
  connection.on('error', () => undefined);
  try {
    await connection.createChannel();
  } finally {
    await connection.close().catch(() => undefined);
  }
}

async function kafka(brokers: string): Promise<void> {
  const admin = new Kafka({
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: patience,
    requestTimeout: patience,
    retry: { retries: 0 },
  }).admin();
  try {
    await admin.connect();
    // A broker is listed only after its registration. After a kill -9, the registration waits until the old session
    // ends.
    const cluster = await admin.describeCluster();
    if (cluster.brokers.length === 0) throw new Error('no broker is registered yet');
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

async function keycloak(issuer: string): Promise<void> {
  const found = (await fetchJson(`${issuer}/.well-known/openid-configuration`)) as {
    issuer: string;
    token_endpoint: string;
  };
  if (found.issuer !== issuer) throw new Error(`the issuer is ${found.issuer}, not ${issuer}`);
  // An issued token shows that the realm, the client, its secret, the keys and the database work.
  const form = { grant_type: 'client_credentials', client_id: backendClient.id, client_secret: backendClient.secret };
  await fetchJson(found.token_endpoint, { method: 'POST', body: new URLSearchParams(form) });
}

async function s3(url: string): Promise<void> {
  // Without a signature every S3 server refuses the list of buckets. So this needs no SDK and no health path.
  const response = await fetch(url, { signal: AbortSignal.timeout(patience) });
  await response.body?.cancel();
  if (response.status !== 403) throw new Error(`${url} answered ${response.status}`);
}

async function fetchJson(url: string, request: RequestInit = {}): Promise<unknown> {
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}
