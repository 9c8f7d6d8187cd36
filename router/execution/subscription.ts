import type { Answer } from './answer.ts';

/** Events of one stream that are completed at once: a replay is then not one round trip per event. */
const AT_ONCE = 16;
/**
 * Of those, beyond the first of each stream, over all streams. A burst on thousands of streams would otherwise ask a
 * subgraph for sixteen times as much at once and exceed what may wait for it; beyond this, they complete one event
 * each, as they can.
 */
const AHEAD_IN_ALL = 256;

/** How many events may still be completed ahead; shared by the streams of a router. */
export interface Allowance {
  left: number;
}
export const createAllowance = (): Allowance => ({ left: AHEAD_IN_ALL });

/** Completes the events of one stream, several at once, and hands on the answers in the order of the events. */
export interface CompletionLine<T> {
  /** Begins to complete the event. Only while there is room. */
  push(event: T, complete: () => Promise<Answer>): void;
  /** The first place needs no allowance, so a stream always goes on. */
  readonly room: boolean;
  readonly size: number;
  /** Nothing that is being completed is handed on any more. */
  drop(): void;
}

interface Slot<T> {
  readonly event: T;
  readonly ahead: boolean;
  answer?: Answer;
}

/**
 * @param finished is given the answers, synchronously, as many in a row as are there
 * @param failed is given the reason why one could not be made, in its turn; nothing comes after it
 */
export function createLine<T>(
  allowance: Allowance,
  finished: (answer: Answer, event: T) => void,
  failed: (error: unknown) => void,
): CompletionLine<T> {
  let slots: Slot<T>[] = [];

  function deliver(): void {
    for (let first = slots[0]; first?.answer !== undefined; first = slots[0]) {
      slots.shift();
      finished(first.answer, first.event);
    }
  }

  return {
    get room() {
      return slots.length === 0 || (slots.length < AT_ONCE && allowance.left > 0);
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
    drop() {
      slots = [];
    },
  };
}
