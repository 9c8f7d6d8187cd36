// The formats and what can be chosen of each, as JSON that a stage stores.
import { z } from 'zod';

/** The most that a stage may have. The pure functions stay within milliseconds, and a table stays readable. */
export const LIMITS = {
  knockout: 1_024,
  roundRobinGroup: 64,
  groups: 256,
  swiss: 512,
  swissRounds: 32,
  legs: 4,
  /** In one stage. */
  matches: 5_000,
} as const;

const text = (most: number) => z.string().min(1).max(most);

/** Time and place of a match before its sides are known: RFC 3339; `matchId` is a match that exists. */
const appointment = z.strictObject({
  kickoffAt: z.iso.datetime().nullable().default(null),
  venue: text(200).nullable().default(null),
  matchId: z.uuid().nullable().default(null),
});
export type Appointment = z.infer<typeof appointment>;

const place = z.int().min(1).max(LIMITS.knockout);

/** Groups as somebody else drew them. The first `size` entrants make the first group, the next ones the second. */
const givenGroups = z.strictObject({
  /** Pairs may meet more or less often than `legs` says. */
  uneven: z.boolean().default(false),
  groups: z
    .array(
      z.strictObject({
        name: text(60),
        size: z.int().min(2).max(LIMITS.roundRobinGroup),
        rounds: z
          .array(
            z.strictObject({
              name: text(100),
              /** Sides count from 1 within the group. */
              matches: z
                .array(appointment.extend({ home: place, away: place }))
                .min(1)
                .max(LIMITS.matches),
            }),
          )
          .max(LIMITS.matches),
      }),
    )
    .min(1)
    .max(LIMITS.groups),
});
export type GivenGroups = z.infer<typeof givenGroups>;

/** An entrant counts from 1 within the stage; WINNER and LOSER name the key of another tie. */
const givenSide = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ENTRANT'), entrant: place }),
  z.strictObject({ kind: z.enum(['WINNER', 'LOSER']), tie: text(30) }),
]);

/** A bracket as somebody else drew it, the first round first. */
const givenBracket = z.strictObject({
  rounds: z
    .array(
      z.strictObject({
        name: text(100),
        thirdPlace: z.boolean().default(false),
        ties: z
          .array(
            z.strictObject({
              key: text(30),
              home: givenSide,
              away: givenSide,
              legs: z.array(appointment).min(1).max(2),
              /** A draw is played again, and no match of the tie needs a winner. */
              replays: z.boolean().default(false),
            }),
          )
          .min(1)
          .max(LIMITS.knockout),
      }),
    )
    .min(1)
    .max(LIMITS.swissRounds),
});
export type GivenBracket = z.infer<typeof givenBracket>;

const roundRobin = z.strictObject({
  format: z.literal('ROUND_ROBIN'),
  /** How often each pair meets. */
  legs: z.int().min(1).max(LIMITS.legs).default(1),
  groups: z.int().min(1).max(LIMITS.groups).default(1),
  /** SNAKE: best seeds apart, 1 2 3 4 | 4 3 2 1 …; BLOCKS: the first so many make group A, the next group B. */
  spread: z.enum(['SNAKE', 'BLOCKS']).default('SNAKE'),
  /** Instead of `groups` and `spread`. A plan has its slots and not this. */
  given: givenGroups.optional(),
});

const knockout = {
  /**
   * SEEDS: the best are furthest apart and have the byes. PAIRS: the entrants are in the order of the bracket, first
   * against second, third against fourth; their number is a power of two, byes included.
   */
  order: z.enum(['SEEDS', 'PAIRS']).default('SEEDS'),
};

const singleElimination = z.strictObject({
  format: z.literal('SINGLE_ELIMINATION'),
  ...knockout,
  thirdPlace: z.boolean().default(false),
  /** Matches of a tie; the final and the third place have `finalLegs`. */
  legs: z.int().min(1).max(2).default(1),
  finalLegs: z.int().min(1).max(2).default(1),
  /** With two legs of the same sum, goals away from home decide before the shoot-out. */
  awayGoals: z.boolean().default(false),
  /** Instead of the rest, except for `awayGoals`. A plan has its slots and not this. */
  given: givenBracket.optional(),
});

const doubleElimination = z.strictObject({ format: z.literal('DOUBLE_ELIMINATION'), ...knockout });

const swiss = z.strictObject({
  format: z.literal('SWISS'),
  /** Null: as many as leave one unbeaten, the logarithm of the entrants rounded up. */
  rounds: z.int().min(1).max(LIMITS.swissRounds).nullable().default(null),
});

export const formatConfig = z.discriminatedUnion('format', [roundRobin, singleElimination, doubleElimination, swiss]);

export type FormatConfig = z.infer<typeof formatConfig>;
export type RoundRobinConfig = z.infer<typeof roundRobin>;
export type SingleEliminationConfig = z.infer<typeof singleElimination>;
