/** Something that may stand in a line, in one at a time. */
export class Place {
  #line: { size: number } | undefined;
  /** For the line only. */
  previous: Place = this;
  /** For the line only. */
  next: Place = this;

  /** For the line only. */
  stand(ends: Place, line: { size: number }): void {
    this.#line = line;
    this.previous = ends.previous;
    this.next = ends;
    ends.previous.next = this;
    ends.previous = this;
    line.size++;
  }

  /** Any number of times. @returns whether it stood in a line */
  leave(): boolean {
    if (this.#line === undefined) return false;
    this.#line.size--;
    this.#line = undefined;
    this.previous.next = this.next;
    this.next.previous = this.previous;
    // Dead places that know each other survive the young generation together, and all that they lead to: scavenges took
    // 30 ms instead of 2.
    this.previous = this;
    this.next = this;
    return true;
  }
}

/**
 * What is under way, in order of coming; any may leave. For what every request enters, in place of a Set or Map: when
 * those are rehashed, the old table leads to the new one and to all that was in it, so one dead table in the old
 * generation keeps alive what comes after it until the next full collection. With a Set of 50 requests, scavenges took
 * twice as long.
 */
export class Line<P extends Place> {
  /** For its places only. */
  size = 0;
  readonly #ends = new Place();

  get first(): P | undefined {
    return this.size === 0 ? undefined : (this.#ends.next as P);
  }

  /** @param place that stands nowhere */
  append(place: P): void {
    place.stand(this.#ends, this);
  }
}
