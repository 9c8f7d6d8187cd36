import { z } from 'zod';

/** Topic of what happens to teams. Key: the team's id (UUID). Kept 30 days. */
export const TEAMS_TOPIC = 'teams.v1';

/**
 * A team exists. The first one of a team is its first event, and the owner joins with the next. Teams that are older than a consumer of this event
 * are told once more, with a later `seq`: what a consumer does with it must do no harm the second time.
 */
export const TeamCreated = {
  type: 'TeamCreated',
  version: 1,
  payload: z.object({ teamId: z.uuid(), name: z.string(), sport: z.string(), city: z.string().nullable() }),
} as const;

const membership = z.object({ teamId: z.uuid(), userId: z.uuid(), role: z.enum(['OWNER', 'CAPTAIN', 'COACH', 'PLAYER']) });

export const MemberJoinedTeam = { type: 'MemberJoinedTeam', version: 1, payload: membership } as const;
export const MemberLeftTeam = { type: 'MemberLeftTeam', version: 1, payload: membership } as const;
