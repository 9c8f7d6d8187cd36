/** The objects that resolvers pass on for a type of the schema: rows of Prisma. */
export type { Room, RoomEvent } from './generated/prisma/client.ts';
export type {
  RoomEvent as MemberJoined,
  RoomEvent as MemberLeft,
  RoomEvent as Message,
  RoomEvent as MessageSent,
} from './generated/prisma/client.ts';
