import { z } from 'zod';
import { because, name, text } from '../../platform/graphql/input.ts';
import { userError as inputError } from '../../platform/graphql/user-errors.ts';
import { isTimeZone } from '../../platform/time-zone.ts';
import { LIMITS } from './schedule/input.ts';
import { time } from './inputs.ts';
import { userError } from './reasons.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 366;

const clock = z
  .string()
  .refine((given) => /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(given), because(userError('NO_TIME_OF_DAY')));
const date = z.string().refine((given) => z.iso.date().safeParse(given).success, because(userError('NO_DATE')));

/** Opening hours: the same local times on each day of a range of dates, or on some days of the week in it. */
const openingHours = z
  .object({
    firstDay: date,
    lastDay: date,
    /** The days of the week: 1 is Monday, 7 is Sunday. Absent: all days. */
    weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).nullish(),
    opens: clock,
    closes: clock,
  })
  .superRefine(({ firstDay, lastDay }, context) => {
    const days = (Date.parse(lastDay) - Date.parse(firstDay)) / DAY_MS + 1;
    if (Number.isNaN(days)) return;
    const latest = new Date(Date.parse(firstDay) + (MAX_DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
    const fault =
      days < 1
        ? inputError('TOO_EARLY', { min: firstDay })
        : days > MAX_DAYS && inputError('TOO_LATE', { max: latest });
    if (fault) context.addIssue({ code: 'custom', input: lastDay, path: ['lastDay'], ...because(fault) });
  });

export const hoursOf = z.array(openingHours);

export const venueInput = z.object({
  tournamentId: z.string(),
  clientId: text(100),
  name: name(100),
  address: name(300).nullish(),
  timeZone: text(64)
    .refine(isTimeZone, because(userError('NO_TIME_ZONE')))
    .nullish(),
  pitches: z
    .array(z.object({ name: name(60), hours: z.array(openingHours).min(1).max(50) }))
    .min(1)
    .max(50),
});

export const removeVenueInput = z.object({ venueId: z.string() });

export const planInput = z.object({
  tournamentId: z.string(),
  clientId: text(100),
  matchMinutes: z.int().min(5).max(600),
  pauseMinutes: z.int().min(0).max(LIMITS.minutes).default(0),
  restMinutes: z.int().min(0).max(LIMITS.minutes).default(0),
  notBefore: time.nullish(),
  keepPlanned: z.boolean().default(false),
  referees: z
    .array(z.object({ userId: z.string(), entryIds: z.array(z.string()).max(20).default([]) }))
    .max(LIMITS.referees)
    .default([]),
});

export const runInput = z.object({ runId: z.string() });

export const kickoffInput = z
  .object({
    slotId: z.string().nullish(),
    matchId: z.string().nullish(),
    kickoffAt: time,
    pitchId: z.string().nullish(),
    refereeId: z.string().nullish(),
  })
  .refine(
    ({ slotId, matchId }) => (slotId == null) !== (matchId == null),
    because(inputError('NOT_EXACTLY_ONE', { fields: 'slotId, matchId' })),
  );
