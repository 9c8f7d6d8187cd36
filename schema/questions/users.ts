import { defineExistence, defineWhich } from '../../platform/questions/definition.ts';

/** Asks by a user's global id whether the user exists. */
export const UserExists = defineExistence({ to: 'users', type: 'User' });
/** Asks by a user's global id whether the viewer may see only the name. */
export const ProfileHidden = defineWhich({ to: 'users', field: 'profilesHidden', argument: 'among' });
