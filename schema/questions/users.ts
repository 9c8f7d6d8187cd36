import { defineExistence, defineWhich } from '../../platform/questions/definition.ts';

/** By a user's global id. */
export const UserExists = defineExistence({ to: 'users', type: 'User' });
/** By a user's global id: whether the viewer sees no more than the name. */
export const ProfileHidden = defineWhich({ to: 'users', field: 'profilesHidden', argument: 'among' });
