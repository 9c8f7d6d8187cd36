import { hasRole, type Principal } from '../../platform/identity/principal.ts';
import type { Room } from './generated/prisma/client.ts';

/** The content of the key of a room's audience. */
export interface RoomAudience {
  readonly roomId: string;
  /**
   * The `seq` of the newest LEFT event of the room when the key was issued. Null for administrators, who may read the
   * room without being members.
   */
  readonly leftUntil: number | null;
}

const KEY = /^chat:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(\d{1,10}|admins)$/;

/**
 * The key is `chat:<room id>:<seq of the newest LEFT event>`. A user who gets this key could read the room after that
 * event. So only LEFT events with a higher `seq` can be about a listener of the stream, in any order of checks and
 * reconnections. Administrators have another key in the room of a team (`…:admins`), because they may still read the
 * room after they left the team.
 */
export function audienceKeyOf(viewer: Principal, { id, kind, lastLeftSeq }: Room): string {
  return `chat:${id}:${kind === 'TEAM' && hasRole(viewer, 'admin') ? 'admins' : lastLeftSeq}`;
}

/** The audience of a room's stream. Null for a user, a guest, and the audience of another subgraph's stream. */
export function roomAudienceOf({ audience }: Principal): RoomAudience | null {
  const [, roomId, leftUntil] = (audience === undefined ? null : KEY.exec(audience)) ?? [];
  return roomId && leftUntil ? { roomId, leftUntil: leftUntil === 'admins' ? null : Number(leftUntil) } : null;
}
