import { createHmac, createSign } from 'node:crypto';
import { isPublicKey, type Storage } from './storage.ts';

/** Makes the links of files. */
export interface Delivery {
  /** A link that does not expire, for a key below `public/`. Null when the files have no public address. */
  publicUrl(key: string): string | null;
  /** A link that works at least until {@link LINK_SECONDS} from now. */
  url(key: string): Promise<string>;
}

/** How long a link to a private file is valid. Seconds. */
export const LINK_SECONDS = 3_600;

/** Signs a URL of a CDN. */
export interface CdnSigner {
  sign(url: string, now: Date): string;
}

/**
 * Links of CloudFront with a canned policy: RSA with SHA-1 over the policy, in base64 with other letters. Source:
 * "Create a signed URL using a canned policy" in Amazon's developer guide.
 */
export function cloudFront(keyPairId: string, privateKey: string): CdnSigner {
  return {
    sign(url, now) {
      const expires = Math.floor(now.getTime() / 1000) + LINK_SECONDS;
      const policy = JSON.stringify({
        Statement: [{ Resource: url, Condition: { DateLessThan: { 'AWS:EpochTime': expires } } }],
      });
      const signature = createSign('RSA-SHA1').update(policy).sign(privateKey, 'base64');
      const safe = signature.replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~');
      const separator = url.includes('?') ? '&' : '?';
      return `${url}${separator}Expires=${expires}&Signature=${safe}&Key-Pair-Id=${keyPairId}`;
    },
  };
}

/**
 * Links for Cloudflare's rule `is_timed_hmac_valid_v0(secret, http.request.uri, 3600, http.request.timestamp.sec, 8)`:
 * HMAC-SHA-256 over the path and the time of issue. The rule decides how long they are valid. Source: "Configure token
 * authentication" in Cloudflare's documentation.
 */
export function cloudflare(secret: string): CdnSigner {
  return {
    sign(url, now) {
      const issued = Math.floor(now.getTime() / 1000);
      const mac = createHmac('sha256', secret)
        .update(`${new URL(url).pathname}${issued}`)
        .digest('base64');
      return `${url}?verify=${issued}-${encodeURIComponent(mac)}`;
    },
  };
}

export interface DeliveryOptions {
  readonly storage: Storage;
  /** The URL below which the CDN serves each `<key>`, without a slash at its end. */
  readonly publicUrl?: string;
  /** Signs links below `publicUrl` to private files. Absent: the storage signs links to its own address. */
  readonly signer?: CdnSigner;
  readonly now?: () => Date;
}

export function deliveryOf({ storage, publicUrl, signer, now = () => new Date() }: DeliveryOptions): Delivery {
  const atCdn = (key: string): string | null => (publicUrl === undefined ? null : `${publicUrl}/${key}`);
  const ofPublic = (key: string): string | null => (isPublicKey(key) ? atCdn(key) : null);
  return {
    publicUrl: ofPublic,
    async url(key) {
      const open = ofPublic(key);
      if (open !== null) return open;
      const url = atCdn(key);
      if (signer && url !== null) return signer.sign(url, now());
      return storage.signDownload({ key, seconds: LINK_SECONDS });
    },
  };
}
