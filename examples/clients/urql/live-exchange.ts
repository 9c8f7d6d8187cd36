// The exchange for urql. Copy this file next to resumable.ts.
import { type Exchange, subscriptionExchange } from '@urql/core';
import { follow, type FollowOptions, type LiveTransport } from '../../typed-client/resumable.ts';

/**
 * The exchange for subscriptions. It delivers each event once and in order, even when the connection is lost in
 * between. When a stream ends for good, `error.networkError` is a StreamEnded.
 */
export const liveExchange = (transport: LiveTransport, options?: FollowOptions): Exchange =>
  subscriptionExchange({
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe: (sink) => ({
        unsubscribe: follow(
          transport,
          { query, variables: variables as Record<string, unknown> },
          {
            next: (result) => sink.next(result as Parameters<typeof sink.next>[0]),
            error: (error) => sink.error(error),
            complete: () => sink.complete(),
          },
          options,
        ),
      }),
    }),
  });
