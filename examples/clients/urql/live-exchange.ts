// For urql: copy it next to resumable.ts.
import { type Exchange, subscriptionExchange } from '@urql/core';
import { follow, type FollowOptions, type LiveTransport } from '../../typed-client/resumable.ts';

/**
 * Subscriptions for urql: delivers each event once and in order, across reconnects. `error.networkError` is a
 * StreamEnded.
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
