import { Agent, request } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isPushEndpoint, publicLookup } from './push-hosts.ts';
import {
  checkMessage,
  errorOfStatus,
  type PushAddress,
  PushError,
  type PushMessage,
  type VapidKey,
} from './push-sender.ts';

export interface WebPushOptions {
  /** See {@link isPushEndpoint}. */
  readonly hosts: readonly string[];
  /** Whom push services may contact about problems: `mailto:` and an address. */
  readonly subject: string;
  /** The timeout for the whole request, in milliseconds. */
  readonly timeoutMs?: number;
  /** Certificates that are trusted besides those of Node, in PEM. */
  readonly ca?: string;
  readonly lookup?: LookupFunction;
}

/** The largest number of connections to one push service. */
const CONNECTIONS = 20;

/** Sends messages to browsers (RFC 8030, 8291 and 8292). Only the browser can decrypt them. */
export class WebPush {
  readonly #options: WebPushOptions;
  readonly #agent: Agent;

  constructor(options: WebPushOptions) {
    this.#options = options;
    const { ca, lookup = publicLookup() } = options;
    this.#agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, lookup, ...(ca !== undefined && { ca }) });
  }

  accepts({ endpoint }: Extract<PushAddress, { kind: 'WEB' }>): boolean {
    return isPushEndpoint(endpoint, this.#options.hosts);
  }

  /** @throws {PushError} */
  async send(to: Extract<PushAddress, { kind: 'WEB' }>, message: PushMessage, key: VapidKey): Promise<void> {
    const { title, body, tag, data, ttlSeconds } = checkMessage(message);
    // The endpoint is checked again, because PUSH_HOSTS may have changed since the registration.
    if (!this.accepts(to)) throw new PushError('PUSH_REFUSED', 'The endpoint is not on a push service of PUSH_HOSTS');
    const { default: webPush } = await import('web-push');
    const details = refusedUnless(() =>
      webPush.generateRequestDetails(
        { endpoint: to.endpoint, keys: { p256dh: to.p256dh, auth: to.auth } },
        JSON.stringify({ title, body, tag, ...data }),
        {
          TTL: ttlSeconds,
          topic: tag,
          urgency: 'normal',
          contentEncoding: 'aes128gcm',
          vapidDetails: { subject: this.#options.subject, ...key },
        },
      ),
    );
    const { host } = new URL(to.endpoint);
    const { status, retryAfter } = await this.#post(to.endpoint, details.headers, details.body);
    // A redirect counts as a failure and is not followed, because it could lead anywhere.
    if (status < 200 || status > 299) throw errorOfStatus(status, host, retryAfter);
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(
    url: string,
    headers: Record<string, string | number>,
    body: Buffer | null,
  ): Promise<{ readonly status: number; readonly retryAfter: string | undefined }> {
    const { timeoutMs = 10_000 } = this.#options;
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(timeoutMs);
      const sent = request(url, { method: 'POST', headers, agent: this.#agent, signal }, (answer) => {
        // The status is the answer. A body is not read, because its length has no limit.
        answer.on('error', () => undefined);
        answer.destroy();
        resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] });
      });
      sent.on('error', (error) => {
        if (error instanceof PushError) return reject(error);
        const why = signal.aborted ? `no answer within ${timeoutMs} ms` : error.message;
        reject(new PushError('PUSH_UNAVAILABLE', `${new URL(url).host} cannot be reached: ${why}`, { cause: error }));
      });
      sent.end(body);
    });
  }
}

/** Does the encryption. If it fails, the device's keys are invalid, so the error is permanent. @throws {PushError} */
function refusedUnless<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new PushError('PUSH_REFUSED', 'The message cannot be encrypted for this device', { cause: error });
  }
}
