import type { Counted } from '../../platform/graphql/connection.ts';
import type { Invitation, Membership, Team } from './generated/prisma/client.ts';

/** The objects that resolvers pass on for a type of the schema: rows of Prisma. */
export type { Invitation, Membership, Team } from './generated/prisma/client.ts';
export type TeamConnection = Counted<Team>;
export type InvitationConnection = Counted<Invitation>;
export type MembershipConnection = Counted<Membership>;
export type { TeamAsViewer } from '../../schema/questions/teams.ts';
