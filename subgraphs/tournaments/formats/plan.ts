// The plan of a stage, which the service stores as JSON. `resolve` computes which entrants are in its slots.
import type { Appointment, FormatConfig } from './config.ts';

/**
 * Where the entrant of a side comes from. `entrant` is an entry's id. Stages, groups, places and ranks count from 1.
 */
export type Source =
  | { readonly kind: 'ENTRANT'; readonly entrant: string }
  /** Winner or loser of a slot of the same stage. If the slot has two legs, `slot` is the key of the second. */
  | { readonly kind: 'WINNER' | 'LOSER'; readonly slot: string }
  /** A place of a group's table. A knock-out counts as one group with number 1; its places are its final ranking. */
  | { readonly kind: 'PLACE'; readonly stage: number; readonly group: number; readonly place: number }
  /**
   * One of the best entrants on a place of several groups, such as the best thirds. `groups` null: the one with this
   * rank. Otherwise it comes from one of these groups, a stored table or a matching decides from which, and `rank` only
   * numbers the sources of the place.
   */
  | {
      readonly kind: 'BEST';
      readonly stage: number;
      readonly place: number;
      readonly rank: number;
      readonly groups: readonly number[] | null;
    }
  /** BYE: this side stays empty, so the entrant on the other side has no opponent in this round. */
  | { readonly kind: 'BYE' };

export type BracketName = 'TABLE' | 'WINNERS' | 'LOSERS' | 'FINAL' | 'THIRD_PLACE';

export interface Target {
  readonly slot: string;
  readonly side: 'HOME' | 'AWAY';
}

/** A place for one match. */
export interface Slot {
  /**
   * The key of the slot. It is unique within the stage and never changes. Examples: "G1-R2-M3", "W1-3", "L2-1", "F1",
   * "F2", "THIRD", "S3-4". The two legs of a tie have keys such as "W1-3-A" and "W1-3".
   */
  readonly key: string;
  /** FINAL exists in double elimination only. The final of a single elimination is the last round of WINNERS. */
  readonly bracket: BracketName;
  /** The number of the group within the stage; null in a knock-out. */
  readonly group: number | null;
  /** Round and position count from 1. In a knock-out, positions are those of the full bracket: byes leave gaps. */
  readonly round: number;
  readonly position: number;
  /** 1 or 2 in a tie of two legs; otherwise null. WINNER and LOSER sources refer to the second leg. */
  readonly leg: 1 | 2 | null;
  readonly home: Source;
  readonly away: Source;
  readonly winnerTo: Target | null;
  readonly loserTo: Target | null;
  /** If true, the match must not end in a draw. The first of two legs may. */
  readonly needsWinner: boolean;
  /**
   * Whether this is the second final of a double elimination, which is played only if the unbeaten side loses the
   * first.
   */
  readonly onlyIfNeeded: boolean;
  /** The given time and venue, if the organizer planned the stage match by match. */
  readonly appointment?: Appointment;
  /** If true, a draw in this slot is played again. */
  readonly replays?: boolean;
}

export interface PlannedGroup {
  readonly number: number;
  readonly name: string;
  /** The sources of the entrants, the best seed first. */
  readonly entrants: readonly Source[];
}

export interface PlannedRound {
  readonly group: number | null;
  readonly bracket: BracketName;
  readonly number: number;
  readonly name: string;
}

export interface StagePlan {
  readonly config: FormatConfig;
  readonly groups: readonly PlannedGroup[];
  readonly rounds: readonly PlannedRound[];
  /** The slots in an order in which each comes after the slots that its sides come from. */
  readonly slots: readonly Slot[];
}

export type PlanRefusal =
  | 'TOO_FEW_ENTRANTS'
  | 'TOO_MANY_ENTRANTS'
  | 'TOO_MANY_MATCHES'
  | 'TOO_MANY_ROUNDS'
  | 'TOO_MANY_GROUPS'
  | 'DUPLICATE_ENTRANT'
  | 'NOT_A_POWER_OF_TWO'
  | 'UNKNOWN_STAGE'
  | 'UNKNOWN_GROUP'
  | 'UNKNOWN_PLACE'
  | 'UNKNOWN_SLOT'
  | 'PROGRESSION_CYCLE'
  | 'STAGE_NOT_EARLIER'
  | 'PLACE_TAKEN_TWICE'
  | 'DUPLICATE_SLOT'
  | 'ROUND_NOT_READY'
  | 'WRONG_NUMBER_OF_ENTRANTS'
  | 'UNKNOWN_ENTRANT'
  | 'UNPLACED_ENTRANT'
  | 'PLAYS_ITSELF'
  | 'WRONG_MEETINGS'
  | 'OUTCOME_TAKEN_TWICE';

/**
 * The error for a plan that cannot be drawn. `message` is for developers; organizers get a reason with `code` and
 * `params`.
 */
export class PlanRefused extends Error {
  override readonly name = 'PlanRefused';
  constructor(
    readonly code: PlanRefusal,
    /** The path of the input that is at fault, such as "entrants" or "stages.2.entrants.3". */
    readonly field: string,
    message: string,
    readonly params: Readonly<Record<string, number | string>> = {},
  ) {
    super(message);
  }
}

/** A text that is the same for equal sources, for sets and maps. */
export const sourceKey = (source: Source): string =>
  JSON.stringify(Object.entries(source).sort(([a], [b]) => (a < b ? -1 : 1)));
