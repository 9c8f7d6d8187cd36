import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import { ConfigError } from '../config/config.ts';
import { LOCK_KEY } from './schema.ts';

const LOCK_TIMEOUT_MS = 60_000;
/** The length of the longest PostgreSQL identifier in bytes. */
const LONGEST_NAME = 63;
const INSUFFICIENT_PRIVILEGE = '42501';

/** The error when the roles could not be created or changed. The message is one line, and the database is unchanged. */
class RolesError extends Error {
  override readonly name = 'RolesError';
  /** Whether the login lacks the right, and nothing else failed. */
  readonly forbidden: boolean;
  constructor(message: string, { forbidden = false, cause }: { forbidden?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.forbidden = forbidden;
  }
}

/**
 * The name of the login role that owns this PostgreSQL schema of this database and nothing else. It contains the
 * database's name, or a hash of the database's name if it would be too long, because roles belong to a whole server.
 */
export function roleOf(database: string, schema: string): string {
  const name = `${database}_${schema}`;
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  return `prodvor_${createHash('sha256').update(database).digest('hex').slice(0, 16)}_${schema}`;
}

export interface ProvideRolesOptions {
  /** The URL `postgresql://…/<database>` of a superuser, or of the database's owner with the right to create roles. */
  readonly url: string;
  readonly schemas: readonly string[];
  /** Returns the password of a schema's role: printable ASCII. */
  readonly passwordOf: (schema: string) => string;
}

/**
 * Gives each schema a login role that owns the schema and everything in it. It creates what is missing. Objects of
 * another role (in a database with one role for everything) change their owner. Idempotent. Concurrent starts wait for
 * each other.
 * @returns the URL of each role, by schema
 * @throws RolesError
 */
export async function provideRoles({
  url,
  schemas,
  passwordOf,
}: ProvideRolesOptions): Promise<ReadonlyMap<string, string>> {
  const client = new pg.Client({ connectionString: url, application_name: 'prodvor roles' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]).catch((error: unknown) => {
      throw new RolesError(`Another process has been changing this database for ${LOCK_TIMEOUT_MS / 1000} s.`, {
        cause: error,
      });
    });
    const {
      rows: [self],
    } = await client.query<{ database: string; name: string; super: boolean; may: boolean }>(
      'SELECT current_database() AS database, current_user AS name, rolsuper AS super, rolsuper OR rolcreaterole AS may FROM pg_roles WHERE rolname = current_user',
    );
    if (!self?.may) throw new RolesError(`the role ${self?.name} may not create roles`, { forbidden: true });
    const urls = new Map<string, string>();
    for (const schema of schemas) {
      const role = roleOf(self.database, schema);
      const password = passwordOf(schema);
      await provideRole(client, role, schema, password, !self.super);
      urls.set(schema, urlFor(url, role, password));
    }
    await client.query('COMMIT');
    return urls;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    if (error instanceof RolesError) throw error;
    const { message, code } = error as pg.DatabaseError;
    throw new RolesError(`The roles of the services cannot be created: ${message.split('\n')[0]}`, {
      forbidden: code === INSUFFICIENT_PRIVILEGE,
      cause: error,
    });
  } finally {
    await client.end();
  }
}

/**
 * The roles of an embedded database. Their passwords are derived from the given login's password: that login may do
 * everything anyway, and several processes on one database derive the same passwords. If roles cannot be created (no
 * right, or no password to derive from), the given login serves all.
 * @param onShared called with one line when the login serves all, and why
 */
export async function openRoles(
  url: string,
  schemas: readonly string[],
  onShared: (line: string) => void,
): Promise<{ urlOf: (schema: string) => string; provided: boolean }> {
  try {
    const secret = new URL(url).password;
    if (secret === '') throw new RolesError('DATABASE_URL has no password', { forbidden: true });
    const urls = await provideRoles({
      url,
      schemas,
      passwordOf: (schema) => createHmac('sha256', secret).update(schema).digest('base64url'),
    });
    return { urlOf: (schema) => urls.get(schema) ?? fail(schema), provided: true };
  } catch (error) {
    if (!(error instanceof RolesError && error.forbidden)) throw error;
    onShared(`The services share one login to the database: ${error.message}`);
    return { urlOf: () => url, provided: false };
  }
}

/**
 * The roles of the services of a full-mode database, with the passwords that their processes have. If no password is
 * given, the login of the URL serves all.
 * @throws ConfigError when only some of the services have a password
 */
