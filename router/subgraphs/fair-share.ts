import { Line, Place } from '../collections/line.ts';
import { Lru } from '../collections/lru.ts';
import { awakeNow } from '../time/awake.ts';

/** A request that waits for a place at a subgraph, or has one. */
export abstract class Turn extends Place {
  /** For the share only. */
  lane: Lane | undefined;
  /** For the share only: since when it has its place, in ms of the share's clock. */
  since = -1;
  /** For the share only: whether it has a place of those that are not kept free. */
  careful = false;
  /** It has its place now; perhaps called within `enter`. */
  abstract start(): void;
  /** It will get none in time. It has left already. */
  abstract refuse(): void;
  /** Ms until nobody wants its answer any more. */
  abstract get left(): number;
}

/** What asks a subgraph for the same fields. */
class Lane extends Place {
  readonly waiting = new Line<Turn>();
  /** The oldest first. */
  readonly running = new Line<Turn>();
  /** What a request takes, lately; undefined before one was answered. */
  ms: number | undefined;
  /** The line that it is in while it has something to start. */
  queue: Line<Lane> | undefined;

  enqueue(queue: Line<Lane>): void {
    this.dequeue();
    queue.append(this);
    this.queue = queue;
  }

  dequeue(): void {
    this.leave();
    this.queue = undefined;
  }
}

export interface ShareOptions {
  /** Requests at the subgraph at once. */
  readonly places: number;
  /** Requests that may wait. */
  readonly waiting: number;
}

/** What takes longer is not fast; ordinary queries are to be answered within a second, with all that they wait for. */
const FAST_MS = 250;
/** Fewer places are not divided. */
const DIVISIBLE = 4;
const LANES = 1_000;
/** Weight of the last request in what is known of a lane. */
const LAST = 0.2;

/**
 * Divides the places at a subgraph among what is asked of it, so that one slow field does not hold them all. Requests
 * for the same fields, whatever they call them and whatever the arguments, are a lane: it may hold half of the places,
 * and lanes with requests that wait take turns. A quarter of the places is kept for lanes that are known to be fast:
 * requests that are varied, to be many lanes, do not get these. A lane of which as many wait as can be answered in
 * time, or more than a quarter of all that may wait, is refused further ones.
 */
export class FairShare {
  readonly #places: number;
  readonly #ofLane: number;
  readonly #ofCareful: number;
  readonly #maxWaiting: number;
  readonly #now: () => number;
  readonly #lanes = new Lru<string, Lane>(LANES);
  readonly #fast = new Line<Lane>();
  readonly #careful = new Line<Lane>();
  #running = 0;
  #runningCareful = 0;
  #waiting = 0;
  #fastNext = true;
  /** The lane that was answered last, when that was, and when another one was. */
  #answered: Lane | undefined;
  #answeredAt = -1;
  #otherAnsweredAt = -1;

  /** @param now monotonic, in ms */
  constructor({ places, waiting }: ShareOptions, now: () => number = awakeNow) {
    this.#places = places;
    this.#ofLane = places < DIVISIBLE ? places : Math.ceil(places / 2);
    this.#ofCareful = Math.ceil(places * 0.75);
    this.#maxWaiting = waiting;
    this.#now = now;
  }

  get state(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running, waiting: this.#waiting };
  }

