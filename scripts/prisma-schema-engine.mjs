#!/usr/bin/env node
// A replacement for the binary that the Prisma CLI would download (PRISMA_SCHEMA_ENGINE_BINARY). It speaks the same
// JSON-RPC on stdin and stdout and has the same subcommands. Prisma's own engine, compiled to WebAssembly, answers the
// calls and reaches the database through adapter-pg. Prisma's CLI has no setting for that build (decision 0025). Only
// developers need this program: the product applies its migrations itself (platform/postgres/migrate.ts).
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';
import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import pg from 'pg';

const JSON_RPC_SERVER_ERROR = 4466;
/** OID of PostgreSQL's one-byte "char". The engine's catalog queries use it, and adapter-pg does not know it. */
const CHAR_OID = 18;
const TEXT_OID = 25;

const { subcommand, datamodels, datasource } = parseArguments(process.argv.slice(2));

globalThis.PRISMA_WASM_PANIC_REGISTRY = {
  set_message(message) {
    logError(`the schema engine panicked: ${message}`);
    process.exit(101);
  },
};

if (process.argv.includes('--version')) console.log('schema-engine (WebAssembly)');
else if (subcommand) await runSubcommand(subcommand);
else answerRequests();

function parseArguments(args) {
  const parsed = { subcommand: undefined, datamodels: [], datasource: {} };
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--datamodels' || args[i] === '-d') parsed.datamodels.push(args[++i]);
    else if (args[i] === '--datasource') parsed.datasource = JSON.parse(args[++i]);
    else if (args[i] === 'cli') parsed.subcommand = args[++i];
  }
  return parsed;
}

function logError(message, errorCode) {
  const fields = { message, error_code: errorCode, is_panic: false };
  process.stderr.write(
    `${JSON.stringify({ timestamp: new Date().toISOString(), level: 'ERROR', fields, target: 'schema_engine::logger' })}\n`,
  );
}

/** Splits Prisma's URL into a URL that pg understands and the schema. */
function parseUrl(text) {
  const url = new URL(text);
  const schema = url.searchParams.get('schema') ?? undefined;
  for (const name of ['schema', 'connection_limit', 'pool_timeout', 'pgbouncer']) url.searchParams.delete(name);
  return { url, schema, database: decodeURIComponent(url.pathname.slice(1)) || 'postgres' };
}

async function administer(text, sql) {
  const { url, database } = parseUrl(text);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.toString() });
  await client.connect();
  try {
    await client.query(sql(pg.escapeIdentifier(database)));
  } finally {
    await client.end();
  }
  return database;
}

async function runSubcommand(name) {
  // The CLI skips the first line of stderr as a heading.
  process.stderr.write('{}\n');
  try {
    if (name === 'can-connect-to-database') await connectOnce(datasource.url);
    else if (name === 'create-database') await administer(datasource.url, (database) => `CREATE DATABASE ${database}`);
    else if (name === 'drop-database')
      await administer(datasource.url, (database) => `DROP DATABASE ${database} WITH (FORCE)`);
  } catch (error) {
    // Prisma's codes: P1003 no such database, P1000 wrong credentials, P1001 no server.
    logError(error.message, { '3D000': 'P1003', '28P01': 'P1000' }[error.code] ?? 'P1001');
    process.exitCode = 1;
  }
}

