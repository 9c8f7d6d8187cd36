import type { Readable } from 'node:stream';

/**
 * Objects (files) by key: a folder in embedded mode, an S3 server in full mode. Both pass `storage.contract.spec.ts`.
 *
 * A key such as `public/teams/4f1c.webp` has folders and a name with an extension. The extension decides the content
 * type. Folders have no dot, so no key is a prefix of another: some S3 servers cannot store `a` and `a/b`. `checkKey`
 * has the exact rule, and each method throws STORAGE_INVALID for another key. Each method throws STORAGE_UNAVAILABLE
 * when the storage does not answer.
 *
 * Objects below `public/` never change after they are written, and caches may keep them for a year.
 */
export interface Storage {
  /**
   * Writes an object. It appears complete or not at all, and replaces an earlier object.
   * @param size the exact length in bytes, which a stream needs. @throws {StorageError} STORAGE_INVALID when the body
   * has another length
   */
  put(key: string, body: Uint8Array): Promise<void>;
  put(key: string, body: Readable, size: number): Promise<void>;
  /**
   * Reads an object, or the bytes `start` to `end`, both included. The caller must read the body to its end or destroy
   * it.
   * @throws {StorageError} STORAGE_NOT_FOUND; STORAGE_INVALID when the range begins after the end of the object, or
   * ends before it begins
   */
  get(key: string, range?: ByteRange): Promise<StoredObject & { readonly body: Readable }>;
  /** The size and type of an object. Undefined when there is no such object. */
  head(key: string): Promise<StoredObject | undefined>;
  /** Deletes objects, at most 1,000. A missing object is no error. */
  delete(...keys: readonly string[]): Promise<void>;
  /** Keys that begin with `folder` (such as `media/4f1c/`), in order, at most 1,000. For cleaning up. */
  list(folder: string): Promise<readonly string[]>;
  /** A request with which a client, such as a page in a browser, writes one object without further rights. */
  signUpload(upload: Upload): Promise<SignedRequest>;
  /** A link that shows one object until it expires. */
  signDownload(download: Download): Promise<string>;
  /** Begins an upload in parts, for large files. @returns its id at the server */
  beginParts(key: string): Promise<string>;
  /** A request with which a client writes one part. A part may be written again. */
  signPart(part: PartUpload): Promise<SignedRequest>;
  /** The sizes of the parts that were written, by their numbers. Empty for an unknown upload. */
  storedParts(key: string, uploadId: string): Promise<ReadonlyMap<number, number>>;
  /**
   * Joins all parts to the object. A repeat after success changes nothing.
   * @param sizes the size of each part; each one but the last has at least {@link MIN_PART_BYTES}
   * @throws {StorageError} STORAGE_INVALID for sizes that no storage joins. STORAGE_INCOMPLETE when a part is missing,
   * has another size or is too many; the parts stay, and can be written again. STORAGE_INCOMPLETE also when the upload is
   * unknown and there is no object of this total size.
   */
  joinParts(key: string, uploadId: string, sizes: readonly number[]): Promise<void>;
  /** Deletes the parts of an upload that was not joined. An unknown upload is no error. */
  dropParts(key: string, uploadId: string): Promise<void>;
  /**
   * Deletes the parts of all uploads below a folder (such as `uploads/`) that began before a time. It finds the uploads
   * whose id was lost, because a process was killed after `beginParts`. MinIO lists no such uploads, and deletes them
   * itself after a day.
   * @returns how many uploads it has dropped
   */
  dropOldParts(folder: string, before: Date): Promise<number>;
  /** Resolves when the storage answers. @throws {StorageError} */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface StoredObject {
  /** Bytes of the whole object. */
  readonly size: number;
  readonly contentType: string;
}

export interface Upload {
  readonly key: string;
  /** Exact length in bytes. The storage refuses a body of another length or type. */
  readonly size: number;
  /** SHA-256 of the body in base64. The storage refuses another body. */
  readonly sha256: string;
  /** How long the request is valid. Seconds, at most {@link MAX_LINK_SECONDS}. */
  readonly seconds: number;
}

export interface PartUpload {
  readonly key: string;
  readonly uploadId: string;
  /** From 1 to {@link MAX_PARTS}. */
  readonly number: number;
  /** Exact length in bytes. A part that is not the last one needs {@link MIN_PART_BYTES}: see `joinParts`. */
  readonly size: number;
  readonly seconds: number;
}

export interface Download {
  readonly key: string;
  readonly seconds: number;
  /**
   * The name under which a browser saves the object instead of showing it: 1 to 200 characters without slashes and
   * control characters. Absent: the browser may show the object.
   */
  readonly fileName?: string;
}

/** A request that a client sends exactly as it is, with the file as its body. */
export interface SignedRequest {
  readonly method: 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A signed request is valid for at most a week (in seconds), as on S3. An upload has at most 1,000 parts; S3 would
 * allow 10,000. Each part but the last has at least 5 MiB (in bytes), as on S3.
 */
const MAX_LINK_SECONDS = 604_800;
const MAX_PARTS = 1_000;
/** The least that S3 accepts for a part that is not the last one. Bytes. */
export const MIN_PART_BYTES = 5 * 2 ** 20;

export type StorageErrorCode =
  /**
   * An argument that no storage accepts, such as a key, a size or a range, or a body with another length or checksum.
   */
  | 'STORAGE_INVALID'
  | 'STORAGE_NOT_FOUND'
  | 'STORAGE_INCOMPLETE'
  /** The storage does not answer, or refuses this process. */
  | 'STORAGE_UNAVAILABLE';

export class StorageError extends Error {
  readonly code: StorageErrorCode;
  /** Whether repeating is useless. Then the job queue moves the job to the dead queue after this attempt. */
  readonly permanent: boolean;
  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageError';
    this.code = code;
    this.permanent = code === 'STORAGE_INVALID' || code === 'STORAGE_NOT_FOUND';
  }
}

/** The content types by the extension of a key. A new kind of file needs a line here. */
const TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  pdf: 'application/pdf',
  csv: 'text/csv; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  json: 'application/json',
  ics: 'text/calendar; charset=utf-8',
  zip: 'application/zip',
};

