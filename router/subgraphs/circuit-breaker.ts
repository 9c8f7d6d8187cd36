export type CircuitState = 'closed' | 'half-open' | 'open';

export interface CircuitOptions {
  /** The length of the sliding window of outcomes, in ms. */
  readonly windowMs: number;
  /** The number of outcomes in the window from which on the circuit may open. */
  readonly minRequests: number;
  /** The share of failures in the window from which on the circuit opens. */
  readonly failureShare: number;
  /** How long the circuit stays open, in ms. After that it allows probes. */
  readonly openMs: number;
  /** How many probes must succeed before the circuit closes. At most this number of probes run at the same time. */
  readonly probes: number;
}

const CIRCUIT: CircuitOptions = { windowMs: 10_000, minRequests: 20, failureShare: 0.5, openMs: 5_000, probes: 3 };

/** The window slides in steps of a tenth of its length. */
const SLOTS = 10;

/**
 * A circuit breaker for a subgraph that fails. Its states are closed (all requests pass), open (none passes) and
 * half-open (probes pass). It goes from closed to open, then to half-open, and then to closed or open again. Each
 * request takes a ticket and returns it once, with its outcome. A ticket is valid for one stay in one state, so late
 * outcomes of older requests change nothing.
 */
export class CircuitBreaker {
  readonly #options: CircuitOptions;
  readonly #now: () => number;
  readonly #onChange: ((state: CircuitState) => void) | undefined;
  readonly #slotMs: number;
  readonly #requests = new Int32Array(SLOTS);
  readonly #failures = new Int32Array(SLOTS);
  #slot = 0;
  #allRequests = 0;
  #allFailures = 0;
  #state: CircuitState = 'closed';
  #ticket = 1;
  #openUntil = 0;
  #runningProbes = 0;
  #succeededProbes = 0;

  constructor(
    options: Partial<CircuitOptions> = {},
    {
      now = () => performance.now(),
      onChange,
    }: {
      /** A monotonic clock, in ms. */
      readonly now?: () => number;
      readonly onChange?: (state: CircuitState) => void;
    } = {},
  ) {
    this.#options = { ...CIRCUIT, ...options };
    this.#now = now;
    this.#onChange = onChange;
    this.#slotMs = this.#options.windowMs / SLOTS;
  }

  get state(): CircuitState {
    return this.#state;
  }

  /**
   * Takes a ticket for one request.
   * @returns 0 when the request must not be sent
   */
  allow(): number {
    if (this.#state === 'closed') return this.#ticket;
    if (this.#state === 'open') {
      if (this.#now() < this.#openUntil) return 0;
      this.#change('half-open');
    }
    if (this.#runningProbes + this.#succeededProbes >= this.#options.probes) return 0;
    this.#runningProbes++;
    return this.#ticket;
  }

  /** The subgraph sent a response. Its content does not matter. */
  succeeded(ticket: number): void {
    if (ticket !== this.#ticket) return;
    if (this.#state === 'closed') {
      this.#requests[this.#currentSlot()]! += 1;
      this.#allRequests++;
    } else if (this.#state === 'half-open') {
      this.#runningProbes--;
      this.#succeededProbes++;
      if (this.#succeededProbes >= this.#options.probes) this.#change('closed');
    }
  }

  /** The subgraph sent no response, and the subgraph is at fault. */
  failed(ticket: number): void {
    if (ticket !== this.#ticket) return;
    if (this.#state === 'half-open') return this.#change('open');
    if (this.#state === 'open') return;
    const slot = this.#currentSlot();
    this.#requests[slot]! += 1;
    this.#failures[slot]! += 1;
    this.#allRequests++;
    this.#allFailures++;
    const { minRequests, failureShare } = this.#options;
    if (this.#allRequests >= minRequests && this.#allFailures >= this.#allRequests * failureShare) this.#change('open');
  }

  /** The request was cancelled before it had an outcome. */
  cancelled(ticket: number): void {
    if (ticket === this.#ticket && this.#state === 'half-open') this.#runningProbes--;
  }

  #change(state: CircuitState): void {
    this.#state = state;
    this.#ticket++;
    this.#runningProbes = 0;
    this.#succeededProbes = 0;
    if (state === 'open') this.#openUntil = this.#now() + this.#options.openMs;
    if (state === 'closed') {
      this.#requests.fill(0);
      this.#failures.fill(0);
      this.#allRequests = 0;
      this.#allFailures = 0;
    }
    this.#onChange?.(state);
  }

  /**
   * Removes outcomes that have left the window.
   * @returns the index of the current slot
   */
  #currentSlot(): number {
    const slot = Math.floor(this.#now() / this.#slotMs);
    if (slot !== this.#slot) {
      for (let passed = Math.max(this.#slot + 1, slot - SLOTS + 1); passed <= slot; passed++) {
        const index = passed % SLOTS;
        this.#allRequests -= this.#requests[index]!;
        this.#allFailures -= this.#failures[index]!;
        this.#requests[index] = 0;
        this.#failures[index] = 0;
      }
      this.#slot = slot;
    }
    return slot % SLOTS;
  }
}
