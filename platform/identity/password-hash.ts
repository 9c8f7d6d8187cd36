import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** scrypt's N, r, p (RFC 7914). One hash takes 128·N·r bytes of memory. */
export interface HashCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** The cost of a new hash by scrypt: 32 MiB of memory and about 80 ms of one core. */
export const DEFAULT_COST: HashCost = { N: 2 ** 15, r: 8, p: 1 };

const KEY_BYTES = 32;

/** The error when too many hashes are waiting. The caller should answer "try again later". */
export class HashingBusy extends Error {
  constructor() {
    super('too many passwords are being hashed');
    this.name = 'HashingBusy';
  }
}

/**
 * Runs tasks that hash, a few at a time. @param party the owner of the task. Parties take turns, however many tasks
 * each of them has.
 */
export type HashQueue = <T>(party: string, task: () => Promise<T>) => Promise<T>;

/**
 * Runs at most `concurrency` tasks at the same time: libuv has four threads, which files and DNS need too, and each
 * hash takes 32 MiB. Further tasks wait.
 * @throws HashingBusy when `maxWaitingOfOne` tasks of the party, or `maxWaiting` of all parties, are waiting already
 */
export function createHashQueue({ concurrency = 2, maxWaitingOfOne = 64, maxWaiting = 512 } = {}): HashQueue {
  /** The waiting tasks by party, in the order of the turns. */
  const waiting = new Map<string, (() => void)[]>();
  let count = 0;
  let running = 0;

  function next(): (() => void) | undefined {
    const [party] = waiting.keys();
    const tasks = party === undefined ? undefined : waiting.get(party);
    if (party === undefined || tasks === undefined) return undefined;
    waiting.delete(party);
    const [first, ...rest] = tasks;
    if (rest.length > 0) waiting.set(party, rest); // behind the others
    count--;
    return first;
  }

  return async (party, task) => {
    if (running < concurrency) running++;
    else {
      const tasks = waiting.get(party) ?? [];
      if (tasks.length >= maxWaitingOfOne || count >= maxWaiting) throw new HashingBusy();
      // A finished task hands over its slot.
      await new Promise<void>((resolve) => {
        tasks.push(resolve);
        waiting.set(party, tasks);
        count++;
      });
    }
    try {
      return await task();
    } finally {
      const start = next();
      if (start) start();
      else running--;
    }
  };
}

/**
 * The format is `scrypt$N$r$p$salt$key`, with salt and key in base64url. A stored hash carries its cost, so the default
 * may change.
 */
export async function hashPassword(password: string, cost: HashCost = DEFAULT_COST): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return `scrypt$${cost.N}$${cost.r}$${cost.p}$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

/** A hash that no password matches, and that takes the same time to compare with. */
export function decoyHash({ N, r, p }: HashCost = DEFAULT_COST): string {
  return `scrypt$${N}$${r}$${p}$${randomBytes(16).toString('base64url')}$${randomBytes(KEY_BYTES).toString('base64url')}`;
}

/** Whether the password matches the stored hash. False also for a hash in another format. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [kind, N, r, p, salt, key] = stored.split('$');
  if (kind !== 'scrypt' || !salt || !key) return false;
  const expected = Buffer.from(key, 'base64url');
  const given = await derive(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) });
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function derive(password: string, salt: Buffer, { N, r, p }: HashCost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // NFC: the same password may be typed on another keyboard. maxmem: Node's default is just below what N = 2^15
    // needs.
    scrypt(password.normalize('NFC'), salt, KEY_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
