// A supergraph with live streams. In place of its subgraphs there is a room with a history, which the spec controls.
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { EventQueue } from '../collections/event-queue.ts';
import { DEFAULT_LIMITS } from '../config/limits.ts';
import type { Limits } from '../config/limits.ts';
import { createEngine } from '../engine/engine.ts';
import type { Engine } from '../engine/engine.ts';
import type { ErrorPolicy } from '../execution/errors.ts';
import { SlowConsumer, SubgraphUnavailable } from '../execution/types.ts';
import type {
  Principal,
  RequestContext,
  SubgraphRequest,
  SubgraphResult,
  SubgraphTransport,
} from '../execution/types.ts';
import { loadSupergraph } from '../supergraph/supergraph.ts';
import { plannerFor, transportOf } from '../test/harness.ts';
import { open } from './subscriber.fixture.ts';
import type { OpenOptions, TestSubscriber } from './subscriber.fixture.ts';
import { createSubscriptions } from './subscriptions.ts';

const link = (live: string): string => `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@inaccessible", "@composeDirective", "@requires", "@external", "@shareable"])
    @link(url: "https://specs.prodvor.org/live/v1.1", ${live})
    @link(url: "https://specs.prodvor.org/cacheControl/v1.0", import: [{ name: "@cacheControl", as: "@cached" }])
    @composeDirective(name: "@cached")
  directive @cached(scope: cached__Scope) on FIELD_DEFINITION | OBJECT
  enum cached__Scope { PUBLIC PRIVATE }
`;
const IMPORTED = 'import: ["@audience", "@personal", { name: "@resume", as: "@goesOn" }]';

export const LIVE_TYPES: Readonly<Record<string, string>> = {
  chat: `${link(IMPORTED)}
    extend schema @composeDirective(name: "@audience") @composeDirective(name: "@personal") @composeDirective(name: "@goesOn")
    directive @audience(check: String) on FIELD_DEFINITION
    directive @personal on FIELD_DEFINITION
    directive @goesOn(argument: String!, from: String!) on FIELD_DEFINITION
    type Query { roomAudience(roomId: ID!): Audience @inaccessible version: String }
    type Audience @inaccessible { key: String! position: String }
    type Subscription {
      room(roomId: ID!, after: Int): RoomEvent @audience(check: "roomAudience") @goesOn(argument: "after", from: "seq")
      whole(roomId: ID!, after: Int = 0): RoomEvent @audience(check: "roomAudience") @goesOn(argument: "after", from: "seq")
      match(roomId: ID!, after: Int): RoomEvent @audience @goesOn(argument: "after", from: "seq")
      opaque(roomId: ID!, after: String): RoomEvent @audience @goesOn(argument: "after", from: "mark")
      own(roomId: ID!, after: Int): RoomEvent @goesOn(argument: "after", from: "seq")
      plain(roomId: ID!): RoomEvent
      mine(after: Int): RoomEvent @personal @goesOn(argument: "after", from: "seq")
    }
    interface RoomEvent { seq: Int! mark: String! text: String author: User }
    type Said implements RoomEvent { seq: Int! mark: String! text: String author: User }
    type User @key(fields: "id") { id: ID! }
  `,
  users: `${link(IMPORTED)} type Query { me: User } type User @key(fields: "id") { id: ID! name: String team: Team } type Team @key(fields: "id") { id: ID! }`,
  teams: `${link(IMPORTED)} type Query { teams: [Team] } type Team @key(fields: "id") { id: ID! name: String captain: Person }
    interface Person { badge: String } type Player implements Person @key(fields: "id") { id: ID! badge: String @shareable }`,
  notes: `${link(IMPORTED)} type Query { notes: [String] }
    type Player @key(fields: "id") { id: ID! note: String @cached(scope: PRIVATE) }
    type User @key(fields: "id") { id: ID! blocked: Boolean @cached(scope: PRIVATE) mail: Mail tone: String }
    type Mail @cached(scope: PRIVATE) { subject: String }`,
  tones: `${link(IMPORTED)} type Query { tones: [String] } type User @key(fields: "id") { id: ID! blocked: Boolean @external shade: String @requires(fields: "blocked") }`,
};

