import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { jsonErrorPlace } from './json-place.ts';

/** The parameters of one GraphQL request (GraphQL over HTTP, section 5), checked for their types only. */
export interface GraphQLParams {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

/** A request that is refused before GraphQL sees it. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** The connection ended before the whole request had come; there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

const bad = (message: string): HttpProblem => new HttpProblem(400, 'BAD_REQUEST', message);

export type ResponseType = 'application/json' | 'application/graphql-response+json';

/**
 * The media type that the client prefers; application/json when it does not say. A client that takes anything gets application/json too, because
 * that is what such clients have always been given.
 * @throws HttpProblem 406
 */
export function negotiate(accept: string | undefined): ResponseType {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return 'application/json';
  let best: ResponseType | undefined;
  let bestQuality = 0;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = q === undefined ? 1 : Number(q.slice(2));
    const media = type === 'application/graphql-response+json' ? type : ['application/json', 'application/*', '*/*'].includes(type) ? 'application/json' : undefined;
    if (media && quality > bestQuality) [best, bestQuality] = [media, quality];
  }
  if (!best) throw new HttpProblem(406, 'NOT_ACCEPTABLE', 'answers are application/graphql-response+json or application/json');
  return best;
}

/** @throws HttpProblem 400, 405, 413, 415; ClientGone. */
export async function readParams(req: IncomingMessage, maxBytes: number): Promise<GraphQLParams> {
  if (req.method === 'GET') return paramsOfQuery(req.url ?? '');
  if (req.method !== 'POST') throw new HttpProblem(405, 'METHOD_NOT_ALLOWED', 'use POST, or GET for queries', { allow: 'GET, POST' });
  // A browser cannot send this type to another origin without asking first (CORS preflight), so no foreign page can make a user's browser mutate.
  if (!/^application\/json *(?:; *charset *= *"?utf-8"? *)?$/i.test(req.headers['content-type'] ?? '')) {
    throw new HttpProblem(415, 'UNSUPPORTED_MEDIA_TYPE', 'the Content-Type must be application/json in UTF-8', { 'accept-post': 'application/json' });
  }
  if ((req.headers['content-encoding'] ?? 'identity') !== 'identity') throw new HttpProblem(415, 'UNSUPPORTED_MEDIA_TYPE', 'compressed bodies are not accepted');
  return checkParams(parseJson(await readBody(req, maxBytes), 'the body'));
}

/** Stops reading at the limit, also when the length was not announced. */
function readBody(req: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const tooLarge = (): HttpProblem => new HttpProblem(413, 'PAYLOAD_TOO_LARGE', `the body is larger than ${maxBytes} bytes`);
    if (Number(req.headers['content-length'] ?? 0) > maxBytes) return reject(tooLarge());
    const chunks: Buffer[] = [];
    let bytes = 0;
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        req.pause();
        req.removeAllListeners('data');
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    req.on('end', () => {
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      if (isUtf8(body)) resolve(body.toString('utf8'));
      else reject(bad('the body is not UTF-8'));
    });
    req.on('error', () => reject(new ClientGone()));
    req.on('close', () => reject(new ClientGone()));
  });
}

function paramsOfQuery(url: string): GraphQLParams {
  const at = url.indexOf('?');
  const search = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  const variables = search.get('variables');
  return checkParams({
    query: search.get('query') ?? undefined,
    operationName: search.get('operationName'),
    variables: variables === null || variables === '' ? null : parseJson(variables, '"variables"'),
  });
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const place = jsonErrorPlace(text);
    throw bad(`${what} is not JSON${place ? `: line ${place.line}, column ${place.column}` : ''}`);
  }
}

/** @throws HttpProblem 400 that names the parameter. */
export function checkParams(value: unknown): GraphQLParams {
  if (!isObject(value)) throw bad('the body must be a JSON object with "query"; batches are not accepted');
  const { query, operationName, variables, extensions } = value;
  if (typeof query !== 'string' || query === '') throw bad('"query" must be a non-empty string');
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') throw bad('"operationName" must be a string');
  if (variables !== undefined && variables !== null && !isObject(variables)) throw bad('"variables" must be an object');
  if (extensions !== undefined && extensions !== null && !isObject(extensions)) throw bad('"extensions" must be an object');
  return { query, operationName, variables };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
