import { z } from 'zod';
import { defineExistence, defineQuestion, defineWhich } from '../../platform/questions/definition.ts';

/** Asks by a user's global id whether the user exists. */
export const UserExists = defineExistence({ to: 'users', type: 'User' });
/** Asks by a user's global id whether the viewer may see only the name. */
export const ProfileHidden = defineWhich({ to: 'users', field: 'profilesHidden', argument: 'among' });

const playerRule = z.object({
  /** Global id. */
  userId: z.string(),
  /** The day on which the age counts, `2026-05-01`. Null in a rule about the level. */
  on: z.iso.date().nullable(),
  /** The sport in which the level counts. Null in a rule about the age. */
  sport: z.string().nullable(),
  /** Years, or a level. */
  min: z.int().nullable(),
  max: z.int().nullable(),
});
/** A rule about one player. */
export type PlayerRule = z.output<typeof playerRule>;

/** Asks whether a user is of some age on a day, or of some level in a sport: yes or no. */
export const PlayerFits = defineQuestion({
  to: 'users',
  field: 'playersFit',
  argument: 'of',
  type: 'PlayerRuleInput!',
  item: playerRule,
  answer: z.boolean(),
});
