import { defineExistence, defineWhich } from '../../platform/questions/definition.ts';

/** By a team's global id. */
export const TeamExists = defineExistence({ to: 'teams', type: 'Team' });
/** By a team's global id: whether the viewer is a member now. */
export const ViewerIsMember = defineWhich({ to: 'teams', field: 'teamsOfViewer', argument: 'among' });
