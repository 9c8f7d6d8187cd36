import type { GraphQLFormattedError } from 'graphql';
import type { Upstream } from '../engine/engine.ts';
import type { Answer } from '../execution/answer.ts';
import { executionError } from '../execution/errors.ts';
import { unavailable } from '../execution/subgraph-call.ts';
import type { Allowance } from '../execution/subscription.ts';
import { SlowConsumer, SubgraphUnavailable } from '../execution/types.ts';
import type { Principal, RequestContext, SubgraphResult, SubgraphTransport } from '../execution/types.ts';
import { Catchup } from './catchup.ts';
import { compareCursors } from './cursor.ts';
import type { LiveOperation } from './live-operation.ts';
import { TOO_SLOW } from './member.ts';
import type { Member } from './member.ts';
import { Ring } from './ring.ts';
import type { Slots } from './slots.ts';
import { Source } from './source.ts';
import type { SourceEnd, SourceHandler, SourceOptions } from './source.ts';
import type { Cursor, StreamEvent } from './subscriber.ts';

/** What all streams of a router share. */
export interface StreamServices {
  readonly transport: SubgraphTransport;
  readonly allowance: Allowance;
  readonly catchups: Slots;
  /** Finished events, and bytes of their text, that a stream keeps for those who are behind. */
  readonly keptEvents: number;
  readonly keptBytes: number;
  /** What all streams keep together, and may. */
  readonly kept: { bytes: number; readonly most: number };
  readonly patienceMs: number;
  readonly pauseMs: number;
  readonly onFault: (error: unknown, requestId: string) => void;
}

/** What the core does for a stream. */
export interface StreamOwner {
  /** Events said that these users may not listen any more; `cursor` is the event's. */
  revoked(users: readonly string[], cursor: Cursor | undefined, stream: Stream): void;
  /**
   * Whether these may go on listening is asked again (`member.unchecked`), if there is anything to ask. After a loss a question that is under way
   * will do, because what is replayed tells of revocations; after a refusal its answer may be from before.
   */
  checkAgain(members: Iterable<Member>, since: 'loss' | 'refusal'): void;
  /** Takes no new members: it has ended. */
  retired(stream: Stream): void;
  /** The member goes to another stream of the same key. */
  rejoin(member: Member, stream: Stream): void;
}

export interface StreamInit {
  readonly key: string;
  readonly operation: LiveOperation;
  readonly upstream: Upstream;
  readonly principal: Principal;
  readonly requestId: string;
  readonly after: Cursor | undefined;
  /** Whether it is known that the stream is at `after` or has been: a client may have made it up. */
  readonly trusted: boolean;
}

/** How a stream has ended: completed, refused by the subgraph, or failed on the way to it. */
type StreamEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'refused'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly failure: Failure };
interface Failure { readonly error: GraphQLFormattedError; readonly resumable: boolean }

/**
 * One upstream and everybody who listens to it. A member is in one of three ways: live (it gets each event as it is finished), waiting (it is full
 * or held; it goes on from the events that are kept, by number), or catching up (what it misses comes from elsewhere).
 */
export class Stream implements SourceHandler {
  readonly key: string;
  readonly principal: Principal;
  readonly #services: StreamServices;
  readonly #owner: StreamOwner;
  readonly #init: StreamInit;
  readonly #source: Source;
  readonly #abort = new AbortController();
  readonly #members = new Set<Member>();
  readonly #live = new Set<Member>();
  readonly #waiting = new Set<Member>();
  readonly #catchups = new Set<Catchup>();
  readonly #ring: Ring;
  upstream: Upstream;
  #blocked = 0;
  #counted = 0;
  #trusted: boolean;
  #delivered: Cursor | undefined;
  #ending: StreamEnd | undefined;
  #closed = false;

  constructor(services: StreamServices, owner: StreamOwner, init: StreamInit) {
    this.key = init.key;
    this.principal = init.principal;
    this.upstream = init.upstream;
    this.#services = services;
    this.#owner = owner;
    this.#init = init;
    this.#trusted = init.trusted;
    this.#delivered = init.after;
    this.#ring = new Ring(init.after);
    this.#source = new Source({ ...this.#sourceOptions(), after: init.after }, this);
    this.#source.start();
  }

  get operation(): LiveOperation {
    return this.#init.operation;
  }

  get members(): ReadonlySet<Member> {
    return this.#members;
  }

  get keptEvents(): number {
    return this.#ring.size;
  }

  get keptBytes(): number {
    return this.#ring.bytes;
  }

