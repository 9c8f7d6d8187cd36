import { Readable, Transform } from 'node:stream';
import type { ListMultipartUploadsCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { create as contentDisposition } from 'content-disposition';
import {
  type ByteRange,
  cacheControlOf,
  checkDownload,
  checkFolder,
  checkKey,
  checkKeys,
  checkPart,
  checkParts,
  checkRange,
  checkSize,
  checkUpload,
  checkUploadId,
  contentTypeOf,
  type Download,
  type PartUpload,
  type SignedRequest,
  type Storage,
  StorageError,
  type StoredObject,
  type Upload,
} from './storage.ts';

export interface S3StorageOptions {
  readonly bucket: string;
  readonly region: string;
  /** The URL of the server for this process. Undefined: AWS, by the region. */
  readonly endpoint?: string;
  /** The URL of the same server for clients, if they use another URL. */
  readonly publicEndpoint?: string;
  /** The key for the server. Undefined: the SDK looks for one (role of the machine, files, environment). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Whether URLs have the bucket in their path, and not in the host name. */
  readonly pathStyle: boolean;
  /** Whether everybody may read objects below `public/` at the bucket. */
  readonly publicRead: boolean;
  /**
   * Whether uploads carry their SHA-256, which the server then checks. Google Cloud Storage does not know the header.
   */
  readonly uploadChecksum: boolean;
  /** The origins of pages that may upload and read. */
  readonly origins: readonly string[];
  readonly warn: (line: string) => void;
  readonly now?: () => number;
}

type Sdk = typeof import('@aws-sdk/client-s3');

interface Opened {
  readonly sdk: Sdk;
  readonly client: S3Client;
  /** Signs for clients. */
  readonly signer: S3Client;
  readonly sign: (typeof import('@aws-sdk/s3-request-presigner'))['getSignedUrl'];
}

const PARALLEL_DELETES = 10;
/** Pages of unfinished uploads that one call reads. A page has at most 1,000. */
const MOST_PAGES = 100;

/**
 * Stores objects on a server that speaks the S3 protocol. docs/storage.md has the settings for each server. The SDK is
 * loaded at the first use. At the first use the bucket is created if it is missing, and gets its CORS rules.
 */
export class S3Storage implements Storage {
  readonly #options: S3StorageOptions;
  #opened?: Promise<Opened>;
  #prepared?: Promise<void>;

  constructor(options: S3StorageOptions) {
    this.#options = options;
  }

  async put(key: string, body: Uint8Array | Readable, size?: number): Promise<void> {
    checkKey(key);
    const bytes = (body instanceof Readable ? size : body.byteLength) ?? -1;
    const source = body instanceof Readable ? body : undefined;
    try {
      checkSize(bytes);
      await this.#prepare();
    } catch (error) {
      source?.destroy();
      throw error;
    }
    const counted = source && exactly(bytes, source);
    // The SDK would wait for the rest of a body that has failed.
    const failed = new AbortController();
    counted?.on('error', () => failed.abort());
    await this.#call(async ({ sdk, client }) => {
      try {
        await client.send(
          new sdk.PutObjectCommand({
            Bucket: this.#options.bucket,
            Key: key,
            Body: counted ?? (body as Uint8Array),
            ContentLength: bytes,
            ContentType: contentTypeOf(key),
            CacheControl: cacheControlOf(key),
          }),
          { abortSignal: failed.signal },
        );
      } catch (error) {
        // The SDK reports that the request was aborted, and not why.
        throw counted?.errored ?? error;
      } finally {
        source?.destroy();
        counted?.destroy();
      }
    });
  }

  async get(key: string, range?: ByteRange): Promise<StoredObject & { readonly body: Readable }> {
    checkKey(key);
    if (range) checkRange(range);
    return this.#call(async ({ sdk, client }) => {
      const found = await client.send(
        new sdk.GetObjectCommand({
          Bucket: this.#options.bucket,
          Key: key,
          ...(range && { Range: `bytes=${range.start}-${range.end}` }),
        }),
      );
      const total = /\/(\d+)$/.exec(found.ContentRange ?? '')?.[1];
      return {
        size: Number(total ?? found.ContentLength ?? 0),
        contentType: contentTypeOf(key),
        body: found.Body as Readable,
      };
    });
  }

  async head(key: string): Promise<StoredObject | undefined> {
    checkKey(key);
    try {
      return await this.#call(async ({ sdk, client }) => {
        const found = await client.send(new sdk.HeadObjectCommand({ Bucket: this.#options.bucket, Key: key }));
        return { size: found.ContentLength ?? 0, contentType: contentTypeOf(key) };
      });
    } catch (error) {
      if (error instanceof StorageError && error.code === 'STORAGE_NOT_FOUND') return undefined;
      throw error;
    }
  }

  /** One request for each object: not every server has the request for many. */
  async delete(...keys: readonly string[]): Promise<void> {
    checkKeys(keys);
    await this.#call(async ({ sdk, client }) => {
      for (let at = 0; at < keys.length; at += PARALLEL_DELETES)
        await Promise.all(
          keys
            .slice(at, at + PARALLEL_DELETES)
            .map((key) =>
              client.send(new sdk.DeleteObjectCommand({ Bucket: this.#options.bucket, Key: key })).catch(unlessMissing),
            ),
        );
    });
  }

  async list(folder: string): Promise<readonly string[]> {
    checkFolder(folder);
    return this.#call(async ({ sdk, client }) => {
      const { Contents: found = [] } = await client.send(
        new sdk.ListObjectsV2Command({ Bucket: this.#options.bucket, Prefix: folder, MaxKeys: 1_000 }),
      );
      return found.flatMap(({ Key: key }) => (key === undefined ? [] : [key]));
    });
  }

  async signUpload(upload: Upload): Promise<SignedRequest> {
    checkUpload(upload);
    await this.#prepare();
    const { key, size, sha256, seconds } = upload;
    const checked = this.#options.uploadChecksum;
    return this.#call(async ({ sdk, signer, sign }) => {
      const command = new sdk.PutObjectCommand({
        Bucket: this.#options.bucket,
        Key: key,
        ContentType: contentTypeOf(key),
        ContentLength: size,
        ...(checked && { ChecksumSHA256: sha256 }),
      });
      const url = await sign(signer, command, {
        ...this.#from(seconds),
        // These headers are signed. Otherwise the server would accept any size, type and content.
        signableHeaders: new Set(['content-type', 'content-length', 'x-amz-checksum-sha256']),
        unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
      });
      const headers = { 'content-type': contentTypeOf(key), ...(checked && { 'x-amz-checksum-sha256': sha256 }) };
      return { method: 'PUT', url, headers };
    });
  }

  async signDownload(download: Download): Promise<string> {
    checkDownload(download);
    const { key, seconds, fileName } = download;
    return this.#call(({ sdk, signer, sign }) =>
      sign(
        signer,
        new sdk.GetObjectCommand({
          Bucket: this.#options.bucket,
          Key: key,
          ...(fileName !== undefined && { ResponseContentDisposition: contentDisposition(fileName) }),
        }),
        this.#from(seconds),
      ),
    );
  }

  async beginParts(key: string): Promise<string> {
    checkKey(key);
    await this.#prepare();
    return this.#call(async ({ sdk, client }) => {
      const { UploadId: id } = await client.send(
        new sdk.CreateMultipartUploadCommand({
          Bucket: this.#options.bucket,
          Key: key,
          ContentType: contentTypeOf(key),
          CacheControl: cacheControlOf(key),
        }),
      );
      if (id === undefined) throw new StorageError('STORAGE_UNAVAILABLE', 'The server gave the upload no id');
      return id;
    });
  }

  async signPart(part: PartUpload): Promise<SignedRequest> {
    checkPart(part);
    const { key, uploadId, number, size, seconds } = part;
    return this.#call(async ({ sdk, signer, sign }) => {
      const command = new sdk.UploadPartCommand({
        Bucket: this.#options.bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: number,
        ContentLength: size,
      });
      const url = await sign(signer, command, { ...this.#from(seconds), signableHeaders: new Set(['content-length']) });
      return { method: 'PUT', url, headers: {} };
    });
  }

  async storedParts(key: string, uploadId: string): Promise<ReadonlyMap<number, number>> {
    return new Map((await this.#partsOf(key, uploadId))?.map(({ number, size }) => [number, size]));
  }

  async joinParts(key: string, uploadId: string, sizes: readonly number[]): Promise<void> {
    checkParts(sizes);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const parts = await this.#partsOf(key, uploadId);
    if (!parts) return this.#isJoined(key, total);
    if (parts.length !== sizes.length || parts.some(({ number, size }) => size !== sizes[number - 1]))
      throw new StorageError('STORAGE_INCOMPLETE', 'A part is missing, has another size or is too many');
    await this.#call(async ({ sdk, client }) => {
      await client.send(
        new sdk.CompleteMultipartUploadCommand({
          Bucket: this.#options.bucket,
          Key: key,
          UploadId: uploadId,
          MultipartUpload: { Parts: parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag })) },
        }),
      );
    }).catch((error: unknown) => {
      // Another call has joined or dropped the upload since.
      if (error instanceof StorageError && error.code === 'STORAGE_NOT_FOUND') return this.#isJoined(key, total);
      throw error;
    });
  }

  async dropParts(key: string, uploadId: string): Promise<void> {
    checkKey(key);
    checkUploadId(uploadId);
    await this.#call(async ({ sdk, client }) => {
      await client
        .send(new sdk.AbortMultipartUploadCommand({ Bucket: this.#options.bucket, Key: key, UploadId: uploadId }))
        .catch(unlessMissing);
    });
  }

  async dropOldParts(folder: string, before: Date): Promise<number> {
    checkFolder(folder);
    await this.#prepare();
    return this.#call(async ({ sdk, client }) => {
      const Bucket = this.#options.bucket;
      let [count, next]: [number, { KeyMarker?: string; UploadIdMarker?: string } | undefined] = [0, {}];
      for (let page = 0; next !== undefined && page < MOST_PAGES; page++) {
        const found: ListMultipartUploadsCommandOutput = await client.send(
          new sdk.ListMultipartUploadsCommand({ Bucket, Prefix: folder, ...next }),
        );
        for (const { Key, UploadId, Initiated } of found.Uploads ?? []) {
          if (Key === undefined || UploadId === undefined || !Initiated || Initiated >= before) continue;
          await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(unlessMissing);
          count++;
        }
        const { IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = found;
        next =
          IsTruncated === true && KeyMarker !== undefined
            ? { KeyMarker, ...(UploadIdMarker !== undefined && { UploadIdMarker }) }
            : undefined;
      }
      return count;
    });
  }

  async ping(): Promise<void> {
    await this.#prepare();
    await this.#call(({ sdk, client }) => client.send(new sdk.HeadBucketCommand({ Bucket: this.#options.bucket })));
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    opened?.client.destroy();
    if (opened?.signer !== opened?.client) opened?.signer.destroy();
  }

  /** @throws {StorageError} STORAGE_INCOMPLETE when there is no object of this size */
  async #isJoined(key: string, size: number): Promise<void> {
    if ((await this.head(key))?.size !== size) throw new StorageError('STORAGE_INCOMPLETE', 'There is no such upload');
  }

  /** The parts that the server has, in order. Undefined when it does not know the upload. */
  async #partsOf(
    key: string,
    uploadId: string,
  ): Promise<{ number: number; size: number; etag: string | undefined }[] | undefined> {
    checkKey(key);
    checkUploadId(uploadId);
    try {
      return await this.#call(async ({ sdk, client }) => {
        const { Parts: parts = [] } = await client.send(
          new sdk.ListPartsCommand({ Bucket: this.#options.bucket, Key: key, UploadId: uploadId, MaxParts: 1_000 }),
        );
        return parts.map((part) => ({ number: part.PartNumber ?? 0, size: part.Size ?? 0, etag: part.ETag }));
      });
    } catch (error) {
      if (error instanceof StorageError && error.code === 'STORAGE_NOT_FOUND') return undefined;
      throw error;
    }
  }

  #from(seconds: number): { expiresIn: number; signingDate?: Date } {
    return { expiresIn: seconds, ...(this.#options.now && { signingDate: new Date(this.#options.now()) }) };
  }

  #open(): Promise<Opened> {
    this.#opened ??= load().then(([sdk, presigner]) => {
      const { region, endpoint, publicEndpoint, credentials, pathStyle } = this.#options;
      const clientFor = (url: string | undefined) =>
        new sdk.S3Client({
          region,
          ...(url !== undefined && { endpoint: url }),
          ...(credentials && { credentials }),
          forcePathStyle: pathStyle,
          // By default the SDK signs the checksum of an empty body into links for uploads, and sends checksums that
          // not every server knows.
          requestChecksumCalculation: 'WHEN_REQUIRED',
          responseChecksumValidation: 'WHEN_REQUIRED',
          requestHandler: { connectionTimeout: 3_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
        });
      const client = clientFor(endpoint);
      const isSame = publicEndpoint === undefined || publicEndpoint === endpoint;
      return { sdk, client, signer: isSame ? client : clientFor(publicEndpoint), sign: presigner.getSignedUrl };
    });
    return this.#opened;
  }

  /** Creates and configures the bucket, once in this process. If that fails, the next use tries again. */
  #prepare(): Promise<void> {
    this.#prepared ??= this.#setUp().catch((error: unknown) => {
      this.#prepared = undefined;
      throw error;
    });
    return this.#prepared;
  }

  async #setUp(): Promise<void> {
    const { bucket: Bucket, origins, publicRead, warn } = this.#options;
    await this.#call(async ({ sdk, client }) => {
      await client.send(new sdk.HeadBucketCommand({ Bucket })).catch(async (error: unknown) => {
        if (statusOf(error) !== 404) throw error;
        await client.send(new sdk.CreateBucketCommand({ Bucket })).catch((refused: unknown) => {
          // Another process was faster.
          if (!['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'].includes((refused as Error).name)) throw refused;
        });
      });
      // Not every server has these two settings, and an operator may have made them without giving us the right.
      const ignored = (what: string) => (error: unknown) =>
        warn(`the bucket did not accept ${what}, see docs/storage.md: ${(error as Error).name}`);
      if (origins.length > 0)
        await client
          .send(
            new sdk.PutBucketCorsCommand({
              Bucket,
              CORSConfiguration: {
                CORSRules: [
                  {
                    AllowedOrigins: [...origins],
                    AllowedMethods: ['GET', 'HEAD', 'PUT'],
                    AllowedHeaders: ['*'],
                    ExposeHeaders: ['ETag', 'Content-Range'],
                    MaxAgeSeconds: 3_600,
                  },
                ],
              },
            }),
          )
          .catch(ignored('CORS rules'));
      if (publicRead)
        await client
          .send(
            new sdk.PutBucketPolicyCommand({
              Bucket,
              Policy: JSON.stringify({
                Version: '2012-10-17',
                Statement: [
                  {
                    Effect: 'Allow',
                    Principal: '*',
                    Action: 's3:GetObject',
                    Resource: `arn:aws:s3:::${Bucket}/public/*`,
                  },
                ],
              }),
            }),
          )
          .catch(ignored('the policy for public objects'));
    });
  }

  async #call<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#open());
    } catch (error) {
      if (error instanceof StorageError) throw error;
      const status = statusOf(error);
      if (status === 404) throw new StorageError('STORAGE_NOT_FOUND', 'There is no such object', { cause: error });
      if (status === 416)
        throw new StorageError('STORAGE_INVALID', 'The range begins after the end of the object', { cause: error });
      throw new StorageError('STORAGE_UNAVAILABLE', `S3: ${(error as Error).name}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

/** Loads the AWS SDK. `npm start` does not install its packages: embedded mode does not need their 22 MB. */
async function load(): Promise<[Sdk, typeof import('@aws-sdk/s3-request-presigner')]> {
  try {
    return await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/s3-request-presigner')]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error('the packages for S3 are missing: run `npm ci`, or `npm ci --prefix deploy/s3`', { cause: error });
  }
}

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

function unlessMissing(error: unknown): void {
  if (statusOf(error) !== 404) throw error;
}

/** A stream of the same bytes. It fails when there are more or fewer than `size`, and when the source fails. */
function exactly(size: number, source: Readable): Transform {
  let count = 0;
  const wrong = () => new StorageError('STORAGE_INVALID', `The body does not have ${size} bytes`);
  const counted = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      count += chunk.byteLength;
      done(count > size ? wrong() : null, chunk);
    },
    flush(done) {
      done(count === size ? null : wrong());
    },
  });
  source.on('error', (error) => counted.destroy(error));
  return source.pipe(counted);
}
