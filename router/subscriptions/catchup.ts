import type { Answer } from '../execution/answer.ts';
import type { SubgraphResult } from '../execution/types.ts';
import { compareCursors } from './cursor.ts';
import type { Member } from './member.ts';
import { Source } from './source.ts';
import type { SourceEnd, SourceHandler, SourceOptions } from './source.ts';
import type { Cursor, StreamEvent } from './subscriber.ts';

/** The shared stream that a catch-up is beside. */
export interface CatchupStream {
  /**
   * What comes after the cursor, by number, of the events that it keeps; undefined when that is not known or something
   * may be missing.
   */
  placeAfter(cursor: Cursor): number | undefined;
  /** An event that was completed again, or the same from the first time if only that went well. */
  mended(event: StreamEvent): StreamEvent;
  /** Finds out how a member goes on that has left. */
  place(member: Member): void;
  /** Whether the member names a position that neither this stream has reached nor a check has told. */
  isAhead(member: Member): boolean;
  /** An upstream was lost and is asked again. */
  checkAgain(members: Iterable<Member>): void;
  revoke(event: SubgraphResult, cursor: Cursor | undefined): void;
  /** The subgraph refused these. */
  refuse(members: Iterable<Member>, answer: Answer): void;
  /** The upstream of these was lost for good. */
  fail(members: Iterable<Member>, error: unknown): void;
}

/**
 * An upstream beside a shared one, for those who have missed what the shared one does not keep any more: it begins
 * after the oldest cursor, and each goes over to the shared stream as soon as that has what comes next. One who does
 * not take an event leaves it, so that the others go on.
 *
 * It also asks the subgraph about a cursor that the shared stream has not reached: whether there is such an event, only
 * the subgraph knows.
 */
export class Catchup implements SourceHandler {
  readonly #stream: CatchupStream;
  readonly #options: Omit<SourceOptions, 'after'>;
  readonly #members = new Set<Member>();
  #source: Source | undefined;
  #release: (() => void) | undefined;
  /** Of the last event that was delivered; before that, where it begins. */
  #delivered: Cursor | undefined;
  #closed = false;
  /** It begins where the shared stream has not been: for this very cursor only. */
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

  /** Takes the member in when everything that it needs is still to come here. */
  admits(member: Member, ahead: boolean): boolean {
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

  /** Waits for one of the places that catching up has. */
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

  /** The shared stream has gone on: who was ahead of it may not be any more. */
  overtaken(): void {
    if (!this.#ahead) return;
    for (const member of [...this.#members]) {
      if (
        this.#stream.isAhead(member) ||
        member.last === undefined ||
        this.#stream.placeAfter(member.last) === undefined
      )
        continue;
      this.remove(member);
      this.#stream.place(member);
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
    const event = this.#stream.mended({ answer, cursor });
    if (cursor !== undefined) this.#delivered = cursor;
    const next = cursor === undefined ? undefined : this.#stream.placeAfter(cursor);
    for (const member of this.#members) {
      const has = cursor !== undefined && member.last !== undefined && (compareCursors(cursor, member.last) ?? 1) <= 0;
      if (!has && !member.subscriber.deliver(event)) {
        if (member.ended) continue;
        this.remove(member);
        member.full = true;
        this.#stream.place(member);
      } else if (!member.ended) {
        if (!has && cursor !== undefined) member.last = cursor;
        if (next === undefined) continue;
        this.remove(member);
        member.next = next;
        this.#stream.place(member);
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
