import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { acceptRequestId } from '../../../platform/http/request-id.ts';
import { publicSdl } from '../../supergraph/public-sdl.ts';
import { send, sendProblem } from './response.ts';

const files = new WeakMap<GraphQLSchema, { readonly text: string; readonly etag: string }>();

function fileOf(schema: GraphQLSchema): { readonly text: string; readonly etag: string } {
  let file = files.get(schema);
  if (file === undefined) {
    const text = publicSdl(schema);
    files.set(
      schema,
      (file = { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` }),
    );
  }
  return file;
}

/**
 * Answers `/schema.graphql` with the SDL that clients may see.
 * @param schema undefined while the router has no supergraph
 */
export function sendSchemaFile(req: IncomingMessage, res: ServerResponse, schema: GraphQLSchema | undefined): void {
  const id = acceptRequestId(req.headers['x-request-id']);
  const problem = (status: number, code: string, message: string, headers = {}): void =>
    sendProblem(req, res, { status, type: 'application/json', requestId: id, headers }, code, message);
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    return problem(405, 'METHOD_NOT_ALLOWED', 'the schema can only be read', { allow: 'GET, HEAD' });
  }
  if (schema === undefined) return problem(503, 'UNAVAILABLE', 'there is no supergraph yet');
  const { text, etag } = fileOf(schema);
  const headers = { etag, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' };
  if (req.headers['if-none-match'] === etag) return void res.writeHead(304, { ...headers, 'x-request-id': id }).end();
  send(req, res, { status: 200, type: 'text/plain; charset=utf-8', requestId: id, headers }, text);
}
