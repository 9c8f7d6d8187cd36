import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Signs links to the folder. A signature covers the method, the path and all parameters, so no part can be exchanged.
 */
export class Links {
  readonly #secret: Uint8Array;
  readonly #now: () => number;

  constructor(secret: Uint8Array, now: () => number = Date.now) {
    this.#secret = secret;
    this.#now = now;
  }

  /** @returns the path with its parameters and the signature */
  sign(method: string, path: string, seconds: number, parameters: Readonly<Record<string, string>> = {}): string {
    const query = new URLSearchParams({ ...parameters, expires: String(Math.floor(this.#now() / 1000) + seconds) });
    query.sort();
    query.append('signature', this.#signature(method, path, query.toString()));
    return `${path}?${query}`;
  }

  /** Checks a link. @returns its signed parameters, or why it is refused */
  verify(method: string, path: string, query: URLSearchParams): URLSearchParams | 'LINK_INVALID' | 'LINK_EXPIRED' {
    const signature = query.get('signature') ?? '';
    const rest = new URLSearchParams([...query].filter(([name]) => name !== 'signature'));
    rest.sort();
    // A second value of a parameter would be covered too, but `get` would read only the first one.
    if (new Set(query.keys()).size !== query.size) return 'LINK_INVALID';
    const expected = Buffer.from(this.#signature(method, path, rest.toString()));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'LINK_INVALID';
    if (Number(rest.get('expires')) * 1000 <= this.#now()) return 'LINK_EXPIRED';
    return rest;
  }

  #signature(method: string, path: string, query: string): string {
    return createHmac('sha256', this.#secret).update(`${method}\n${path}\n${query}`).digest('base64url');
  }
}
