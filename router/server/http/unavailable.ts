import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptRequestId } from '../../../platform/http/request-id.ts';
import { parseAccept } from './accept.ts';
import { sendProblem } from './response.ts';

/** Answers 503 UNAVAILABLE in a type that the client accepts. A process uses it while its router cannot answer yet. */
export function sendUnavailable(req: IncomingMessage, res: ServerResponse, message: string): void {
  const type = parseAccept(req.headers.accept).single ?? 'application/json';
  sendProblem(
    req,
    res,
    { status: 503, type, requestId: acceptRequestId(req.headers['x-request-id']) },
    'UNAVAILABLE',
    message,
  );
}