  get upstreams(): number {
    let count = this.#ending || this.#closed ? 0 : 1;
    for (const catchup of this.#catchups) if (catchup.running) count++;
    return count;
  }

  /** It begins after `member.last`; without that, with what comes from now on. */
  join(member: Member): void {
    member.stream = this;
    member.next = undefined;
    this.#members.add(member);
    if (member.last === undefined && (this.#trusted || !this.#resumable)) {
      member.next = this.#ring.end;
      member.last = this.#delivered;
    }
    this.place(member);
  }

  /** Forgets it. The last one that leaves ends the upstream. */
  remove(member: Member): void {
    if (!this.#members.delete(member)) return;
    this.#live.delete(member);
    this.#unblock(member);
    member.stream = undefined;
    member.catchup?.remove(member);
    if (this.#members.size === 0) return this.close();
    this.#source.resume();
    this.#trim();
  }

  /** What it needs next, by number, of the events that are kept; undefined when that is not known or something may be missing. */
  placeAfter(cursor: Cursor): number | undefined {
    return this.#ring.after(cursor);
  }

  /** An event that a catch-up has completed again, or the same from the first time if only that went well. */
  mended(event: StreamEvent): StreamEvent {
    if (event.answer.errors > 0 && event.cursor !== undefined) {
      const whole = this.#ring.whole(event.cursor);
      if (whole) return whole;
    }
    this.#ring.mend(event);
    this.#count();
    return event;
  }

  /** Gives a member what it has missed, as far as it takes that, and finds out how it goes on. */
  place(member: Member): void {
    if (member.ended || member.stream !== this) return;
    if (this.#live.delete(member)) member.next = this.#ring.end;
    if (member.blocked) {
      member.catchup?.remove(member);
      return this.#block(member);
    }
    this.#unblock(member);
    if (member.catchup) return;
    if (member.next === undefined && member.last !== undefined && !this.isAhead(member)) member.next = this.#ring.after(member.last);
    if (member.next === undefined) return this.#ending ? this.#finish(member, this.#ending) : this.#catchUp(member);
    if (member.next < this.#ring.start) return member.failWith('SLOW_CONSUMER', TOO_SLOW, true);
    for (; member.next < this.#ring.end; member.next++) {
      const event = this.#ring.at(member.next) as StreamEvent;
      if (isOld(event, member)) continue;
      const taken = member.subscriber.deliver(event);
      if (member.ended || member.stream !== this) return;
      if (!taken) {
        member.full = true;
        return this.#block(member);
      }
      member.last = event.cursor ?? member.last;
    }
    if (this.#ending) return this.#finish(member, this.#ending);
    this.#live.add(member);
    this.#source.resume();
    this.#trim();
  }

  /** Whether the member names a position that neither this stream has reached nor a check has told: the subgraph is asked whether there is one. */
  isAhead({ last, position }: Member): boolean {
    if (last === undefined || !this.#resumable) return false;
    if (position !== undefined && (compareCursors(last, position) ?? 1) <= 0) return false;
    return this.#delivered === undefined || (compareCursors(last, this.#delivered) ?? 0) > 0;
  }

  forget(catchup: Catchup): void {
    this.#catchups.delete(catchup);
  }

  checkAgain(members: Iterable<Member>): void {
    this.#owner.checkAgain(members, 'loss');
  }

  revoke({ extensions }: SubgraphResult, cursor: Cursor | undefined): void {
    const users = extensions?.['revoked'];
    if (Array.isArray(users)) this.#owner.revoked(users.filter((user) => typeof user === 'string'), cursor, this);
  }

  /**
   * The subgraph refused these. It may be that the stream is not for them any more but one of another key is, so whoever can be asked for again
   * hears of the refusal only when the check gives the same key.
   */
  refuse(members: Iterable<Member>, answer: Answer): void {
    const all = [...members];
    this.#owner.checkAgain(all, 'refusal');
    for (const member of all) {
      if (member.unchecked) member.refusal = answer;
      else member.refuse(answer);
    }
  }

  /** The upstream that one of its catch-ups had was lost for good. */
  fail(members: Iterable<Member>, error: unknown): void {
    const failure = this.#failure(error);
    for (const member of members) member.failBecause(failure.error, failure.resumable);
  }

  /** Ends the upstream; members hear nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#source.close();
    this.#abort.abort();
    for (const catchup of this.#catchups) catchup.close();
    this.#services.kept.bytes -= this.#counted;
    this.#counted = 0;
    this.#owner.retired(this);
  }

  ready(): boolean {
    return this.#members.size > this.#blocked;
  }

  arrived(event: SubgraphResult, cursor: Cursor | undefined): void {
    if (event.data) this.#trusted = true;
    this.revoke(event, cursor);
  }

  finished(answer: Answer, cursor: Cursor | undefined): void {
    if (!answer.data) {
      this.#source.close();
      return this.#end({ kind: 'refused', answer });
    }
    const event: StreamEvent = { answer, cursor };
    const number = this.#ring.end;
    this.#ring.push(event);
    if (cursor !== undefined) this.#delivered = cursor;
    for (const member of this.#live) {
      if (isOld(event, member)) continue;
      if (member.subscriber.deliver(event)) {
        if (cursor !== undefined) member.last = cursor;
      } else if (!member.ended && member.stream === this) {
        this.#live.delete(member);
        member.next = number;
        member.full = true;
        this.#block(member);
      }
    }
    for (const catchup of this.#catchups) catchup.overtaken();
    this.#trim();
  }

  reconnecting(): void {
    this.checkAgain(this.#members);
  }

  ended({ error }: SourceEnd): void {
    this.#end(error === undefined ? { kind: 'complete' } : { kind: 'failed', failure: this.#failure(error) });
  }

  get #resumable(): boolean {
    return this.#init.operation.stream.resume !== undefined;
  }

  #failure(error: unknown): Failure {
    if (error instanceof SlowConsumer) return { error: executionError(error.code, error.message, undefined), resumable: true };
    if (error instanceof SubgraphUnavailable) return { error: unavailable(this.upstream.subgraph, undefined), resumable: true };
    this.#services.onFault(error, this.#init.requestId);
    return { error: executionError('INTERNAL', 'internal error; the request id finds it in the log', undefined), resumable: false };
  }

  #end(ending: StreamEnd): void {
    if (this.#ending) return;
    this.#ending = ending;
    this.#owner.retired(this);
    if (ending.kind === 'refused') this.#owner.checkAgain(this.#members, 'refusal');
    // A cursor that its client has made up is not the end of the others.
    const { after } = this.#init;
    if (ending.kind === 'refused' && ending.answer.code === 'RESYNC_REQUIRED' && !this.#trusted && after !== undefined) {
      for (const member of [...this.#members]) if (member.last === undefined || compareCursors(member.last, after) !== 0) this.#owner.rejoin(member, this);
    }
    for (const member of this.#members) if (!member.blocked) this.place(member);
  }

  /** For one who has had everything that there was. */
  #finish(member: Member, ending: StreamEnd): void {
    if (ending.kind === 'complete') member.complete();
    else if (ending.kind === 'failed') member.failBecause(ending.failure.error, ending.failure.resumable);
    else if (member.unchecked) member.refusal = ending.answer;
    else member.refuse(ending.answer);
  }

  #block(member: Member): void {
    if (this.#waiting.has(member)) return;
    this.#waiting.add(member);
    this.#blocked++;
  }

  #unblock(member: Member): void {
    if (!this.#waiting.delete(member)) return;
    this.#blocked--;
    this.#source.resume();
  }

  #trim(): void {
    if (this.#ring.size === 0) return;
    const { keptEvents, keptBytes, kept } = this.#services;
    const before = this.#ring.bytes;
    if (!this.#resumable && this.#waiting.size === 0) this.#ring.trim(0, 0, this.#ring.end);
    else this.#ring.trim(keptEvents, Math.min(keptBytes, kept.most - (kept.bytes - this.#counted)), this.#needed());
    this.#count();
    if (before === this.#ring.bytes) return;
    for (const member of this.#waiting) {
      if (member.next === undefined || member.next >= this.#ring.start) continue;
      if (member.full || !this.#resumable) member.failWith('SLOW_CONSUMER', TOO_SLOW, true);
      else member.next = undefined; // held only: it gets what it misses by catching up
    }
  }

  /** While nobody takes anything the upstream is paused; what the first of the waiting needs next is not forgotten then, it is little. */
  #needed(): number {
    if (this.#members.size > this.#blocked) return this.#ring.end;
    let needed = this.#ring.start;
    for (const { next } of this.#waiting) if (next !== undefined && next > needed) needed = next;
    return needed;
  }

  #count(): void {
    this.#services.kept.bytes += this.#ring.bytes - this.#counted;
    this.#counted = this.#ring.bytes;
  }

  #catchUp(member: Member): void {
    const ahead = this.isAhead(member);
    for (const catchup of this.#catchups) if (catchup.admits(member, ahead)) return catchup.add(member);
    const catchup = new Catchup(this, this.#sourceOptions(), member.last, ahead);
    this.#catchups.add(catchup);
    catchup.add(member);
    catchup.start((run) => this.#services.catchups.enter(run));
    this.#source.resume();
  }

  #sourceOptions(): Omit<SourceOptions, 'after'> {
    const { transport, allowance, patienceMs, pauseMs } = this.#services;
    const { operation, requestId } = this.#init;
    const context: RequestContext = { requestId, principal: this.principal, signal: this.#abort.signal };
    return {
      open: (after) => transport.subscribe(this.upstream.subgraph, operation.request(this.upstream.request, after), context),
      take: (event) => operation.take(event),
      complete: (event) => this.upstream.complete(event, context),
      resumable: this.#resumable,
      allowance, patienceMs, pauseMs,
    };
  }
}

/** Whether the member has had it: one may join with a cursor that the stream has not reached yet. */
function isOld({ cursor }: StreamEvent, { last }: Member): boolean {
  if (cursor === undefined || last === undefined) return false;
  if (typeof cursor === 'number' && typeof last === 'number') return cursor <= last;
  return (compareCursors(cursor, last) ?? 1) <= 0;
}
