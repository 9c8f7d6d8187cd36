import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** scrypt's N, r, p (RFC 7914). The memory of one hash is 128·N·r bytes. */
export interface HashCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and about 80 ms of one core per hash. */
export const DEFAULT_COST: HashCost = { N: 2 ** 15, r: 8, p: 1 };

const KEY_BYTES = 32;

/** More hashes are waiting than can be done soon: the caller shall answer "try again later". */
export class HashingBusy extends Error {
  constructor() {
    super('too many passwords are being hashed');
    this.name = 'HashingBusy';
  }
}

/**
 * Runs at most `concurrency` tasks at once: libuv has four threads, which files and DNS need too, and each hash takes 32 MiB.
 * @throws HashingBusy when `maxWaiting` tasks wait already.
 */
export function createHashQueue({ concurrency = 2, maxWaiting = 64 } = {}): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running < concurrency) running++;
    else {
      if (waiting.length >= maxWaiting) throw new HashingBusy();
      await new Promise<void>((resolve) => waiting.push(resolve)); // whoever leaves hands over its place
    }
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

/** `scrypt$N$r$p$salt$key`, salt and key in base64url: a stored hash carries its cost, so that the default may change. */
export async function hashPassword(password: string, cost: HashCost = DEFAULT_COST): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return `scrypt$${cost.N}$${cost.r}$${cost.p}$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

/** False also for a hash that this file did not write. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [kind, N, r, p, salt, key] = stored.split('$');
  if (kind !== 'scrypt' || !salt || !key) return false;
  const expected = Buffer.from(key, 'base64url');
  const given = await derive(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) });
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function derive(password: string, salt: Buffer, { N, r, p }: HashCost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // NFC: the same password typed on another keyboard. maxmem: Node's default lies just below what N = 2^15 needs.
    scrypt(password.normalize('NFC'), salt, KEY_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
