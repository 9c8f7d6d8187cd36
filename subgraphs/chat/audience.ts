import { hasRole, type Principal } from '../../platform/identity/principal.ts';
import type { Room } from './generated/prisma/client.ts';

/** The content of the key of a room's audience. */
export interface RoomAudience {
  readonly roomId: string;
  /**
   * The `seq` of the newest leaving when the key was issued. Null for viewers who may read the room without being
   * members.
   */
  readonly leftUntil: number | null;
}

const KEY = /^chat:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(\d{1,10}|admins)$/;

/**
 * The key is `chat:<room id>:<seq of the last leaving>`. Everybody who gets this key was a member after that leaving.
 * So a leaving with a higher `seq` may concern a listener, and one up to that `seq` concerns nobody who listens. This
 * holds in any order of checks and reconnections. Admins have an audience of their own, because they may still read
 * after they leave.
 */
export function audienceKeyOf(viewer: Principal, { id, kind, lastLeftSeq }: Room): string {
  return `chat:${id}:${kind === 'TEAM' && hasRole(viewer, 'admin') ? 'admins' : lastLeftSeq}`;
}

/** The audience of a principal; null for a user, a guest and the audience of another subgraph. */
export function roomAudienceOf({ audience }: Principal): RoomAudience | null {
  const [, roomId, leftUntil] = (audience === undefined ? null : KEY.exec(audience)) ?? [];
  return roomId && leftUntil ? { roomId, leftUntil: leftUntil === 'admins' ? null : Number(leftUntil) } : null;
}
