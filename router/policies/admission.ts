import type { Limits } from '../config/limits.ts';

/**
 * Limits open WebSockets and subscriptions over HTTP, which count as sockets too: in total, per address and per
 * signed-in user. The caller must release each admitted socket once.
 */
export interface Admission {
  /** Returns a function that releases the socket's slot, or the reason why the socket is refused. */
  admitAddress(address: string): (() => void) | string;
  admitUser(userId: string): (() => void) | string;
}

export function createAdmission(limits: Pick<Limits, 'sockets' | 'socketsPerAddress' | 'socketsPerUser'>): Admission {
  const addresses = new Map<string, number>();
  const users = new Map<string, number>();
  let total = 0;

  function increment(counts: Map<string, number>, name: string): () => void {
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return () => {
      const left = (counts.get(name) ?? 1) - 1;
      if (left === 0) counts.delete(name);
      else counts.set(name, left);
    };
  }

  return {
    admitAddress(address) {
      if (total >= limits.sockets) return 'too many sockets are open';
      if ((addresses.get(address) ?? 0) >= limits.socketsPerAddress)
        return 'too many sockets from this address are open';
      total++;
      const release = increment(addresses, address);
      return () => {
        total--;
        release();
      };
    },
    admitUser(userId) {
      return (users.get(userId) ?? 0) >= limits.socketsPerUser
        ? 'too many sockets of this user are open'
        : increment(users, userId);
    },
  };
}
