import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { corsRule, NO_CORS } from '../http/cors.ts';
import { type FolderStorage, STORAGE_PATH } from './folder.ts';
import {
  type ByteRange,
  cacheControlOf,
  contentTypeOf,
  isPublicKey,
  StorageError,
  type StorageErrorCode,
} from './storage.ts';

export interface StorageHandlerOptions {
  /** Origins of pages that may call: see `platform/http`. Undefined: a proxy in front sets the headers. */
  readonly origins: readonly string[] | undefined;
  /** Called with the error when the answer is 500 or 503. */
  readonly onError: (error: unknown) => void;
}

/** The largest number of concurrent uploads, so that clients cannot open files without a limit. */
const MAX_UPLOADS = 50;

const STATUS: Readonly<Record<StorageErrorCode, number>> = {
  STORAGE_INVALID: 400,
  STORAGE_NOT_FOUND: 404,
  STORAGE_INCOMPLETE: 409,
  STORAGE_UNAVAILABLE: 503,
};

class Refused extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * Serves the folder to clients, as an S3 server does in full mode:
 *
 *    GET  /storage/public/…      objects that everybody may read, with headers for caches
 *    GET  /storage/…?signature=  other objects, until the link expires
 *    PUT  /storage/…?signature=  an upload or a part, with exactly the signed size, type and checksum
 *
 * @returns a handler; it returns false when the path is not below /storage
 */
export function createStorageHandler(
  storage: FolderStorage,
  { origins, onError }: StorageHandlerOptions,
): (req: IncomingMessage, res: ServerResponse) => boolean {
  const cors = origins
    ? corsRule(origins, { methods: ['GET', 'HEAD', 'PUT', 'OPTIONS'], exposedHeaders: ['ETag', 'Content-Range'] })
    : NO_CORS;
  let uploads = 0;
  return (req, res) => {
    if (!req.url?.startsWith(STORAGE_PATH)) return false;
    if (cors(req, res)) return true;
    const work = async (): Promise<void> => {
      if (req.method !== 'PUT') return read(storage, req, res);
      if (uploads >= MAX_UPLOADS) throw new Refused(503, 'UNAVAILABLE', 'Too many uploads at once. Try again.');
      uploads++;
      try {
        await write(storage, req, res);
      } finally {
        uploads--;
      }
    };
    work().catch((error: unknown) => {
      if (res.destroyed) return;
      if (res.headersSent) return void res.destroy();
      if (error instanceof Refused) return refuse(res, error.status, error.code, error.message);
      if (error instanceof StorageError && STATUS[error.code] < 500)
        return refuse(res, STATUS[error.code], error.code, error.message);
      onError(error);
      const isAway = error instanceof StorageError;
      refuse(res, isAway ? 503 : 500, isAway ? 'UNAVAILABLE' : 'INTERNAL', 'The storage cannot be used at the moment.');
    });
    return true;
  };
}

async function read(storage: FolderStorage, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { key, path, query } = targetOf(req);
  const isPublic = isPublicKey(key);
  if (req.method !== 'GET' && !(req.method === 'HEAD' && isPublic))
    throw new Refused(405, 'METHOD_NOT_ALLOWED', 'use GET or PUT');
  const signed =
    isPublic && !query.has('signature') ? new URLSearchParams() : await verified(storage, 'GET', path, query);
  const head = await storage.head(key);
  if (!head) throw new Refused(404, 'STORAGE_NOT_FOUND', 'There is no such object');
  const range = rangeOf(req.headers.range, head.size);
  if (range === 'outside') {
    res.setHeader('content-range', `bytes */${head.size}`);
    throw new Refused(416, 'STORAGE_INVALID', 'The range begins after the end of the object');
  }
  const { size, contentType, body } = await storage.get(key, range);
  const disposition = signed.get('disposition');
  res.writeHead(range ? 206 : 200, {
    'content-type': contentType,
    'content-length': range ? range.end - range.start + 1 : size,
    'accept-ranges': 'bytes',
    ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
    'cache-control': cacheControlOf(key),
    // The policy keeps a page that is stored as an object from acting in the name of this origin.
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
    ...(disposition !== null && { 'content-disposition': disposition }),
  });
  if (req.method === 'HEAD') {
    body.destroy();
    res.end();
  } else await pipeline(body, res);
}

async function write(storage: FolderStorage, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { key, path, query } = targetOf(req);
  const signed = await verified(storage, 'PUT', path, query);
  const size = Number(signed.get('size'));
  const [uploadId, number, sha256] = [signed.get('upload'), signed.get('part'), signed.get('sha256')];
  if (req.headers['content-type'] !== contentTypeOf(key))
    throw new Refused(403, 'UPLOAD_REFUSED', 'The Content-Type is not the one that was announced');
  if (req.headers['content-length'] === undefined)
    throw new Refused(411, 'UPLOAD_REFUSED', 'An upload needs a Content-Length');
  if (Number(req.headers['content-length']) !== size)
    throw new Refused(403, 'UPLOAD_REFUSED', 'The Content-Length is not the one that was announced');
  await storage.receive(key, req, {
    size,
    ...(sha256 !== null && { sha256 }),
    ...(uploadId !== null && number !== null && { part: { uploadId, number: Number(number) } }),
  });
  res.writeHead(200, { 'content-length': 0 }).end();
}

function targetOf(req: IncomingMessage): { key: string; path: string; query: URLSearchParams } {
  const [path = '', query = ''] = (req.url ?? '').split('?', 2);
  const key = path.slice(STORAGE_PATH.length);
  contentTypeOf(key);
  return { key, path, query: new URLSearchParams(query) };
}

async function verified(
  storage: FolderStorage,
  method: string,
  path: string,
  query: URLSearchParams,
): Promise<URLSearchParams> {
  const signed = (await storage.links()).verify(method, path, query);
  if (signed === 'LINK_EXPIRED') throw new Refused(403, signed, 'The link has expired. Ask for a new one.');
  if (signed === 'LINK_INVALID') throw new Refused(403, signed, 'The link is not valid for this request.');
  return signed;
}

/**
 * Reads a Range header with one range (RFC 9110, section 14). Any other form of the header is ignored, which the
 * standard allows.
 */
function rangeOf(header: string | undefined, size: number): ByteRange | 'outside' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '')
    return last === '0' || size === 0 ? 'outside' : { start: Math.max(0, size - Number(last)), end: size - 1 };
  const [start, end] = [Number(first), last === '' ? size - 1 : Math.min(Number(last), size - 1)];
  if (start >= size) return 'outside';
  return end < start ? undefined : { start, end };
}

/** Answers with an error. The rest of an unread body is not awaited: the connection ends. */
function refuse(res: ServerResponse, status: number, code: string, message: string): void {
  res.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    connection: 'close',
    ...(status === 503 && { 'retry-after': '1' }),
  });
  res.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}
