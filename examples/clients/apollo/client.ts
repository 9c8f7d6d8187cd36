// Apollo Client 4.
import { ApolloClient, type ApolloLink, InMemoryCache } from '@apollo/client';
import { Defer20220824Handler } from '@apollo/client/incremental';
import { possibleTypes, typePolicies } from '../generated/cache.ts';

export function createApollo(link: ApolloLink): ApolloClient {
  return new ApolloClient({
    link,
    cache: new InMemoryCache({ possibleTypes, typePolicies }),
    incrementalHandler: new Defer20220824Handler(), // for @defer; Apollo Client 3 needs no such line
  });
}
