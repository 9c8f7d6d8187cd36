import { hasRole, type Principal } from '../../platform/identity/principal.ts';
import type { Room } from './generated/prisma/client.ts';

/** What the key of a room's audience says. */
export interface RoomAudience {
  readonly roomId: string;
  /**
   * The `seq` of the last leaving before this audience was asked for; null for who may read whether a member or not.
   */
  readonly leftUntil: number | null;
}

const KEY = /^chat:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(\d{1,10}|admins)$/;

/**
 * `chat:<room's id>:<seq of the last leaving>`. With that `seq` in it, whoever is in an audience was a member after all
 * leavings until then, so a leaving with a higher `seq` concerns who is listening and an earlier one is history, in
 * whatever order checks and reconnections happen. Admins have an audience of their own: they stay when they stop being
 * members.
 */
export function audienceKeyOf(viewer: Principal, { id, kind, lastLeftSeq }: Room): string {
  return `chat:${id}:${kind === 'TEAM' && hasRole(viewer, 'admin') ? 'admins' : lastLeftSeq}`;
}

/** Null for a user, a guest and the audience of another subgraph. */
export function roomAudienceOf({ audience }: Principal): RoomAudience | null {
  const [, roomId, leftUntil] = (audience === undefined ? null : KEY.exec(audience)) ?? [];
  return roomId && leftUntil ? { roomId, leftUntil: leftUntil === 'admins' ? null : Number(leftUntil) } : null;
}
