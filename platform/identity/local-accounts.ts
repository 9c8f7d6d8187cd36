import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { ClientBase, Pool, PoolClient } from 'pg';
import { createSchema } from '../postgres/schema.ts';
import { CLIENTS, type Contact } from './identity-provider.ts';
import { normalize } from './identity-rules.ts';

/** The account data in a token. `username` and `email` are in lower case. */
export interface Account {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly roles: readonly string[];
}

export interface Credentials extends Account {
  /** The hash of the password. Null for an account that only the demo's sign-in opens. */
  readonly passwordHash: string | null;
  readonly locked: boolean;
}

export interface NewAccount {
  readonly username: string;
  readonly email: string;
  readonly passwordHash: string | null;
  readonly roles: readonly string[];
  readonly demo: boolean;
  readonly seeded: boolean;
}

export interface Session {
  readonly sessionId: string;
  readonly clientId: string;
  readonly refreshToken: string;
}

const LOCK = 'prodvor.identity';
const DDL = `
  ${createSchema('identity')};
  CREATE TABLE IF NOT EXISTS identity.accounts (
    user_id uuid PRIMARY KEY,
    username text NOT NULL CONSTRAINT accounts_username UNIQUE,
    email text NOT NULL CONSTRAINT accounts_email UNIQUE,
    email_verified boolean NOT NULL,
    password_hash text,
    roles text[] NOT NULL,
    demo boolean NOT NULL,
    seeded boolean NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    failed_at timestamptz,
    locked_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE IF NOT EXISTS identity.sessions (
    session_id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES identity.accounts ON DELETE CASCADE,
    client_id text NOT NULL,
    secret bytea NOT NULL,
    generation integer NOT NULL DEFAULT 1,
    used_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX IF NOT EXISTS sessions_user ON identity.sessions (user_id, used_at);
  CREATE TABLE IF NOT EXISTS identity.nobody (failures bigint NOT NULL);
  INSERT INTO identity.nobody SELECT 0 WHERE NOT EXISTS (SELECT FROM identity.nobody);
  CREATE TABLE IF NOT EXISTS identity.signing_keys (
    kid text PRIMARY KEY,
    private_pem text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  );`;

// The limits of Keycloak's realm. 10 failed sign-ins lock an account for 60 s, 20 for 120 s … at most 900 s. Failures
// are forgotten after 12 h. Sessions end after 14 days without use, or 90 days in all.
const FAILURES_BEFORE_LOCK = 10;
const SESSION_ALIVE = `used_at > now() - interval '14 days' AND created_at > now() - interval '90 days'`;
const MAX_SESSIONS_PER_USER = 20;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ACCOUNT_COLUMNS = `user_id AS "userId", username, email, email_verified AS "emailVerified", roles`;

/**
 * Creates the tables and, if there is none yet, a signing key. Processes that start together wait for each other.
 * @returns the ids and private halves (PKCS #8 PEM) of all keys, the current signing key first
 */
export async function prepareDatabase(
  pool: Pool,
  makeKey: () => Promise<{ kid: string; pem: string }>,
): Promise<readonly { kid: string; pem: string }[]> {
  return inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [LOCK]);
    await client.query(DDL);
    const { rows } = await client.query<{ kid: string; pem: string }>(
      'SELECT kid, private_pem AS pem FROM identity.signing_keys ORDER BY created_at DESC',
    );
    if (rows.length > 0) return rows;
    const key = await makeKey();
    await client.query('INSERT INTO identity.signing_keys (kid, private_pem) VALUES ($1, $2)', [key.kid, key.pem]);
    return [key];
  });
}

/** Creates the tables, without a signing key: the first start of the issuer makes it. */
export async function prepareAccounts(pool: Pool): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [LOCK]);
    await client.query(DDL);
  });
}

/** Inserts an account with an id of the caller, in the caller's transaction. */
export async function seedAccount(
  client: ClientBase,
  account: Omit<NewAccount, 'demo' | 'seeded'> & { readonly userId: string },
): Promise<void> {
  await client.query(
    `INSERT INTO identity.accounts (user_id, username, email, email_verified, password_hash, roles, demo, seeded)
     VALUES ($1, $2, $3, true, $4, $5, false, true)`,
    [account.userId, normalize(account.username), normalize(account.email), account.passwordHash, account.roles],
  );
}

