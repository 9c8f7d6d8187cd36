import type { Counted } from '../../platform/graphql/connection.ts';
import type { Invitation, Membership, Team } from './generated/prisma/client.ts';

/** What resolvers pass around for a type of the schema: the rows of Prisma. */
export type { Invitation, Membership, Team } from './generated/prisma/client.ts';
export type TeamConnection = Counted<Team>;
export type InvitationConnection = Counted<Invitation>;
export type MembershipConnection = Counted<Membership>;
