import { Ring } from './ring.ts';
import type { Cursor, StreamEvent } from './subscriber.ts';

export interface KeptBounds {
  /** Finished events, and bytes of their text, that a stream keeps for those who are behind. */
  readonly keptEvents: number;
  readonly keptBytes: number;
  /** What all streams keep together, and may. */
  readonly kept: { bytes: number; readonly most: number };
}

/** The events that one stream keeps, as many as its own bounds and those of all streams together allow. */
export class KeptEvents extends Ring {
  readonly #bounds: KeptBounds;
  /** The bytes that are part of `kept.bytes`. */
  #counted = 0;

  /** @param floor the position before the first event, where it is known */
  constructor(bounds: KeptBounds, floor: Cursor | undefined) {
    super(floor);
    this.#bounds = bounds;
  }

  override mend(event: StreamEvent): void {
    super.mend(event);
    this.#count();
  }

  /** Forgets the oldest until the bounds hold, but none with the number `needed` or above. */
  shrink(needed: number): void {
    const { keptEvents, keptBytes, kept } = this.#bounds;
    this.trim(keptEvents, Math.min(keptBytes, kept.most - (kept.bytes - this.#counted)), needed);
    this.#count();
  }

  clear(): void {
    this.trim(0, 0, this.end);
    this.#count();
  }

  /** The stream is closed: what it keeps goes with it. */
  release(): void {
    this.#bounds.kept.bytes -= this.#counted;
    this.#counted = 0;
  }

  #count(): void {
    this.#bounds.kept.bytes += this.bytes - this.#counted;
    this.#counted = this.bytes;
  }
}
