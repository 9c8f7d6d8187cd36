// The network for Relay. Copy this file next to resumable.ts. For @defer, run `npm install meros`.
import { meros } from 'meros/browser';
import {
  type FetchFunction,
  type GraphQLResponse,
  type GraphQLResponseWithData,
  Network,
  Observable,
  type SubscribeFunction,
} from 'relay-runtime';
import { follow, type FollowOptions, type LiveTransport } from '../../typed-client/resumable.ts';

/**
 * The second argument of Network.create(fetch, subscribe). It delivers each event once and in order, even when the
 * connection is lost in between. When a stream ends for good, the error is a StreamEnded.
 */
export const liveSubscribe =
  (transport: LiveTransport, options?: FollowOptions): SubscribeFunction =>
  ({ text, name }, variables) =>
    Observable.create((sink) =>
      follow(
        transport,
        { query: text ?? '', operationName: name, variables },
        {
          next: (result) => sink.next(result as Parameters<typeof sink.next>[0]),
          error: (error) => sink.error(error as Error),
          complete: () => sink.complete(),
        },
        options,
      ),
    );

interface Part extends GraphQLResponseWithData {
  hasNext?: boolean;
  incremental?: GraphQLResponseWithData[];
}
/** Converts one part of an incremental answer (`@defer`) to Relay's format. */
const relayParts = ({ hasNext = false, incremental, ...whole }: Part): GraphQLResponse =>
  (incremental ?? ('data' in whole ? [whole] : [])).map((part) => ({
    ...part,
    extensions: { ...part.extensions, is_final: !hasNext },
  }));

/**
 * Sends queries and mutations over HTTP, subscriptions over the transport.
 * @param fetchIt a session's `fetch`, so that expired tokens are renewed
 */
export function createNetwork(
  url: string,
  transport: LiveTransport,
  fetchIt: typeof fetch = fetch,
): ReturnType<typeof Network.create> {
  const execute: FetchFunction = ({ text, name }, variables) =>
    Observable.create((sink) => {
      const leave = new AbortController();
      const ask = async (): Promise<void> => {
        const headers = {
          'content-type': 'application/json',
          accept: 'multipart/mixed;deferSpec=20220824, application/json',
        };
        const body = JSON.stringify({ query: text, operationName: name, variables });
        const answer = await meros<Part>(await fetchIt(url, { method: 'POST', headers, body, signal: leave.signal }));
        if (answer instanceof Response) return sink.next((await answer.json()) as GraphQLResponse);
        for await (const part of answer) if (part.json) sink.next(relayParts(part.body));
      };
      ask().then(
        () => sink.complete(),
        (error: Error) => sink.error(error),
      );
      return () => leave.abort();
    });
  return Network.create(execute, liveSubscribe(transport));
}
