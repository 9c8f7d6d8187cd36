import type { IncomingMessage, ServerResponse } from 'node:http';
import { DeadlineQueue } from '../../time/deadline.ts';
import { HttpOperation } from './operation.ts';
import type { HttpServices } from './services.ts';

/** Queries and mutations over HTTP, and the requests that start a subscription over HTTP. */
export interface HttpOperations {
  /** Answers a request at the GraphQL path. */
  answer(req: IncomingMessage, res: ServerResponse): void;
  /** The number of requests in flight. */
  readonly size: number;
  /** Resolves when no request is in flight. */
  settled(): Promise<void>;
  /** Refuses new requests. Resolves when none is in flight. Ends the remaining ones after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

export function createHttpOperations(services: HttpServices): HttpOperations {
  const deadlines = new DeadlineQueue(services.limits.operationMs);
  let size = 0;
  let whenSettled: (() => void)[] = [];
  let closing = false;
  const settled = (): Promise<void> =>
    size === 0 ? Promise.resolve() : new Promise((resolve) => whenSettled.push(resolve));

  const ended = (): void => {
    if (--size > 0) return;
    for (const resolve of whenSettled) resolve();
    whenSettled = [];
  };

  return {
    answer(req, res) {
      size++;
      void new HttpOperation(services, deadlines, req, res, ended).run(closing);
    },
    get size() {
      return size;
    },
    settled,
    async close(graceMs) {
      closing = true;
      const cut = setTimeout(() => deadlines.expire(), graceMs);
      await settled();
      clearTimeout(cut);
      deadlines.close();
    },
  };
}
