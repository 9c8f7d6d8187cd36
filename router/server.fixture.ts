// Two small real subgraphs behind a real router, for the specs of this folder.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, GraphQLError, parse } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { JWTPayload } from 'jose';
import { WebSocket, WebSocketServer } from 'ws';
import { EventQueue } from './collections/event-queue.ts';
import type { RouterOptions } from './options.ts';
import { createRouter } from './router.ts';
import { serve } from './serve.ts';
import { composeSubgraphs } from './supergraph/compose.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n';
export const TYPE_DEFS = {
  users: `${LINK} type Query { user(id: ID!): User me: String } type User @key(fields: "id") { id: ID! name: String friend: User }`,
  rooms: `${LINK}
    type Query { echo(text: String!, more: [Int!]): String slow: Int broken: Int flaws: [Flaw] huge: String room(id: ID!): Room
      items(first: Int = 10): [Item!] page(first: Int, last: Int): Page all: [Item!] twins(of: ID!): [User!] choose(choice: Choice): Moment }
    input Choice @oneOf { text: String number: Int more: Choice } scalar Moment @specifiedBy(url: "https://moments.test/")
    type Mutation { post(text: String!): Message say(text: String!): String }
    type Subscription { messages(room: ID!): Message refused: Int }
    type Flaw { x: Int }
    type Item { id: ID! items(first: Int = 10): [Item!] tags: [String!] grid: [[Item!]] }
    type Page { nodes: [Item!] edges: [Edge!] } type Edge { node: Item }
    type Room { id: ID! messages: [Message!]! }
    type Message { id: ID! text: String author: User }
    type User @key(fields: "id") { id: ID! }`,
};
type Name = keyof typeof TYPE_DEFS;

export interface Subgraph {
  readonly url: string;
  /** The requests that the subgraph received, the newest last. */
  readonly requests: { headers: IncomingHttpHeaders; body: string; path: string }[];
  readonly subscribes: {
    query: string;
    variables?: Record<string, unknown> | null;
    operationName?: string | null;
    extensions?: Record<string, unknown> | null;
  }[];
  /** Running subscriptions to `messages`. */
  readonly listeners: Set<EventQueue<Message>>;
  /** Waiting requests for `slow`, or for the name of the user `slow`. A call answers one. */
  readonly waiting: (() => void)[];
  /** The number of open connections to the subgraph. */
  readonly open: number;
  /** Destroys every connection without a close frame. */
  cut(): void;
  close(): Promise<void>;
}
/** The resolver for lists of items in the rooms subgraph. */
const itemsOf = (_: unknown, { first }: { first: number }): { id: string }[] =>
  Array.from({ length: Math.min(first, 30_000) }, (__, i) => ({ id: String(i) }));

export interface Message {
  id: string;
  text: string;
  author: { id: string };
}

export interface SubgraphOptions {
  readonly pageInstead?: boolean;
  /** How to encode the body of a response. */
  readonly encoded?: { readonly by: (body: string) => Buffer; readonly as: string };
}

export async function startSubgraph(name: Name, options: SubgraphOptions = {}): Promise<Subgraph> {
  const requests: Subgraph['requests'] = [];
  const subscribes: Subgraph['subscribes'] = [];
  const listeners: Subgraph['listeners'] = new Set();
  const waiting: Subgraph['waiting'] = [];
  const resolvers = {
    users: {
      Query: {
        user: (_: unknown, { id }: { id: string }) => ({ id }),
        me: (_: unknown, __: unknown, c: { user?: string }) => c.user,
      },
      User: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        name: ({ id }: { id: string }) =>
          id === 'slow' ? new Promise((resolve) => waiting.push(() => resolve('late'))) : `name of ${id}`,
        friend: () => ({ id: 'f' }),
      },
    },
    rooms: {
      Query: {
        echo: (_: unknown, { text }: { text: string }) => text,
        slow: () => new Promise<number>((resolve) => waiting.push(() => resolve(1))),
        broken: () => {
          throw new GraphQLError('no', { extensions: { code: 'FORBIDDEN' } });
        },
        flaws: () =>
          Array.from({ length: 150 }, () => ({
            x: () => {
              throw new GraphQLError('flawed');
            },
          })),
        huge: () => 'x'.repeat(300_000),
        choose: (_: unknown, { choice }: { choice?: object }) => JSON.stringify(choice),
        items: itemsOf,
        page: (_: unknown, { first, last }: { first?: number; last?: number }) => ({
          nodes: itemsOf(_, { first: first ?? last ?? 10 }),
          edges: [],
        }),
        all: () => itemsOf(undefined, { first: 30_000 }),
        twins: (_: unknown, { of }: { of: string }) => Array.from({ length: 100 }, () => ({ id: of })),
        room: (_: unknown, { id }: { id: string }) => ({
          id,
          messages: Array.from({ length: 3 }, (__, i) => ({ id: `m${i}`, text: 't', author: { id: 'u' } })),
        }),
      },
      Item: { items: itemsOf, tags: () => [], grid: () => [] },
      Mutation: {
        post: (_: unknown, { text }: { text: string }) => ({ id: text, text, author: { id: 'u' } }),
        say: (_: unknown, { text }: { text: string }) => text,
      },
      Subscription: {
        messages: {
          subscribe: () => {
            const queue: EventQueue<Message> = new EventQueue(
              100_000,
              () => listeners.delete(queue),
              () => new Error('full'),
            );
            listeners.add(queue);
            return queue;
          },
          resolve: (message: Message) => message,
        },
        refused: {
          subscribe: () => {
            throw new GraphQLError('not for you', { extensions: { code: 'FORBIDDEN' } });
          },
        },
      },
    },
  };
  const schema: GraphQLSchema = buildSubgraphSchema([
    { typeDefs: parse(TYPE_DEFS[name]), resolvers: resolvers[name] as never },
  ]);
  const connections = new Set<Socket>();
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      requests.push({ headers: req.headers, body, path: req.url ?? '' });
      if (options.pageInstead) return res.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
      const { query, variables, operationName } = JSON.parse(body) as {
        query: string;
        variables?: Record<string, unknown>;
        operationName?: string;
      };
      void graphql({
        schema,
        source: query,
        variableValues: variables ?? {},
        operationName: operationName ?? null,
        contextValue: { user: req.headers['x-authenticated-userid'] },
      }).then((result) => {
        const { encoded } = options;
        const headers = { 'content-type': 'application/json', ...(encoded && { 'content-encoding': encoded.as }) };
        res.writeHead(200, headers).end(encoded ? encoded.by(JSON.stringify(result)) : JSON.stringify(result));
      });
    });
  });
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  const wss = new WebSocketServer({ server });
  useServer({ schema, onSubscribe: (_c, _id, payload) => void subscribes.push(payload) }, wss);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of connections) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    requests,
    subscribes,
    listeners,
    waiting,
    cut,
    get open() {
      return connections.size;
    },
    async close() {
      const closed = once(server, 'close');
      wss.close();
      server.close();
      cut();
      await closed;
    },
  };
}