function composeLive(types: Readonly<Record<string, string>> = LIVE_TYPES): string {
  const composed = composeServices(
    Object.entries(types).map(([name, typeDefs]) => ({ name, url: `http://${name}.test`, typeDefs: parse(typeDefs) })),
  );
  if (composed.errors !== undefined) throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  return composed.supergraphSdl;
}
const supergraph = loadSupergraph(composeLive());
/** One planner process for all tests. It ends with this process. */
const planner = plannerFor(supergraph);

export interface Event {
  readonly seq: number;
  readonly revoked?: readonly string[];
}

/** A request to a subgraph. */
export interface Asked {
  readonly subgraph: string;
  readonly request: SubgraphRequest;
  readonly principal: Principal;
}
export interface Running extends Asked {
  readonly queue: EventQueue<SubgraphResult>;
  readonly after: unknown;
  /** The number of the room's last event when the subscription was opened. */
  readonly from: number;
}

/** One room: its members, its events and its listeners. */
export class Room {
  readonly members = new Set<string>();
  readonly events: Event[] = [];
  readonly running = new Set<Running>();
  readonly opened: Running[] = [];
  /** The largest number of upstreams that ran at the same time so far. */
  most = 0;
  readonly checks: Asked[] = [];
  readonly fetches: Asked[] = [];
  /** Part of the audience's key. Each revocation increments it, so the key changes. */
  epoch = 0;
  key = (): string => `chat:room:${this.epoch}`;
  position: (() => unknown) | undefined = () => String(this.seq);
  /** Runs before a check is computed, to delay it. */
  beforeCheck: ((principal: Principal) => Promise<void>) | undefined;
  /** Runs after a check is computed and before its result is delivered. */
  afterCheck: ((principal: Principal) => Promise<void>) | undefined;
  checkFails: ((principal: Principal) => boolean) | undefined;
  down = false;
  refuse: ((principal: Principal) => SubgraphResult | undefined) | undefined;
  /** Additional fields of every event. */
  extra: Record<string, unknown> = {};
  queued = 1_000;

  get seq(): number {
    return this.events.length;
  }

  emit(revoked?: readonly string[]): Event {
    const event: Event = { seq: this.seq + 1, ...(revoked ? { revoked } : {}) };
    for (const user of revoked ?? []) this.members.delete(user);
    if (revoked) this.epoch++;
    this.events.push(event);
    for (const one of [...this.running]) this.#send(one, event);
    return event;
  }

  /** Ends every upstream with an error. */
  lose(): void {
    for (const { queue } of [...this.running]) queue.end(new SubgraphUnavailable('chat', 'gone'));
    this.running.clear();
  }

  readonly transport: SubgraphTransport = transportOf({
    subscribe: (subgraph, request, { principal, signal }: RequestContext) => {
      const running: Running = {
        subgraph,
        request,
        principal,
        after: request.variables?.['resume_after'],
        from: this.seq,
        queue: new EventQueue<SubgraphResult>(
          this.queued,
          () => {
            this.running.delete(running);
          },
          () => new SlowConsumer(),
        ),
      };
      signal?.addEventListener('abort', () => void running.queue.return());
      this.opened.push(running);
      const beyond =
        Number(String(running.after ?? 0).replace('m', '')) > this.seq ? refused('RESYNC_REQUIRED') : undefined;
      const refusal =
        this.refuse?.(principal) ??
        beyond ??
        (this.isOwn(running) && !this.members.has(principal.userId ?? '') ? refused('NOT_FOUND') : undefined);
      if (this.down) running.queue.end(new SubgraphUnavailable('chat', 'down'));
      else if (refusal) {
        running.queue.push(structuredClone(refusal));
        running.queue.end();
      } else {
        this.running.add(running);
        this.most = Math.max(this.most, this.running.size);
        const { after } = running;
        const from = typeof after === 'string' ? Number(after.slice(1)) : after;
        if (typeof from === 'number') for (const event of this.events) if (event.seq > from) this.#send(running, event);
      }
      return running.queue;
    },
    fetch: async (subgraph, request, { principal }) => {
      if (!request.query.includes('roomAudience')) {
        this.fetches.push({ subgraph, request, principal });
        const list = request.variables?.['representations'] as { __typename: string; id: string }[];
        return {
          data: {
            _entities: list.map(({ __typename, id }) => ({
              __typename,
              id,
              name: `name of ${id}`,
              shade: 's',
              note: 'n',
              blocked: true,
              team: { __typename: 'Team', id: 't' },
              captain: { __typename: 'Player', id: 'p', badge: 'b' },
              mail: { subject: 's' },
            })),
          },
        };
      }
      this.checks.push({ subgraph, request, principal });
      await this.beforeCheck?.(principal);
      if (this.checkFails?.(principal)) throw new SubgraphUnavailable('chat', 'down');
      const answer = this.members.has(principal.userId ?? '')
        ? { data: { roomAudience: { key: this.key(), position: this.position?.() ?? null } } }
        : { ...refused('NOT_FOUND'), data: { roomAudience: null } };
      await this.afterCheck?.(principal);
      return answer;
    },
  });

