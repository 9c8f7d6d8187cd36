import { createDecipheriv, createECDH, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { importJWK, jwtVerify } from 'jose';

/** A message that the push service got, and that the browser decrypted. */
export interface Pushed {
  readonly topic: string | undefined;
  readonly ttl: number;
  readonly message: Readonly<Record<string, string>>;
}

/** The answer of the push service for a browser. */
export interface PushAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The answer is sent when this is settled. The message is stored before. */
  readonly after?: Promise<unknown>;
}

/** A browser with a subscription at the push service. */
export interface Browser {
  /** The input of `registerDevice`. */
  readonly web: { readonly endpoint: string; readonly p256dh: string; readonly auth: string };
  /** All messages, repeats included, in the order of their arrival. */
  readonly messages: readonly Pushed[];
  /** How many messages were sent to this browser, including messages that the push service did not accept. */
  readonly attempts: number;
  /** Default: 201. */
  answer: PushAnswer | 'silent';
}

export interface PushService {
  /** `host:port`, for PUSH_HOSTS. */
  readonly host: string;
  browser(): Browser;
  close(): Promise<void>;
}

/**
 * A push service on this machine with the protocol of RFC 8030: TLS, the sender's signature (RFC 8292), and messages
 * that only the browser can decrypt (RFC 8291). It refuses a request without a valid signature with 403.
 */
export async function startPushService(): Promise<PushService> {
  const browsers = new Map<string, { browser: Browser & { messages: Pushed[]; attempts: number }; open: Open }>();
  const server: Server = createServer({ key: KEY, cert: CERTIFICATE }, (req, res) => void receive(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function receive(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await buffer(req);
    const found = browsers.get(req.url ?? '');
    const answer: PushAnswer | 'silent' = found?.browser.answer ?? { status: 404 };
    if (found) found.browser.attempts++;
    if (answer === 'silent') return;
    const isSigned = await isFromSender(req.headers.authorization, `https://${host}`);
    const status = isSigned ? answer.status : 403;
    if (found && status === 201) {
      const topic = req.headers['topic'];
      const message = JSON.parse(found.open(body)) as Record<string, string>;
      found.browser.messages.push({ topic: topic?.toString(), ttl: Number(req.headers['ttl']), message });
    }
    await answer.after;
    res.writeHead(status, answer.headers).end();
  }

  return {
    host,
    browser() {
      const path = `/push/${randomUUID()}`;
      const [ecdh, secret] = [createECDH('prime256v1'), randomBytes(16)];
      const p256dh = ecdh.generateKeys().toString('base64url');
      const browser = {
        web: { endpoint: `https://${host}${path}`, p256dh, auth: secret.toString('base64url') },
        messages: [] as Pushed[],
        attempts: 0,
        answer: { status: 201 } as PushAnswer | 'silent',
      };
      browsers.set(path, { browser, open: (body) => opened(body, ecdh, secret) });
      return browser;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Open = (body: Buffer) => string;

/** Decrypts one record of aes128gcm (RFC 8188) with the keys of RFC 8291. */
function opened(body: Buffer, own: ReturnType<typeof createECDH>, secret: Buffer): string {
  const [salt, idLength] = [body.subarray(0, 16), body[20] ?? 0];
  const sender = body.subarray(21, 21 + idLength);
  const record = body.subarray(21 + idLength);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), own.getPublicKey(), sender]);
  const ikm = Buffer.from(hkdfSync('sha256', own.computeSecret(sender), secret, info, 32));
  const part = (name: string, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', ikm, salt, `Content-Encoding: ${name}\0`, length));
  const decipher = createDecipheriv('aes-128-gcm', part('aes128gcm', 16), part('nonce', 12));
  decipher.setAuthTag(record.subarray(-16));
  const plain = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  return plain.subarray(0, plain.lastIndexOf(2)).toString('utf8');
}

async function isFromSender(authorization: string | undefined, audience: string): Promise<boolean> {
  const [, token = '', publicKey = ''] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(authorization ?? '') ?? [];
  const bytes = Buffer.from(publicKey, 'base64url');
  const [x, y] = [bytes.subarray(1, 33).toString('base64url'), bytes.subarray(33).toString('base64url')];
  try {
    const key = await importJWK({ kty: 'EC', crv: 'P-256', x, y }, 'ES256');
    const { payload } = await jwtVerify(token, key, { audience });
    return payload.sub?.startsWith('mailto:') ?? false;
  } catch {
    return false;
  }
}

/** A certificate of the addresses of this machine, which only these tests trust. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIByDCCAW+gAwIBAgIUf+Yc1sthy8JgpUwbuSBmXOjZOckwCgYIKoZIzj0EAwIw
HzEdMBsGA1UEAwwUcHVzaC5wcm9kdm9yLmV4YW1wbGUwIBcNMjYxMTI5MTYyNDI2
WhgPMjEyNjExMDUxNjI0MjZaMB8xHTAbBgNVBAMMFHB1c2gucHJvZHZvci5leGFt
cGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/i249Rka4H08rpSerSeUngEx
qdphLW1H7kerCwAIwh0wmvnz5NMzn30QOLLQz9xbetiBnOa2IL9jB3Diup4xJKOB
hjCBgzAdBgNVHQ4EFgQU5trRlzuE3gIMHqRlVY6RsDasIw8wHwYDVR0jBBgwFoAU
5trRlzuE3gIMHqRlVY6RsDasIw8wMAYDVR0RBCkwJ4cEfwAAAYIJbG9jYWxob3N0
ghRwdXNoLnByb2R2b3IuZXhhbXBsZTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49
BAMCA0cAMEQCIENVamWdUO0meyCtrpiZbBPOY6hyeO0iftkslbsFZ7JsAiAf3bDp
idILTyIBsCxKdBjnuy0Q1mXrZHztzEXcBecUgw==
-----END CERTIFICATE-----`;
/** The key of the certificate. It protects nothing, because only tests use it. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQggc8V7xd+sftRxOeD
H4EHQQIEhm2OGxcP8v0gOHtOktGhRANCAAT+Lbj1GRrgfTyulJ6tJ5SeATGp2mEt
bUfuR6sLAAjCHTCa+fPk0zOffRA4stDP3Ft62IGc5rYgv2MHcOK6njEk
-----END PRIVATE KEY-----`;
