// The rules of a table as data. A preset is such rules, and so is the choice of an organizer.
import { z } from 'zod';
import { OPPONENT_TABLES } from './opponents.ts';

/** Read from all matches of the table. More is better, except for LOSSES. */
const OVERALL = [
  'POINTS',
  'WINS',
  'LOSSES',
  'WIN_RATIO',
  'DIFFERENCE',
  'GOALS',
  'AWAY_GOALS',
  'GOAL_AVERAGE',
  'SET_QUOTIENT',
  'POINT_QUOTIENT',
  'AVERAGE_SCORE',
] as const;

/** The same, read only from the matches between the entrants that are level. */
const HEAD_TO_HEAD = [
  'HEAD_TO_HEAD_POINTS',
  'HEAD_TO_HEAD_WINS',
  'HEAD_TO_HEAD_LOSSES',
  'HEAD_TO_HEAD_DIFFERENCE',
  'HEAD_TO_HEAD_GOALS',
  'HEAD_TO_HEAD_AWAY_GOALS',
  'HEAD_TO_HEAD_SET_QUOTIENT',
  'HEAD_TO_HEAD_POINT_QUOTIENT',
] as const;

/** Strength of the opponents, for Swiss systems. */
const STRENGTH = ['BUCHHOLZ', 'MEDIAN_BUCHHOLZ', 'SONNEBORN_BERGER'] as const;

/**
 * Not read from scores. SHOOTOUT: the winner of the shoot-out after the meeting of two entrants, when no third has the
 * same points.
 */
const OTHERS = ['FAIR_PLAY', 'RANKING', 'SHOOTOUT', 'LOTS'] as const;

export const CRITERIA = [...OVERALL, ...HEAD_TO_HEAD, ...STRENGTH, ...OTHERS] as const;
export type Criterion = (typeof CRITERIA)[number];

const count = z.int().min(0).max(1000);
const points = z.number().min(-100).max(100).multipleOf(0.5);
const winAndLoss = z.strictObject({ win: points, loss: points });

/**
 * A criterion, or one that only applies when exactly two, or more than two, entrants are level. Head-to-head criteria
 * that follow each other are one block: all of it looks at the entrants that are level where it begins.
 */
const step = z.union([z.enum(CRITERIA), z.strictObject({ by: z.enum(CRITERIA), teams: z.enum(['TWO', 'MORE']) })]);
const steps = z.array(step).min(1).max(30);
/** Places k: something depends on the order of the places k and k + 1. */
const cuts = z.array(count.min(1)).max(20);

export const tableRules = z.strictObject({
  /** The preset's name, or the name of the organizer's own rules. */
  name: z.string().regex(/^[a-z0-9-]{1,40}$/),
  /** The edition of the regulations: "2018", "2023/24". */
  season: z.string().max(20),
  /** Raised with each change of a preset. */
  version: z.int().min(1),
  points: z.strictObject({
    win: points,
    draw: points,
    loss: points,
    /** For a loss by walkover. Without it: as any loss. */
    forfeit: points.optional(),
    /** A match that was decided in overtime. Without it: as any other. */
    overtime: winAndLoss.optional(),
    /** A draw that a shoot-out decided counts as won and lost. Without it: it is a draw. */
    shootout: winAndLoss.optional(),
    /** By the number of sets that the winner and the loser won. Any other score: `win` and `loss`. */
    sets: z
      .array(winAndLoss.extend({ score: z.tuple([count, count]) }))
      .max(20)
      .optional(),
    /** A round without an opponent. It is not a match played. */
    bye: points.default(0),
  }),
  criteria: steps,
  /**
   * When head-to-head criteria are applied again from the first one, to fewer entrants that are still level. AFTER_ALL:
   * at the end of their block. AFTER_EACH: whenever a criterion separated some, in the block or after it.
   */
  again: z.enum(['NEVER', 'AFTER_ALL', 'AFTER_EACH']),
  /** Head-to-head criteria apply only once the entrants have played all matches between them. */
  headToHeadWhenComplete: z.boolean().default(false),
  /**
   * What happens to entrants that no criterion separates. They share the place for good (SHARED), two of them play off
   * (PLAY_OFF), or it is open until the organizer decides (OPEN; also for more than two under PLAY_OFF).
   */
  level: z.enum(['OPEN', 'PLAY_OFF', 'SHARED']),
  /**
   * Further criteria for entrants that share places on which something depends, once all matches are played. When these
   * separate nobody, two play off.
   */
  stakes: z.strictObject({ after: cuts, criteria: steps }).optional(),
  /** Places k: k and k + 1 play off when their points are equal, once all matches are played. */
  playOffs: cuts.default([]),
  /** The score that a walkover adds to the sums. `setPoints`: to each set of it. */
  walkover: z.strictObject({ won: count, lost: count, setPoints: count.optional() }),
  /** Results of entrants that left. UNDER_HALF: when they played less than half of their matches. */
  withdrawn: z.strictObject({
    results: z.enum(['KEEP', 'ANNUL', 'ANNUL_UNDER_HALF']),
    place: z.enum(['LAST', 'KEEP']),
  }),
  /** How entrants of different groups are compared, such as the best third. */
  across: z.strictObject({
    criteria: steps,
    /** In groups of different size. DROP_LAST: results against the last of a larger group do not count. */
    unequal: z.enum(['DROP_LAST', 'AS_THEY_ARE']),
    /** The name of a stored table: which of the best meets which opponent. */
    opponents: z.enum(Object.keys(OPPONENT_TABLES) as (keyof typeof OPPONENT_TABLES)[]).optional(),
  }),
});
export type TableRules = z.output<typeof tableRules>;
export type Step = TableRules['criteria'][number];