  /**
   * @param fields what it asks for
   * @returns false when it is refused
   */
  enter(turn: Turn, fields: string): boolean {
    let lane = this.#lanes.get(fields);
    if (lane === undefined) this.#lanes.set(fields, (lane = new Lane()));
    const now = this.#now();
    const fast = isFast(lane, now);
    const hasPlace =
      this.#running < this.#places &&
      lane.running.size < this.#ofLane &&
      (fast || this.#runningCareful < this.#ofCareful);
    if (hasPlace && lane.waiting.size === 0) {
      this.#start(turn, lane, now, fast);
      return true;
    }
    if (this.#isTooMuch(lane, fast, turn.left)) return false;
    turn.lane = lane;
    turn.since = -1;
    lane.waiting.append(turn);
    this.#waiting++;
    if (lane.queue === undefined && lane.running.size < this.#ofLane) lane.enqueue(fast ? this.#fast : this.#careful);
    return true;
  }

  /** Any number of times. @param answered whether by the subgraph */
  exit(turn: Turn, answered: boolean): void {
    const { lane, since } = turn;
    if (lane === undefined) return;
    turn.lane = undefined;
    turn.leave();
    if (since < 0) {
      this.#waiting--;
      if (lane.waiting.size === 0) lane.dequeue();
      return;
    }
    this.#running--;
    if (turn.careful) this.#runningCareful--;
    const now = this.#now();
    this.#learn(lane, now - since, now, answered);
    if (this.#waiting === 0) return;
    const queue = isFast(lane, now) ? this.#fast : this.#careful;
    if (lane.waiting.size > 0 && lane.queue !== queue) lane.enqueue(queue);
    this.#startNext(now);
  }

  /**
   * Whether the subgraph has answered requests for other fields since this one has its place: then it is not the
   * subgraph that does not answer.
   */
  othersAnswered({ lane, since }: Turn): boolean {
    return since >= 0 && (this.#answered === lane ? this.#otherAnsweredAt : this.#answeredAt) >= since;
  }

  /** Names those that may go to the subgraph as one request: they are answered together, as late as the slowest. */
  together(fields: string): string {
    const lane = this.#lanes.get(fields);
    return lane !== undefined && isFast(lane, this.#now()) ? '' : fields;
  }

  #start(turn: Turn, lane: Lane, now: number, fast: boolean): void {
    turn.lane = lane;
    turn.since = now;
    turn.careful = !fast;
    lane.running.append(turn);
    this.#running++;
    if (!fast) this.#runningCareful++;
    turn.start();
  }

  #isTooMuch({ waiting, running, ms }: Lane, fast: boolean, left: number): boolean {
    if (this.#waiting >= this.#maxWaiting * (fast ? 1 : 0.75) || waiting.size >= this.#maxWaiting / 4) return true;
    return ms !== undefined && running.size >= this.#ofLane && ms * (1 + (waiting.size + 1) / this.#ofLane) > left;
  }

  #learn(lane: Lane, ms: number, now: number, answered: boolean): void {
    // One that was given up would have taken longer.
    if (answered || ms > (lane.ms ?? FAST_MS)) lane.ms = lane.ms === undefined ? ms : lane.ms + LAST * (ms - lane.ms);
    if (!answered) return;
    if (this.#answered !== lane) this.#otherAnsweredAt = this.#answeredAt;
    this.#answered = lane;
    this.#answeredAt = now;
  }

  #startNext(now: number): void {
    while (this.#running < this.#places) {
      const lane = this.#nextLane(now);
      const turn = lane?.waiting.first;
      if (lane === undefined || turn === undefined) return;
      turn.leave();
      this.#waiting--;
      const hopeless = lane.ms !== undefined && lane.ms > turn.left;
      const fast = isFast(lane, now);
      if (hopeless) turn.lane = undefined;
      if (lane.waiting.size > 0) lane.enqueue(fast ? this.#fast : this.#careful);
      else lane.dequeue();
      if (hopeless) turn.refuse();
      else this.#start(turn, lane, now, fast);
    }
  }

  /** The lane that starts a request now. Fast ones and others take turns: neither waits for all of the other. */
  #nextLane(now: number): Lane | undefined {
    this.#fastNext = !this.#fastNext;
    return this.#fastNext ? (this.#nextFast(now) ?? this.#nextCareful()) : (this.#nextCareful() ?? this.#nextFast(now));
  }

  #nextFast(now: number): Lane | undefined {
    for (let lane = this.#fast.first; lane !== undefined; lane = this.#fast.first) {
      if (lane.running.size >= this.#ofLane)
        lane.dequeue(); // until one of it is answered
      else if (isFast(lane, now)) return lane;
      else lane.enqueue(this.#careful);
    }
    return undefined;
  }

  #nextCareful(): Lane | undefined {
    if (this.#runningCareful >= this.#ofCareful) return undefined;
    for (let lane = this.#careful.first; lane !== undefined; lane = this.#careful.first) {
      if (lane.running.size < this.#ofLane) return lane;
      lane.dequeue();
    }
    return undefined;
  }
}

function isFast({ ms, running }: Lane, now: number): boolean {
  if (ms === undefined || ms > FAST_MS) return false;
  const oldest = running.first;
  return oldest === undefined || now - oldest.since <= FAST_MS;
}
