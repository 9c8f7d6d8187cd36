import type { EventWriter } from './event-writer.ts';
import { writeParts } from './parts.ts';
import type { SendParts } from './parts.ts';

const PART = 'content-type: application/json; charset=utf-8\r\n\r\n';

/**
 * Sends a response in parts as multipart/mixed (RFC "Incremental Delivery over HTTP"). Each part is followed by its
 * boundary immediately: clients hold a part back until they see where it ends.
 */
export const sendParts: SendParts = (res, first, answers, options) =>
  writeParts(res, first, answers, options, {
    contentType: `multipart/mixed; boundary="-"; ${options.format}`,
    head: '\r\n---\r\n',
    part: ({ text, hasNext }) => `${PART}${text}\r\n---${hasNext ? '' : '--'}\r\n`,
  });

const BOUNDARY = '\r\n--graphql';
const eventPart = (payload: string): string => `\r\n${PART}${payload}${BOUNDARY}`;

/**
 * Writes subscriptions in Apollo's "Multipart HTTP protocol for GraphQL subscriptions", version 1.0. The error that
 * ends a subscription is outside of the payload.
 */
export const multipartWriter: EventWriter = {
  transport: 'multipart',
  contentType: 'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0',
  head: BOUNDARY,
  event: ({ answer }) => eventPart(`{"payload":${answer.text}}`),
  failure: ({ text }) => `${eventPart(`{"payload":null,${text.slice(1)}`)}--\r\n`,
  complete: '--\r\n',
  heartbeat: eventPart('{}'),
};
