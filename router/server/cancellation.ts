import type { CancelSignal } from '../execution/types.ts';

/**
 * Replaces AbortController and AbortSignal for one request. They took 15 µs of a request's 370 µs (four subgraph calls
 * that each add and remove a listener), because the signal is an EventTarget.
 */
export class Cancellation implements CancelSignal {
  aborted = false;
  #listeners: (() => void)[] = [];

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const index = this.#listeners.lastIndexOf(listener);
    if (index >= 0) this.#listeners.splice(index, 1);
  }

  /** Calls every listener once. */
  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
