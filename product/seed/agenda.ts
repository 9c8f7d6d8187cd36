/** Work to do at the time `at`, in milliseconds since the epoch. */
interface Entry {
  readonly at: number;
  readonly order: number;
  readonly work: () => Promise<void>;
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/**
 * A priority queue of the simulated city's work, the earliest first: a binary heap. Work at the same time is taken in
 * the order in which it was added.
 */
export class Agenda {
  readonly #heap: Entry[] = [];
  #order = 0;

  add(at: number, work: () => Promise<void>): void {
    const heap = this.#heap;
    let place = heap.push({ at, order: this.#order++, work }) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(heap[place]!, heap[parent]!)) break;
      [heap[place], heap[parent]] = [heap[parent]!, heap[place]!];
      place = parent;
    }
  }

  /** Removes and returns the earliest work at or before this time; undefined when there is none. */
  take(until: number): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (!first || first.at > until) return undefined;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      for (let place = 0; ;) {
        const [left, right] = [2 * place + 1, 2 * place + 2];
        let least = place;
        if (left < heap.length && isBefore(heap[left]!, heap[least]!)) least = left;
        if (right < heap.length && isBefore(heap[right]!, heap[least]!)) least = right;
        if (least === place) break;
        [heap[place], heap[least]] = [heap[least]!, heap[place]!];
        place = least;
      }
    }
    return first;
  }
}
