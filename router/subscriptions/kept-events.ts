import { Ring } from './ring.ts';
import type { Cursor, StreamEvent } from './subscriber.ts';

export interface KeptBounds {
  /**
   * The largest number of finished events, and bytes of their text, that a stream keeps for members that lag. Above a
   * limit the stream evicts the oldest events. A member that still needs one of them ends with SLOW_CONSUMER or, if it
   * was only held, gets a catch-up.
   */
  readonly keptEvents: number;
  readonly keptBytes: number;
  /** The bytes that all streams keep together, and the limit for them. */
  readonly kept: { bytes: number; readonly most: number };
}

/**
 * The events that one stream keeps. The stream's own limits and the limit for all streams bound them, except for events
 * that a member still needs (`shrink`).
 */
export class KeptEvents extends Ring {
  readonly #bounds: KeptBounds;
  /** How many bytes of this stream are included in `kept.bytes`. */
  #counted = 0;

  /** @param floor the position before the first event, if known */
  constructor(bounds: KeptBounds, floor: Cursor | undefined) {
    super(floor);
    this.#bounds = bounds;
  }

  override replaceFlawed(event: StreamEvent): void {
    super.replaceFlawed(event);
    this.#count();
  }

  /**
   * Evicts the oldest events until the limits hold. Keeps all events from number `needed` on, even above the limits.
   */
  shrink(needed: number): void {
    const { keptEvents, keptBytes, kept } = this.#bounds;
    this.trim(keptEvents, Math.min(keptBytes, kept.most - (kept.bytes - this.#counted)), needed);
    this.#count();
  }

  clear(): void {
    this.trim(0, 0, this.end);
    this.#count();
  }

  /** The stream is closed. Subtracts its bytes from the total. */
  release(): void {
    this.#bounds.kept.bytes -= this.#counted;
    this.#counted = 0;
  }

  #count(): void {
    this.#bounds.kept.bytes += this.bytes - this.#counted;
    this.#counted = this.bytes;
  }
}
