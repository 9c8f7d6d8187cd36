import { z } from 'zod';
import { defineExistence, defineQuestion, defineWhich } from '../../platform/questions/definition.ts';

/** Asks by a team's global id whether the team exists. */
export const TeamExists = defineExistence({ to: 'teams', type: 'Team' });
/** Asks by a team's global id whether the viewer is currently a member. */
export const ViewerIsMember = defineWhich({ to: 'teams', field: 'teamsOfViewer', argument: 'among' });
/** By a team's global id: what the viewer is in it now; null for who is no member. */
export const ViewerRole = defineQuestion({
  to: 'teams',
  field: 'rolesOfViewer',
  argument: 'in',
  type: 'ID!',
  item: z.string(),
  answer: z.enum(['OWNER', 'CAPTAIN', 'COACH', 'PLAYER']).nullable(),
});
/** By global ids: whether the user is in the team now. */
export const IsMember = defineQuestion({
  to: 'teams',
  field: 'membersAmong',
  argument: 'of',
  type: 'TeamMemberInput!',
  item: z.object({ teamId: z.string(), userId: z.string() }),
  answer: z.boolean(),
});