async function connectOnce(text) {
  const client = new pg.Client({ connectionString: parseUrl(text).url.toString(), connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
  } finally {
    await client.end();
  }
}

class AdapterFactory extends PrismaPg {
  #url;
  #schema;
  #shadowUrl;

  constructor(text, shadowUrl) {
    const { url, schema } = parseUrl(text);
    super(poolConfig(url, schema), schema ? { schema } : undefined);
    this.#url = url;
    this.#schema = schema;
    this.#shadowUrl = shadowUrl;
  }

  async connect() {
    return forEngine(await super.connect());
  }

  async connectToShadowDb() {
    const name = `prisma_migrate_shadow_db_${randomUUID()}`;
    const url = this.#shadowUrl ? parseUrl(this.#shadowUrl).url : new URL(this.#url);
    if (!this.#shadowUrl) {
      await administer(this.#url.toString(), () => `CREATE DATABASE "${name}"`);
      url.pathname = `/${name}`;
    }
    // The shadow database must have the same schema name as the database with which the engine compares it. Otherwise
    // all tables would seem to have moved.
    const adapter = await new PrismaPg(
      poolConfig(url, this.#schema),
      this.#schema ? { schema: this.#schema } : undefined,
    ).connect();
    if (this.#schema) await adapter.client.query(`CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(this.#schema)}`);
    const dispose = adapter.dispose.bind(adapter);
    adapter.dispose = async () => {
      await dispose();
      if (!this.#shadowUrl)
        await administer(this.#url.toString(), () => `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    };
    return forEngine(adapter);
  }
}

/** Migrations name their tables without a schema, so the connection's search path decides where the tables go. */
function poolConfig(url, schema) {
  const config = { connectionString: url.toString() };
  return schema ? { ...config, options: `-c search_path="${schema.replaceAll('"', '""')}"` } : config;
}

/** Makes the adapter accept the engine's catalog queries and whole migration files. */
function forEngine(adapter) {
  // The adapter's own method splits a script at each semicolon, even inside functions and strings.
  adapter.executeScript = async (script) => {
    await adapter.client.query(script).catch((error) => adapter.onError(error));
  };
  const { startTransaction } = adapter;
  adapter.startTransaction = async (level) => withCharacters(await startTransaction.call(adapter, level));
  return withCharacters(adapter);
}

function withCharacters(queryable) {
  const { queryRaw, performIO } = queryable;
  queryable.queryRaw = async (query) => {
    let characters = [];
    const result = await queryRaw.call(
      Object.create(queryable, {
        performIO: {
          async value(io) {
            const answer = await performIO.call(queryable, io);
            characters = answer.fields.flatMap((field, index) => (field.dataTypeID === CHAR_OID ? [index] : []));
            for (const index of characters) {
              answer.fields[index].dataTypeID = TEXT_OID;
              for (const row of answer.rows) if (row[index] === '') row[index] = '\0';
            }
            return answer;
          },
        },
      }),
      query,
    );
    for (const index of characters) result.columnTypes[index] = ColumnTypeEnum.Character;
    return result;
  };
  return queryable;
}

async function loadEngine() {
  const require = createRequire(import.meta.url);
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const file = path.join(path.dirname(require.resolve('@prisma/schema-engine-wasm')), 'schema_engine_bg.wasm');
  const { instance } = await WebAssembly.instantiate(readFileSync(file), { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  const factory = new AdapterFactory(datasource.url ?? 'postgresql://127.0.0.1:1/none', datasource.shadowDatabaseUrl);
  const models = datamodels.map((name) => [name, readFileSync(name, 'utf8')]);
  return bindings.SchemaEngine.new(
    { datamodels: models.length > 0 ? models : undefined },
    () => {},
    bindMigrationAwareSqlAdapterFactory(factory),
  );
}

function answerRequests() {
  const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  let engine;
  let notifications = 0;

  async function answer({ id, method, params }) {
    const input = Array.isArray(params) ? params[0] : params;
    try {
      if (method === 'createDatabase') {
        const databaseName = await administer(datasource.url, (database) => `CREATE DATABASE ${database}`);
        return send({ id, result: { databaseName } });
      }
      engine ??= loadEngine();
      const result = await (await engine)[method === 'getDatabaseVersion' ? 'version' : method](input);
      if (method === 'diff' && result.stdout) {
        send({ id: `print-${notifications++}`, method: 'print', params: { content: result.stdout } });
      }
      return send({ id, result: result ?? null });
    } catch (error) {
      const code = error?.code ?? error?.error_code;
      const data = {
        is_panic: false,
        message: error?.message ?? String(error),
        meta: error?.meta ?? {},
        ...(code ? { error_code: code } : {}),
      };
      return send({
        id,
        error: { code: JSON_RPC_SERVER_ERROR, message: 'An error happened. Check the data field for details.', data },
      });
    }
  }

  // Messages are answered one at a time, because calls of the engine's methods must not overlap.
  let last = Promise.resolve();
  const lines = readline.createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (!line.trim()) return;
    const message = JSON.parse(line);
    if (message.method) last = last.then(() => answer(message));
  });
  lines.on('close', () => last.then(() => process.exit(0)));
}
