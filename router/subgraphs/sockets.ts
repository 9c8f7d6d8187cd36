import type { SigningKey } from '../../signature/signature.ts';
import type { EventQueue } from '../collections/event-queue.ts';
import type { Limits } from '../config/limits.ts';
import type { RequestContext, SubgraphRequest, SubgraphResult } from '../execution/types.ts';
import { UpstreamSocket } from './socket.ts';
import type { SocketTimes } from './socket.ts';

export interface SubgraphSockets {
  subscribe(request: SubgraphRequest, context: RequestContext): AsyncIterableIterator<SubgraphResult>;
  /** Events that have arrived and wait. */
  readonly queuedEvents: number;
  close(): void;
}

const TIMES: SocketTimes = { pingMs: 10_000, idleMs: 10_000 };

/**
 * The subscriptions of one subgraph, over a few sockets that open as they are needed and close when idle. graphql-ws'
 * own client is not used: it silently subscribes again after a normal closure, and a `subscribe` must not be sent twice
 * (its signature is for once, its cursor is of the past). Here a lost socket ends its subscriptions with
 * SubgraphUnavailable.
 *
 * A subgraph sends a replay as fast as it is read, so a socket is not read from while the queue of one of its
 * subscriptions is filled. What this costs the others on it is bounded: who keeps them waiting for `slowClientMs`, all
 * in all since it last had caught up, is ended with SlowConsumer. Who is alone on a socket may take as long as it likes
 * over a replay, but not over a quarter of its queue.
 */
export function createSubgraphSockets(
  subgraph: string,
  url: URL,
  limits: Limits,
  key: SigningKey | undefined,
  times = TIMES,
): SubgraphSockets {
  const open: UpstreamSocket[] = [];

  function pick(): UpstreamSocket {
    const usable = open.filter((socket) => socket.usable);
    const least = usable.reduce<UpstreamSocket | undefined>(
      (best, socket) => (best && best.size <= socket.size ? best : socket),
      undefined,
    );
    if (least && (least.size === 0 || usable.length >= limits.subgraphSockets)) return least;
    const socket = new UpstreamSocket(subgraph, url, limits, key, times, () => open.splice(open.indexOf(socket), 1));
    open.push(socket);
    return socket;
  }

  return {
    subscribe(request, context) {
      // Lazily, as an async generator would: nothing is opened for an iterator that nobody reads.
      const upstream: { queue?: EventQueue<SubgraphResult> } = {};
      const start = (): EventQueue<SubgraphResult> => (upstream.queue ??= pick().add(request, context));
      return {
        next: () => start().next(),
        return: () => start().return(),
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
    get queuedEvents() {
      return open.reduce((count, socket) => count + socket.queuedEvents, 0);
    },
    close() {
      for (const socket of [...open]) socket.lose(`the router stops`);
    },
  };
}
