import { z } from 'zod';
import { because, name, text } from '../../platform/graphql/input.ts';
import { userError as inputError } from '../../platform/graphql/user-errors.ts';
import { sportInput } from '../../schema/sports.ts';
import type { TournamentState } from './generated/prisma/enums.ts';
import { userError } from './reasons.ts';
import { PRESETS } from './standings/presets.ts';

/** A time from 1850 to 2200. It may be far in the past, because imported tournaments can be old. */
export const time = z.date().min(new Date('1850-01-01T00:00:00Z')).max(new Date('2200-01-01T00:00:00Z'));

/**
 * An IANA time zone that Node.js knows. Offsets such as `+02:00` are refused: they have no daylight saving time.
 */
const timeZone = text(64).transform((given, context) => {
  try {
    if (!/^[A-Za-z]/.test(given)) throw new RangeError();
    const { timeZone: known } = new Intl.DateTimeFormat('en', { timeZone: given }).resolvedOptions();
    // Node.js resolves some names to another name of the same zone. Such a name is kept as the client sent it.
    return known.toLowerCase() === given.toLowerCase() ? known : given;
  } catch {
    context.addIssue({ code: 'custom', input: given, ...because(userError('NO_TIME_ZONE')) });
    return z.NEVER;
  }
});

const rules = text(64).refine((given) => PRESETS.has(given), because(userError('RULES_NOT_FOUND')));
const age = z.int().min(5).max(99);
const level = z.int().min(1).max(10);
/** A number of teams: 2 to 1,024, the limit of entrants of a knock-out. */
const teams = z.int().min(2).max(1024);

/** Fields that an organizer may set and change. */
const facts = {
  name: name(100),
  description: text(5000, { lines: true }).nullish(),
  rules: rules.nullish(),
  timeZone,
  city: name(80).nullish(),
  startsAt: time,
  mode: z.enum(['OPEN', 'APPROVAL', 'INVITATION']),
  minTeams: teams,
  maxTeams: teams,
  registrationClosesAt: time.nullish(),
  checkInClosesAt: time.nullish(),
  minAge: age.nullish(),
  maxAge: age.nullish(),
  minLevel: level.nullish(),
  maxLevel: level.nullish(),
  entryCity: name(80).nullish(),
  protestHours: z.int().min(0).max(720),
};

interface Bounds {
  readonly startsAt: Date;
  readonly minTeams: number;
  readonly maxTeams: number;
  readonly registrationClosesAt?: Date | null | undefined;
  readonly checkInClosesAt?: Date | null | undefined;
  readonly minAge?: number | null | undefined;
  readonly maxAge?: number | null | undefined;
  readonly minLevel?: number | null | undefined;
  readonly maxLevel?: number | null | undefined;
}

/** Contradictions between fields that are each valid alone, such as a minimum above its maximum. */
export function faultsOf(of: Bounds) {
  const faults: { field: string; error: ReturnType<typeof inputError> }[] = [];
  const pairs = [
    ['maxTeams', of.minTeams, of.maxTeams],
    ['maxAge', of.minAge, of.maxAge],
    ['maxLevel', of.minLevel, of.maxLevel],
  ] as const;
  for (const [field, least, most] of pairs)
    if (least != null && most != null && most < least)
      faults.push({ field, error: inputError('TOO_SMALL', { min: least }) });
  const { registrationClosesAt: closes, checkInClosesAt: checkedIn, startsAt } = of;
  const late = (at: Date | null | undefined): boolean => at != null && at > startsAt;
  const max = startsAt.toISOString();
  if (late(closes)) faults.push({ field: 'registrationClosesAt', error: inputError('TOO_LATE', { max }) });
  if (late(checkedIn)) faults.push({ field: 'checkInClosesAt', error: inputError('TOO_LATE', { max }) });
  if (closes != null && checkedIn != null && checkedIn <= closes)
    faults.push({ field: 'checkInClosesAt', error: inputError('TOO_EARLY', { min: closes.toISOString() }) });
  return faults;
}

export const createInput = z
  .object({
    clientId: text(100),
    ...facts,
    sport: sportInput,
    mode: facts.mode.default('OPEN'),
    minTeams: facts.minTeams.default(2),
    maxTeams: facts.maxTeams.default(64),
    protestHours: facts.protestHours.default(48),
  })
  .superRefine((of, context) => {
    for (const { field, error } of faultsOf(of))
      context.addIssue({ code: 'custom', input: of, path: [field], ...because(error) });
  });

const id = z.string();
export const tournamentInput = z.object({ tournamentId: id });
export const teamInput = z.object({ tournamentId: id, teamId: id });
export const organizerInput = z.object({ tournamentId: id, userId: id });
export const cancelInput = z.object({ tournamentId: id, reason: text(500, { lines: true }).nullish() });
export const drawInput = z.object({
  tournamentId: id,
  method: z.enum(['BY_LOT', 'BY_HAND', 'BY_RATING']).default('BY_LOT'),
  entryIds: z.array(id).max(1024).nullish(),
});
export const enterInput = teamInput.extend({
  playerIds: z.array(id).max(200).nullish(),
  wait: z.boolean().default(false),
});
export const entryInput = z.object({ entryId: id });
export const outInput = entryInput.extend({ reason: text(500, { lines: true }).nullish() });

const { description, rules: itsRules, city, registrationClosesAt, checkInClosesAt, ...never } = facts;
const { minAge, maxAge, minLevel, maxLevel, entryCity, ...required } = never;
/** The input of `updateTournament`. An absent field stays unchanged. Null clears a field that may be empty. */
export const updateInput = z.object({
  tournamentId: id,
  ...z.object(required).partial().shape,
  description,
  rules: itsRules,
  city,
  registrationClosesAt,
  checkInClosesAt,
  minAge,
  maxAge,
  minLevel,
  maxLevel,
  entryCity,
});

/**
 * The last state in which organizers and administrators may change a field. A field that is not listed may change in a
 * draft only, which administrators cannot do.
 */
const LAST_STATE: Readonly<Record<string, TournamentState>> = {
  name: 'COMPLETED',
  description: 'COMPLETED',
  city: 'RUNNING',
  protestHours: 'RUNNING',
  startsAt: 'SEEDED',
  timeZone: 'SEEDED',
  rules: 'CHECK_IN',
  minTeams: 'CHECK_IN',
  maxTeams: 'CHECK_IN',
  checkInClosesAt: 'CHECK_IN',
  registrationClosesAt: 'REGISTRATION',
};
const ORDER: readonly TournamentState[] = ['DRAFT', 'REGISTRATION', 'CHECK_IN', 'SEEDED', 'RUNNING', 'COMPLETED'];
/** Whether a field may change in this state. */
export const isChangeable = (field: string, state: TournamentState): boolean =>
  ORDER.includes(state) && ORDER.indexOf(state) <= ORDER.indexOf(LAST_STATE[field] ?? 'DRAFT');
