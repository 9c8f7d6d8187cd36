import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLFormattedError } from 'graphql';
import type { ExecutionResponse } from '../execution/types.ts';
import type { ResponseType } from './http-request.ts';
import { codedError, withRequestId } from './errors.ts';

export interface Reply {
  readonly status: number;
  readonly type: ResponseType | 'text/plain; charset=utf-8';
  readonly requestId: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a GraphQL response; every error in it gets the request id. */
export function sendResponse(req: IncomingMessage, res: ServerResponse, reply: Reply, response: ExecutionResponse): void {
  const { errors, data } = response;
  // errors first, as the specification advises, so that nobody overlooks them
  send(req, res, reply, JSON.stringify(errors && errors.length > 0 ? { errors: withRequestId(errors, reply.requestId), data } : response));
}

export function sendErrors(req: IncomingMessage, res: ServerResponse, reply: Reply, errors: readonly GraphQLFormattedError[]): void {
  send(req, res, reply, JSON.stringify({ errors: withRequestId(errors, reply.requestId) }));
}

export function sendProblem(req: IncomingMessage, res: ServerResponse, reply: Reply, code: string, message: string): void {
  sendErrors(req, res, reply, [codedError(code, message)]);
}

export function send(req: IncomingMessage, res: ServerResponse, { status, type, requestId, headers }: Reply, body: string): void {
  if (res.headersSent || res.destroyed) return;
  const fields: Record<string, string | number> = {
    'content-type': type === 'text/plain; charset=utf-8' ? type : `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-request-id': requestId,
    ...headers,
  };
  // Whoever answers before the whole body has come must not read the rest, which may never end: the connection goes with the answer.
  if (!req.complete) fields['connection'] = 'close';
  res.writeHead(status, fields);
  res.end(req.method === 'HEAD' ? undefined : body);
}
