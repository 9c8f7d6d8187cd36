import { WebSocket } from 'ws';
import type { RawData } from 'ws';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, MessageType, parseMessage } from 'graphql-ws';
import type { CompleteMessage, ErrorMessage, Message, NextMessage } from 'graphql-ws';
import { signSubscribe } from '../../signature/signature.ts';
import type { SigningKey } from '../../signature/signature.ts';
import { EventQueue } from '../collections/event-queue.ts';
import type { Limits } from '../config/limits.ts';
import { isResult } from '../execution/result.ts';
import { SlowConsumer, SubgraphUnavailable } from '../execution/types.ts';
import type { RequestContext, SubgraphRequest, SubgraphResult } from '../execution/types.ts';
import { awakeNow, awakeTimeout } from '../time/awake.ts';
import { identityFor } from './identity.ts';

export interface SocketTimes {
  /**
   * The interval of pings. A socket that stays silent from one ping to the next counts as lost, unless the router has
   * paused it. The interval must be shorter than the time that subgraphs wait for a pong, which is 12 s in graphql-ws.
   * Milliseconds.
   */
  readonly pingMs: number;
  /** How long a socket without subscriptions stays open. Milliseconds. */
  readonly idleMs: number;
}

interface Upstream {
  readonly queue: EventQueue<SubgraphResult>;
  readonly request: SubgraphRequest;
  readonly context: RequestContext;
  /**
   * Set from when its queue is more than half full until the queue is below a quarter: since when (in ms), and a
   * function that cancels its time limit.
   */
  hold?: { readonly since: number; readonly cancel: () => void } | undefined;
  /** How long it has blocked other subscriptions on its socket since it last caught up, in ms. */
  blockedMs: number;
}

type SubscriptionMessage = NextMessage | ErrorMessage | CompleteMessage;

