import { z } from 'zod';
import { defineEntity, defineExistence, defineQuestion, defineWhich } from '../../platform/questions/definition.ts';

const role = z.enum(['OWNER', 'CAPTAIN', 'COACH', 'PLAYER']);

/** Asks by a team's global id whether the team exists. */
export const TeamExists = defineExistence({ to: 'teams', type: 'Team' });
/** Asks by a team's global id whether the viewer is currently a member. */
export const ViewerIsMember = defineWhich({ to: 'teams', field: 'teamsOfViewer', argument: 'among' });
/** Asks by a team's global id for the viewer's current role in the team. Null when the viewer is not a member. */
export const ViewerRole = defineQuestion({
  to: 'teams',
  field: 'rolesOfViewer',
  argument: 'in',
  type: 'ID!',
  item: z.string(),
  answer: role.nullable(),
});
/** Asks by global ids whether the user is a member of the team now. */
export const IsMember = defineQuestion({
  to: 'teams',
  field: 'membersAmong',
  argument: 'of',
  type: 'TeamMemberInput!',
  item: z.object({ teamId: z.string(), userId: z.string() }),
  answer: z.boolean(),
});

const teamAsViewer = z.object({
  sport: z.string(),
  city: z.string().nullable(),
  /** The viewer's role in the team. Null for a guest and for a user who is not a member. */
  role: role.nullable(),
  /**
   * Global ids of the members who may play: all except coaches, at most 200. Empty unless the viewer is the owner, a
   * captain or an administrator.
   */
  playerIds: z.array(z.string()),
});
/** The answer to {@link TeamOfViewer}. */
export type TeamAsViewer = z.output<typeof teamAsViewer>;

/**
 * Asks by a team's global id for the team and the viewer's current role in it. Null when there is no such team.
 */
export const TeamOfViewer = defineQuestion({
  to: 'teams',
  field: 'teamsAsViewer',
  argument: 'ids',
  type: 'ID!',
  selection: '{ sport city role playerIds }',
  item: z.string(),
  answer: teamAsViewer.nullable(),
});

/** Asks by a team's global id for its name and sport. Null when there is no such team. */
export const TeamName = defineEntity({
  to: 'teams',
  type: 'Team',
  selection: '{ name sport }',
  answer: z.object({ name: z.string(), sport: z.string() }),
});