export async function rolesOf({
  url,
  services,
  passwords,
  onShared,
}: {
  readonly url: string;
  readonly services: readonly string[];
  readonly passwords: readonly (readonly [service: string, password: string])[];
  readonly onShared: (line: string) => void;
}): Promise<(schema: string) => string> {
  if (passwords.length === 0) {
    onShared('The services share one login to the database: DATABASE_PASSWORDS is missing');
    return () => url;
  }
  const given = new Map(passwords);
  const complaints = [
    ...services
      .filter((service) => !given.has(service))
      .map((service) => `DATABASE_PASSWORDS has no password for ${service}`),
    ...[...given.keys()]
      .filter((service) => !services.includes(service))
      .map((service) => `DATABASE_PASSWORDS: there is no service ${service}`),
  ];
  if (complaints.length > 0) throw new ConfigError(complaints);
  const urls = await provideRoles({
    url,
    schemas: services,
    passwordOf: (service) => given.get(service) ?? fail(service),
  });
  return (service) => urls.get(service) ?? fail(service);
}

/**
 * Calls `onSuperuser` with one line when the login is a superuser, who may read and change the data of all services.
 */
export async function warnOfSuperuser(url: string, onSuperuser: (line: string) => void): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'prodvor roles',
    connectionTimeoutMillis: 5000,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const {
      rows: [self],
    } = await client.query<{ name: string }>(
      'SELECT rolname AS name FROM pg_roles WHERE rolname = current_user AND rolsuper',
    );
    if (self)
      onSuperuser(
        `DATABASE_URL is the login of the superuser ${self.name}: give this process the role of its service (main.ts migrate makes it)`,
      );
  } finally {
    await client.end();
  }
}

function fail(schema: string): never {
  throw new Error(`no role was created for the schema ${schema}`);
}

async function provideRole(
  client: pg.Client,
  role: string,
  schema: string,
  password: string,
  join: boolean,
): Promise<void> {
  const name = pg.escapeIdentifier(role);
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  // The statement has a verifier in place of the password, because the server might log the statement.
  await client.query(
    `${rowCount ? 'ALTER' : 'CREATE'} ROLE ${name} LOGIN PASSWORD ${pg.escapeLiteral(scramVerifier(password))}`,
  );
  // A login that is not a superuser can hand over its objects only to roles that it is a member of.
  if (join) await client.query(`GRANT ${name} TO CURRENT_USER`);
  const {
    rows: [found],
  } = await client.query<{ owner: string }>(
    'SELECT nspowner::regrole::text AS owner FROM pg_namespace WHERE nspname = $1',
    [schema],
  );
  if (!found) await client.query(`CREATE SCHEMA ${pg.escapeIdentifier(schema)} AUTHORIZATION ${name}`);
  const { rows } = await client.query<{ statement: string }>(HAND_OVER, [schema, role]);
  for (const { statement } of rows) await client.query(statement);
}

/**
 * Selects the statements that make the role ($2) the owner of the schema ($1) and of everything in it that it does not
 * own yet. Sequences of columns and indexes are left out, because they follow their tables.
 */
const HAND_OVER = `
WITH schema AS (SELECT oid, nspname AS name, nspowner AS owner FROM pg_namespace WHERE nspname = $1),
     role AS (SELECT oid, rolname AS name FROM pg_roles WHERE rolname = $2)
SELECT format('ALTER SCHEMA %I OWNER TO %I', s.name, r.name) AS statement, 0 AS turn FROM schema s, role r WHERE s.owner <> r.oid
UNION ALL
SELECT format('ALTER %s %I.%I OWNER TO %I', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END,
  s.name, c.relname, r.name), 1
FROM schema s, role r, pg_class c
WHERE c.relnamespace = s.oid AND c.relowner <> r.oid AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c')
  AND NOT (c.relkind = 'S' AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')))
UNION ALL
SELECT format('ALTER %s %I.%I OWNER TO %I', CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, s.name, t.typname, r.name), 2
FROM schema s, role r, pg_type t WHERE t.typnamespace = s.oid AND t.typowner <> r.oid AND t.typtype IN ('e', 'r', 'd')
UNION ALL
SELECT format('ALTER ROUTINE %I.%I(%s) OWNER TO %I', s.name, p.proname, pg_get_function_identity_arguments(p.oid), r.name), 3
FROM schema s, role r, pg_proc p WHERE p.pronamespace = s.oid AND p.proowner <> r.oid
ORDER BY turn`;

function urlFor(url: string, role: string, password: string): string {
  const made = new URL(url);
  made.username = encodeURIComponent(role);
  made.password = encodeURIComponent(password);
  return made.toString();
}

/** A password as PostgreSQL stores it (RFC 5803). */
function scramVerifier(password: string): string {
  const [salt, iterations] = [randomBytes(16), 4096];
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const key = (name: string): Buffer => createHmac('sha256', salted).update(name).digest();
  const stored = createHash('sha256').update(key('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`;
}
