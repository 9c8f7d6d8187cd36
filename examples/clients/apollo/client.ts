// Apollo Client 4.
import { ApolloClient, type ApolloLink, InMemoryCache, type TypePolicies } from '@apollo/client';
import { Defer20220824Handler } from '@apollo/client/incremental';
import { possibleTypes, typePolicies } from '../generated/cache.ts';

/** Creates the client. @param lists the cache policies of paginated lists */
export function createApollo(link: ApolloLink, lists: TypePolicies = {}): ApolloClient {
  return new ApolloClient({
    link,
    cache: new InMemoryCache({ possibleTypes, typePolicies: { ...typePolicies, ...lists } }),
    incrementalHandler: new Defer20220824Handler(), // for @defer; Apollo Client 3 needs no such line
  });
}
