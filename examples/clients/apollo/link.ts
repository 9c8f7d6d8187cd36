// The link for Apollo Client 4 and 3.
import { ApolloLink, HttpLink } from '@apollo/client';
import type { LiveTransport } from '../../typed-client/resumable.ts';
import type { Session } from '../../typed-client/session.ts';
import { liveLink } from './live-link.ts';

/** Sends queries and mutations over HTTP, subscriptions over `live`. */
export function createLink(url: string, session: Pick<Session, 'fetch'>, live: LiveTransport): ApolloLink {
  return ApolloLink.split(
    ({ query }) =>
      query.definitions.some((part) => part.kind === 'OperationDefinition' && part.operation === 'subscription'),
    liveLink(live),
    new HttpLink({ uri: url, fetch: session.fetch }),
  );
}