/** One WebSocket to a subgraph and the subscriptions on it. */
export class UpstreamSocket {
  readonly #subgraph: string;
  readonly #limits: Limits;
  readonly #key: SigningKey | undefined;
  readonly #times: SocketTimes;
  readonly #ws: WebSocket;
  readonly #upstreams = new Map<string, Upstream>();
  readonly #onLost: () => void;
  /**
   * Subscriptions whose queue became more than half full and is not yet below a quarter again. While there are any, the
   * socket is paused (backpressure).
   */
  readonly #pausing = new Set<Upstream>();
  /** Messages that arrived with the last read before the socket paused: at most 64 KiB. */
  readonly #backlog: SubscriptionMessage[] = [];
  #count = 0;
  #acknowledged = false;
  #lost = false;
  #silent = false;
  /** Cancels the time limit for the subgraph's acknowledgement. */
  readonly #cancelAccept: () => void;
  #beat: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(
    subgraph: string,
    url: URL,
    limits: Limits,
    key: SigningKey | undefined,
    times: SocketTimes,
    onLost: () => void,
  ) {
    this.#subgraph = subgraph;
    this.#limits = limits;
    this.#key = key;
    this.#times = times;
    this.#onLost = onLost;
    this.#ws = new WebSocket(url, GRAPHQL_TRANSPORT_WS_PROTOCOL, {
      perMessageDeflate: false,
      maxPayload: limits.subgraphResponseBytes,
    });
    this.#cancelAccept = awakeTimeout(
      () => this.failAll(`subgraph ${subgraph} did not accept a subscription within ${limits.subgraphMs} ms`),
      limits.subgraphMs,
    );
    this.#ws.on('open', () => this.#send({ type: MessageType.ConnectionInit }));
    this.#ws.on('message', (data) => this.#receive(data));
    this.#ws.on('pong', () => (this.#silent = false));
    this.#ws.on('error', (cause) => this.failAll(`subgraph ${subgraph} cannot be reached for subscriptions`, cause));
    this.#ws.on('close', (code, reason) =>
      this.failAll(`the connection to subgraph ${subgraph} was lost`, new Error(`${code} ${String(reason)}`)),
    );
  }

  get usable(): boolean {
    return !this.#lost;
  }

  get size(): number {
    return this.#upstreams.size;
  }

  get queuedEvents(): number {
    let count = this.#backlog.length;
    for (const { queue } of this.#upstreams.values()) count += queue.length;
    return count;
  }

  add(request: SubgraphRequest, context: RequestContext): EventQueue<SubgraphResult> {
    const id = (this.#count++).toString(36);
    clearTimeout(this.#idle);
    const onAbort = () => void queue.return();
    const queue: EventQueue<SubgraphResult> = new EventQueue(
      this.#limits.queuedEvents,
      () => {
        context.signal?.removeEventListener('abort', onAbort);
        if (this.#remove(id) && this.#acknowledged) this.#send({ id, type: MessageType.Complete });
      },
      () => new SlowConsumer(),
      {
        filled: () => this.#pauseFor(id, upstream),
        drained: () => this.#resumeAfter(upstream),
        caughtUp: () => (upstream.blockedMs = 0),
      },
    );
    const upstream: Upstream = { queue, request, context, blockedMs: 0 };
    this.#upstreams.set(id, upstream);
    if (this.#acknowledged) this.#subscribe(id, request, context);
    if (context.signal?.aborted) onAbort();
    else context.signal?.addEventListener('abort', onAbort, { once: true });
    return queue;
  }

  /** Ends every subscription of this socket with SubgraphUnavailable. */
  failAll(message: string, cause?: unknown): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#cancelAccept();
    clearInterval(this.#beat);
    clearTimeout(this.#idle);
    this.#ws.terminate();
    this.#onLost();
    this.#backlog.length = 0; // A subscriber that resumes from its last event gets these events again.
    for (const upstream of this.#upstreams.values()) {
      upstream.hold?.cancel();
      upstream.queue.end(new SubgraphUnavailable(this.#subgraph, message, { cause }));
    }
    this.#upstreams.clear();
  }

  #closeIdle(): void {
    this.#lost = true;
    this.#cancelAccept();
    clearInterval(this.#beat);
    this.#onLost();
    this.#ws.close(1000, 'idle');
  }

  #remove(id: string): boolean {
    const upstream = this.#upstreams.get(id);
    const removed = this.#upstreams.delete(id);
    if (upstream) this.#resumeAfter(upstream);
    if (this.#upstreams.size === 0 && !this.#lost) {
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.#closeIdle(), this.#times.idleMs);
      this.#idle.unref();
    }
    return removed;
  }

  #pauseFor(id: string, upstream: Upstream): void {
    const { slowClientMs } = this.#limits;
    const left = this.size > 1 ? Math.max(0, slowClientMs - upstream.blockedMs) : slowClientMs;
    const end = (): void => {
      this.#finish(id, new SlowConsumer());
      this.#send({ id, type: MessageType.Complete });
    };
    upstream.hold = { since: awakeNow(), cancel: awakeTimeout(end, left) };
    this.#pausing.add(upstream);
    this.#ws.pause();
  }

  #resumeAfter(upstream: Upstream): void {
    if (!upstream.hold || this.#lost) return;
    upstream.hold.cancel();
    if (this.size > 1) upstream.blockedMs += awakeNow() - upstream.hold.since;
    upstream.hold = undefined;
    this.#pausing.delete(upstream);
    if (this.#pausing.size > 0) return;
    let taken = 0;
    while (this.#pausing.size === 0 && taken < this.#backlog.length)
      this.#dispatch(this.#backlog[taken++] as SubscriptionMessage);
    this.#backlog.splice(0, taken);
    if (this.#pausing.size > 0) return;
    this.#silent = false; // The pong may be among the bytes that were not read.
    this.#ws.resume();
  }

  #receive(data: RawData): void {
    this.#silent = false;
    let message: Message;
    try {
      message = parseMessage(String(data));
    } catch (cause) {
      return this.failAll(`subgraph ${this.#subgraph} sent an invalid graphql-transport-ws message`, cause);
    }
    switch (message.type) {
      case MessageType.ConnectionAck:
        return this.#start();
      case MessageType.Ping:
        return this.#send({ type: MessageType.Pong });
      case MessageType.Pong:
        return;
      case MessageType.Next:
      case MessageType.Error:
      case MessageType.Complete:
        return this.#pausing.size > 0 ? void this.#backlog.push(message) : this.#dispatch(message);
      default:
        return this.failAll(`subgraph ${this.#subgraph} sent a message of type ${message.type}`);
    }
  }

  #dispatch(message: SubscriptionMessage): void {
    switch (message.type) {
      case MessageType.Next: {
        const upstream = this.#upstreams.get(message.id);
        if (!upstream) return; // The subgraph sent it before it received the router's unsubscribe.
        if (isResult(message.payload)) return upstream.queue.push(message.payload);
        this.#finish(
          message.id,
          new SubgraphUnavailable(
            this.#subgraph,
            `subgraph ${this.#subgraph} sent an event that is not a GraphQL response`,
          ),
        );
        return this.#send({ id: message.id, type: MessageType.Complete });
      }
      case MessageType.Error: {
        this.#upstreams.get(message.id)?.queue.push({ errors: message.payload });
        return this.#finish(message.id);
      }
      case MessageType.Complete:
        return this.#finish(message.id);
    }
  }

  #finish(id: string, error?: Error): void {
    this.#upstreams.get(id)?.queue.end(error);
    this.#remove(id);
  }

  #start(): void {
    if (this.#acknowledged) return;
    this.#acknowledged = true;
    this.#cancelAccept();
    this.#beat = setInterval(() => {
      // An unsolicited pong, which RFC 6455 (5.5.3) permits. The subgraph's ping may be behind megabytes of unread
      // events for longer than the subgraph waits for a pong.
      this.#ws.pong();
      if (this.#pausing.size > 0) return; // It is silent only because this side does not read.
      if (this.#silent) {
        // If this process was too busy to read, the other side may have answered. So read first what has arrived.
        setImmediate(() => {
          if (this.#silent && this.#pausing.size === 0)
            this.failAll(`the connection to subgraph ${this.#subgraph} went silent`);
        });
        return;
      }
      this.#silent = true;
      this.#ws.ping();
    }, this.#times.pingMs);
    this.#beat.unref();
    for (const [id, { request, context }] of this.#upstreams) this.#subscribe(id, request, context);
  }

  #subscribe(id: string, request: SubgraphRequest, { principal, requestId }: RequestContext): void {
    const identity = { ...identityFor(principal, this.#subgraph), requestId };
    try {
      const signature = this.#key
        ? { signature: signSubscribe(this.#key, { operation: request, identity, target: this.#subgraph }) }
        : {};
      const payload = {
        query: request.query,
        operationName: request.operationName,
        variables: request.variables,
        extensions: { identity, ...signature },
      };
      this.#send({ id, type: MessageType.Subscribe, payload });
    } catch (cause) {
      // The variables are nested too deep for the stack.
      this.#finish(
        id,
        new SubgraphUnavailable(
          this.#subgraph,
          `the variables for subgraph ${this.#subgraph} cannot be serialised as JSON`,
          { cause },
        ),
      );
    }
  }

  #send(message: object): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(JSON.stringify(message));
  }
}
