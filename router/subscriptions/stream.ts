import type { Upstream } from '../engine/engine.ts';
import type { Answer } from '../execution/answer.ts';
import type { Allowance } from '../execution/completion-queue.ts';
import type { Principal, RequestContext, SubgraphResult, SubgraphTransport } from '../execution/types.ts';
import type { CatchupStream } from './catchup.ts';
import { Catchups } from './catchups.ts';
import { compareCursors } from './cursor.ts';
import { KeptEvents } from './kept-events.ts';
import type { KeptBounds } from './kept-events.ts';
import type { LiveOperation } from './live-operation.ts';
import { TOO_SLOW } from './member.ts';
import type { Member } from './member.ts';
import type { Slots } from './slots.ts';
import { Source } from './source.ts';
import type { SourceEnd, SourceHandler, SourceOptions } from './source.ts';
import { failureOf, endMember } from './stream-end.ts';
import type { Failure, StreamEnd } from './stream-end.ts';
import type { StreamOwner } from './stream-owner.ts';
import type { Cursor, StreamEvent } from './subscriber.ts';

/** What all streams of a router share. */
export interface StreamServices extends KeptBounds {
  readonly transport: SubgraphTransport;
  readonly allowance: Allowance;
  readonly catchups: Slots;
  readonly patienceMs: number;
  readonly pauseMs: number;
  readonly onFault: (error: unknown, requestId: string) => void;
}

export interface StreamInit {
  readonly key: string;
  readonly operation: LiveOperation;
  readonly upstream: Upstream;
  readonly principal: Principal;
  readonly requestId: string;
  readonly after: Cursor | undefined;
  /** Whether the stream is known to have reached `after`. Otherwise a client may have invented the cursor. */
  readonly trusted: boolean;
}

/**
 * One upstream and its members. A member is in one of three states. Live: it gets each event as soon as the router has
 * completed it. Waiting: it is full or held, and will continue from the kept events. If its next event is not kept any
 * more, a held member of a stream with cursors gets a catch-up, and every other member ends with SLOW_CONSUMER.
 * Catching up: a temporary upstream delivers what it missed.
 */
