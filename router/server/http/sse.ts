import type { ServerResponse } from 'node:http';
import { toBytes } from '../../execution/answer.ts';
import type { Answer } from '../../execution/answer.ts';
import type { EventWriter } from './event-writer.ts';
import { writeParts } from './parts.ts';
import type { SendParts } from './parts.ts';

// GraphQL over Server-Sent Events, distinct connections mode (the protocol document of graphql-sse).

const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** A comment: keeps the connection alive, and opens it through proxies that wait for a first byte. */
const SSE_BEAT = ':\n\n';
/** With data, or an EventSource would not tell of it. */
const SSE_COMPLETE = 'event: complete\ndata:\n\n';

/** @param id given back as Last-Event-ID by a client that reconnects */
function sseNext(answer: string, id?: string | number): string {
  // A text of several lines would be several `data` lines; between the values of a JSON text, a blank does as well.
  const data = /[\r\n]/.test(answer) ? answer.replaceAll(/[\r\n]/g, ' ') : answer;
  const position = id === undefined || /[\r\n\0]/.test(String(id)) ? '' : `id: ${toBytes(String(id))}\n`;
  return `event: next\n${position}data: ${data}\n\n`;
}

/** The answer to a query or mutation, for a client that takes nothing but events. */
export function sendEvent(res: ServerResponse, requestId: string, { text }: Pick<Answer, 'text'>): void {
  if (res.headersSent || res.destroyed) return;
  const body = `${sseNext(text)}${SSE_COMPLETE}`;
  res.writeHead(200, {
    'content-type': EVENT_STREAM,
    'content-length': body.length,
    'cache-control': 'no-store',
    vary: 'accept, accept-encoding, origin',
    'x-request-id': requestId,
  });
  res.end(body, 'latin1');
}

/** An answer in parts as events. */
export const sendEvents: SendParts = (res, first, answers, options) =>
  writeParts(res, first, answers, options, {
    contentType: EVENT_STREAM,
    head: SSE_BEAT,
    part: ({ text, hasNext }) => `${sseNext(text)}${hasNext ? '' : SSE_COMPLETE}`,
  });

/**
 * A subscription that has failed says so in an event like others; then it is complete, so that clients of the protocol
 * do not take it up by themselves.
 */
export const sseWriter: EventWriter = {
  transport: 'sse',
  contentType: EVENT_STREAM,
  head: SSE_BEAT,
  event: ({ answer, cursor }) => sseNext(answer.text, cursor),
  failure: ({ text }) => `${sseNext(text)}${SSE_COMPLETE}`,
  complete: SSE_COMPLETE,
  beat: SSE_BEAT,
};
