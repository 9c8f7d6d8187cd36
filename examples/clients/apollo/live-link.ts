// For Apollo Client 4 and 3: copy it beside resumable.ts.
import { ApolloLink, Observable } from '@apollo/client';
import { print } from 'graphql';
import { follow, type FollowOptions, type LiveTransport } from '../../typed-client/resumable.ts';

/**
 * The last link of subscriptions: each event once and in order, whatever happens to the connection. Errors are of the
 * class StreamEnded.
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
