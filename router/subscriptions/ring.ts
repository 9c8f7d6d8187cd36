import { compareCursors } from './cursor.ts';
import type { Cursor, StreamEvent } from './subscriber.ts';

/** Matches a response with a temporary error: a service could not answer. */
const TEMPORARY_ERROR = /"code":"UNAVAILABLE"/;

/**
 * A ring buffer of the last finished events of a stream, by number. Number 0 is the first event that the stream ever
 * had.
 */
export class Ring {
  #events: StreamEvent[] = [];
  #head = 0;
  #first = 0;
  #bytes = 0;
  #floor: Cursor | undefined;
  /** The numbers, ascending, of events whose responses have errors that may be temporary. */
  readonly #flawed: number[] = [];

  /** @param floor the position before the first event, if known */
  constructor(floor: Cursor | undefined) {
    this.#floor = floor;
  }

  /** The number of the oldest kept event. */
  get start(): number {
    return this.#first;
  }

  /** The number of the next event. */
  get end(): number {
    return this.#first + this.size;
  }

  get size(): number {
    return this.#events.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(event: StreamEvent): void {
    if (event.answer.errors > 0) this.#flawed.push(this.end);
    this.#events.push(event);
    this.#bytes += event.answer.text.length;
  }

  /**
   * Replaces a kept event that had errors by the same event, completed again for a lagging member. If it has errors
   * again, they count as permanent, except for those with the code UNAVAILABLE.
   */
  replaceFlawed(event: StreamEvent): void {
    const index = this.#flawed.findIndex((number) => this.at(number)?.cursor === event.cursor);
    const number = this.#flawed[index];
    if (number === undefined || event.cursor === undefined) return;
    this.#bytes += event.answer.text.length - (this.at(number)?.answer.text.length ?? 0);
    this.#events[this.#head + number - this.#first] = event;
    if (event.answer.errors === 0 || !TEMPORARY_ERROR.test(event.answer.text)) this.#flawed.splice(index, 1);
  }

  /** The event at the cursor, if it is kept and has no errors. */
  withoutErrors(cursor: Cursor): StreamEvent | undefined {
    const event = this.#events.findLast((one) => one?.cursor === cursor);
    return event?.answer.errors === 0 ? event : undefined;
  }

  at(number: number): StreamEvent | undefined {
    return this.#events[this.#head + number - this.#first];
  }

  /**
   * Evicts the oldest events until both limits hold. Keeps all events from number `needed` on, even above the limits.
   */
  trim(events: number, bytes: number, needed: number): void {
    while (this.size > 0 && this.#first < needed && (this.size > events || this.#bytes > bytes)) {
      const oldest = this.#events[this.#head] as StreamEvent;
      this.#events[this.#head++] = undefined as unknown as StreamEvent;
      this.#first++;
      this.#bytes -= oldest.answer.text.length;
      this.#floor = oldest.cursor;
    }
    while (this.#flawed.length > 0 && (this.#flawed[0] as number) < this.#first) this.#flawed.shift();
    if (this.#head > 32 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }

  /**
   * The number of the first event after the cursor. The event may be kept, or it has not arrived yet. Undefined when
   * events after the cursor may be missing here, or when a kept event after it has errors that may be temporary and
   * must be completed again.
   */
  after(cursor: Cursor): number | undefined {
    const next = this.#numberAfter(cursor);
    return next !== undefined && (this.#flawed.at(-1) ?? -1) >= next ? undefined : next;
  }

  #numberAfter(cursor: Cursor): number | undefined {
    const floor = this.#floor ?? this.at(this.#first)?.cursor;
    if (floor === undefined) return undefined;
    const order = compareCursors(cursor, floor);
    if (order !== undefined && order < 0) return undefined;
    let next = this.end;
    for (let number = this.end - 1; number >= this.#first; number--) {
      const known = this.at(number)?.cursor;
      if (known === undefined) continue; // This event failed and has no cursor. It keeps its place among the others.
      const compared = compareCursors(known, cursor);
      if (compared !== undefined && compared <= 0) return next;
      next = number;
    }
    // All kept events are newer than the cursor, or cannot be compared with it. If even the floor cannot be compared
    // with it, events between the cursor and the first kept event may be missing.
    return order === undefined ? undefined : next;
  }
}
