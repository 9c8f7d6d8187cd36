import { z } from 'zod';
import { defineEvent, defineTopic } from '../../platform/messaging/definitions.ts';

/** What happens to teams. */
export const Teams = defineTopic({ name: 'teams.v1', partitions: 8, retentionHours: 30 * 24, cleanup: 'delete' });

/**
 * A team exists. The first one of a team is its first event, and the owner joins with the next. Teams that are older than a consumer of this event
 * are told once more, with a later `seq`: what a consumer does with it must do no harm the second time.
 */
export const TeamCreated = defineEvent({
  topic: Teams,
  type: 'TeamCreated',
  version: 1,
  key: 'teamId',
  payload: z.object({ teamId: z.uuid(), name: z.string(), sport: z.string(), city: z.string().nullable() }),
});

const membership = z.object({ teamId: z.uuid(), userId: z.uuid(), role: z.enum(['OWNER', 'CAPTAIN', 'COACH', 'PLAYER']) });

export const MemberJoinedTeam = defineEvent({ topic: Teams, type: 'MemberJoinedTeam', version: 1, key: 'teamId', payload: membership });
export const MemberLeftTeam = defineEvent({ topic: Teams, type: 'MemberLeftTeam', version: 1, key: 'teamId', payload: membership });
