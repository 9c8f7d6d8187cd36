import { MessageType, validateMessage } from 'graphql-ws';
import type { Message } from 'graphql-ws';
import { isObject } from '../../collections/json-object.ts';
import { toBytes } from '../../execution/answer.ts';
import type { GraphQLParams } from '../../operation/params.ts';

/** The payload of `subscribe` after graphql-ws has validated it. */
export type SubscribePayload = Omit<GraphQLParams, 'persisted'> & {
  readonly extensions?: unknown;
  readonly documentId?: unknown;
};

/**
 * Parses a message of the protocol. graphql-ws requires a `query` in each `subscribe`, but a persisted query has none.
 * So this function adds an empty one.
 * @throws Error when the text is not a message of the protocol
 */
export function messageOf(text: string): Message {
  const value: unknown = JSON.parse(text);
  if (isObject(value) && value['type'] === MessageType.Subscribe && isObject(value['payload'])) {
    const { payload } = value;
    if (
      (payload['query'] === undefined || payload['query'] === null) &&
      (payload['extensions'] ?? payload['documentId']) !== undefined
    )
      payload['query'] = '';
  }
  return validateMessage(value);
}

/**
 * The bytes ("latin1") before the payload of a `next` or `error` message. A closing brace after the payload ends the
 * message.
 */
export const headOf = (id: string, type: MessageType.Next | MessageType.Error): string =>
  toBytes(`{"id":${JSON.stringify(id)},"type":"${type}","payload":`);
