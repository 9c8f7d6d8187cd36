// For urql: copy it beside resumable.ts.
import { type Exchange, subscriptionExchange } from '@urql/core';
import { follow, type FollowOptions, type LiveTransport } from '../../typed-client/resumable.ts';

/**
 * Subscriptions: each event once and in order, whatever happens to the connection. `error.networkError` is of the class
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
