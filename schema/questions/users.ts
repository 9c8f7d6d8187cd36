import { z } from 'zod';
import { defineEntity, defineExistence, defineQuestion, defineWhich } from '../../platform/questions/definition.ts';

/** Asks by a user's global id whether the user exists. */
export const UserExists = defineExistence({ to: 'users', type: 'User' });
/** Asks by a user's global id whether the profile is hidden from the viewer, who then sees only the name. */
export const ProfileHidden = defineWhich({ to: 'users', field: 'profilesHidden', argument: 'among' });

const playerRule = z.object({
  /** The global id of the user. */
  userId: z.string(),
  /** The day on which the age counts, `2026-05-01`. Null in a rule about the level. */
  on: z.iso.date().nullable(),
  /** The sport in which the level counts. Null in a rule about the age. */
  sport: z.string().nullable(),
  /** The smallest accepted age in years, or level. Null: no limit. */
  min: z.int().nullable(),
  /** The greatest accepted age in years, or level. Null: no limit. */
  max: z.int().nullable(),
});
/** A rule about one player. */
export type PlayerRule = z.output<typeof playerRule>;

/** Asks whether a user's age on a day, or level in a sport, is within limits. False if the user has not set it. */
export const PlayerFits = defineQuestion({
  to: 'users',
  field: 'playersFit',
  argument: 'of',
  type: 'PlayerRuleInput!',
  item: playerRule,
  answer: z.boolean(),
});

const personRule = z.object({
  /** Global id. */
  userId: z.string(),
  city: z.string(),
  sport: z.string(),
});
/** A rule about one person. */
export type PersonRule = z.output<typeof personRule>;

/** Asks whether a user lives in a city and plays a sport: yes or no. The case of letters does not matter. */
export const PersonFits = defineQuestion({
  to: 'users',
  field: 'peopleFit',
  argument: 'of',
  type: 'PersonRuleInput!',
  item: personRule,
  answer: z.boolean(),
});

/**
 * Reports by a user's global id that the user has an open personal stream. The user then counts as online for
 * `PRESENCE_SECONDS`. Each repetition starts that time again.
 */
export const KeepOnline = defineQuestion({
  to: 'users',
  field: 'keepOnline',
  argument: 'of',
  type: 'ID!',
  item: z.string(),
  answer: z.boolean(),
});
/** Asks by a user's global id whether the user is online. */
export const IsOnline = defineWhich({ to: 'users', field: 'peopleOnline', argument: 'among' });

/** Asks by a user's global id for the name that everybody may see. Null when there is no such user. */
export const UserName = defineEntity({
  to: 'users',
  type: 'User',
  selection: '{ displayName }',
  answer: z.object({ displayName: z.string() }),
});
