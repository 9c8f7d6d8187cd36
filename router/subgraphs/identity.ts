import type { SignedPrincipal } from '../../signature/signature.ts';
import type { Principal } from '../execution/types.ts';

/**
 * What one subgraph is told of the principal. An audience's key means nothing outside the subgraph that gave it, where
 * another could take it for one of its own; so others are told it only when it bears the name of its subgraph in front.
 * Without it they answer what any stranger may see.
 */
export function identityFor({ userId, userinfo, audience }: Principal, subgraph: string): SignedPrincipal {
  if (audience)
    return audience.subgraph === subgraph || audience.key.startsWith(`${audience.subgraph}:`)
      ? { audience: audience.key }
      : {};
  return { ...(userId === undefined ? {} : { userId }), ...(userinfo === undefined ? {} : { userinfo }) };
}
