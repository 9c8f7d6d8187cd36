import type { ServerResponse } from 'node:http';
import { toBytes } from '../../execution/answer.ts';
import type { Answer } from '../../execution/answer.ts';
import type { EventWriter } from './event-writer.ts';
import { writeParts } from './parts.ts';
import type { SendParts } from './parts.ts';

// GraphQL over Server-Sent Events, in the distinct connections mode of the graphql-sse protocol.

const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/**
 * An SSE comment. It keeps the connection alive. Some proxies pass a response on only after its first byte, and the
 * comment is that byte.
 */
const SSE_HEARTBEAT = ':\n\n';
/** The event `complete`. It has a data line because an EventSource ignores events without one. */
const SSE_COMPLETE = 'event: complete\ndata:\n\n';

/** Formats a `next` event. @param id the event id. A client that reconnects sends it as Last-Event-ID. */
function sseNext(answer: string, id?: string | number): string {
  // A text with line breaks would need several `data` lines. In JSON a blank has the same meaning as a line break
  // between values.
  const data = /[\r\n]/.test(answer) ? answer.replaceAll(/[\r\n]/g, ' ') : answer;
  const position = id === undefined || /[\r\n\0]/.test(String(id)) ? '' : `id: ${toBytes(String(id))}\n`;
  return `event: next\n${position}data: ${data}\n\n`;
}

/** Sends the response to a query or mutation to a client that accepts only events. */
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

/** Sends a response in parts as events. */
export const sendEvents: SendParts = (res, first, answers, options) =>
  writeParts(res, first, answers, options, {
    contentType: EVENT_STREAM,
    head: SSE_HEARTBEAT,
    part: ({ text, hasNext }) => `${sseNext(text)}${hasNext ? '' : SSE_COMPLETE}`,
  });

/**
 * Writes a failed subscription as an ordinary event that has errors, followed by `complete`. Because of `complete`,
 * clients of the protocol do not reconnect by themselves.
 */
export const sseWriter: EventWriter = {
  transport: 'sse',
  contentType: EVENT_STREAM,
  head: SSE_HEARTBEAT,
  event: ({ answer, cursor }) => sseNext(answer.text, cursor),
  failure: ({ text }) => `${sseNext(text)}${SSE_COMPLETE}`,
  complete: SSE_COMPLETE,
  heartbeat: SSE_HEARTBEAT,
};