export class Stream implements SourceHandler, CatchupStream {
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
  readonly #catchups: Catchups;
  readonly #kept: KeptEvents;
  upstream: Upstream;
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
    this.#kept = new KeptEvents(services, init.after);
    const options = this.#sourceOptions();
    this.#catchups = new Catchups(this, services.catchups, options);
    this.#source = new Source({ ...options, after: init.after }, this);
    this.#source.start();
  }

  get operation(): LiveOperation {
    return this.#init.operation;
  }

  get members(): ReadonlySet<Member> {
    return this.#members;
  }

  get keptEvents(): number {
    return this.#kept.size;
  }

  get keptBytes(): number {
    return this.#kept.bytes;
  }

  get upstreams(): number {
    return (this.#ending || this.#closed ? 0 : 1) + this.#catchups.running;
  }

  /**
   * Adds a member. It starts after `member.last`. Without that it starts from now, or where the subgraph starts a
   * stream without a cursor.
   */
  join(member: Member): void {
    member.stream = this;
    member.next = undefined;
    this.#members.add(member);
    if (member.last === undefined && (this.#trusted || !this.#resumable)) {
      member.next = this.#kept.end;
      member.last = this.#delivered;
    }
    this.advance(member);
  }

  /** Removes a member. When the last one leaves, the upstream ends. */
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

  /**
   * The number of the first event after the cursor. The event may be kept, or it has not arrived yet. Undefined if the
   * cursor's place among the kept events is unknown, if events between may be missing, or if a kept event after the
   * cursor has errors that may be temporary.
   */
  numberAfter(cursor: Cursor): number | undefined {
    return this.#kept.after(cursor);
  }

  /**
   * Offers an event that a catch-up has completed a second time. Returns the one to deliver: the kept event if only
   * that is free of errors, otherwise the offered one.
   */
  repaired(event: StreamEvent): StreamEvent {
    if (event.answer.errors > 0 && event.cursor !== undefined) {
      const whole = this.#kept.withoutErrors(event.cursor);
      if (whole) return whole;
    }
    this.#kept.replaceFlawed(event);
    return event;
  }

  /**
   * Delivers to a member what it has missed, until its client accepts no more. Then decides how the member continues.
   */
  advance(member: Member): void {
    if (member.ended || member.stream !== this) return;
    if (this.#live.delete(member)) member.next = this.#kept.end;
    if (member.blocked) {
      member.catchup?.remove(member);
      return void this.#waiting.add(member);
    }
    this.#unblock(member);
    if (member.catchup) return;
    if (member.next === undefined && member.last !== undefined && !this.isAhead(member))
      member.next = this.#kept.after(member.last);
    if (member.next === undefined) return this.#ending ? endMember(member, this.#ending) : this.#catchUp(member);
    if (member.next < this.#kept.start) return member.failWith('SLOW_CONSUMER', TOO_SLOW, true);
    for (; member.next < this.#kept.end; member.next++) {
      const event = this.#kept.at(member.next) as StreamEvent;
      if (isOld(event, member)) continue;
      const taken = member.subscriber.deliver(event);
      if (member.ended || member.stream !== this) return;
      if (!taken) {
        member.full = true;
        return void this.#waiting.add(member);
      }
      member.last = event.cursor ?? member.last;
    }
    if (this.#ending) return endMember(member, this.#ending);
    this.#live.add(member);
    this.#source.resume();
    this.#trim();
  }

  /**
   * Whether the member's cursor may not exist: this stream has not reached it, and no check has reported it. A catch-up
   * then asks the subgraph.
   */
  isAhead({ last, position }: Member): boolean {
    if (last === undefined || !this.#resumable) return false;
    if (position !== undefined && (compareCursors(last, position) ?? 1) <= 0) return false;
    return this.#delivered === undefined || (compareCursors(last, this.#delivered) ?? 0) > 0;
  }

  checkAgain(members: Iterable<Member>): void {
    this.#owner.checkAgain(members, 'loss');
  }

  revoke({ extensions }: SubgraphResult, cursor: Cursor | undefined): void {
    const users = extensions?.['revoked'];
    if (Array.isArray(users))
      this.#owner.revoked(
        users.filter((user) => typeof user === 'string'),
        cursor,
        this,
      );
  }

  /**
   * The subgraph refused the upstream of these members. Perhaps only the stream's key has changed for them. So a member
   * that can be checked waits for the check, which ends it or moves it to another stream. Other members get the refusal
   * now.
   */
  refuse(members: Iterable<Member>, answer: Answer): void {
    const all = [...members];
    this.#owner.checkAgain(all, 'refusal');
    for (const member of all) {
      if (member.unchecked) member.refusal = answer;
      else member.refuse(answer);
    }
  }

  /** The upstream of a catch-up was lost for good. `members` were the members of this catch-up. */
  fail(members: Iterable<Member>, error: unknown): void {
    const failure = this.#failure(error);
    for (const member of members) member.failBecause(failure.error, failure.resumable);
  }

  /** Ends the upstream without notifying the members. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#source.close();
    this.#abort.abort();
    this.#catchups.close();
    this.#kept.release();
    this.#owner.retired(this);
  }

  ready(): boolean {
    return this.#members.size > this.#waiting.size;
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
    const number = this.#kept.end;
    this.#kept.push(event);
    if (cursor !== undefined) this.#delivered = cursor;
    for (const member of this.#live) {
      if (isOld(event, member)) continue;
      if (member.subscriber.deliver(event)) {
        if (cursor !== undefined) member.last = cursor;
      } else if (!member.ended && member.stream === this) {
        this.#live.delete(member);
        member.next = number;
        member.full = true;
        this.#waiting.add(member);
      }
    }
    this.#catchups.streamAdvanced();
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
    return failureOf(error, this.upstream.subgraph, (fault) => this.#services.onFault(fault, this.#init.requestId));
  }

  #end(ending: StreamEnd): void {
    if (this.#ending) return;
    this.#ending = ending;
    this.#owner.retired(this);
    if (ending.kind === 'refused') this.#owner.checkAgain(this.#members, 'refusal');
    // A client may have invented the cursor from which this stream started. In that case only the members with this
    // cursor get RESYNC_REQUIRED. All others move to a new stream.
    const { after } = this.#init;
    if (
      ending.kind === 'refused' &&
      ending.answer.code === 'RESYNC_REQUIRED' &&
      !this.#trusted &&
      after !== undefined
    ) {
      for (const member of [...this.#members])
        if (member.last === undefined || compareCursors(member.last, after) !== 0) this.#owner.rejoin(member, this);
    }
    for (const member of this.#members) if (!member.blocked) this.advance(member);
  }

  #unblock(member: Member): void {
    if (this.#waiting.delete(member)) this.#source.resume();
  }

  #trim(): void {
    if (this.#kept.size === 0) return;
    const before = this.#kept.bytes;
    if (!this.#resumable && this.#waiting.size === 0) this.#kept.clear();
    else this.#kept.shrink(this.#needed());
    if (before === this.#kept.bytes) return;
    for (const member of this.#waiting) {
      if (member.next === undefined || member.next >= this.#kept.start) continue;
      if (member.full || !this.#resumable) member.failWith('SLOW_CONSUMER', TOO_SLOW, true);
      else member.next = undefined; // The member is only held. It will get what it missed from a catch-up.
    }
  }

  /**
   * Events from this number on must be kept, even beyond the limits. Usually there are none. While no member takes
   * events, the upstream is paused, so only a few more events arrive. The stream then keeps what the most advanced
   * waiting member needs next.
   */
  #needed(): number {
    if (this.ready()) return this.#kept.end;
    let needed = this.#kept.start;
    for (const { next } of this.#waiting) if (next !== undefined && next > needed) needed = next;
    return needed;
  }

  #catchUp(member: Member): void {
    this.#catchups.take(member);
    this.#source.resume();
  }

  #sourceOptions(): Omit<SourceOptions, 'after'> {
    const { transport, allowance, patienceMs, pauseMs } = this.#services;
    const { operation, requestId } = this.#init;
    const context: RequestContext = { requestId, principal: this.principal, signal: this.#abort.signal };
    return {
      open: (after) =>
        transport.subscribe(this.upstream.subgraph, operation.request(this.upstream.request, after), context),
      takeCursor: (event) => operation.takeCursor(event),
      complete: (event) => this.upstream.complete(event, context),
      resumable: this.#resumable,
      allowance,
      patienceMs,
      pauseMs,
    };
  }
}

/** Whether the member already has the event. A member may join with a cursor that the stream has not reached yet. */
function isOld({ cursor }: StreamEvent, { last }: Member): boolean {
  if (cursor === undefined || last === undefined) return false;
  if (typeof cursor === 'number' && typeof last === 'number') return cursor <= last;
  return (compareCursors(cursor, last) ?? 1) <= 0;
}
