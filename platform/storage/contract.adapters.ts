import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderStorage } from './folder.ts';
import { createStorageHandler } from './folder.http.ts';
import { S3Storage } from './s3.ts';
import type { Storage } from './storage.ts';

/** An adapter under test, with a store of its own. */
export interface Opened {
  readonly storage: Storage;
  /** Opens the store again, with a clock that is `seconds` late. So its links were signed that many seconds ago. */
  readonly earlier: (seconds: number) => Storage;
  /** False for MinIO, which lists the unfinished uploads of one key only. Default true. */
  readonly listsUploads?: boolean;
  close(): Promise<void>;
}

/** Pages of this origin may call. */
export const PAGE = 'https://app.prodvor.example';

export async function openFolder(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'prodvor-storage-'));
  const server = createServer((req, res) => {
    if (!handle(req, res)) res.writeHead(404).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const storage = new FolderStorage({ folder, origin });
  const handle = createStorageHandler(storage, {
    origins: [PAGE],
    onError: (error) => {
      throw error;
    },
  });
  return {
    storage,
    earlier: (seconds) => new FolderStorage({ folder, origin, now: () => Date.now() - seconds * 1000 }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A server that speaks S3, with the variables of the configuration. */
export interface S3Server {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** MinIO has CORS rules for the whole server only, which `MINIO_API_CORS_ALLOW_ORIGIN` sets to {@link PAGE}. */
  readonly isMinio?: boolean;
}

/** The S3 server of this run; undefined when there is none. */
export function s3OfThisRun(): S3Server | undefined {
  const { S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
  return endpoint && accessKeyId && secretAccessKey ? { endpoint, accessKeyId, secretAccessKey } : undefined;
}

/** A MinIO that was started by hand, see docs/storage.md; undefined when there is none. */
export function minioOfThisRun(): S3Server | undefined {
  const { MINIO_ENDPOINT: endpoint, MINIO_ROOT_USER: accessKeyId, MINIO_ROOT_PASSWORD: secretAccessKey } = process.env;
  return endpoint && accessKeyId && secretAccessKey
    ? { endpoint, accessKeyId, secretAccessKey, isMinio: true }
    : undefined;
}

/** A new bucket, which `close` deletes. */
export async function openBucket({ endpoint, isMinio = false, ...credentials }: S3Server): Promise<Opened> {
  const bucket = `test-${randomUUID()}`;
  const open = (now?: () => number) =>
    new S3Storage({
      bucket,
      region: 'us-east-1',
      endpoint,
      credentials,
      pathStyle: true,
      publicRead: true,
      uploadChecksum: true,
      origins: [PAGE],
      warn: (line) => {
        if (!isMinio || !line.includes('CORS rules')) throw new Error(line);
      },
      ...(now && { now }),
    });
  const storage = open();
  const others: Storage[] = [];
  return {
    storage,
    listsUploads: !isMinio,
    earlier(seconds) {
      const earlier = open(() => Date.now() - seconds * 1000);
      others.push(earlier);
      return earlier;
    },
    async close() {
      await Promise.all([storage, ...others].map((each) => each.close()));
      const sdk = await import('@aws-sdk/client-s3');
      const client = new sdk.S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
      const { Contents: left = [] } = await client.send(new sdk.ListObjectsV2Command({ Bucket: bucket }));
      for (const { Key } of left) await client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key }));
      await client.send(new sdk.DeleteBucketCommand({ Bucket: bucket }));
      client.destroy();
    },
  };
}
