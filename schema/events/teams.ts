import { z } from 'zod';

/** Topic of what happens to teams. Key: the team's id (UUID). Kept 30 days. */
export const TEAMS_TOPIC = 'teams.v1';

/** A team exists; its first member, the owner, joins with the next event. */
export const TeamCreated = {
  type: 'TeamCreated',
  version: 1,
  payload: z.object({ teamId: z.uuid(), name: z.string(), sport: z.string(), city: z.string().nullable() }),
} as const;

const membership = z.object({ teamId: z.uuid(), userId: z.uuid(), role: z.enum(['OWNER', 'CAPTAIN', 'COACH', 'PLAYER']) });

export const MemberJoinedTeam = { type: 'MemberJoinedTeam', version: 1, payload: membership } as const;
export const MemberLeftTeam = { type: 'MemberLeftTeam', version: 1, payload: membership } as const;
