// A real subgraph with a stream that starts with its history, behind a real router. Also a reader for each transport.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, GraphQLError, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { EventQueue } from './collections/event-queue.ts';
import type { Limits } from './config/limits.ts';
import { StreamClient } from './http.fixture.ts';
import { createRouter } from './router.ts';
import { serve } from './serve.ts';
import { RawClient } from './server.fixture.ts';

const TYPE_DEFS = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@composeDirective"])
    @link(url: "https://specs.prodvor.org/live/v1.0", import: ["@audience", "@resume"])
    @composeDirective(name: "@audience") @composeDirective(name: "@resume")
  directive @audience(check: String) on FIELD_DEFINITION
  directive @resume(argument: String!, from: String!) on FIELD_DEFINITION
  type Query { chapter(number: Int!): String }
  type Subscription { told(after: Int = 0): Told @audience @resume(argument: "after", from: "seq") }
  type Told { seq: Int! text: String! writer: Writer }
  type Writer @key(fields: "id") { id: ID! }
`;
const WRITERS =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key"]) type Query { writers: Int } type Writer @key(fields: "id") { id: ID! name: String }';

type Resolvers = Record<string, Record<string, unknown>>;

/** While `state.away` is true, the subgraph answers every HTTP request with 503. */
async function startSubgraph(typeDefs: string, resolvers: Resolvers) {
  const state = { away: false };
  const schema = buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers: resolvers as never }]);
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      if (state.away) return void res.writeHead(503).end();
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as {
        query: string;
        variables?: Record<string, unknown>;
      };
      void graphql({ schema, source: query, variableValues: variables ?? {} }).then((result) =>
        res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result)),
      );
    });
  });
  const sockets = new WebSocketServer({ server });
  useServer({ schema }, sockets);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    async close(): Promise<void> {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

export interface Told {
  readonly seq: number;
  readonly text: string;
}

/** Starts a subgraph with this many events of this size, and a router with these limits. */
export async function startHistory({
  events,
  bytes,
  limits,
}: {
  readonly events: number;
  readonly bytes: number;
  readonly limits?: Partial<Limits>;
}) {
  const told: Told[] = [];
  const listeners = new Set<EventQueue<Told>>();
  const tell = (): void => {
    const event = { seq: told.length + 1, text: `${told.length + 1} `.padEnd(bytes / 2, 'é') };
    told.push(event);
    for (const queue of listeners) queue.push(event);
  };
  for (let n = 0; n < events; n++) tell();
  let subscribed = 0;
  const resolvers = {
    Query: { chapter: (_: unknown, { number }: { number: number }) => `${number} `.padEnd(bytes / 2, 'é') },
    Subscription: {
      told: {
        subscribe: (_: unknown, { after }: { after: number }) => {
          subscribed++;
          if (after > told.length) throw new GraphQLError('not told yet', { extensions: { code: 'RESYNC_REQUIRED' } });
          const queue: EventQueue<Told> = new EventQueue(
            1_000_000,
            () => listeners.delete(queue),
            () => new Error('full'),
          );
          for (const event of told.slice(after)) queue.push(event);
          listeners.add(queue);
          return queue;
        },
        resolve: (event: Told) => event,
      },
    },
    Told: { writer: () => ({ id: 'w' }) },
  };
  const history = await startSubgraph(TYPE_DEFS, resolvers);
  const writers = await startSubgraph(WRITERS, {
    Writer: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Nestor' }) },
  });
  const { supergraphSdl, errors } = composeServices([
    { name: 'history', url: history.url, typeDefs: parse(TYPE_DEFS) },
    { name: 'writers', url: writers.url, typeDefs: parse(WRITERS) },
  ]);
  if (!supergraphSdl) throw new Error(errors?.map(String).join('\n'));
  const router = createRouter({ supergraph: supergraphSdl, ...(limits ? { limits } : {}) });
  const front = await serve(router, { port: 0 });
  return {
    origin: front.origin,
    router,
    tell,
    writers: writers.state,
    get newest() {
      return told.length;
    },
    /** How many subscriptions the subgraph has received. */
    get subscribed() {
      return subscribed;
    },
    async close(): Promise<void> {
      await front.close({ graceMs: 500 });
      await Promise.all([history.close(), writers.close()]);
    },
  };
}

/** A client that subscribes to `told`. */
export interface HistoryReader {
  /** The numbers of the events that have arrived, in order. */
  seqs(): number[];
  /** The code with which the stream ended or the connection was closed. Undefined while it runs. */
  ended(): string | undefined;
  pause(): void;
  resume(): void;
  until(condition: () => boolean): Promise<unknown>;
  close(): void;
}

const QUERY = 'subscription ($after: Int) { told(after: $after) { seq text } }';
/** Another subgraph completes each event. */
export const WITH_WRITERS = 'subscription ($after: Int) { told(after: $after) { seq writer { name } } }';
const SEQ = /"told":\{"seq":(\d+)/g;
const CODE = /"code":"([A-Z_]+)"/;

function readHttp(origin: string, headers: Record<string, string>, after: number): HistoryReader {
  const client = new StreamClient(origin, { headers, body: { query: QUERY, variables: { after } } });
  const read = incremental(() => client.text);
  return {
    seqs: read,
    ended: () => (client.ended ? (CODE.exec(client.text.slice(-1_000))?.[1] ?? 'CLOSED') : undefined),
    pause: () => void client.response?.pause(),
    resume: () => void client.response?.resume(),
    until: (condition) => client.until(condition),
    close: () => client.end(),
  };
}

/** Finds the numbers in a growing text. It scans each part of the text once. */
function incremental(text: () => string): () => number[] {
  const seqs: number[] = [];
  let from = 0;
  return () => {
    SEQ.lastIndex = from;
    for (let match = SEQ.exec(text()); match !== null; match = SEQ.exec(text())) {
      seqs.push(Number(match[1]));
      from = SEQ.lastIndex;
    }
    return seqs;
  };
}

async function readSocket(origin: string, after: number): Promise<HistoryReader> {
  const client = await new RawClient(origin).open();
  client.subscribe('1', QUERY, { after });
  const last = (): string | undefined =>
    client.received.findLast(({ type }) => type === 'error')?.payload as string | undefined;
  return {
    seqs: () =>
      client
        .of('1')
        .filter(({ type }) => type === 'next')
        .map(({ payload }) => (payload as { data: { told: Told } }).data.told.seq),
    ended: () =>
      last() === undefined
        ? client.closed === undefined
          ? undefined
          : String(client.closed.code)
        : CODE.exec(JSON.stringify(last()))?.[1],
    pause: () => client.ws.pause(),
    resume: () => client.ws.resume(),
    until: (condition) => client.until(condition),
    close: () => client.end(),
  };
}

/** All transports over which a client can listen. */
export const TRANSPORTS: Readonly<
  Record<string, (origin: string, after: number) => HistoryReader | Promise<HistoryReader>>
> = {
  'graphql-transport-ws': readSocket,
  'Server-Sent Events': (origin, after) => readHttp(origin, { accept: 'text/event-stream' }, after),
  'multipart/mixed': (origin, after) => readHttp(origin, { accept: 'multipart/mixed;subscriptionSpec="1.0"' }, after),
};
