import { defineExistence } from '../../platform/questions/definition.ts';

/** By a player's global id. */
export const PlayerExists = defineExistence({ to: 'matches', type: 'Player' });
