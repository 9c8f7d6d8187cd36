// The formats and their options, as the JSON that a stage stores.
import { z } from 'zod';

/**
 * The limits of a stage: entrants of a knock-out, of a group and of a Swiss stage, groups, rounds, legs and matches.
 * More is refused. So drawing and computing a stage takes milliseconds, and tables stay readable.
 */
export const LIMITS = {
  knockout: 1_024,
  roundRobinGroup: 64,
  groups: 256,
  swiss: 512,
  swissRounds: 32,
  legs: 4,
  /** The largest number of matches of one stage. */
  matches: 5_000,
} as const;

const text = (most: number) => z.string().min(1).max(most);

/**
 * The time (RFC 3339) and venue of a planned match, if known. `matchId` is an existing match that fills the slot.
 */
const appointment = z.strictObject({
  kickoffAt: z.iso.datetime().nullable().default(null),
  venue: text(200).nullable().default(null),
  matchId: z.uuid().nullable().default(null),
});
export type Appointment = z.infer<typeof appointment>;

const place = z.int().min(1).max(LIMITS.knockout);

/** Groups that somebody else drew. The first `size` entrants are the first group, the next `size` ones the second. */
const givenGroups = z.strictObject({
  /** If true, pairs may meet more or less often than `legs` says. */
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
              /** `home` and `away` are numbers of entrants within the group, from 1. */
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

/** A side of a tie: an entrant by its number in the stage, from 1, or the winner or loser of the tie with this key. */
const givenSide = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ENTRANT'), entrant: place }),
  z.strictObject({ kind: z.enum(['WINNER', 'LOSER']), tie: text(30) }),
]);

/** A bracket that somebody else drew, the first round first. */
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
              /** If true, a match of the tie may end in a draw, and is then played again. */
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
  /**
   * How entrants get their groups. SNAKE: the best seeds are in different groups, 1 2 3 4 | 4 3 2 1 … BLOCKS: the first
   * entrants are group A, the next ones group B, and so on.
   */
  spread: z.enum(['SNAKE', 'BLOCKS']).default('SNAKE'),
  /** Replaces `groups` and `spread`. The config in a plan omits it, because the plan has the slots. */
  given: givenGroups.optional(),
});

const knockout = {
  /**
   * SEEDS: the best seeds are furthest apart and have the byes. PAIRS: the entrants are in the order of the bracket:
   * first against second, third against fourth. Their number, with byes, must be a power of two.
   */
  order: z.enum(['SEEDS', 'PAIRS']).default('SEEDS'),
};

const singleElimination = z.strictObject({
  format: z.literal('SINGLE_ELIMINATION'),
  ...knockout,
  thirdPlace: z.boolean().default(false),
  /** The number of matches of a tie. For the final and the third place, `finalLegs` has it. */
  legs: z.int().min(1).max(2).default(1),
  finalLegs: z.int().min(1).max(2).default(1),
  /** Whether goals away from home decide before a shoot-out if the sums of two legs are equal. */
  awayGoals: z.boolean().default(false),
  /** Replaces all other options except `awayGoals`. The config in a plan omits it, because the plan has the slots. */
  given: givenBracket.optional(),
});

const doubleElimination = z.strictObject({ format: z.literal('DOUBLE_ELIMINATION'), ...knockout });

const swiss = z.strictObject({
  format: z.literal('SWISS'),
  /**
   * The number of rounds. Null: log2 of the number of entrants, rounded up. After that number of rounds without draws,
   * at most one entrant is unbeaten.
   */
  rounds: z.int().min(1).max(LIMITS.swissRounds).nullable().default(null),
});

export const formatConfig = z.discriminatedUnion('format', [roundRobin, singleElimination, doubleElimination, swiss]);

export type FormatConfig = z.infer<typeof formatConfig>;
export type RoundRobinConfig = z.infer<typeof roundRobin>;
export type SingleEliminationConfig = z.infer<typeof singleElimination>;
