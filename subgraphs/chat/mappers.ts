/** The object that resolvers get for each type of the schema: a Prisma row. */
export type { Room, RoomEvent } from './generated/prisma/client.ts';
export type {
  RoomEvent as MemberJoined,
  RoomEvent as MemberLeft,
  RoomEvent as Message,
  RoomEvent as MessageSent,
} from './generated/prisma/client.ts';
