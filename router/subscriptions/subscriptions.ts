import type { Limits } from '../config/limits.ts';
import type { LogPort } from '../config/observers.ts';
import type { Engine, PreparedOperation, Upstream } from '../engine/engine.ts';
import type { ErrorPolicy } from '../execution/errors.ts';
import { createAllowance } from '../execution/subscription.ts';
import type { Principal, SubgraphTransport } from '../execution/types.ts';
import { RequestError, requestError } from '../operation/request-error.ts';
import { Alarm } from '../time/alarm.ts';
import { AudienceCheck } from './audience.ts';
import type { Audience, CheckServices } from './audience.ts';
import { compareCursors, cursorArgument } from './cursor.ts';
import { compileLiveOperation } from './live-operation.ts';
import type { LiveOperation } from './live-operation.ts';
import { Member } from './member.ts';
import { shareKey } from './share-key.ts';
import { Slots } from './slots.ts';
import { Stream } from './stream.ts';
import type { StreamOwner, StreamServices } from './stream.ts';
import type { Cursor, SubscribeRequest, Subscription, Subscriptions } from './subscriber.ts';

export interface SubscriptionOptions {
  readonly transport: SubgraphTransport;
  readonly limits: Pick<Limits, 'keptEvents' | 'keptBytes' | 'keptBytesInAll' | 'catchUps' | 'audienceChecks' | 'audienceStaleMs'>;
  readonly log?: LogPort | undefined;
  /** What clients are shown of errors; absent: all of it. */
  readonly errorPolicy?: ErrorPolicy | undefined;
  /** The first pause before a lost subgraph is asked again. Milliseconds; default 200. */
  readonly pauseMs?: number;
}

