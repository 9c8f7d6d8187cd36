import type { RoomEvent } from './generated/prisma/client.ts';

const TYPES = { MESSAGE: 'MessageSent', JOINED: 'MemberJoined', LEFT: 'MemberLeft' } as const;

/** The schema's type of an event. */
export const typeOfEvent = ({ kind }: Pick<RoomEvent, 'kind'>): (typeof TYPES)[keyof typeof TYPES] => TYPES[kind];
