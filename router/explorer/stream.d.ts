import type { Client } from 'graphql-ws';

export interface StreamEvent {
  /** The `seq` of the event. Absent when the subscription does not select it. */
  readonly seq?: number;
  /** When the page received it, by the local clock: `14:03:59.123`. */
  readonly time: string;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly unknown[];
}

/** What the response pane shows. */
export interface StreamPicture {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly received: number;
  /** How many of the oldest events are left out because there are too many to show. */
  readonly notShown?: number;
  readonly events: readonly StreamEvent[];
  /** `connecting`, `live`, `ended`, or why the connection was lost. */
  readonly stream: string;
  /** The errors with which the stream ended. */
  readonly errors?: readonly { readonly message: string }[];
}

export function follow(
  client: Pick<Client, 'on' | 'subscribe'>,
  params: { query: string; operationName?: string; variables?: Record<string, unknown> },
  options?: { now?: () => number; mostEvents?: number; mostCharacters?: number; pauseMs?: number },
): AsyncIterableIterator<StreamPicture, undefined>;
