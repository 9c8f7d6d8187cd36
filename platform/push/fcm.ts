import { importPKCS8, SignJWT } from 'jose';
import { z } from 'zod';
import { checkMessage, errorOfStatus, type PushAddress, PushError, type PushMessage } from './push-sender.ts';
import type { ServiceAccount } from '../config/service-account.ts';

export interface FcmOptions {
  readonly account: ServiceAccount;
  readonly url?: string;
  /** The timeout for each request, in milliseconds. */
  readonly timeoutMs?: number;
}

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
/** An access token is replaced this many seconds before it expires. */
const EARLY_SECONDS = 120;
/** The longest answer that is read, in bytes. */
const MOST_BYTES = 65_536;

const tokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });
const errorAnswer = z.object({
  error: z.object({
    status: z.string(),
    details: z.array(z.looseObject({ errorCode: z.string().optional() })).optional(),
  }),
});

/** Sends messages to apps by Firebase Cloud Messaging, HTTP v1. Google can read them. */
export class Fcm {
  readonly #options: Required<FcmOptions>;
  #token: { readonly text: string; readonly until: number } | undefined;
  #asking: Promise<string> | undefined;

  constructor({ account, url = 'https://fcm.googleapis.com', timeoutMs = 10_000 }: FcmOptions) {
    this.#options = { account, url, timeoutMs };
  }

  /** @throws {PushError} */
  async send({ token }: Extract<PushAddress, { kind: 'FCM' }>, message: PushMessage): Promise<void> {
    const { title, body, tag, data, ttlSeconds } = checkMessage(message);
    const { account, url } = this.#options;
    const expires = Math.floor(Date.now() / 1000) + ttlSeconds;
    const answer = await this.#post(
      `${url}/v1/projects/${account.project_id}/messages:send`,
      { authorization: `Bearer ${await this.#accessToken()}`, 'content-type': 'application/json' },
      JSON.stringify({
        message: {
          token,
          notification: { title, body },
          data: { ...data, tag },
          android: { collapse_key: tag, ttl: `${ttlSeconds}s`, notification: { tag } },
          apns: { headers: { 'apns-collapse-id': tag, 'apns-expiration': String(expires) } },
        },
      }),
    );
    if (answer.status === 200) return;
    const { reason } = answer;
    if (answer.status === 401) {
      // The next attempt gets another token. So a token that was revoked costs one attempt.
      this.#token = undefined;
      throw new PushError('PUSH_UNAVAILABLE', `FCM refuses the access token: ${reason}`);
    }
    // The token belongs to another Firebase project.
    if (reason === 'SENDER_ID_MISMATCH') throw new PushError('PUSH_GONE', `FCM answered ${answer.status} ${reason}`);
    throw errorOfStatus(answer.status, `FCM (${reason})`, answer.retryAfter);
  }

  /**
   * One access token serves all messages until shortly before it expires. Messages that need a new one at the same time
   * ask for it once.
   */
  #accessToken(): Promise<string> {
    if (this.#token && this.#token.until > Date.now()) return Promise.resolve(this.#token.text);
    this.#asking ??= this.#askToken()
      .then((token) => (this.#token = token).text)
      .finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #askToken(): Promise<{ readonly text: string; readonly until: number }> {
    const { account } = this.#options;
    const key = await importPKCS8(account.private_key, 'RS256');
    const assertion = await new SignJWT({ scope: SCOPE })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
      .setIssuer(account.client_email)
      .setAudience(account.token_uri)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(key);
    const answer = await this.#post(
      account.token_uri,
      { 'content-type': 'application/x-www-form-urlencoded' },
      new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }).toString(),
    );
    const parsed = tokenAnswer.safeParse(answer.json);
    // A refusal counts as temporary too: the operator can fix the account, and then the messages are sent.
    if (answer.status !== 200 || !parsed.success)
      throw new PushError('PUSH_UNAVAILABLE', `There is no access token for FCM: ${answer.status}`);
    const { access_token: text, expires_in: seconds } = parsed.data;
    return { text, until: Date.now() + Math.max(0, seconds - EARLY_SECONDS) * 1000 };
  }

  async #post(url: string, headers: Record<string, string>, body: string) {
    const { timeoutMs } = this.#options;
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      const json = jsonOf(await bounded(answer));
      const error = errorAnswer.safeParse(json).data?.error;
      return {
        status: answer.status,
        retryAfter: answer.headers.get('retry-after'),
        json,
        reason: error?.details?.find(({ errorCode }) => errorCode)?.errorCode ?? error?.status ?? 'no reason',
      };
    } catch (error) {
      const { cause, message } = error as Error & { cause?: Error };
      throw new PushError('PUSH_UNAVAILABLE', `${new URL(url).host} cannot be reached: ${cause?.message ?? message}`, {
        cause: error,
      });
    }
  }
}

/** The text of an answer, at most {@link MOST_BYTES}: without the chunk that exceeds this, and all after it. */
async function bounded(answer: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body ?? []) {
    bytes += part.length;
    if (bytes > MOST_BYTES) break;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
