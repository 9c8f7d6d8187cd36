// The link for live streams, for Apollo Client 4 and 3. Copy this file next to resumable.ts.
import { ApolloLink, Observable } from '@apollo/client';
import { print } from 'graphql';
import { follow, type FollowOptions, type LiveTransport } from '../../typed-client/resumable.ts';

/**
 * The last link of a chain, for subscriptions. It delivers each event once and in order, even when the connection is
 * lost in between. When a stream ends for good, the error is a StreamEnded.
 */
export const liveLink = (transport: LiveTransport, options?: FollowOptions): ApolloLink =>
  new ApolloLink(
    ({ query, operationName, variables }) =>
      new Observable((sink) =>
        follow(
          transport,
          { query: print(query), operationName, variables },
          {
            next: (result) => sink.next(result as ApolloLink.Result),
            error: (error) => sink.error(error),
            complete: () => sink.complete(),
          },
          options,
        ),
      ),
  );