  /** Whether it is a stream of the members' room for a single user. */
  isOwn({ request, principal }: Asked): boolean {
    return principal.userId !== undefined && /\broom\(/.test(request.query);
  }

  #send(running: Running, { seq, revoked }: Event): void {
    const { queue, request, principal } = running;
    if (this.isOwn(running) && seq > running.from && revoked?.includes(principal.userId ?? '')) {
      queue.push(refused('FORBIDDEN'));
      queue.end();
      return void this.running.delete(running);
    }
    const field = /\{(?:\w+:)?(\w+)\(/.exec(request.query)?.[1] ?? '';
    const cursor = request.query.includes('resume_from:mark')
      ? { resume_from: `m${seq}` }
      : request.query.includes('resume_from')
        ? { resume_from: seq }
        : {};
    const value = {
      __typename: 'Said',
      seq,
      mark: `m${seq}`,
      text: `text ${seq}`,
      author: { __typename: 'User', id: 'u' },
      ...this.extra,
      ...cursor,
    };
    queue.push(
      structuredClone({
        data: { [field]: value },
        ...(revoked && principal.audience ? { extensions: { revoked: [...revoked] } } : {}),
      }),
    );
  }
}

const refused = (code: string): SubgraphResult => ({
  errors: [{ message: 'not for you', path: ['room'], extensions: { code } }],
});

export const user = (userId: string): Principal => ({
  userId,
  userinfo: Buffer.from(JSON.stringify({ sub: userId })).toString('base64url'),
});

/** The engine of another supergraph, over the same room. */
export function engineOf(room: Room, types: Readonly<Record<string, string>>): Engine {
  const other = loadSupergraph(composeLive(types));
  return createEngine(other, { transport: room.transport, planner: plannerFor(other) });
}

export function startLive(
  limits: Partial<Limits> = {},
  members: readonly string[] = ['anna', 'boris'],
  errorPolicy?: ErrorPolicy,
) {
  const room = new Room();
  for (const member of members) room.members.add(member);
  const engine = createEngine(supergraph, { transport: room.transport, planner, errorPolicy });
  const faults: string[] = [];
  const log = {
    warn: () => undefined,
    error: (message: string, fields?: object) => void faults.push(`${message} ${JSON.stringify(fields)}`),
  };
  const subscriptions = createSubscriptions({
    transport: room.transport,
    limits: { ...DEFAULT_LIMITS, ...limits },
    log,
    errorPolicy,
    pauseMs: 2,
  });
  return {
    room,
    engine,
    subscriptions,
    faults,
    open: (query: string, options: OpenOptions & { as?: string } = {}): Promise<TestSubscriber> =>
      open(subscriptions, engine, query, {
        ...(options.as === undefined ? {} : { principal: user(options.as) }),
        ...options,
      }),
  };
}

export const ROOM = 'subscription R($after: Int) { room(roomId: "r", after: $after) { seq text } }';
export const turns = async (count = 20): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
