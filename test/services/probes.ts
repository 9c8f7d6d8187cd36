// Checks that a client can use a server as the product does. That is later than when its port opens.
import { connect as connectSocket } from 'node:net';
import { connect as connectAmqp } from 'amqplib';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { backendClient, serviceUrl } from './ports.ts';
import type { Ports, ServiceName } from './ports.ts';

const patience = 2_000;

const probes: Record<ServiceName, (url: string) => Promise<void>> = { postgres, redis, rabbitmq, kafka, keycloak };

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
    // A broker that still waits for its registration is not listed. (After kill -9 it waits until the old session
    // ends.)
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
  // a token shows that realm, client, secret, keys and database work
  const form = { grant_type: 'client_credentials', client_id: backendClient.id, client_secret: backendClient.secret };
  await fetchJson(found.token_endpoint, { method: 'POST', body: new URLSearchParams(form) });
}

async function fetchJson(url: string, request: RequestInit = {}): Promise<unknown> {
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}
