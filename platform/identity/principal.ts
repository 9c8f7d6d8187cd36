import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import { z } from 'zod';
import type { SignedPrincipal } from '../../signature/signature.ts';
import { decodeUserinfo } from '../../signature/signature.ts';

/**
 * The roles of the realm. What somebody may do to one team or match is the services' to decide, from their own data.
 */
export type Role = 'player' | 'captain' | 'organizer' | 'referee' | 'admin';

/**
 * For whom a call is made, as the router verified it: a user, a guest, or the audience of a shared stream, which may
 * what a guest may.
 */
export interface Principal {
  /** The token's `sub`; absent for a guest and for an audience: see {@link viewerOf}. */
  readonly userId?: string;
  /**
   * A key that some subgraph gave to the listeners of one stream. It means something to that subgraph only, which knows
   * its own keys.
   */
  readonly audience?: string;
  /** Roles that this code does not know are kept, and give nothing. */
  readonly roles: readonly string[];
  readonly username?: string;
  readonly email?: string;
  /**
   * The client's IP address; of a call by GraphQL only within mutations. What is limited by address counts callers
   * without one together.
   */
  readonly clientAddress?: string;
}

/** A guest. */
export const ANONYMOUS: Principal = Object.freeze({ roles: Object.freeze([]) });

const claims = z.object({
  // The services keep it as a UUID, which PostgreSQL writes in lower case.
  sub: z.guid().lowercase(),
  roles: z.array(z.string().max(64)).max(100).optional(),
  preferred_username: z.string().max(255).optional(),
  email: z.string().max(320).optional(),
});

/**
 * What of a token's claims has a form that no service can use; the text names the claim and not its value. Undefined:
 * all is well.
 */
export function faultOfClaims(given: Readonly<Record<string, unknown>>): string | undefined {
  const [issue] = claims.safeParse(given).error?.issues ?? [];
  return issue && `the token's "${String(issue.path[0])}" is not of the form that is needed`;
}

/**
 * Reads what came with a call whose signature was verified: a plain header proves nothing.
 * @returns null when the parts do not belong together: no claims for a user, claims of another, or not claims at all.
 */
export function readPrincipal({ userId, userinfo, audience, clientAddress }: SignedPrincipal): Principal | null {
  const from = clientAddress === undefined ? {} : { clientAddress };
  if (audience !== undefined) return userId === undefined && userinfo === undefined ? { audience, roles: [] } : null;
  if (userId === undefined && userinfo === undefined)
    return clientAddress === undefined ? ANONYMOUS : { ...ANONYMOUS, clientAddress };
  const parsed = claims.safeParse(userinfo === undefined ? undefined : decodeUserinfo(userinfo));
  if (!parsed.success || parsed.data.sub !== userId) return null;
  const { sub, roles = [], preferred_username: username, email } = parsed.data;
  return {
    userId: sub,
    roles,
    ...(username === undefined ? {} : { username }),
    ...(email === undefined ? {} : { email }),
    ...from,
  };
}

/**
 * Who asks; undefined for a guest.
 * @throws GraphQLError AUDIENCE_HAS_NO_VIEWER for an audience: an answer for nobody in particular would be shown to
 *   everybody in it.
 */
export function viewerOf({ userId, audience }: Principal): string | undefined {
  if (audience === undefined) return userId;
  throw new GraphQLError('This depends on who asks, and is asked for the listeners of a shared stream.', {
    extensions: { code: 'AUDIENCE_HAS_NO_VIEWER' },
  });
}

/** @throws GraphQLError UNAUTHENTICATED for a guest, AUDIENCE_HAS_NO_VIEWER for an audience. */
export function requireUser(principal: Principal): Principal & { readonly userId: string } {
  const userId = viewerOf(principal);
  if (userId === undefined) throw new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED' } });
  return { ...principal, userId };
}

export function hasRole(principal: Principal, role: Role): boolean {
  return principal.roles.includes(role);
}

const principals = new WeakMap<IncomingMessage, Principal>();

/** Kept beside the request, not on it: nothing that comes with a request can pass for it. */
export function setPrincipal(req: IncomingMessage, principal: Principal): void {
  principals.set(req, principal);
}

/** For whom this request is made; a guest where no signature was asked for (public routes). */
export function principalOf(req: IncomingMessage): Principal {
  return principals.get(req) ?? ANONYMOUS;
}
