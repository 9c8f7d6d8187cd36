import type { Counted } from '../../platform/graphql/connection.ts';
import type { Invitation, JoinRequest, Membership, Team } from './generated/prisma/client.ts';

/** The object that resolvers get for each type of the schema: usually a Prisma row. */
export type { Invitation, JoinRequest, Membership, Team } from './generated/prisma/client.ts';
export type TeamConnection = Counted<Team>;
export type InvitationConnection = Counted<Invitation>;
export type JoinRequestConnection = Counted<JoinRequest>;
export type MembershipConnection = Counted<Membership>;
export type { TeamAsViewer } from '../../schema/questions/teams.ts';
