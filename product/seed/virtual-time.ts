import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import type { Random } from './random.ts';

/** The simulated time, in milliseconds since the epoch. It changes only when the simulation sets `now`. */
export interface Clock {
  now: number;
}

/** A UUID of version 7 with this time and random other bits. Prisma makes the same kind for `@default(uuid(7))`. */
export function uuidAt(ms: number, random: Random): string {
  const bytes = random.bytes(16);
  bytes.writeUIntBE(ms, 0, 6);
  return uuidFrom(bytes, 7);
}

function uuidFrom(bytes: Buffer, version: 4 | 7): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | (version << 4), 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * Runs `work`. Until it ends, `new Date()` and `Date.now()` of this process return the time of `clock`, and
 * `randomUUID()` and `randomBytes()` return bytes of `random`. So services write rows with past times, and the same
 * rows for the same seed. Nothing else may run in this process meanwhile: a connection or a server would have the wrong
 * time.
 */
export async function inVirtualTime<T>(clock: Clock, random: Random, work: () => Promise<T>): Promise<T> {
  const RealDate = globalThis.Date;
  const { randomUUID, randomBytes } = crypto;
  class VirtualDate extends RealDate {
    constructor(...given: [] | [value: number | string | Date]) {
      super(...((given.length === 0 ? [clock.now] : given) as [number]));
    }
    static override now(): number {
      return clock.now;
    }
    /** Makes `instanceof Date` true also for dates that were made before `work` began. */
    static override [Symbol.hasInstance](value: unknown): boolean {
      return Function.prototype[Symbol.hasInstance].call(RealDate, value);
    }
  }
  const replace = (date: DateConstructor, functions: object): void => {
    globalThis.Date = date;
    Object.assign(crypto, functions);
    // Modules that import a function of node:crypto by its name get the new function only after this call.
    syncBuiltinESMExports();
  };
  replace(VirtualDate as unknown as DateConstructor, {
    randomUUID: () => uuidFrom(random.bytes(16), 4),
    randomBytes: (size: number) => random.bytes(size),
  });
  try {
    return await work();
  } finally {
    replace(RealDate, { randomUUID, randomBytes });
  }
}
