import type { Limits, LogPort } from '../config.ts';
import type { SubgraphTransport } from '../execution/types.ts';
import type { Subscriptions } from './subscriber.ts';

export interface SubscriptionOptions {
  readonly transport: SubgraphTransport;
  readonly limits: Limits;
  readonly log?: LogPort | undefined;
}

export function createSubscriptions(_options: SubscriptionOptions): Subscriptions {
  throw new Error('not yet');
}
