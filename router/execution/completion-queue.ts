import type { Answer } from './answer.ts';

/**
 * The largest number of events of one stream that are completed in parallel. If a stream completed only one event at a
 * time, a replay would take one round trip per event.
 */
const MAX_PARALLEL = 16;
/**
 * The largest number of events over all streams that are completed in parallel, not counting the first event of each
 * stream. At this number, each stream completes one event at a time. Without this limit, a burst on thousands of
 * streams would send a subgraph up to sixteen times as many requests and overflow its queue.
 */
const MAX_AHEAD_IN_TOTAL = 256;

/** How many more events may be completed in parallel. The streams of a router share it. */
export interface Allowance {
  left: number;
}
export const createAllowance = (): Allowance => ({ left: MAX_AHEAD_IN_TOTAL });

/** Completes the events of one stream, several in parallel, and delivers the responses in the order of the events. */
export interface CompletionQueue<T> {
  /** Starts to complete an event. Call it only while there is room. */
  push(event: T, complete: () => Promise<Answer>): void;
  /**
   * Whether another event can start now. A stream that completes no event can always start one, so every stream makes
   * progress.
   */
  readonly room: boolean;
  readonly size: number;
  /** Discards all events that are being completed. */
  discard(): void;
}

interface Slot<T> {
  readonly event: T;
  readonly ahead: boolean;
  answer?: Answer;
}

/**
 * Creates the queue of one stream.
 * @param finished called synchronously with each response, in order
 * @param failed called once, as soon as an event could not be completed; all events that are not delivered yet are
 * discarded
 */
export function createCompletionQueue<T>(
  allowance: Allowance,
  finished: (answer: Answer, event: T) => void,
  failed: (error: unknown) => void,
): CompletionQueue<T> {
  let slots: Slot<T>[] = [];

  function deliver(): void {
    for (let first = slots[0]; first?.answer !== undefined; first = slots[0]) {
      slots.shift();
      finished(first.answer, first.event);
    }
  }

  return {
    get room() {
      return slots.length === 0 || (slots.length < MAX_PARALLEL && allowance.left > 0);
    },
    get size() {
      return slots.length;
    },
    push(event, complete) {
      const slot: Slot<T> = { event, ahead: slots.length > 0 };
      if (slot.ahead) allowance.left--;
      slots.push(slot);
      const settle = (): void => {
        if (slot.ahead) allowance.left++;
      };
      complete().then(
        (answer) => {
          settle();
          slot.answer = answer;
          if (slots[0] === slot) deliver();
        },
        (error: unknown) => {
          settle();
          const known = slots.includes(slot);
          slots = [];
          if (known) failed(error);
        },
      );
    },
    discard() {
      slots = [];
    },
  };
}
