export type CircuitState = 'closed' | 'half-open' | 'open';

export interface CircuitOptions {
  /** How far back outcomes count, in ms. */
  readonly windowMs: number;
  /** Outcomes in the window below which nothing is concluded. */
  readonly minRequests: number;
  /** Share of failures in the window from which on the circuit opens. */
  readonly failureShare: number;
  /** How long nothing is sent, in ms; then probes are. */
  readonly openMs: number;
  /** Probes that must all succeed before the circuit closes; as many may be under way. */
  readonly probes: number;
}

const CIRCUIT: CircuitOptions = { windowMs: 10_000, minRequests: 20, failureShare: 0.5, openMs: 5_000, probes: 3 };

/** The window slides by a tenth of itself. */
const SLOTS = 10;

/**
 * Keeps requests from a subgraph that fails: closed (all pass) → open (none) → half-open (probes) → closed or open again. Every request takes a
 * ticket and gives it back once, with its outcome. A ticket is of one stay in one state: what a request that began
 * before brings home late decides nothing any more.
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
  #probing = 0;
  #passed = 0;

  constructor(
    options: Partial<CircuitOptions> = {},
    {
      now = () => performance.now(),
      onChange,
    }: {
      /** Monotonic, in ms. */
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

  /** A ticket for one request; 0 when it must not be sent. */
  allow(): number {
    if (this.#state === 'closed') return this.#ticket;
    if (this.#state === 'open') {
      if (this.#now() < this.#openUntil) return 0;
      this.#change('half-open');
    }
    if (this.#probing + this.#passed >= this.#options.probes) return 0;
    this.#probing++;
    return this.#ticket;
  }

  /** There was a response, whatever it said. */
  succeeded(ticket: number): void {
    if (ticket !== this.#ticket) return;
    if (this.#state === 'closed') {
      this.#requests[this.#slide()]! += 1;
      this.#allRequests++;
    } else if (this.#state === 'half-open') {
      this.#probing--;
      this.#passed++;
      if (this.#passed >= this.#options.probes) this.#change('closed');
    }
  }

  /** There was none, and that was the subgraph's doing. */
  failed(ticket: number): void {
    if (ticket !== this.#ticket) return;
    if (this.#state === 'half-open') return this.#change('open');
    if (this.#state === 'open') return;
    const slot = this.#slide();
    this.#requests[slot]! += 1;
    this.#failures[slot]! += 1;
    this.#allRequests++;
    this.#allFailures++;
    const { minRequests, failureShare } = this.#options;
    if (this.#allRequests >= minRequests && this.#allFailures >= this.#allRequests * failureShare) this.#change('open');
  }

  /** The request was given up before it could tell anything. */
  abandoned(ticket: number): void {
    if (ticket === this.#ticket && this.#state === 'half-open') this.#probing--;
  }

  #change(state: CircuitState): void {
    this.#state = state;
    this.#ticket++;
    this.#probing = 0;
    this.#passed = 0;
    if (state === 'open') this.#openUntil = this.#now() + this.#options.openMs;
    if (state === 'closed') {
      this.#requests.fill(0);
      this.#failures.fill(0);
      this.#allRequests = 0;
      this.#allFailures = 0;
    }
    this.#onChange?.(state);
  }

  /** Forgets what has left the window. Gives the place to count in. */
  #slide(): number {
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
