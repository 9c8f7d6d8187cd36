import { defineExistence, defineWhich } from '../../platform/questions/definition.ts';

/** Asks by a team's global id whether the team exists. */
export const TeamExists = defineExistence({ to: 'teams', type: 'Team' });
/** Asks by a team's global id whether the viewer is currently a member. */
export const ViewerIsMember = defineWhich({ to: 'teams', field: 'teamsOfViewer', argument: 'among' });
