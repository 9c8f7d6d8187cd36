/** What resolvers pass around for a type of the schema: the rows of Prisma. */
export type { Invitation, Membership, Team } from './generated/prisma/client.ts';
