import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { promisify } from 'node:util';
import { PrismaPg } from '@prisma/adapter-pg';
import { createTestDatabase } from '../../test/database.ts';
import type { TestDatabase } from '../../test/database.ts';
import { HttpLoggingInterceptor } from '../observability/http-logging.interceptor.ts';
import { JsonLogger } from '../observability/json-logger.ts';
import { logSql, sqlLogOption } from './sql-logging.ts';
import type { QueryEventSource } from './sql-logging.ts';

/** The part of the generated client that the test uses. */
interface Client extends QueryEventSource {
  readonly note: { create(options: { data: { text: string } }): Promise<unknown>; findMany(): Promise<unknown[]> };
  $transaction<T>(work: (client: Client) => Promise<T>): Promise<T>;
  $executeRawUnsafe(sql: string): Promise<number>;
  $disconnect(): Promise<void>;
}

const directory = path.join(import.meta.dirname, 'generated', `sql-logging-${process.pid}`);
const schema = `
generator client {
  provider            = "prisma-client"
  output              = "client"
  runtime             = "nodejs"
  moduleFormat        = "esm"
  importFileExtension = "ts"
}
datasource db {
  provider = "postgresql"
}
model Note {
  id   Int    @id @default(autoincrement())
  text String
}`;

describe('SQL lines', () => {
  const lines: Record<string, unknown>[] = [];
  const logger = new JsonLogger({
    service: 'notes',
    level: 'debug',
    write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  const connected: Client[] = [];
  let database: TestDatabase | undefined;
  let server: Server | undefined;
  let url: string;
  let connect: (logger: JsonLogger) => Client;

  beforeAll(async () => {
    await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, 'schema.prisma'), schema);
    const cli = path.join(import.meta.dirname, '../../node_modules/prisma/build/index.js');
    const generating = promisify(execFile)(
      process.execPath,
      [cli, 'generate', '--schema', path.join(directory, 'schema.prisma')],
      {
        env: {
          ...process.env,
          PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
          CHECKPOINT_DISABLE: '1',
          PRISMA_HIDE_UPDATE_MESSAGE: '1',
        },
        cwd: directory,
      },
    );
    const [created] = await Promise.all([createTestDatabase(), generating]);
    database = created;
    const { PrismaClient } = (await import(path.join(directory, 'client/client.ts'))) as {
      PrismaClient: new (options: object) => Client;
    };
    connect = (used) => {
      const client = new PrismaClient({
        adapter: new PrismaPg({ connectionString: created.url, max: 3 }),
        log: sqlLogOption(used),
      });
      logSql(client, used);
      connected.push(client);
      return client;
    };
    const client = connect(logger);
    await client.$executeRawUnsafe('CREATE TABLE "Note" (id serial PRIMARY KEY, text text NOT NULL)');
    const logging = new HttpLoggingInterceptor({ service: 'notes', logger });
    server = createServer((req, res) =>
      logging.middleware(req, res, () => {
        const work = client.$transaction(async (transaction) => {
          await transaction.note.create({ data: { text: 'personal text' } });
          return transaction.note.findMany();
        });
        void work.then((notes) => res.end(String(notes.length)));
      }),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server?.close().closeAllConnections();
    await Promise.all(connected.map((client) => client.$disconnect()));
    await database?.drop();
    await rm(directory, { recursive: true, force: true });
  });

  it('carry the id of the request, also when many requests share the pool', async () => {
    lines.length = 0;
    const ids: string[] = Array.from({ length: 12 }, () => randomUUID());
    await Promise.all(ids.map(async (id) => (await fetch(url, { headers: { 'x-request-id': id } })).text()));
    while (lines.filter(({ context }) => context === 'HTTP').length < ids.length)
      await new Promise((resolve) => setImmediate(resolve));
    for (const id of ids) {
      const own = lines.filter(({ requestId }) => requestId === id);
      const kinds = own.map(({ context, message }) => (context === 'SQL' ? String(message).split(' ')[0] : context));
      assert.deepEqual(
        kinds.filter((kind) => ['INSERT', 'SELECT', 'HTTP'].includes(String(kind))),
        ['INSERT', 'SELECT', 'HTTP'],
        JSON.stringify(own),
      );
      for (const { durationMs } of own) assert.equal(typeof durationMs, 'number');
    }
    assert.deepEqual(
      lines.filter(({ requestId }) => !ids.includes(String(requestId))),
      [],
    );
  });

  it('contain no values, and are not created above debug level', async () => {
    assert.doesNotMatch(JSON.stringify(lines), /personal text/);
    const written: string[] = [];
    const quiet = connect(new JsonLogger({ service: 'notes', level: 'info', write: (line) => written.push(line) }));
    await quiet.note.findMany();
    assert.deepEqual(written, []);
  });
});
