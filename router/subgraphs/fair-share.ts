import { LinkedList, ListNode } from '../collections/linked-list.ts';
import { Lru } from '../collections/lru.ts';
import { awakeNow } from '../time/awake.ts';

/** A request that waits for one of the subgraph's slots, or holds one. */
export abstract class SlotRequest extends ListNode {
  /** The lane of the request. Only FairShare sets and reads it. */
  lane: Lane | undefined;
  /** For FairShare only: when the request got its slot, in ms of FairShare's clock; -1 while it waits. */
  since = -1;
  /** For FairShare only: whether its slot counts towards the three quarters that are not reserved for fast lanes. */
  unreserved = false;
  /** The request has its slot now. May be called within `enter`. */
  abstract start(): void;
  /** The request will not get a slot in time. FairShare has already removed it. */
  abstract refuse(): void;
  /** The ms until the request's deadline. */
  abstract get msLeft(): number;
}

/** All requests to a subgraph for the same fields. */
class Lane extends ListNode {
  readonly waiting = new LinkedList<SlotRequest>();
  /** The oldest request first. */
  readonly running = new LinkedList<SlotRequest>();
  /** A moving average of the duration of its requests in ms. Undefined before the first response or slow request. */
  ms: number | undefined;
  /** The queue that the lane is in while it has requests to start. */
  queue: LinkedList<Lane> | undefined;

  enqueue(queue: LinkedList<Lane>): void {
    this.dequeue();
    queue.append(this);
    this.queue = queue;
  }

  dequeue(): void {
    this.remove();
    this.queue = undefined;
  }
}

export interface ShareOptions {
  /** The largest number of requests that run at the subgraph at the same time. */
  readonly slots: number;
  /** The largest number of requests that may wait. */
  readonly waiting: number;
}

/**
 * A lane is fast if its requests take at most this long on average, and none has been running for longer. An ordinary
 * query should be answered within a second, including all the requests that it waits for. Milliseconds.
 */
const FAST_MS = 250;
/** With fewer slots than this, one lane may hold all of them. */
const MIN_DIVISIBLE = 4;
const MAX_LANES = 1_000;
/** The weight of the last request in a lane's moving average. */
const LAST_WEIGHT = 0.2;

/**
 * Divides the slots of a subgraph fairly among its requests, so that one slow field does not occupy all of them.
 * Requests for the same fields form a lane. Aliases and arguments make no difference. A lane may hold at most half of
 * the slots (all of them if there are fewer than MIN_DIVISIBLE), and lanes with waiting requests take turns. A quarter
 * of the slots is reserved for lanes that are known to be fast. So a client cannot occupy all slots by varying its
 * fields to create many lanes. A request that cannot start now waits. It is refused when it would not be answered
 * before its deadline, when its lane already has a quarter of all that may wait, or when too many requests wait in all
 * lanes. For a lane that is not fast, three quarters of all that may wait are too many.
 */
export class FairShare {
  readonly #slots: number;
  readonly #slotsPerLane: number;
  readonly #unreservedSlots: number;
  readonly #maxWaiting: number;
  readonly #now: () => number;
  readonly #lanes = new Lru<string, Lane>(MAX_LANES);
  readonly #fast = new LinkedList<Lane>();
  readonly #slow = new LinkedList<Lane>();
  #running = 0;
  #runningUnreserved = 0;
  #waiting = 0;
  #fastNext = true;
  /**
   * The lane that got the last response, the time of that response, and the time of the last response of another lane.
   */
  #answered: Lane | undefined;
  #answeredAt = -1;
  #otherAnsweredAt = -1;

  /** @param now a monotonic clock, in ms */
  constructor({ slots, waiting }: ShareOptions, now: () => number = awakeNow) {
    this.#slots = slots;
    this.#slotsPerLane = slots < MIN_DIVISIBLE ? slots : Math.ceil(slots / 2);
    this.#unreservedSlots = Math.ceil(slots * 0.75);
    this.#maxWaiting = waiting;
    this.#now = now;
  }

  get state(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running, waiting: this.#waiting };
  }