export function composeFor(urls: Record<Name, string>): string {
  const { supergraphSdl, errors } = composeSubgraphs(
    (Object.keys(TYPE_DEFS) as Name[]).map((name) => ({ name, url: urls[name], typeDefs: parse(TYPE_DEFS[name]) })),
  );
  if (supergraphSdl === undefined) throw new Error(errors.map(String).join('\n'));
  return supergraphSdl;
}

export interface Network {
  readonly origin: string;
  readonly users: Subgraph;
  readonly rooms: Subgraph;
  readonly router: ReturnType<typeof createRouter>;
  query(
    query: string,
    options?: { variables?: object; headers?: Record<string, string> },
  ): Promise<{ status: number; headers: Headers; body: Answer }>;
  close(): Promise<void>;
}
export interface Answer {
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: unknown[]; extensions: Record<string, unknown> }[];
}

export async function startNetwork(
  options: Partial<RouterOptions> = {},
  subgraphOptions: SubgraphOptions = {},
): Promise<Network> {
  const [users, rooms] = await Promise.all([
    startSubgraph('users', subgraphOptions),
    startSubgraph('rooms', subgraphOptions),
  ]);
  const router = createRouter({ supergraph: composeFor({ users: users.url, rooms: rooms.url }), ...options });
  const server = await serve(router, { port: 0 });
  return {
    origin: server.origin,
    users,
    rooms,
    router,
    async query(query, { variables, headers = {} } = {}) {
      const response = await fetch(`${server.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
    },
    async close() {
      await server.close({ graceMs: 500 });
      await Promise.all([users.close(), rooms.close()]);
    },
  };
}

export interface WireMessage {
  id?: string;
  type: string;
  payload?: unknown;
}

/** A graphql-transport-ws client that sends any message, so that tests can violate the protocol. */
export class RawClient {
  readonly ws: WebSocket;
  readonly received: WireMessage[] = [];
  closed: { code: number; reason: string } | undefined;
  #wake: (() => void)[] = [];

  constructor(origin: string, protocol = 'graphql-transport-ws', headers: Record<string, string> = {}) {
    this.ws = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, protocol, { headers });
    this.ws.on('message', (data) => this.#happened(() => this.received.push(JSON.parse(String(data)) as WireMessage)));
    this.ws.on('close', (code, reason) => this.#happened(() => (this.closed = { code, reason: String(reason) })));
    this.ws.on('error', () => undefined);
  }

  #happened(change: () => void): void {
    change();
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }

  send(message: object): void {
    this.ws.send(JSON.stringify(message));
  }

  async until<T>(found: () => T | undefined | false): Promise<T> {
    for (;;) {
      const value = found();
      if (value !== undefined && value !== false) return value;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  async open(payload?: object): Promise<this> {
    if (this.ws.readyState !== WebSocket.OPEN) await once(this.ws, 'open');
    this.send({ type: 'connection_init', ...(payload ? { payload } : {}) });
    await this.until(() => this.received.some(({ type }) => type === 'connection_ack') || this.closed);
    return this;
  }

  subscribe(id: string, query: string, variables: object = {}): void {
    this.send({ id, type: 'subscribe', payload: { query, variables } });
  }

  of(id: string): WireMessage[] {
    return this.received.filter((message) => message.id === id);
  }

  end(): void {
    this.ws.terminate();
  }
}

/** Waits until other parties have done something. The test's own timeout limits the wait. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 3));
}

/** Starts a token issuer with its JWKS on a separate port. */
export async function startIssuer() {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const stranger = await generateKeyPair('RS256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'a', alg: 'RS256', use: 'sig' }];
  const server = createServer((_req, res) =>
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys })),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  const issuer = 'https://issuer.test';
  return {
    authentication: { issuer, audience: 'prodvor', jwksUrl },
    token: (claims: JWTPayload = {}, { forged = false, kid = 'a' } = {}): Promise<string> =>
      new SignJWT({
        sub: 'anna',
        iss: issuer,
        aud: 'prodvor',
        exp: Math.floor(Date.now() / 1000) + 300,
        iat: Math.floor(Date.now() / 1000),
        jti: 'x',
        name: 'Anna',
        ...claims,
      })
        .setProtectedHeader({ alg: 'RS256', kid })
        .sign(forged ? stranger.privateKey : privateKey),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
