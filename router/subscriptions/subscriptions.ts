import type { Limits } from '../config/limits.ts';
import type { LogPort } from '../config/observers.ts';
import type { ErrorPolicy } from '../execution/errors.ts';
import { createAllowance } from '../execution/completion-queue.ts';
import type { SubgraphTransport } from '../execution/types.ts';
import { requestError } from '../operation/request-error.ts';
import { Alarm } from '../time/alarm.ts';
import { cursorArgument } from './cursor.ts';
import { Member } from './member.ts';
import { Permissions } from './permissions.ts';
import { Slots } from './slots.ts';
import { Streams } from './streams.ts';
import type { Cursor, Subscription, Subscriptions } from './subscriber.ts';
import { EngineMigration } from './engine-migration.ts';

export interface SubscriptionOptions {
  readonly transport: SubgraphTransport;
  readonly limits: Pick<
    Limits,
    'keptEvents' | 'keptBytes' | 'keptBytesInAll' | 'catchUps' | 'audienceChecks' | 'audienceStaleMs'
  >;
  readonly log?: LogPort | undefined;
  /** Decides which parts of errors clients see. Absent: clients see the errors unchanged. */
  readonly errorPolicy?: ErrorPolicy | undefined;
  /** The longest pause before the first attempt to resume a lost upstream, in milliseconds. Default 200. */
  readonly pauseMs?: number;
}

export function createSubscriptions({
  transport,
  limits,
  log,
  errorPolicy,
  pauseMs = 200,
}: SubscriptionOptions): Subscriptions {
  const members = new Set<Member>();
  const onFault = (error: unknown, requestId: string): void =>
    log?.error('a subscription failed unexpectedly', {
      requestId,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  const streams: Streams = new Streams(
    {
      transport,
      pauseMs,
      onFault,
      allowance: createAllowance(),
      catchups: new Slots(limits.catchUps),
      keptEvents: limits.keptEvents,
      keptBytes: limits.keptBytes,
      kept: { bytes: 0, most: limits.keptBytesInAll },
      patienceMs: limits.audienceStaleMs,
    },
    {
      revoked: (users, cursor, stream) => permissions.revoked(users, cursor, stream),
      checkAgain: (some, since) => permissions.checkAgain(some, since),
    },
  );
  const permissions = new Permissions(
    {
      transport,
      pauseMs,
      errorPolicy,
      onFault,
      slots: new Slots(limits.audienceChecks),
      staleMs: limits.audienceStaleMs,
    },
    streams,
  );
  const succession = new EngineMigration(members, streams, onFault);

  function forget(member: Member): void {
    members.delete(member);
    permissions.forget(member);
    member.expiry?.set(undefined);
  }

  function expireAt(member: Member, time: number | undefined): void {
    if (time !== undefined) member.expiry ??= new Alarm(() => expire(member));
    member.expiry?.set(member.ended ? undefined : time);
  }

  const expire = (member: Member): void =>
    member.failWith('TOKEN_EXPIRED', 'the token has expired: subscribe again with a new one', true);

  const handle = (member: Member): Subscription => ({
    stop: () => member.stop(),
    resumed() {
      if (!member.full || member.ended) return;
      member.full = false;
      member.stream?.advance(member);
    },
    reauthorize(principal, expiresAt) {
      if (member.ended) return;
      member.principal = principal;
      expireAt(member, expiresAt);
      permissions.reauthorize(member);
    },
    expire: () => expire(member),
    get cursor() {
      return member.last;
    },
  });

  return {
    open(request, context, subscriber) {
      const upstream = request.engine.upstream(request.prepared, request.variables);
      const member = new Member(subscriber, request, context, succession.operationOf(request, upstream), upstream);
      const { lastEventId } = request;
      const resume = member.operation.stream.resume;
      if (lastEventId !== undefined && resume) member.last = eventId(lastEventId, resume.type);
      member.onEnd = () => forget(member);
      members.add(member);
      expireAt(member, context.expiresAt);
      // Asynchronous, so that no subscriber method is called before `open` has returned.
      succession.start(member, (ready) => permissions.begin(ready));
      return handle(member);
    },
    migrate: (engine, spreadMs, moved) => succession.migrate(engine, spreadMs, moved),
    stats() {
      let [upstreams, keptEvents, keptBytes] = [0, 0, 0];
      for (const stream of streams) {
        upstreams += stream.upstreams;
        keptEvents += stream.keptEvents;
        keptBytes += stream.keptBytes;
      }
      return { upstreams, subscribers: members.size, keptEvents, keptBytes };
    },
    close() {
      succession.close();
      for (const member of [...members]) member.stop();
      streams.close();
    },
  };
}

function eventId(text: string, type: string): Cursor {
  const cursor = cursorArgument(text, type);
  if ((type === 'Int' || type === 'Float') && typeof cursor !== 'number')
    throw requestError('BAD_USER_INPUT', ['Last-Event-ID is not the id of an event of this subscription.']);
  return cursor;
}
