import type { Answer } from '../execution/answer.ts';
import type { SubgraphResult } from '../execution/types.ts';
import { compareCursors } from './cursor.ts';
import type { Member } from './member.ts';
import { Source } from './source.ts';
import type { SourceEnd, SourceHandler, SourceOptions } from './source.ts';
import type { Cursor, StreamEvent } from './subscriber.ts';

/** The shared stream beside which a catch-up runs. */
export interface CatchupStream {
  /**
   * The number of the first event after the cursor. The event may be kept, or it has not arrived yet. Undefined if the
   * cursor's place among the kept events is unknown, if events between may be missing, or if a kept event after the
   * cursor has errors that may be temporary.
   */
  numberAfter(cursor: Cursor): number | undefined;
  /**
   * Offers an event that was completed a second time. Returns the one to deliver: the kept event if only that is free
   * of errors, otherwise the offered one.
   */
  repaired(event: StreamEvent): StreamEvent;
  /** Decides how a member that has left a catch-up continues. */
  advance(member: Member): void;
  /** Whether the member's cursor may not exist: this stream has not reached it, and no check has reported it. */
  isAhead(member: Member): boolean;
  /** Starts a check of these members' rights, because their upstream was lost and will be resumed. */
  checkAgain(members: Iterable<Member>): void;
  revoke(event: SubgraphResult, cursor: Cursor | undefined): void;
  /** The subgraph refused the upstream of these members. */
  refuse(members: Iterable<Member>, answer: Answer): void;
  /** The upstream of these members was lost for good. */
  fail(members: Iterable<Member>, error: unknown): void;
}

/**
 * A temporary upstream beside a shared one, for members that missed events which the shared stream no longer keeps. It
 * starts after the oldest cursor of its members. A member switches to the shared stream as soon as the shared stream
 * keeps the next event that the member needs. A member whose client accepts no event leaves the catch-up, so it does
 * not block the others.
 *
 * A catch-up also handles a cursor that the shared stream has not reached. Only the subgraph knows whether there is an
 * event with this cursor.
 */
export class Catchup implements SourceHandler {
  readonly #stream: CatchupStream;
  readonly #options: Omit<SourceOptions, 'after'>;
  readonly #members = new Set<Member>();
  #source: Source | undefined;
  #release: (() => void) | undefined;
  /** The cursor of the last delivered event. Before the first event: where the catch-up starts. */
  #delivered: Cursor | undefined;
  #closed = false;
  /**
   * Whether this catch-up starts at a cursor that the shared stream has not reached. If so, it takes only members with
   * exactly this cursor.
   */
  readonly #ahead: boolean;
  readonly #onClosed: () => void;

  constructor(
    stream: CatchupStream,
    options: Omit<SourceOptions, 'after'>,
    after: Cursor | undefined,
    ahead: boolean,
    onClosed: () => void,
  ) {
    this.#ahead = ahead;
    this.#onClosed = onClosed;
    this.#stream = stream;
    this.#options = options;
    this.#delivered = after;
  }

  get running(): boolean {
    return this.#source !== undefined;
  }

  /**
   * Whether the catch-up will still deliver everything that the member needs. Before its upstream starts, the catch-up
   * may move its start back to the member's cursor.
   */
  accepts(member: Member, ahead: boolean): boolean {
    if (this.#closed || ahead !== this.#ahead) return false;
    if (member.last === undefined || this.#delivered === undefined)
      return member.last === undefined && this.#delivered === undefined;
    const order = compareCursors(member.last, this.#delivered);
    if (order === undefined || (order !== 0 && ahead) || (order < 0 && this.#source)) return false;
    if (order < 0) this.#delivered = member.last;
    return true;
  }

  add(member: Member): void {
    member.catchup = this;
    this.#members.add(member);
  }

  remove(member: Member): void {
    member.catchup = undefined;
    this.#members.delete(member);
    if (this.#members.size === 0) this.close();
  }

  /** Starts the upstream when one of the slots for catch-ups is free. */
  start(enter: (run: () => void) => () => void): void {
    this.#release = enter(() => {
      if (this.#closed) return;
      this.#source = new Source({ ...this.#options, after: this.#delivered }, this);
      this.#source.start();
    });
    if (this.#closed) this.#release();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#source?.close();
    this.#release?.();
    this.#onClosed();
  }

  /** The shared stream has advanced. Members whose cursor it has now reached switch to it. */
  streamAdvanced(): void {
    if (!this.#ahead) return;
    for (const member of [...this.#members]) {
      if (
        this.#stream.isAhead(member) ||
        member.last === undefined ||
        this.#stream.numberAfter(member.last) === undefined
      )
        continue;
      this.remove(member);
      this.#stream.advance(member);
    }
  }

  ready(): boolean {
    return true;
  }

  arrived(event: SubgraphResult, cursor: Cursor | undefined): void {
    this.#stream.revoke(event, cursor);
  }

  finished(answer: Answer, cursor: Cursor | undefined): void {
    if (!answer.data) {
      const members = this.#leaveAll();
      return this.#stream.refuse(members, answer);
    }
    const event = this.#stream.repaired({ answer, cursor });
    if (cursor !== undefined) this.#delivered = cursor;
    const next = cursor === undefined ? undefined : this.#stream.numberAfter(cursor);
    for (const member of this.#members) {
      const has = cursor !== undefined && member.last !== undefined && (compareCursors(cursor, member.last) ?? 1) <= 0;
      if (!has && !member.subscriber.deliver(event)) {
        if (member.ended) continue;
        this.remove(member);
        member.full = true;
        this.#stream.advance(member);
      } else if (!member.ended) {
        if (!has && cursor !== undefined) member.last = cursor;
        if (next === undefined) continue;
        this.remove(member);
        member.next = next;
        this.#stream.advance(member);
      }
    }
  }

  reconnecting(): void {
    this.#stream.checkAgain(this.#members);
  }

  ended({ error }: SourceEnd): void {
    const members = this.#leaveAll();
    if (error !== undefined) return this.#stream.fail(members, error);
    for (const member of members) member.complete();
  }

  #leaveAll(): Member[] {
    const members = [...this.#members];
    for (const member of members) this.remove(member);
    this.close();
    return members;
  }
}
