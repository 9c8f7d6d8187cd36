import { MessageType, validateMessage } from 'graphql-ws';
import type { Message } from 'graphql-ws';
import { isObject } from '../../collections/json-object.ts';
import { toBytes } from '../../execution/answer.ts';
import type { GraphQLParams } from '../../operation/params.ts';

/** As graphql-ws has checked it. */
export type SubscribePayload = Omit<GraphQLParams, 'persisted'> & {
  readonly extensions?: unknown;
  readonly documentId?: unknown;
};

/**
 * A message of the protocol. graphql-ws wants a text in each `subscribe`; a persisted query has none.
 * @throws Error when it is none
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
 * What stands before the payload of a `next` or `error` of the operation, as bytes ("latin1"); a brace ends the
 * message.
 */
export const headOf = (id: string, type: MessageType.Next | MessageType.Error): string =>
  toBytes(`{"id":${JSON.stringify(id)},"type":"${type}","payload":`);
