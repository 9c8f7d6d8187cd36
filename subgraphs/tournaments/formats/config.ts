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

const roundRobin = z.strictObject({
  format: z.literal('ROUND_ROBIN'),
  /** How often each pair meets. */
  legs: z.int().min(1).max(LIMITS.legs).default(1),
  groups: z.int().min(1).max(LIMITS.groups).default(1),
  /** SNAKE: best seeds apart, 1 2 3 4 | 4 3 2 1 …; BLOCKS: the first so many make group A, the next group B. */
  spread: z.enum(['SNAKE', 'BLOCKS']).default('SNAKE'),
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
