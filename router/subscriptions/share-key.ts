import type { Principal } from '../execution/types.ts';
import type { SubscribeRequest } from './subscriber.ts';

/**
 * A key for sharing: two subscriptions with the same key get the same responses, so one upstream serves both. It
 * contains the operation as it runs for the client, the coerced variables without the cursor, and the principal. If a
 * policy ever removes fields from an operation, the key must contain the remaining operation.
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