  /**
   * Starts the request if its lane may take a slot now and has no waiting request. Otherwise queues or refuses it. The
   * class description has the rules.
   * @param fields identifies the selected fields, see `FetchKind`
   * @returns false when the request is refused: it neither runs nor waits
   */
  enter(request: SlotRequest, fields: string): boolean {
    let lane = this.#lanes.get(fields);
    if (lane === undefined) this.#lanes.set(fields, (lane = new Lane()));
    const now = this.#now();
    const fast = isFast(lane, now);
    const hasPlace =
      this.#running < this.#slots &&
      lane.running.size < this.#slotsPerLane &&
      (fast || this.#runningUnreserved < this.#unreservedSlots);
    if (hasPlace && lane.waiting.size === 0) {
      this.#start(request, lane, now, fast);
      return true;
    }
    if (this.#mustRefuse(lane, fast, request.msLeft)) return false;
    request.lane = lane;
    request.since = -1;
    lane.waiting.append(request);
    this.#waiting++;
    if (lane.queue === undefined && lane.running.size < this.#slotsPerLane)
      lane.enqueue(fast ? this.#fast : this.#slow);
    return true;
  }

  /**
   * Removes a request. Has no effect after the first call.
   * @param answered whether the subgraph sent a response
   */
  exit(request: SlotRequest, answered: boolean): void {
    const { lane, since } = request;
    if (lane === undefined) return;
    request.lane = undefined;
    request.remove();
    if (since < 0) {
      this.#waiting--;
      if (lane.waiting.size === 0) lane.dequeue();
      return;
    }
    this.#running--;
    if (request.unreserved) this.#runningUnreserved--;
    const now = this.#now();
    this.#recordDuration(lane, now - since, now, answered);
    if (this.#waiting === 0) return;
    const queue = isFast(lane, now) ? this.#fast : this.#slow;
    if (lane.waiting.size > 0 && lane.queue !== queue) lane.enqueue(queue);
    this.#startNext(now);
  }

  /**
   * Whether the subgraph has answered requests for other fields since this request got its slot. If so, the subgraph as
   * a whole is not at fault.
   */
  othersAnswered({ lane, since }: SlotRequest): boolean {
    return since >= 0 && (this.#answered === lane ? this.#otherAnsweredAt : this.#answeredAt) >= since;
  }

  /**
   * A key for batching: requests with the same key may go to the subgraph as one request. All requests of a batch wait
   * for its slowest one. So fast lanes share one key, and every other lane has its own.
   */
  batchKey(fields: string): string {
    const lane = this.#lanes.get(fields);
    return lane !== undefined && isFast(lane, this.#now()) ? '' : fields;
  }

  #start(request: SlotRequest, lane: Lane, now: number, fast: boolean): void {
    request.lane = lane;
    request.since = now;
    request.unreserved = !fast;
    lane.running.append(request);
    this.#running++;
    if (!fast) this.#runningUnreserved++;
    request.start();
  }

  #mustRefuse({ waiting, running, ms }: Lane, fast: boolean, left: number): boolean {
    if (this.#waiting >= this.#maxWaiting * (fast ? 1 : 0.75) || waiting.size >= this.#maxWaiting / 4) return true;
    return (
      ms !== undefined &&
      running.size >= this.#slotsPerLane &&
      ms * (1 + (waiting.size + 1) / this.#slotsPerLane) > left
    );
  }

  #recordDuration(lane: Lane, ms: number, now: number, answered: boolean): void {
    // A cancelled request would have taken even longer than this. So its duration counts only if that raises the
    // average.
    if (answered || ms > (lane.ms ?? FAST_MS))
      lane.ms = lane.ms === undefined ? ms : lane.ms + LAST_WEIGHT * (ms - lane.ms);
    if (!answered) return;
    if (this.#answered !== lane) this.#otherAnsweredAt = this.#answeredAt;
    this.#answered = lane;
    this.#answeredAt = now;
  }

  #startNext(now: number): void {
    while (this.#running < this.#slots) {
      const lane = this.#nextLane(now);
      const request = lane?.waiting.first;
      if (lane === undefined || request === undefined) return;
      request.remove();
      this.#waiting--;
      const hopeless = lane.ms !== undefined && lane.ms > request.msLeft;
      const fast = isFast(lane, now);
      if (hopeless) request.lane = undefined;
      if (lane.waiting.size > 0) lane.enqueue(fast ? this.#fast : this.#slow);
      else lane.dequeue();
      if (hopeless) request.refuse();
      else this.#start(request, lane, now, fast);
    }
  }

  /**
   * The lane that may start a request now. Fast lanes and other lanes take turns, so neither group waits for all of the
   * other.
   */
  #nextLane(now: number): Lane | undefined {
    this.#fastNext = !this.#fastNext;
    return this.#fastNext ? (this.#nextFast(now) ?? this.#nextSlow()) : (this.#nextSlow() ?? this.#nextFast(now));
  }

  #nextFast(now: number): Lane | undefined {
    for (let lane = this.#fast.first; lane !== undefined; lane = this.#fast.first) {
      if (lane.running.size >= this.#slotsPerLane)
        lane.dequeue(); // The lane is queued again when one of its requests is done.
      else if (isFast(lane, now)) return lane;
      else lane.enqueue(this.#slow);
    }
    return undefined;
  }

  #nextSlow(): Lane | undefined {
    if (this.#runningUnreserved >= this.#unreservedSlots) return undefined;
    for (let lane = this.#slow.first; lane !== undefined; lane = this.#slow.first) {
      if (lane.running.size < this.#slotsPerLane) return lane;
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
