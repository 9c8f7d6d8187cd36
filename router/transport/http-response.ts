import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLFormattedError } from 'graphql';
import { toBytes, withRequestId } from '../execution/answer.ts';
import type { Answer } from '../execution/answer.ts';
import type { ResponseType } from './http-request.ts';
import { codedError } from './errors.ts';

export interface Reply {
  readonly status: number;
  readonly type: ResponseType | 'text/plain; charset=utf-8';
  readonly requestId: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function sendAnswer(req: IncomingMessage, res: ServerResponse, reply: Reply, { text }: Answer): void {
  sendBytes(req, res, reply, text);
}

export function sendErrors(req: IncomingMessage, res: ServerResponse, reply: Reply, errors: readonly GraphQLFormattedError[]): void {
  send(req, res, reply, JSON.stringify({ errors: withRequestId(errors, reply.requestId) }));
}

export function sendProblem(req: IncomingMessage, res: ServerResponse, reply: Reply, code: string, message: string): void {
  sendErrors(req, res, reply, [codedError(code, message)]);
}

export function send(req: IncomingMessage, res: ServerResponse, reply: Reply, body: string): void {
  sendBytes(req, res, reply, toBytes(body));
}

/** `body` is bytes, one a character. */
function sendBytes(req: IncomingMessage, res: ServerResponse, { status, type, requestId, headers }: Reply, body: string): void {
  if (res.headersSent || res.destroyed) return;
  const fields: Record<string, string | number> = {
    'content-type': type === 'text/plain; charset=utf-8' ? type : `${type}; charset=utf-8`,
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-request-id': requestId,
    ...headers,
  };
  // Whoever answers before the whole body has come must not read the rest, which may never end: the connection goes with the answer.
  if (!req.complete) fields['connection'] = 'close';
  res.writeHead(status, fields);
  if (req.method === 'HEAD') res.end();
  else res.end(body, 'latin1');
}
