import type { Principal } from '../execution/types.ts';
import type { SubscribeRequest } from './subscriber.ts';

/**
 * Two subscriptions with the same key get the same answers, so one upstream serves both. The key is of the operation as
 * it runs for that client (a policy that takes fields out of it has to put what is left in here, not what was asked),
 * of the coerced variables without the cursor, and of whom it runs for.
 */
export function shareKey(
  { query, operationName }: Pick<SubscribeRequest, 'query' | 'operationName'>,
  variables: Readonly<Record<string, unknown>>,
  principal: Principal,
): string {
  const { userId = null, userinfo = null, audience } = principal;
  const who = audience ? [audience.subgraph, audience.key] : [userId, userinfo, null];
  return JSON.stringify([who, operationName ?? null, variables, query]);
}