/**
 * Inserts an account, unless its user name or its e-mail address is taken.
 * @returns the new id, or whether the name and whether the address is taken. Both are checked, so that a person learns
 * of both in one attempt.
 */
export async function insertAccount(
  pool: Pool,
  account: NewAccount,
): Promise<{ userId: string } | { usernameTaken: boolean; emailTaken: boolean }> {
  const username = normalize(account.username);
  const email = normalize(account.email);
  const inserted = await pool.query<{ userId: string }>(
    `INSERT INTO identity.accounts (user_id, username, email, email_verified, password_hash, roles, demo, seeded)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING user_id AS "userId"`,
    [randomUUID(), username, email, account.seeded, account.passwordHash, account.roles, account.demo, account.seeded],
  );
  return inserted.rows[0] ?? (await findTaken(pool, username, email));
}

export async function findTaken(
  pool: Pool,
  username: string,
  email: string,
): Promise<{ usernameTaken: boolean; emailTaken: boolean }> {
  const { rows } = await pool.query<{ usernameTaken: boolean; emailTaken: boolean }>(
    `SELECT EXISTS (SELECT FROM identity.accounts WHERE username = $1) AS "usernameTaken",
            EXISTS (SELECT FROM identity.accounts WHERE email = $2) AS "emailTaken"`,
    [normalize(username), normalize(email)],
  );
  return rows[0] ?? { usernameTaken: false, emailTaken: false };
}

export async function deleteAccount(pool: Pool, userId: string): Promise<void> {
  if (UUID.test(userId)) await pool.query('DELETE FROM identity.accounts WHERE user_id = $1', [userId]);
}

/** Finds the e-mail address of an account, and whether it is verified. @returns null when no account has this id */
export async function findContact(pool: Pool, userId: string): Promise<Contact | null> {
  if (!UUID.test(userId)) return null;
  const { rows } = await pool.query<Contact>(
    'SELECT email, email_verified AS "emailVerified" FROM identity.accounts WHERE user_id = $1',
    [userId],
  );
  return rows[0] ?? null;
}

/** Marks the address as verified if it is the account's current one. @returns whether it is */
export async function verifyEmail(pool: Pool, userId: string, email: string): Promise<boolean> {
  if (!UUID.test(userId)) return false;
  const { rowCount } = await pool.query(
    'UPDATE identity.accounts SET email_verified = true WHERE user_id = $1 AND email = $2',
    [userId, normalize(email)],
  );
  return rowCount === 1;
}

/** Gives an account of an earlier seed these roles and this flag. @returns its id; null if there is no such account */
export async function updateSeeded(
  pool: Pool,
  username: string,
  roles: readonly string[],
  demo: boolean,
): Promise<string | null> {
  const { rows } = await pool.query<{ userId: string }>(
    'UPDATE identity.accounts SET roles = $2, demo = $3 WHERE username = $1 AND seeded RETURNING user_id AS "userId"',
    [normalize(username), roles, demo],
  );
  return rows[0]?.userId ?? null;
}

/**
 * Finds an account by its user name or e-mail address. An account with this address comes first, as in Keycloak.
 * Otherwise a person could lock out another one by taking that person's address as a user name.
 */
export async function findCredentials(pool: Pool, login: string): Promise<Credentials | null> {
  if (login.includes('\0')) return null; // PostgreSQL cannot store such a text.
  const { rows } = await pool.query<Credentials>(
    `SELECT ${ACCOUNT_COLUMNS}, password_hash AS "passwordHash", coalesce(locked_until > now(), false) AS locked
     FROM identity.accounts WHERE username = $1 OR email = $1 ORDER BY (email = $1) DESC LIMIT 1`,
    [normalize(login)],
  );
  return rows[0] ?? null;
}

export async function findDemoAccount(pool: Pool, username: string): Promise<Account | null> {
  if (username.includes('\0')) return null;
  const { rows } = await pool.query<Account>(
    `SELECT ${ACCOUNT_COLUMNS} FROM identity.accounts WHERE username = $1 AND demo`,
    [normalize(username)],
  );
  return rows[0] ?? null;
}

/**
 * Records a sign-in or a failure.
 * @param userId null for an unknown or locked name. Another row is then written, so that the call takes the same time.
 */
