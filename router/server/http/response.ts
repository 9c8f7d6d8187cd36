import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLFormattedError } from 'graphql';
import { toBytes, withRequestId } from '../../execution/answer.ts';
import type { Answer } from '../../execution/answer.ts';
import { chooseEncoding, encode } from '../../http1/encoding.ts';
import type { ContentCoding } from '../../http1/encoding.ts';
import { codedError } from '../../operation/request-error.ts';
import type { ResponseType } from './accept.ts';

export interface Reply {
  readonly status: number;
  readonly type: ResponseType | 'text/plain; charset=utf-8';
  readonly requestId: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Sends a response. It compresses responses of at least `compressFrom` bytes if the client accepts that.
 * @returns a promise only when it compresses. The promise never rejects.
 */
export function sendAnswer(
  req: IncomingMessage,
  res: ServerResponse,
  reply: Reply,
  { text }: Answer,
  compressFrom = Infinity,
): Promise<void> | undefined {
  const coding = text.length < compressFrom ? undefined : chooseEncoding(req.headers['accept-encoding']);
  if (coding !== undefined) return sendEncoded(req, res, reply, coding, text);
  sendBytes(req, res, reply, text);
  return undefined;
}

async function sendEncoded(
  req: IncomingMessage,
  res: ServerResponse,
  reply: Reply,
  coding: ContentCoding,
  text: string,
): Promise<void> {
  const packed = await encode(coding, Buffer.from(text, 'latin1'));
  sendBytes(req, res, { ...reply, headers: { ...reply.headers, 'content-encoding': coding } }, packed);
}

export function sendErrors(
  req: IncomingMessage,
  res: ServerResponse,
  reply: Reply,
  errors: readonly GraphQLFormattedError[],
): void {
  sendBytes(req, res, reply, errorsAnswer(errors, reply.requestId).text);
}

/** A response that has only errors. */
export function errorsAnswer(errors: readonly GraphQLFormattedError[], requestId: string): Pick<Answer, 'text'> {
  return { text: toBytes(JSON.stringify({ errors: withRequestId(errors, requestId) })) };
}

export function sendProblem(
  req: IncomingMessage,
  res: ServerResponse,
  reply: Reply,
  code: string,
  message: string,
): void {
  sendErrors(req, res, reply, [codedError(code, message)]);
}

export function send(req: IncomingMessage, res: ServerResponse, reply: Reply, body: string): void {
  sendBytes(req, res, reply, toBytes(body));
}

/** Writes a whole response. @param body if it is a string, each character is one byte ("latin1") */
function sendBytes(
  req: IncomingMessage,
  res: ServerResponse,
  { status, type, requestId, headers }: Reply,
  body: string | Buffer,
): void {
  if (res.headersSent || res.destroyed) return;
  const fields: Record<string, string | number> = {
    'content-type': type === 'text/plain; charset=utf-8' ? type : `${type}; charset=utf-8`,
    'content-length': body.length,
    'cache-control': 'no-store',
    vary: 'accept, accept-encoding, origin',
    'x-request-id': requestId,
    ...(status === 503 && { 'retry-after': '1' }),
    ...headers,
  };
  if (!req.complete && bodyMayBeLong(req)) fields['connection'] = 'close';
  if (status === 294) res.writeHead(status, 'Partial Success', fields);
  else res.writeHead(status, fields);
  if (req.method === 'HEAD') res.end();
  else res.end(body, 'latin1');
}

/**
 * Node reads the rest of a request body that nobody read before it reads the next request. If the rest may be longer
 * than this, the router closes the connection after the response.
 */
const SHORT_BODY = 65_536;

function bodyMayBeLong({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > SHORT_BODY;
}
