import { z } from 'zod';
import { because, name, text } from '../../platform/graphql/input.ts';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { LIMITS } from './formats/config.ts';
import { time } from './inputs.ts';
import { userError } from './reasons.ts';
import { CRITERIA } from './standings/rules.ts';

const number = z.int().min(1).max(LIMITS.knockout);

/** An object with exactly one field that is not null, like a `@oneOf` input. */
function oneOf<S extends Record<string, z.ZodType>>(fields: S) {
  const shape = Object.fromEntries(Object.entries(fields).map(([field, schema]) => [field, schema.nullish()]));
  return z
    .object(shape as { [K in keyof S]: z.ZodOptional<z.ZodNullable<S[K]>> })
    .refine(
      (given) => Object.values(given).filter((value) => value != null).length === 1,
      because(userError('NOT_EXACTLY_ONE', { fields: Object.keys(fields).join(', ') })),
    );
}

const order = z.enum(['SEEDS', 'PAIRS']).default('SEEDS');
const legs = z.int().min(1).max(2).default(1);

const position = z.int().min(1).max(LIMITS.knockout);
/**
 * Time and venue of a match that the organizer plans by hand. `matchId` is the id of a friendly that becomes this
 * match.
 */
const appointment = z.object({
  kickoffAt: time.nullish().transform((at) => at?.toISOString() ?? null),
  venue: name(200)
    .nullish()
    .transform((given) => given ?? null),
  matchId: z
    .string()
    .nullish()
    .transform((given, context) => {
      const id = given == null ? null : fromGlobalId('Match', given);
      if (given != null && id === null) {
        context.addIssue({ code: 'custom', input: given, ...because(userError('UNKNOWN_SLOT')) });
        return z.NEVER;
      }
      return id;
    }),
});
const side = oneOf({ entrant: position, winnerOf: text(30), loserOf: text(30) }).transform(
  ({ entrant, winnerOf, loserOf }) => {
    if (entrant) return { kind: 'ENTRANT' as const, entrant };
    return winnerOf ? { kind: 'WINNER' as const, tie: winnerOf } : { kind: 'LOSER' as const, tie: loserOf ?? '' };
  },
);
const given = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

const format = oneOf({
  roundRobin: z.object({
    given: given(
      z.object({
        uneven: z.boolean().default(false),
        groups: z
          .array(
            z.object({
              name: name(60),
              size: z.int().min(2).max(LIMITS.roundRobinGroup),
              rounds: z
                .array(
                  z.object({
                    name: name(100),
                    matches: z
                      .array(appointment.extend({ home: position, away: position }))
                      .min(1)
                      .max(LIMITS.matches),
                  }),
                )
                .max(LIMITS.matches),
            }),
          )
          .min(1)
          .max(LIMITS.groups),
      }),
    ),
    legs: z.int().min(1).max(LIMITS.legs).default(1),
    groups: z.int().min(1).max(LIMITS.groups).default(1),
    spread: z.enum(['SNAKE', 'BLOCKS']).default('SNAKE'),
  }),
  singleElimination: z.object({
    given: given(
      z.object({
        rounds: z
          .array(
            z.object({
              name: name(100),
              thirdPlace: z.boolean().default(false),
              ties: z
                .array(
                  z.object({
                    key: text(30),
                    home: side,
                    away: side,
                    legs: z
                      .array(appointment)
                      .min(1)
                      .max(2)
                      .default([{ kickoffAt: null, venue: null, matchId: null }]),
                    replays: z.boolean().default(false),
                  }),
                )
                .min(1)
                .max(LIMITS.knockout),
            }),
          )
          .min(1)
          .max(LIMITS.swissRounds),
      }),
    ),
    order,
    thirdPlace: z.boolean().default(false),
    legs,
    finalLegs: legs,
    awayGoals: z.boolean().default(false),
  }),
  doubleElimination: z.object({ order }),
  swiss: z.object({
    rounds: z
      .int()
      .min(1)
      .max(LIMITS.swissRounds)
      .nullish()
      .transform((rounds) => rounds ?? null),
  }),
}).transform(({ roundRobin, singleElimination, doubleElimination, swiss }) => {
  if (roundRobin) return { format: 'ROUND_ROBIN' as const, ...roundRobin };
  if (singleElimination) return { format: 'SINGLE_ELIMINATION' as const, ...singleElimination };
  if (doubleElimination) return { format: 'DOUBLE_ELIMINATION' as const, ...doubleElimination };
  return { format: 'SWISS' as const, rounds: swiss?.rounds ?? null };
});

const entrants = oneOf({
  entries: z.object({ from: number.default(1), to: number.nullish().transform((to) => to ?? null) }),
  place: z.object({ stage: number, group: number.default(1), place: number }),
  best: z.object({
    stage: number,
    place: number,
    rank: number,
    groups: z
      .array(number)
      .min(1)
      .max(LIMITS.groups)
      .nullish()
      .transform((groups) => groups ?? null),
  }),
  top: z.object({ stage: number, places: number, best: z.int().min(0).max(LIMITS.groups).default(0) }),
  bye: z.literal(true),
}).transform(({ entries, place, best, top }) => {
  if (entries) return { kind: 'ENTRIES' as const, ...entries };
  if (place) return { kind: 'PLACE' as const, ...place };
  if (best) return { kind: 'BEST' as const, ...best };
  if (top) return { kind: 'TOP' as const, ...top };
  return { kind: 'BYE' as const };
});

const points = z.number().min(-100).max(100).multipleOf(0.5);
const rules = z.object({
  preset: text(64).nullish(),
  criteria: z.array(z.enum(CRITERIA)).min(1).max(30).nullish(),
  points: z.object({ win: points, draw: points, loss: points }).nullish(),
  again: z.enum(['NEVER', 'AFTER_ALL', 'AFTER_EACH']).nullish(),
  withdrawn: z.enum(['KEEP', 'ANNUL', 'ANNUL_UNDER_HALF']).nullish(),
});

const stage = z.object({
  name: name(60),
  format,
  entrants: z
    .array(entrants)
    .min(1)
    .max(LIMITS.knockout)
    .nullish()
    .transform((given) => given ?? [{ kind: 'ENTRIES' as const, from: 1, to: null }]),
  rules: rules.nullish(),
  crowns: z
    .boolean()
    .nullish()
    .transform((given) => given ?? true),
});
export type StageInput = z.output<typeof stage>;

export const setStagesInput = z.object({ tournamentId: z.string(), stages: z.array(stage).min(1).max(16) });

/** Without `stageId`, a ruling is for all stages. */
const ruled = { tournamentId: z.string(), stageId: z.string().nullish() };
const because500 = text(500, { lines: true });

export const deductPointsInput = z.object({
  ...ruled,
  clientId: text(100),
  entryId: z.string(),
  points: z
    .int()
    .min(-1000)
    .max(1000)
    .refine((value) => value !== 0, because(userError('NO_POINTS'))),
  reason: because500,
  date: time.nullish(),
});
export const recordFairPlayInput = z.object({
  ...ruled,
  entryId: z.string(),
  points: z.int().min(-1000).max(1000),
  reason: because500.nullish(),
});
export const recordOrderInput = z.object({
  ...ruled,
  entryIds: z.array(z.string()).min(2).max(LIMITS.knockout),
  reason: because500.nullish(),
});
export const drawLotsInput = z.object(ruled);