export function createSubscriptions({ transport, limits, log, errorPolicy, pauseMs = 200 }: SubscriptionOptions): Subscriptions {
  const streams = new Map<string, Stream>();
  /** Also those that have ended and whose last members have not been told yet. */
  const allStreams = new Set<Stream>();
  const members = new Set<Member>();
  /** Members by what they asked to listen to, whoever they are: who is told of a revocation. */
  const places = new Map<string, Set<Member>>();
  const checks = new WeakMap<Member, AudienceCheck>();
  const operations = new WeakMap<PreparedOperation, LiveOperation>();
  let latest: Engine | undefined;
  let closed = false;
  let wakeSpread: (() => void) | undefined;

  const onFault = (error: unknown, requestId: string): void =>
    log?.error('a subscription failed unexpectedly', { requestId, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  const services: StreamServices = {
    transport, pauseMs, onFault, allowance: createAllowance(), catchups: new Slots(limits.catchUps), keptEvents: limits.keptEvents,
    keptBytes: limits.keptBytes, kept: { bytes: 0, most: limits.keptBytesInAll }, patienceMs: limits.audienceStaleMs,
  };
  const checkServices: CheckServices = { transport, pauseMs, errorPolicy, onFault, slots: new Slots(limits.audienceChecks), staleMs: limits.audienceStaleMs, allowed };
  const owner: StreamOwner = {
    revoked,
    checkAgain(some, since) {
      for (const member of [...some]) if (since === 'refusal' || !member.unchecked) checks.get(member)?.begin();
    },
    retired(stream) {
      if (streams.get(stream.key) === stream) streams.delete(stream.key);
      if (stream.members.size === 0) allStreams.delete(stream);
    },
    rejoin(member, stream) {
      stream.remove(member);
      const { key, principal } = stream;
      (streams.get(key) ?? openStream(member, key, principal)).join(member);
    },
  };

  function operationOf({ engine, prepared, query, operationName }: SubscribeRequest, upstream: Upstream): LiveOperation {
    let operation = operations.get(prepared);
    if (!operation) {
      const { apiSchema, live } = engine.supergraph;
      operation = compileLiveOperation({ text: query, operationName, planned: upstream.request.query, apiSchema, live });
      operations.set(prepared, operation);
    }
    return operation;
  }

  /** For whom the member's stream is opened: everybody, an audience, or its own. */
  function principalOf({ operation: { stream: { audience }, isPrivate }, principal, upstream }: Member, key: string | undefined): Principal {
    if (!audience || isPrivate) return principal;
    return key === undefined ? {} : { audience: { subgraph: upstream.subgraph, key } };
  }

  function begin(member: Member): void {
    if (member.ended) return;
    const request = member.operation.check(member.upstream.request);
    const check = member.operation.stream.audience?.check;
    if (!request || !check) return join(member, undefined);
    // Attached first: a revocation that is seen while the check runs wins over its answer.
    const place = JSON.stringify([member.upstream.subgraph, request]);
    const others = places.get(place) ?? new Set();
    places.set(place, others.add(member));
    member.place = place;
    const asked = new AudienceCheck(checkServices, member, request, check.field);
    checks.set(member, asked);
    asked.begin();
  }

  function allowed(member: Member, { key, position }: Audience): void {
    member.position = position;
    member.held = false;
    member.cleared = member.asked;
    const { stream, refusal } = member;
    if (!stream) {
      // The check began after the client had named its cursor, so there can be no event that it does not know.
      const ahead = member.operation.stream.resume && member.last !== undefined && position !== undefined && (compareCursors(member.last, position) ?? 0) > 0;
      return ahead ? member.failWith('RESYNC_REQUIRED', 'there is no event at this cursor yet: load the present state anew', false) : join(member, key);
    }
    if (stream.key !== keyOf(member, principalOf(member, key))) return move(member, key);
    if (!refusal) return stream.place(member);
    // It left and came back: the stream was refused to who had left. Without any event since it was let in again, the subgraph contradicts itself.
    if (!WITHDRAWN.has(refusal.code ?? '') || member.readmitted === member.last) return member.refuse(refusal);
    member.readmitted = member.last;
    move(member, key);
  }

  const keyOf = ({ request, operation, upstream }: Member, principal: Principal): string =>
    shareKey(request, operation.distinguishing(upstream.variables), principal);

  function move(member: Member, key: string | undefined): void {
    if (!member.operation.stream.resume) return member.failWith('SUBSCRIPTION_RELOADED', 'who may listen has changed: subscribe again', true);
    member.refusal = undefined;
    const { stream } = member;
    join(member, key, () => stream?.remove(member));
  }

  function join(member: Member, audienceKey: string | undefined, leave?: () => void): void {
    const principal = principalOf(member, audienceKey);
    const key = keyOf(member, principal);
    leave?.();
    if (member.operation.stream.resume) member.last ??= member.position;
    const stream = streams.get(key) ?? openStream(member, key, principal);
    stream.join(member);
  }

  function openStream(member: Member, key: string, principal: Principal): Stream {
    const { operation, upstream, requestId } = member;
    const stream = new Stream(services, owner, { key, operation, upstream, principal, requestId, ...startOf(member) });
    streams.set(key, stream);
    allStreams.add(stream);
    return stream;
  }

  /** A client may name a position that has not been reached: who comes later is not to wait for it. */
  function startOf({ operation, last, position }: Member): { after: Cursor | undefined; trusted: boolean } {
    if (!operation.stream.resume || last === undefined) return { after: undefined, trusted: true };
    const order = position === undefined ? undefined : compareCursors(last, position);
    if (order === undefined) return { after: last, trusted: false };
    return { after: order > 0 ? position : last, trusted: true };
  }

  function revoked(users: readonly string[], cursor: Cursor | undefined, { members: listeners }: Stream): void {
    const named = new Set(users);
    const concerned = new Set(listeners);
    // And those whose first check runs. Others at the same place have streams of their own, which tell of what concerns them.
    for (const { place } of listeners) {
      if (place !== undefined) for (const member of places.get(place) ?? []) if (!member.stream) concerned.add(member);
    }
    for (const member of concerned) {
      if (member.principal.userId === undefined || !named.has(member.principal.userId)) continue;
      const check = checks.get(member);
      if (!check) {
        member.failWith('FORBIDDEN', 'you may not listen to this any more', false);
        continue;
      }
      // The event is of the past, and who left may have come back since. Only a check that begins after the event was seen knows.
      if (isUpTo(cursor, member.held ? member.asked : member.cleared)) continue;
      member.asked = later(member.asked, cursor);
      member.held = true;
      member.stream?.place(member);
      check.begin();
    }
  }

  function forget(member: Member): void {
    members.delete(member);
    checks.get(member)?.cancel();
    member.expiry?.set(undefined);
    const { place } = member;
    const others = place === undefined ? undefined : places.get(place);
    others?.delete(member);
    if (place !== undefined && others?.size === 0) places.delete(place);
  }

  function expireAt(member: Member, time: number | undefined): void {
    if (time !== undefined) member.expiry ??= new Alarm(() => expire(member));
    member.expiry?.set(member.ended ? undefined : time);
  }

  const expire = (member: Member): void => member.failWith('TOKEN_EXPIRED', 'the token has expired: subscribe again with a new one', true);

  function reauthorize(member: Member, principal: Principal, expiresAt: number | undefined): void {
    if (member.ended) return;
    member.principal = principal;
    expireAt(member, expiresAt);
    const check = checks.get(member);
    if (check) return check.begin();
    const { stream } = member;
    if (stream && stream.key !== keyOf(member, principalOf(member, undefined))) move(member, undefined);
  }

  /** The same subscription with another engine: undefined when that does not allow it or would ask the subgraph for something else. */
  async function successor({ request, operation, upstream }: Member, engine: Engine, moved?: ReadonlySet<string>): Promise<{ request: SubscribeRequest; operation: LiveOperation; upstream: Upstream } | undefined> {
    try {
      const prepared = await engine.prepare(request.query, request.operationName);
      if (prepared.kind !== 'subscription') return undefined;
      const next = { ...request, engine, prepared };
      const after = engine.upstream(prepared, request.variables);
      const nextOperation = operationOf(next, after);
      // With cursors, the loss of the old connection leads to the new place without a gap.
      if (moved?.has(after.subgraph) === true && !nextOperation.stream.resume) return undefined;
      const asks = (one: LiveOperation, of: Upstream): string =>
        JSON.stringify([of.subgraph, one.request(of.request, undefined), one.check(of.request), one.stream, one.isPrivate]);
      return asks(operation, upstream) === asks(nextOperation, after) ? { request: next, operation: nextOperation, upstream: after } : undefined;
    } catch (error) {
      if (!(error instanceof RequestError)) onFault(error, '');
      return undefined;
    }
  }

  const reloaded = (member: Member): void => member.failWith('SUBSCRIPTION_RELOADED', 'the schema has changed: subscribe again', true);

  async function adopt(member: Member, engine: Engine): Promise<boolean> {
    const next = await successor(member, engine);
    if (next) Object.assign(member, next);
    return next !== undefined;
  }

  return {
    open(request, context, subscriber) {
      const upstream = request.engine.upstream(request.prepared, request.variables);
      const member = new Member(subscriber, request, context, operationOf(request, upstream), upstream);
      const { lastEventId } = request;
      const resume = member.operation.stream.resume;
      if (lastEventId !== undefined && resume) member.last = eventId(lastEventId, resume.type);
      member.onEnd = () => forget(member);
      members.add(member);
      expireAt(member, context.expiresAt);
      // Later, so that nothing is called before this has returned.
      if (latest === undefined || latest === request.engine) queueMicrotask(() => begin(member));
      else void adopt(member, latest).then((known) => (known ? begin(member) : reloaded(member)));
      return handle(member);
    },

    async migrate(engine, spreadMs, moved) {
      latest = engine;
      const lost: Member[] = [];
      for (const stream of [...allStreams]) {
        const [first] = stream.members;
        const next = first && await successor(first, engine, moved);
        if (closed || latest !== engine) return;
        if (next) {
          stream.upstream = next.upstream;
          for (const member of stream.members) Object.assign(member, next, { request: { ...next.request, variables: member.request.variables } });
        } else {
          owner.retired(stream);
          lost.push(...stream.members);
        }
      }
      for (const member of [...members]) {
        if (!member.stream && member.request.engine !== engine && !await adopt(member, engine)) lost.push(member);
      }
      const started = performance.now();
      for (const [index, member] of lost.entries()) {
        const wait = (spreadMs * index) / lost.length - (performance.now() - started);
        if (wait > 1) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, wait);
            wakeSpread = () => {
              clearTimeout(timer);
              resolve();
            };
          });
        }
        if (closed) return;
        if (member.request.engine !== latest) reloaded(member);
      }
    },

    stats() {
      let [upstreams, keptEvents, keptBytes] = [0, 0, 0];
      for (const stream of allStreams) {
        upstreams += stream.upstreams;
        keptEvents += stream.keptEvents;
        keptBytes += stream.keptBytes;
      }
      return { upstreams, subscribers: members.size, keptEvents, keptBytes };
    },

    close() {
      closed = true;
      wakeSpread?.();
      for (const member of [...members]) member.stop();
      for (const stream of [...allStreams]) stream.close();
    },
  };

  function handle(member: Member): Subscription {
    return {
      stop: () => member.stop(),
      resumed() {
        if (!member.full || member.ended) return;
        member.full = false;
        member.stream?.place(member);
      },
      reauthorize: (principal, expiresAt) => reauthorize(member, principal, expiresAt),
      expire: () => expire(member),
      get cursor() { return member.last; },
    };
  }
}

/** Codes by which a subgraph refuses a stream to one who may not listen. */
const WITHDRAWN = new Set(['FORBIDDEN', 'NOT_FOUND']);

function later(a: Cursor | undefined, b: Cursor | undefined): Cursor | undefined {
  return b === undefined || isUpTo(b, a) ? a : b;
}

function isUpTo(cursor: Cursor | undefined, end: Cursor | undefined): boolean {
  return cursor !== undefined && end !== undefined && (compareCursors(cursor, end) ?? 1) <= 0;
}

function eventId(text: string, type: string): Cursor {
  const cursor = cursorArgument(text, type);
  if ((type === 'Int' || type === 'Float') && typeof cursor !== 'number') throw requestError('BAD_USER_INPUT', ['Last-Event-ID is not the id of an event of this subscription.']);
  return cursor;
}
