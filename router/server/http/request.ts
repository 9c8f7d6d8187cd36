import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isObject } from '../../collections/json-object.ts';
import { DECODABLE, EncodingError, decode } from '../../http1/encoding.ts';
import { isValueNestedDeeper } from '../../operation/nesting.ts';
import { persistedName } from '../../operation/params.ts';
import type { GraphQLParams } from '../../operation/params.ts';
import { NESTED_TOO_DEEP } from '../../operation/request-error.ts';
import { jsonErrorPosition } from './json-position.ts';
import { ClientGone, HttpProblem } from './problem.ts';

/** Operations that arrived as one JSON array. Each is validated by itself. */
export interface Batch {
  readonly batch: readonly unknown[];
}

const badRequest = (message: string): HttpProblem => new HttpProblem(400, 'BAD_REQUEST', message);

/** Limits on the parameters of a request. The router refuses a request that exceeds one of them. */
export interface RequestRules {
  /** The largest number of bytes of a body, both as sent and after decompression. */
  readonly bodyBytes: number;
  /** The largest number of levels of nesting in the JSON of the variables. */
  readonly nesting: number;
  /** The largest number of operations of one array. 0 refuses arrays. */
  readonly batchedOperations: number;
  /**
   * Throws HttpProblem for a GET or HEAD request that may come from a page of another origin through a user's browser
   * (CSRF). Undefined: such requests are not checked.
   */
  readonly preventCsrf: ((headers: IncomingHttpHeaders) => void) | undefined;
}

export const ALLOW = 'GET, HEAD, POST, OPTIONS';
const unsupported = (message: string, headers: Readonly<Record<string, string>>): HttpProblem =>
  new HttpProblem(415, 'UNSUPPORTED_MEDIA_TYPE', message, headers);

/**
 * Reads the parameters of a request: GET and HEAD for queries, POST for all operations.
 * @throws HttpProblem 400, 405, 413, 415; RequestError; ClientGone
 */
export async function readParams(
  req: IncomingMessage,
  { bodyBytes, nesting, batchedOperations, preventCsrf }: RequestRules,
): Promise<GraphQLParams | Batch> {
  const { method, headers } = req;
  if (method === 'GET' || method === 'HEAD') {
    preventCsrf?.(headers);
    return paramsOfQuery(req.url ?? '', nesting);
  }
  if (method !== 'POST')
    throw new HttpProblem(405, 'METHOD_NOT_ALLOWED', 'use POST, or GET for queries', { allow: ALLOW });
  // A browser sends this type to another origin only after a CORS preflight, so a page of another origin cannot make a
  // user's browser send a mutation.
  if (!isJsonInUtf8(headers['content-type']))
    throw unsupported('the Content-Type must be application/json in UTF-8', { 'accept-post': 'application/json' });
  const encoding = headers['content-encoding'];
  const bytes = await readBody(req, bodyBytes);
  const body = parseJson(
    textOf(encoding === undefined ? bytes : await inflate(encoding, bytes, bodyBytes)),
    'the body',
  );
  return Array.isArray(body) ? batchOf(body, batchedOperations) : checkParams(body, nesting);
}

function batchOf(batch: readonly unknown[], most: number): Batch {
  if (most === 0) throw badRequest('batches are not accepted: send each operation by itself');
  if (batch.length === 0) throw badRequest('a batch must contain at least one operation');
  if (batch.length > most)
    throw new HttpProblem(400, 'TOO_MANY_OPERATIONS', `at most ${most} operations may come in one batch`);
  return { batch };
}

/**
 * Whether the type is application/json in UTF-8. The type has no parameter `charset`, but if a client sets it, it must
 * be UTF-8. Other parameters are ignored.
 */
function isJsonInUtf8(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  const [type, ...parameters] = (contentType ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  if (type !== 'application/json') return false;
  const charset = parameters.find((parameter) => /^charset\s*=/.test(parameter));
  return charset === undefined || /^charset\s*=\s*"?utf-?8"?$/.test(charset);
}

async function inflate(encoding: string, bytes: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await decode(encoding, bytes, maxBytes);
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error;
    if (error.reason === 'too large') throw tooLarge(maxBytes);
    if (error.reason === 'corrupt') throw badRequest(`the body cannot be decoded: ${error.message}`);
    throw unsupported(`a body must be uncompressed or use one of ${DECODABLE}`, { 'accept-encoding': DECODABLE });
  }
}

function textOf(body: Buffer): string {
  if (!isUtf8(body)) throw badRequest('the body is not UTF-8');
  return body.toString('utf8');
}

const tooLarge = (maxBytes: number): HttpProblem =>
  new HttpProblem(413, 'PAYLOAD_TOO_LARGE', `the body is larger than ${maxBytes} bytes`);

/**
 * Reads the body of a request. At the limit it stops and throws HttpProblem 413, even when the client did not announce
 * the length.
 */
function readBody(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(req.headers['content-length'] ?? 0) > maxBytes) return reject(tooLarge(maxBytes));
    let first: Buffer | undefined;
    let all: Buffer[] | undefined;
    let bytes = 0;
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        req.pause();
        req.removeAllListeners('data');
        reject(tooLarge(maxBytes));
      } else if (first === undefined) first = chunk;
      else (all ??= [first]).push(chunk);
    });
    req.on('end', () => resolve(all === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(all)));
    req.on('error', () => reject(new ClientGone()));
    req.on('close', () => {
      // The error is created only when it is needed: an Error with its stack would be 1.7% of the cost of each request.
      if (!req.complete) reject(new ClientGone());
    });
  });
}

function paramsOfQuery(url: string, nesting: number): GraphQLParams {
  const at = url.indexOf('?');
  const search = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  return checkParams(
    {
      query: search.get('query') ?? undefined,
      operationName: search.get('operationName'),
      variables: jsonParam(search, 'variables'),
      extensions: jsonParam(search, 'extensions'),
      documentId: search.get('documentId'),
    },
    nesting,
  );
}

function jsonParam(search: URLSearchParams, name: string): unknown {
  const text = search.get(name);
  return text === null || text === '' ? null : parseJson(text, `"${name}"`);
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const place = jsonErrorPosition(text);
    throw badRequest(`${what} is not JSON${place ? `: line ${place.line}, column ${place.column}` : ''}`);
  }
}

/**
 * Validates the parameters of one operation.
 * @throws HttpProblem 400 that names the parameter; RequestError, see `persistedName`
 */
export function checkParams(value: unknown, nesting: number): GraphQLParams {
  if (!isObject(value)) throw badRequest('a request must be a JSON object with "query", or an array of such objects');
  const { query, operationName, variables, extensions } = value;
  const persisted = persistedName(value);
  if (typeof query !== 'string' || query === '') {
    if (persisted === undefined || (query !== undefined && query !== null && query !== ''))
      throw badRequest('"query" must be a non-empty string');
  }
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string')
    throw badRequest('"operationName" must be a string');
  if (variables !== undefined && variables !== null && !isObject(variables))
    throw badRequest('"variables" must be an object');
  if (extensions !== undefined && extensions !== null && !isObject(extensions))
    throw badRequest('"extensions" must be an object');
  if (isValueNestedDeeper(variables, nesting))
    throw new HttpProblem(400, NESTED_TOO_DEEP, `"variables" are nested more than ${nesting} levels deep`);
  return { query: query ?? '', operationName, variables, persisted };
}
