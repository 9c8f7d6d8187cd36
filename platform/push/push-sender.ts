import type { VapidKey } from '../config/vapid.ts';
import { z } from 'zod';

/** Where a device gets push messages. */
export type PushAddress =
  /** A browser's subscription (RFC 8030). `p256dh` and `auth` encrypt messages for it (RFC 8291), in base64url. */
  | { readonly kind: 'WEB'; readonly endpoint: string; readonly p256dh: string; readonly auth: string }
  /** An app with a registration token of Firebase Cloud Messaging. */
  | { readonly kind: 'FCM'; readonly token: string };

export type { VapidKey };

export interface PushMessage {
  readonly title: string;
  readonly body: string;
  /**
   * 1 to 32 characters of base64url. A message replaces an earlier one with the same tag, on the way and on the device.
   */
  readonly tag: string;
  /** For the program on the device. */
  readonly data: Readonly<Record<string, string>>;
  /** How long the push service keeps the message for a device that is not connected. Seconds. */
  readonly ttlSeconds: number;
}

/** Sends one message to one device. A job sends its message at least once. */
export interface PushSender {
  /** The configured key; undefined when the installation makes its own. */
  readonly key: VapidKey | undefined;
  /**
   * Whether messages to this address would be sent. A browser's endpoint must be on a push service of PUSH_HOSTS. For
   * an app, FCM must be configured.
   */
  accepts(to: PushAddress): boolean;
  /** @throws {PushError} */
  send(to: PushAddress, message: PushMessage, key: VapidKey): Promise<void>;
  close(): Promise<void>;
}

export type PushErrorCode =
  /**
   * The device does not exist any more, or its token belongs to another sender. Nothing can be sent to this address.
   */
  | 'PUSH_GONE'
  /** The push service, or this program, refuses this message to this address. A repeat would be refused too. */
  | 'PUSH_REFUSED'
  /** The push service is away, slow or overloaded, or gives no access token. A repeat may succeed. */
  | 'PUSH_UNAVAILABLE';

export class PushError extends Error {
  readonly code: PushErrorCode;
  readonly permanent: boolean;
  /** The wait before the next attempt that the push service asks for, in milliseconds; undefined if it does not say. */
  readonly retryAfterMs: number | undefined;
  constructor(code: PushErrorCode, message: string, options: ErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, options);
    this.name = 'PushError';
    this.code = code;
    this.permanent = code !== 'PUSH_UNAVAILABLE';
    this.retryAfterMs = options.retryAfterMs;
  }
}

const messageSchema = z.object({
  title: z.string().min(1).max(200),
  body: z.string().min(1).max(600),
  tag: z.string().regex(/^[A-Za-z0-9_-]{1,32}$/),
  data: z.record(z.string(), z.string().max(2000)),
  ttlSeconds: z.int().min(0).max(2_419_200),
});

/** Validates a message before any push service gets it. @throws {PushError} PUSH_REFUSED with the field */
export function checkMessage(message: PushMessage): PushMessage {
  const { error } = messageSchema.safeParse(message);
  if (!error) return message;
  const [issue] = error.issues;
  throw new PushError('PUSH_REFUSED', `Field "${issue?.path.join('.') ?? ''}" of a push message: ${issue?.message}`);
}

/** `Retry-After` in milliseconds (RFC 9110: seconds, or a date); undefined when it is absent or malformed. */
export function retryAfterOf(header: string | null | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = /^[A-Za-z]{3},/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** Converts the HTTP status of any push service to an error. `what` says who answered. */
export function errorOfStatus(status: number, what: string, retryAfter: string | null | undefined): PushError {
  const text = `${what} answered ${status}`;
  if (status === 404 || status === 410) return new PushError('PUSH_GONE', text);
  if (status === 429 || status >= 500) {
    const retryAfterMs = retryAfterOf(retryAfter, Date.now());
    return new PushError('PUSH_UNAVAILABLE', text, retryAfterMs === undefined ? {} : { retryAfterMs });
  }
  return new PushError('PUSH_REFUSED', text);
}
