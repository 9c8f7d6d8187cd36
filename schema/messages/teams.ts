import { z } from 'zod';
import { defineEvent, defineSnapshot, defineTopic } from '../../platform/messaging/definitions.ts';

/** Changes of teams and their members. */
export const Teams = defineTopic({ name: 'teams.v1', partitions: 8, retentionHours: 30 * 24, cleanup: 'delete' });

const team = z.object({ teamId: z.uuid(), name: z.string(), sport: z.string(), city: z.string().nullable() });
const role = z.enum(['OWNER', 'CAPTAIN', 'COACH', 'PLAYER']);

/**
 * A team was created. This is the first event of the team, and the owner's MemberJoinedTeam is the second. Older
 * installations published it once more with a later `seq`, so handling it twice must do no harm.
 */
export const TeamCreated = defineEvent({ topic: Teams, type: 'TeamCreated', version: 1, key: 'teamId', payload: team });

const membership = z.object({ teamId: z.uuid(), userId: z.uuid(), role });

/** A user became a member of a team. */
export const MemberJoinedTeam = defineEvent({
  topic: Teams,
  type: 'MemberJoinedTeam',
  version: 1,
  key: 'teamId',
  payload: membership,
});
/** A user stopped being a member of a team. */
export const MemberLeftTeam = defineEvent({
  topic: Teams,
  type: 'MemberLeftTeam',
  version: 1,
  key: 'teamId',
  payload: membership,
});

/** The current state of a team with all its members. */
export const TeamSnapshot = defineSnapshot({
  topic: Teams,
  type: 'TeamSnapshot',
  version: 1,
  key: 'teamId',
  payload: team.extend({ members: z.array(z.object({ userId: z.uuid(), role })) }),
});