export async function recordSignIn(pool: Pool, userId: string | null, succeeded: boolean): Promise<void> {
  if (userId === null) return void (await pool.query('UPDATE identity.nobody SET failures = failures + 1'));
  if (succeeded) {
    await pool.query(
      'UPDATE identity.accounts SET failures = 0, locked_until = NULL WHERE user_id = $1 AND failures > 0',
      [userId],
    );
    return;
  }
  await pool.query(
    `UPDATE identity.accounts SET failures = n, failed_at = now(),
       locked_until = CASE WHEN n >= $2 THEN now() + least(900, 60 * (n / $2)) * interval '1 second' END
     FROM (SELECT CASE WHEN failed_at > now() - interval '12 hours' THEN failures ELSE 0 END + 1 AS n
           FROM identity.accounts WHERE user_id = $1 FOR UPDATE) counted
     WHERE user_id = $1`,
    [userId, FAILURES_BEFORE_LOCK],
  );
}

/**
 * A refresh token is `<session>.<generation>.<mac>`. The session stores its newest generation, so a repeated token is
 * detected without storing old ones.
 */
export async function openSession(pool: Pool, userId: string, clientId: string): Promise<Session> {
  const sessionId = randomUUID();
  const secret = randomBytes(32);
  await pool.query(
    `WITH dropped AS (
       DELETE FROM identity.sessions WHERE user_id = $2 AND (NOT (${SESSION_ALIVE}) OR session_id IN (
         SELECT session_id FROM identity.sessions WHERE user_id = $2 ORDER BY used_at DESC OFFSET $5)))
     INSERT INTO identity.sessions (session_id, user_id, client_id, secret) VALUES ($1, $2, $3, $4)`,
    [sessionId, userId, clientId, secret, MAX_SESSIONS_PER_USER - 1],
  );
  return { sessionId, clientId, refreshToken: refreshToken(sessionId, 1, secret) };
}

/**
 * Accepts the token and issues the next one. A session of the explorer is valid only while the account is a demo
 * account. A token that was used before ends its session, because either the owner or a thief holds the newer one.
 * @returns null when the token is not, or no longer, valid for `clientId`
 */
export async function renewSession(
  pool: Pool,
  token: string,
  clientId: string,
): Promise<{ account: Account; session: Session } | null> {
  const parsed = /^([^.]+)\.(\d{1,9})\.([\w-]{43})$/.exec(token);
  const [, sessionId = '', generationText = '', mac = ''] = parsed ?? [];
  if (!UUID.test(sessionId)) return null;
  const generation = Number(generationText);
  const { rows } = await pool.query<Account & { clientId: string; secret: Buffer }>(
    `SELECT ${ACCOUNT_COLUMNS}, client_id AS "clientId", secret
     FROM (SELECT user_id, client_id, secret FROM identity.sessions WHERE session_id = $1 AND ${SESSION_ALIVE}) session
     JOIN identity.accounts USING (user_id) WHERE demo OR client_id <> $2`,
    [sessionId, CLIENTS.explorer],
  );
  const row = rows[0];
  if (!row || row.clientId !== clientId) return null;
  const expected = Buffer.from(tokenMac(sessionId, generation, row.secret));
  if (!timingSafeEqual(expected, Buffer.from(mac))) return null;
  const taken = await pool.query(
    'UPDATE identity.sessions SET generation = generation + 1, used_at = now() WHERE session_id = $1 AND generation = $2',
    [sessionId, generation],
  );
  if (taken.rowCount !== 1) {
    await pool.query('DELETE FROM identity.sessions WHERE session_id = $1', [sessionId]);
    return null;
  }
  const { userId, username, email, emailVerified, roles, secret } = row;
  return {
    account: { userId, username, email, emailVerified, roles },
    session: { sessionId, clientId, refreshToken: refreshToken(sessionId, generation + 1, secret) },
  };
}

const tokenMac = (sessionId: string, generation: number, secret: Buffer): string =>
  createHmac('sha256', secret).update(`${sessionId}.${generation}`).digest('base64url');

const refreshToken = (sessionId: string, generation: number, secret: Buffer): string =>
  `${sessionId}.${generation}.${tokenMac(sessionId, generation, secret)}`;

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    client.release(true); // Destroys the connection, and so ends the transaction and releases the lock.
    throw error;
  }
}
