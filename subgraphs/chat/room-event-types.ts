import type { RoomEvent } from './generated/prisma/client.ts';

const TYPES = { MESSAGE: 'MessageSent', JOINED: 'MemberJoined', LEFT: 'MemberLeft' } as const;

/** The type of the schema that an event is of. */
export const typeOfEvent = ({ kind }: Pick<RoomEvent, 'kind'>): (typeof TYPES)[keyof typeof TYPES] => TYPES[kind];
