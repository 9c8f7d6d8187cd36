import type { SigningKey } from '../../signature/signature.ts';
import type { EventQueue } from '../collections/event-queue.ts';
import type { Limits } from '../config/limits.ts';
import type { RequestContext, SubgraphRequest, SubgraphResult } from '../execution/types.ts';
import { UpstreamSocket } from './socket.ts';
import type { SocketTimes } from './socket.ts';

export interface SubgraphSockets {
  subscribe(request: SubgraphRequest, context: RequestContext): AsyncIterableIterator<SubgraphResult>;
  /** Events that have arrived and wait for their subscriptions to take them. */
  readonly queuedEvents: number;
  close(): void;
}

const TIMES: SocketTimes = { pingMs: 10_000, idleMs: 10_000 };

/**
 * The subscriptions of one subgraph, over a few WebSockets that open on demand and close when idle. It does not use the
 * client of graphql-ws, which silently subscribes again after a normal closure. A `subscribe` message must not be sent
 * twice: its signature can be used only once, and its cursor is outdated. Here a lost socket ends its subscriptions
 * with SubgraphUnavailable.
 *
 * A subgraph sends a replay as fast as the router reads, so the router pauses a socket while the queue of one of its
 * subscriptions is filled (backpressure). This blocks the other subscriptions on that socket, so it is limited: a
 * subscription that has blocked others for `slowClientMs` in total since it last caught up ends with SlowConsumer. A
 * subscription that is alone on its socket has no such total. But it ends too if its queue does not shrink below a
 * quarter within `slowClientMs`.
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
      // The queue is made at the first `next()`. So `subscribe` opens nothing until somebody reads the iterator, like
      // an async generator.
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
      for (const socket of [...open]) socket.failAll(`the router stops`);
    },
  };
}
