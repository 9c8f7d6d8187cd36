import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '../platform/config/config.ts';
import {
  encodeUserinfo,
  type SignedPrincipal,
  type SigningKey,
  signingKey,
  signRequest,
} from '../signature/signature.ts';
import { subgraphs } from '../subgraphs/registry.ts';
import { createTestDatabase } from '../test/database.ts';
import { type ProductOptions, startProduct } from './product.ts';

export type Line = Record<string, unknown>;
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: {
    data?: Record<string, unknown> | null;
    errors?: { message: string; path?: unknown[]; extensions: { code: string; requestId?: string } }[];
  };
}

export const KEY = signingKey('test', 'a secret of enough bytes');

/** A principal for a signed call. */
export function signedUser(userId: string, ...roles: string[]): SignedPrincipal {
  return { userId, userinfo: encodeUserinfo({ sub: userId, roles, preferred_username: `user-${userId}` }) };
}

/**
 * Starts the whole product on a new database, with log level debug. `lines` has the lines of its log.
 * @param prepare fills the empty database before the start
 */
export async function openProduct(
  {
    env,
    pages,
    ...options
  }: Pick<ProductOptions, 'demo' | 'explorer'> & {
    readonly env?: Readonly<Record<string, string>>;
    readonly pages?: (config: Config) => ProductOptions['pages'];
  } = {},
  prepare: (url: string) => Promise<void> = async () => undefined,
) {
  const database = await createTestDatabase();
  await prepare(database.url).catch(async (error: unknown) => {
    await database.drop();
    throw error;
  });
  const data = await mkdtemp(join(tmpdir(), 'product-'));
  const lines: Line[] = [];
  const write = process.stdout.write.bind(process.stdout);
  // The product and the test reporter both write to standard output. This function keeps the lines of the product from
  // the output, and collects them in `lines`.
  process.stdout.write = ((chunk: string | Uint8Array, ...rest: []) =>
    typeof chunk === 'string' && chunk.startsWith('{"time"')
      ? lines.push(JSON.parse(chunk) as Line) > 0
      : write(chunk, ...rest)) as typeof process.stdout.write;
  const config = readConfig({
    env: {
      DATABASE_URL: database.url,
      PRODVOR_DATA: data,
      LOG_LEVEL: 'debug',
      SIGNING_KEYS: 'test:a secret of enough bytes',
      ...env,
    },
  });
  const product = await startProduct({
    config,
    subgraphs: Object.keys(subgraphs),
    router: true,
    port: 0,
    pages: pages?.(config),
    ...options,
  });

  const originOf = (subgraph: string): string => {
    const address = product.apps.get(subgraph)?.getHttpServer().address() as AddressInfo | undefined;
    return `http://127.0.0.1:${address?.port}`;
  };
  const post = async (
    url: string,
    body: string | object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, text, body: text.startsWith('{') ? (JSON.parse(text) as Answer['body']) : {} };
  };
  return {
    ...product,
    lines,
    data,
    database,
    originOf,
    post,
    /** Registers a person, and returns an authorization header with a token of the local issuer. */
    async signUp(username: string): Promise<{ authorization: string }> {
      const password = 'correct horse';
      await post(`${product.origin}/register`, { username, email: `${username}@prodvor.example`, password });
      return this.signIn(username, password);
    },
    /** An authorization header with a token of the local issuer. */
    async signIn(username: string, password: string): Promise<{ authorization: string }> {
      const form = new URLSearchParams({ grant_type: 'password', client_id: 'prodvor-test', username, password });
      const { access_token: token } = (await (
        await fetch(`${product.origin}/identity/token`, { method: 'POST', body: form })
      ).json()) as { access_token: string };
      return { authorization: `Bearer ${token}` };
    },
    /** Calls a subgraph as the router does. The options change the call. */
    call(
      subgraph: string,
      query: string,
      { variables = {}, principal = {}, key = KEY, target = subgraph, now, body, headers = {} }: Call = {},
    ): Promise<Answer> {
      const asked = JSON.stringify({ query, variables });
      const requestId = randomUUID();
      const signed = signRequest(key, {
        method: 'POST',
        path: '/graphql',
        body: asked,
        principal,
        requestId,
        target,
        now,
      });
      const identity = {
        ...(principal.userId ? { 'x-authenticated-userid': principal.userId } : {}),
        ...(principal.userinfo ? { 'x-userinfo': principal.userinfo } : {}),
        ...(principal.audience ? { 'x-audience': principal.audience } : {}),
      };
      return post(`${originOf(subgraph)}/graphql`, body ?? asked, {
        'x-request-id': requestId,
        ...identity,
        ...signed,
        ...headers,
      });
    },
    async close(): Promise<void> {
      await product.shutdown.stop('test');
      process.stdout.write = write;
      await database.drop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

interface Call {
  readonly variables?: object;
  readonly principal?: SignedPrincipal;
  readonly key?: SigningKey;
  readonly target?: string;
  readonly now?: number;
  /** A body to send instead of the signed one. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
