import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import { z } from 'zod';
import type { SignedPrincipal } from '../../signature/signature.ts';
import { decodeUserinfo } from '../../signature/signature.ts';

/** The roles of the realm. The services decide from their own data what a user may do to one team or match. */
export type Role = 'player' | 'captain' | 'organizer' | 'referee' | 'admin';

/**
 * The caller on whose behalf a call is made, as the router has verified it: a user, a guest, or the audience of a
 * shared stream. An audience has the rights of a guest, plus the rights that its key gives.
 */
export interface Principal {
  /** The token's `sub`; absent for a guest and for an audience: see {@link viewerOf}. */
  readonly userId?: string;
  /** A key that a subgraph issued to the listeners of one stream. Only that subgraph can interpret it. */
  readonly audience?: string;
  /** The roles of the user. Roles that this program does not know are kept, and grant nothing. */
  readonly roles: readonly string[];
  readonly username?: string;
  readonly email?: string;
  /**
   * The client's IP address. GraphQL calls have it only for mutations. Limits by address count all callers without one
   * together.
   */
  readonly clientAddress?: string;
}

/** The principal of a guest: a caller without a token. */
export const ANONYMOUS: Principal = Object.freeze({ roles: Object.freeze([]) });

const claims = z.object({
  // The services store the `sub` as a UUID, which PostgreSQL writes in lower case.
  sub: z.guid().lowercase(),
  roles: z.array(z.string().max(64)).max(100).optional(),
  preferred_username: z.string().max(255).optional(),
  email: z.string().max(320).optional(),
});

/** Names a claim whose form no service can use, without its value. Undefined when all claims are valid. */
export function faultOfClaims(given: Readonly<Record<string, unknown>>): string | undefined {
  const [issue] = claims.safeParse(given).error?.issues ?? [];
  return issue && `the token's "${String(issue.path[0])}" is not of the form that is needed`;
}

/**
 * Reads the principal of a call whose signature was verified. A plain header proves nothing.
 * @returns null when the parts do not match: a user without claims, claims of another user, or malformed claims
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
 * The id of the viewer; undefined for a guest.
 * @throws GraphQLError AUDIENCE_HAS_NO_VIEWER for an audience: everybody in it would see the answer
 */
export function viewerOf({ userId, audience }: Principal): string | undefined {
  if (audience === undefined) return userId;
  throw new GraphQLError('This value depends on the viewer, but the request is for all listeners of a shared stream.', {
    extensions: { code: 'AUDIENCE_HAS_NO_VIEWER' },
  });
}

/**
 * Returns the principal of a signed-in user. @throws GraphQLError UNAUTHENTICATED for a guest, AUDIENCE_HAS_NO_VIEWER
 * for an audience
 */
export function requireUser(principal: Principal): Principal & { readonly userId: string } {
  const userId = viewerOf(principal);
  if (userId === undefined) throw new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED' } });
  return { ...principal, userId };
}

export function hasRole(principal: Principal, role: Role): boolean {
  return principal.roles.includes(role);
}

const principals = new WeakMap<IncomingMessage, Principal>();

/** Stores the principal in a WeakMap and not on the request, so that no part of a request can be mistaken for it. */
export function setPrincipal(req: IncomingMessage, principal: Principal): void {
  principals.set(req, principal);
}

/** The principal of this request; a guest on public routes, which need no signature. */
export function principalOf(req: IncomingMessage): Principal {
  return principals.get(req) ?? ANONYMOUS;
}
