// The libraries as the tests use them: each follows streams through the link, exchange or network of its folder.
import { registerHooks } from 'node:module';
import { ApolloClient, ApolloLink, gql, InMemoryCache } from '@apollo/client';
import { cacheExchange, createClient as createUrql, fetchExchange } from '@urql/core';
import { type Client as EventsClient, createClient as createEvents } from 'graphql-sse';
import type { Client as SocketClient } from 'graphql-ws';
import { Environment, RecordSource, Store } from 'relay-runtime';
import { createLiveClient, follow, type LiveTransport } from '../typed-client/resumable.ts';
import type { Session } from '../typed-client/session.ts';
import { liveLink } from './apollo/live-link.ts';
import { createNetwork } from './relay/network.ts';
import { liveExchange } from './urql/live-exchange.ts';

export interface Sink {
  next(data: Record<string, unknown>): void;
  error(error: unknown): void;
}
/** Subscribes with the library, over the transport. @returns a function that unsubscribes */
export type Follow = (
  url: string,
  transport: LiveTransport,
  query: string,
  variables: Record<string, unknown>,
  sink: Sink,
) => () => void;

// The files in ./apollo import '@apollo/client'. A file that is imported with ?apollo=3 gets version 3 of it instead.
registerHooks({
  resolve(specifier, context, next) {
    if (!context.parentURL?.endsWith('?apollo=3')) return next(specifier, context);
    return next(
      specifier.startsWith('./')
        ? `${specifier}?apollo=3`
        : specifier.replace(/^@apollo\/client$/, 'apollo-client-3/index.js'),
      context,
    );
  },
});
/** Imports a file of ./apollo, which then uses Apollo Client 3. */
export const withApollo3 = async <M>(file: string): Promise<M> => (await import(`./apollo/${file}?apollo=3`)) as M;

export const apollo4: Follow = (_url, transport, query, variables, { next, error }) => {
  const client = new ApolloClient({ cache: new InMemoryCache(), link: ApolloLink.from([liveLink(transport)]) });
  const subscription = client
    .subscribe<Record<string, unknown>>({ query: gql(query), variables })
    .subscribe({ next: (result) => (result.error ? error(result.error) : next(result.data ?? {})), error });
  return () => subscription.unsubscribe();
};

export const apollo3: Follow = (_url, transport, query, variables, sink) => {
  let left = false;
  let leave = (): void => undefined;
  const start = async (): Promise<void> => {
    const three = (await import('apollo-client-3/index.js')) as unknown as typeof import('@apollo/client');
    const { liveLink: link } = await withApollo3<typeof import('./apollo/live-link.ts')>('live-link.ts');
    const client = new three.ApolloClient({ cache: new three.InMemoryCache(), link: link(transport) });
    if (left) return;
    const subscription = client
      .subscribe<Record<string, unknown>>({ query: three.gql(query), variables })
      .subscribe({ next: ({ data }) => sink.next(data ?? {}), error: (error: unknown) => sink.error(error) });
    leave = () => subscription.unsubscribe();
  };
  void start().catch((error: unknown) => sink.error(error));
  return () => {
    left = true;
    leave();
  };
};

export const urql: Follow = (url, transport, query, variables, { next, error }) => {
  const client = createUrql({ url, exchanges: [cacheExchange, liveExchange(transport), fetchExchange] });
  const subscription = client.subscription<Record<string, unknown>>(query, variables).subscribe((result) => {
    if (result.error) error(result.error.networkError ?? result.error);
    else if (result.data) next(result.data);
  });
  return () => subscription.unsubscribe();
};

export const relay: Follow = (url, transport, query, variables, { next, error }) => {
  const environment = new Environment({ network: createNetwork(url, transport), store: new Store(new RecordSource()) });
  const request = {
    text: query,
    name: 'Followed',
    operationKind: 'subscription',
    id: null,
    cacheID: 'followed',
    metadata: {},
  } as const;
  const subscription = environment
    .getNetwork()
    .execute(request, variables, {})
    .subscribe({ next: (result) => next((result as { data: Record<string, unknown> }).data), error });
  return () => subscription.unsubscribe();
};

/** Follows a stream without a GraphQL library: with graphql-ws or graphql-sse alone. */
export const bare: Follow = (_url, transport, query, variables, { next, error }) =>
  follow(transport, { query, variables }, { next: ({ data }) => next(data ?? {}), error, complete: () => undefined });

export const kits: Readonly<Record<string, Follow>> = {
  'Apollo Client 4': apollo4,
  'Apollo Client 3': apollo3,
  urql,
  Relay: relay,
  'no library': bare,
};

const QUICK = { firstPauseMs: 40, pingMs: 10_000 };
export const socketTo = (url: string, session?: Pick<Session, 'token'>): SocketClient =>
  createLiveClient({ url: url.replace(/^http/, 'ws'), ...(session && { token: session.token }), ...QUICK });

/** Receives Server-Sent Events. This client does not reconnect: `follow` does, because it knows the cursor. */
export const eventsFrom = (url: string, session?: Pick<Session, 'fetch'>): EventsClient =>
  createEvents({ url, retryAttempts: 0, ...(session && { fetchFn: session.fetch }) });
