// A stage's plan, as data that a service stores as JSON. `resolve` says which entrants are in its slots.
import type { Appointment, FormatConfig } from './config.ts';

/** Who will be on a side of a slot. `entrant` is an entry's id; stages, groups, places and ranks count from 1. */
export type Source =
  | { readonly kind: 'ENTRANT'; readonly entrant: string }
  /** Winner or loser of a slot of the same stage. If the slot has two legs, `slot` is the key of the second. */
  | { readonly kind: 'WINNER' | 'LOSER'; readonly slot: string }
  /** A knock-out is one group, number 1, whose places are its final ranking. */
  | { readonly kind: 'PLACE'; readonly stage: number; readonly group: number; readonly place: number }
  /**
   * The `rank`th best of those on one place of several groups. `groups` limits from which groups it may come (null: from
   * any): then a stored table may decide which of them it is, and `rank` only numbers the sources of the place.
   */
  | {
      readonly kind: 'BEST';
      readonly stage: number;
      readonly place: number;
      readonly rank: number;
      readonly groups: readonly number[] | null;
    }
  /** Nobody, by plan. */
  | { readonly kind: 'BYE' };

export type BracketName = 'TABLE' | 'WINNERS' | 'LOSERS' | 'FINAL' | 'THIRD_PLACE';

export interface Target {
  readonly slot: string;
  readonly side: 'HOME' | 'AWAY';
}

/** A place for one match. */
export interface Slot {
  /** Stable within the stage: "G1-R2-M3", "W1-3", "L2-1", "F1", "F2", "THIRD", "S3-4". Two legs: "W1-3-A", "W1-3". */
  readonly key: string;
  /** FINAL exists in double elimination only. The final of a single elimination is the last round of WINNERS. */
  readonly bracket: BracketName;
  /** Within the stage; null in a knock-out. */
  readonly group: number | null;
  /** Both from 1. In a knock-out, positions are those of the full bracket: a gap is a bye. */
  readonly round: number;
  readonly position: number;
  /** 1 or 2 where two legs make a tie; null otherwise. The second leg is what WINNER, LOSER and the links refer to. */
  readonly leg: 1 | 2 | null;
  readonly home: Source;
  readonly away: Source;
  readonly winnerTo: Target | null;
  readonly loserTo: Target | null;
  /** The match itself must not end in a draw. Legs may: their sum is decided. */
  readonly needsWinner: boolean;
  /** The second final of double elimination. */
  readonly onlyIfNeeded: boolean;
  /** Known when the stage was given match by match. */
  readonly appointment?: Appointment;
  /** A draw is played again. */
  readonly replays?: boolean;
}

export interface PlannedGroup {
  readonly number: number;
  readonly name: string;
  /** Best seed first. */
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
  /** A slot comes after those it needs. */
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

/** The plan cannot be drawn. `message` is for organizers; `params` has the numbers in it. */
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

/** Equal for equal sources. */
export const sourceKey = (source: Source): string =>
  JSON.stringify(Object.entries(source).sort(([a], [b]) => (a < b ? -1 : 1)));
