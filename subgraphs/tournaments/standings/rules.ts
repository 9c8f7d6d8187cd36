// The rules of a table as data: those of a preset, or a preset that an organizer changed.
import { z } from 'zod';
import { OPPONENT_TABLES } from './opponents.ts';

/** Criteria that count all matches of the table. More is better, except for LOSSES. */
const OVERALL = [
  'POINTS',
  'WINS',
  'LOSSES',
  'WIN_RATIO',
  'DIFFERENCE',
  'GOALS',
  'AWAY_GOALS',
  'AWAY_WINS',
  'GOAL_AVERAGE',
  'SET_QUOTIENT',
  'POINT_QUOTIENT',
  'AVERAGE_SCORE',
] as const;

/** Criteria like those of {@link OVERALL}, but they count only the matches between the entrants that are level. */
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

/** Criteria that measure the strength of the opponents, for tables in which not everybody meets everybody. */
const STRENGTH = [
  'BUCHHOLZ',
  'MEDIAN_BUCHHOLZ',
  'SONNEBORN_BERGER',
  'OPPONENTS_DIFFERENCE',
  'OPPONENTS_GOALS',
] as const;

/**
 * Criteria that do not count scores. SHOOTOUT: the winner of the shoot-out after the match of two level entrants. It
 * applies only if no third entrant has the same points.
 */
const OTHERS = ['FAIR_PLAY', 'RANKING', 'SHOOTOUT', 'LOTS'] as const;

export const CRITERIA = [...OVERALL, ...HEAD_TO_HEAD, ...STRENGTH, ...OTHERS] as const;
export type Criterion = (typeof CRITERIA)[number];

const count = z.int().min(0).max(1000);
const points = z.number().min(-100).max(100).multipleOf(0.5);
const winAndLoss = z.strictObject({ win: points, loss: points });

/**
 * A criterion. With `teams` it applies only if exactly two entrants (TWO), or more than two (MORE), are level.
 * Consecutive head-to-head criteria are one block: all of them compare the entrants that are level where it begins.
 */
const step = z.union([z.enum(CRITERIA), z.strictObject({ by: z.enum(CRITERIA), teams: z.enum(['TWO', 'MORE']) })]);
const steps = z.array(step).min(1).max(30);
/**
 * Numbers k of places such that something, for example the title, depends on which entrants get the places k and k + 1.
 */
const cuts = z.array(count.min(1)).max(20);

export const tableRules = z.strictObject({
  /** The preset's name, or the name of the organizer's own rules. */
  name: z.string().regex(/^[a-z0-9-]{1,40}$/),
  /** The edition of the regulations, such as "2018" or "2023/24". */
  season: z.string().max(20),
  /** The version of the preset. Each change of the preset raises it. */
  version: z.int().min(1),
  points: z.strictObject({
    win: points,
    draw: points,
    loss: points,
    /** The points for a loss by walkover. If absent: `loss`. */
    forfeit: points.optional(),
    /** The points for a match that was decided in overtime. If absent: those of any other match. */
    overtime: winAndLoss.optional(),
    /** The points for a draw that a shoot-out decided: it counts as won and lost. If absent: it counts as a draw. */
    shootout: winAndLoss.optional(),
    /** The points by the sets that the winner and the loser won. For a score that is not listed: `win` and `loss`. */
    sets: z
      .array(winAndLoss.extend({ score: z.tuple([count, count]) }))
      .max(20)
      .optional(),
    /** The points for a round without an opponent. It does not count as a match. */
    bye: points.default(0),
  }),
  criteria: steps,
  /**
   * When the head-to-head criteria begin again with the first one, for fewer entrants that are still level. AFTER_ALL:
   * at the end of their block. AFTER_EACH: each time a criterion of the block, or after it, has separated some. NEVER:
   * not at all.
   */
  again: z.enum(['NEVER', 'AFTER_ALL', 'AFTER_EACH']),
  /** Whether head-to-head criteria apply only once the entrants have played all matches between them. */
  headToHeadWhenComplete: z.boolean().default(false),
  /**
   * What happens to entrants that no criterion separates. SHARED: they share the place. PLAY_OFF: two entrants play
   * off; for more than two it is like OPEN. OPEN: the place is open until an organizer or an administrator records
   * lots.
   */
  level: z.enum(['OPEN', 'PLAY_OFF', 'SHARED']),
  /**
   * Used with SHARED, after all matches are played: further criteria for entrants that share two places of a cut. Two
   * entrants that these do not separate play off.
   */
  stakes: z.strictObject({ after: cuts, criteria: steps }).optional(),
  /**
   * Numbers k of places. After all matches are played, the two entrants on the places k and k + 1 play off if their
   * points are equal. If more than two entrants share these places, there is no play-off.
   */
  playOffs: cuts.default([]),
  /** The score of a walkover in the sums. `setPoints` are the winner's points in each of its sets. */
  walkover: z.strictObject({ won: count, lost: count, setPoints: count.optional() }),
  /**
   * `results`: whether the results of entrants that left count. ANNUL_UNDER_HALF: not if they played less than half of
   * their matches. `place`: whether such entrants are placed last.
   */
  withdrawn: z.strictObject({
    results: z.enum(['KEEP', 'ANNUL', 'ANNUL_UNDER_HALF']),
    place: z.enum(['LAST', 'KEEP']),
  }),
  /** How entrants of different groups are compared, for example all that are third in their groups. */
  across: z.strictObject({
    criteria: steps,
    /** If groups have different sizes. DROP_LAST: results against the last entrants of larger groups do not count. */
    unequal: z.enum(['DROP_LAST', 'AS_THEY_ARE']),
    /** The name of a stored table that gives the best entrants their opponents. */
    opponents: z.enum(Object.keys(OPPONENT_TABLES) as (keyof typeof OPPONENT_TABLES)[]).optional(),
  }),
});
export type TableRules = z.output<typeof tableRules>;
export type Step = TableRules['criteria'][number];
