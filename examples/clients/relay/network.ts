// For Relay: copy it beside resumable.ts.
import { type FetchFunction, type GraphQLResponse, Network, Observable, type SubscribeFunction } from 'relay-runtime';
import { follow, type FollowOptions, type LiveTransport } from '../../typed-client/resumable.ts';

/** For Network.create(fetch, subscribe): each event once and in order, whatever happens to the connection. Errors are of the class StreamEnded. */
export const liveSubscribe = (transport: LiveTransport, options?: FollowOptions): SubscribeFunction =>
  ({ text, name }, variables) => Observable.create((sink) => follow(transport, { query: text ?? '', operationName: name, variables }, {
    next: (result) => sink.next(result as Parameters<typeof sink.next>[0]),
    error: (error) => sink.error(error as Error),
    complete: () => sink.complete(),
  }, options));

/** Queries and mutations over HTTP, subscriptions over the transport. @param fetch of a session, so that expired tokens are renewed */
export function createNetwork(url: string, transport: LiveTransport, fetchIt: typeof fetch = fetch): ReturnType<typeof Network.create> {
  const execute: FetchFunction = async ({ text, name }, variables) => {
    const body = JSON.stringify({ query: text, operationName: name, variables });
    const response = await fetchIt(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return (await response.json()) as GraphQLResponse;
  };
  return Network.create(execute, liveSubscribe(transport));
}
