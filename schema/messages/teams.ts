import { z } from 'zod';
import { defineEvent, defineSnapshot, defineTopic } from '../../platform/messaging/definitions.ts';

/** What happens to teams. */
export const Teams = defineTopic({ name: 'teams.v1', partitions: 8, retentionHours: 30 * 24, cleanup: 'delete' });

const team = z.object({ teamId: z.uuid(), name: z.string(), sport: z.string(), city: z.string().nullable() });
const role = z.enum(['OWNER', 'CAPTAIN', 'COACH', 'PLAYER']);

/**
 * A team exists. The first one of a team is its first event, and the owner joins with the next. Older installations
 * told it once more, with a later `seq`: what a consumer does with it must do no harm the second time.
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
/** A user is not a member of a team any more. */
export const MemberLeftTeam = defineEvent({
  topic: Teams,
  type: 'MemberLeftTeam',
  version: 1,
  key: 'teamId',
  payload: membership,
});

/** A team as it is, with everybody who is in it. */
export const TeamSnapshot = defineSnapshot({
  topic: Teams,
  type: 'TeamSnapshot',
  version: 1,
  key: 'teamId',
  payload: team.extend({ members: z.array(z.object({ userId: z.uuid(), role })) }),
});