const KEY = /^(?:[a-z0-9][a-z0-9_-]{0,99}\/){1,8}[a-z0-9][a-z0-9_-]{0,99}\.([a-z0-9]{1,8})$/;
const FOLDER = /^(?:[a-z0-9][a-z0-9_-]{0,99}\/){1,8}$/;
const SHA256 = /^[A-Za-z0-9+/]{43}=$/;

/**
 * Returns the key if it is valid. Keys are lower case, because some file systems do not distinguish case. Folders in
 * keys have no dot, so `..` is impossible.
 * @throws {StorageError} STORAGE_INVALID
 */
export function checkKey(key: string): string {
  if (typeOf(key) === undefined) throw new StorageError('STORAGE_INVALID', 'This is no key of an object');
  return key;
}

/** @throws {StorageError} STORAGE_INVALID */
export function checkFolder(folder: string): string {
  if (!FOLDER.test(folder)) throw new StorageError('STORAGE_INVALID', 'This is no folder of keys');
  return folder;
}

function typeOf(key: string): string | undefined {
  const [, extension] = KEY.exec(key) ?? [];
  return extension !== undefined && Object.hasOwn(TYPES, extension) ? TYPES[extension] : undefined;
}

/** The content type of an object with this key. @throws {StorageError} STORAGE_INVALID when this is no key */
export const contentTypeOf = (key: string): string => typeOf(checkKey(key)) as string;

export const isPublicKey = (key: string): boolean => key.startsWith('public/');

/** The Cache-Control header of an object: public ones may be cached for a year, others not at all. */
export const cacheControlOf = (key: string): string =>
  isPublicKey(key) ? 'public, max-age=31536000, immutable' : 'private, no-store';

const isWhole = (value: number, from: number, to: number): boolean =>
  Number.isSafeInteger(value) && value >= from && value <= to;

const invalid = (message: string): StorageError => new StorageError('STORAGE_INVALID', message);

/** The size of the largest object that one request can store, in bytes. S3 has the same limit. */
const MAX_BYTES = 5 * 2 ** 30;

/** @throws {StorageError} STORAGE_INVALID */
export function checkUpload({ key, size, sha256, seconds }: Upload): void {
  checkKey(key);
  if (!isWhole(size, 1, MAX_BYTES)) throw invalid('An upload has 1 byte to 5 GiB');
  if (!SHA256.test(sha256)) throw invalid('A checksum is the SHA-256 in base64');
  checkSeconds(seconds);
}

/** @throws {StorageError} STORAGE_INVALID */
export function checkPart({ key, uploadId, number, size, seconds }: PartUpload): void {
  checkKey(key);
  checkUploadId(uploadId);
  if (!isWhole(number, 1, MAX_PARTS)) throw invalid(`A part has a number from 1 to ${MAX_PARTS}`);
  if (!isWhole(size, 1, MAX_BYTES)) throw invalid('A part has 1 byte to 5 GiB');
  checkSeconds(seconds);
}

/** @throws {StorageError} STORAGE_INVALID */
export function checkParts(sizes: readonly number[]): void {
  if (!isWhole(sizes.length, 1, MAX_PARTS)) throw invalid(`An upload has 1 to ${MAX_PARTS} parts`);
  if (!sizes.every((size, index) => isWhole(size, index < sizes.length - 1 ? MIN_PART_BYTES : 1, MAX_BYTES)))
    throw invalid('A part has 5 MiB to 5 GiB; only the last one may be smaller');
}

/** @throws {StorageError} STORAGE_INVALID */
export function checkDownload({ key, seconds, fileName }: Download): void {
  checkKey(key);
  checkSeconds(seconds);
  if (fileName !== undefined && !/^[^\p{Cc}\p{Cf}\p{Cs}/\\]{1,200}$/u.test(fileName))
    throw invalid('A file name has 1 to 200 characters without slashes and control characters');
}

/** @throws {StorageError} STORAGE_INVALID */
export function checkSize(size: number): void {
  if (!isWhole(size, 0, MAX_BYTES)) throw invalid('An object has 0 bytes to 5 GiB');
}

/** @throws {StorageError} STORAGE_INVALID */
export function checkRange({ start, end }: ByteRange): void {
  if (!isWhole(start, 0, Number.MAX_SAFE_INTEGER) || !isWhole(end, start, Number.MAX_SAFE_INTEGER))
    throw invalid('A range begins before it ends');
}

/** @throws {StorageError} STORAGE_INVALID */
export function checkUploadId(uploadId: string): void {
  if (!/^[\x21-\x7e]{1,1024}$/.test(uploadId)) throw invalid('This is no id of an upload');
}

/** @throws {StorageError} STORAGE_INVALID */
export function checkKeys(keys: readonly string[]): void {
  if (keys.length > 1_000) throw invalid('At most 1,000 objects can be deleted at once');
  for (const key of keys) checkKey(key);
}

function checkSeconds(seconds: number): void {
  if (!isWhole(seconds, 1, MAX_LINK_SECONDS)) throw invalid('A link is valid for 1 second to 7 days');
}
