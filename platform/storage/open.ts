import type { Config, PartialConfig } from '../config/config.ts';
import { LOOPBACK } from '../http/callers.ts';
import { cloudflare, cloudFront, type Delivery, deliveryOf } from './delivery.ts';
import { NoStorage } from './none.ts';
import { S3Storage } from './s3.ts';
import type { Storage } from './storage.ts';

/** Opens the storage on an S3 server, from the configuration. No request is sent before the first use. */
export function openS3(
  {
    S3_BUCKET: bucket,
    S3_REGION: region,
    S3_ENDPOINT: endpoint,
    S3_PUBLIC_ENDPOINT: publicEndpoint,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
    S3_PUBLIC_READ: publicRead,
    S3_UPLOAD_CHECKSUM: uploadChecksum,
  }: PartialConfig,
  origins: readonly string[],
  warn: (line: string) => void,
): Storage {
  if (bucket === undefined) return new NoStorage();
  return new S3Storage({
    bucket,
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(publicEndpoint !== undefined && { publicEndpoint }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && { credentials: { accessKeyId, secretAccessKey } }),
    // AWS has a host name for each bucket. Other servers usually do not.
    pathStyle: endpoint !== undefined,
    publicRead: publicRead === 'yes',
    uploadChecksum: uploadChecksum === 'sha256',
    origins: origins.flatMap((origin) => (origin === LOOPBACK ? LOOPBACK_ORIGINS : [origin])),
    warn,
  });
}

/**
 * The links to files, from the configuration. `ownAddress` is the URL at which this process serves public files; it is
 * used if the configuration names no other one.
 */
export function deliveryFor(
  {
    MEDIA_PUBLIC_URL: configured,
    MEDIA_CDN: cdn,
    MEDIA_CDN_KEY_ID: keyId,
    MEDIA_CDN_KEY: key,
  }: Pick<Config, 'MEDIA_PUBLIC_URL' | 'MEDIA_CDN' | 'MEDIA_CDN_KEY_ID' | 'MEDIA_CDN_KEY'>,
  storage: Storage,
  ownAddress?: string,
): Delivery {
  const publicUrl = configured ?? ownAddress;
  const signer =
    key === undefined
      ? undefined
      : cdn === 'cloudfront'
        ? cloudFront(keyId ?? '', key.replaceAll('\\n', '\n'))
        : cdn === 'cloudflare'
          ? cloudflare(key)
          : undefined;
  return deliveryOf({
    storage,
    ...(publicUrl !== undefined && { publicUrl: publicUrl.replace(/\/$/, '') }),
    ...(signer && { signer }),
  });
}

/** Pages of this machine, as S3 writes them. */
const LOOPBACK_ORIGINS = ['http://localhost:*', 'http://127.0.0.1:*'];
