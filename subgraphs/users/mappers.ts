/** The objects that resolvers pass on for a type of the schema: rows of Prisma. */
export type { User } from './generated/prisma/client.ts';
