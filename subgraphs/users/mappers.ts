/** The object that resolvers get for each type of the schema: a Prisma row. */
export type { User } from './generated/prisma/client.ts';
