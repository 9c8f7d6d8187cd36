import type { SignedPrincipal } from '../../signature/signature.ts';
import type { Principal } from '../execution/types.ts';

/**
 * The identity that one subgraph gets of the principal. The key of an audience has no meaning outside of the subgraph
 * that issued it, and another subgraph might mistake it for one of its own keys. So other subgraphs get it only if it
 * starts with the name of its subgraph. Otherwise they get no identity and return what is public.
 */
export function identityFor({ userId, userinfo, audience }: Principal, subgraph: string): SignedPrincipal {
  if (audience)
    return audience.subgraph === subgraph || audience.key.startsWith(`${audience.subgraph}:`)
      ? { audience: audience.key }
      : {};
  return { ...(userId === undefined ? {} : { userId }), ...(userinfo === undefined ? {} : { userinfo }) };
}
