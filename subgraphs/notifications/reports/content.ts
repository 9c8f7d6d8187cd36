import type { Language } from '../languages.ts';

/** The kinds of reports. The schema has the same values in the enum `ReportKind`. */
export const REPORT_KINDS = ['MATCH', 'TOURNAMENT', 'SEASON_STATISTICS'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];
export const REPORT_FORMATS = ['PDF', 'CSV'] as const;

/** The language and time zone of a report, and the time of its data. The file depends only on this and the content. */
export interface Edition {
  readonly language: Language;
  /** IANA name. All times of the report are in this zone. */
  readonly timeZone: string;
  /** When the content was read. */
  readonly madeAt: Date;
}

export interface Score {
  readonly home: number;
  readonly away: number;
  readonly shootout: { readonly home: number; readonly away: number } | null;
}

export type Side = 'HOME' | 'AWAY';

/** A match as a line of a list. The name of a team is null when it is not known. */
export interface MatchLine {
  readonly home: string | null;
  readonly away: string | null;
  readonly kickoffAt: string;
  /** Whether the time is not decided yet. */
  readonly isEstimate: boolean;
  readonly state: string;
  /** Null before the match has begun, and for a match that was postponed or cancelled. */
  readonly score: Score | null;
  /** PLAYED, AWARDED or WALKOVER; null before the match has ended. */
  readonly how: string | null;
  /** Whether the result counts in the table of the tournament. */
  readonly counts: boolean;
  readonly venue: string | null;
  /** The name of the round, such as "Round 3"; null when there is none. */
  readonly round: string | null;
}

export interface SquadMember {
  readonly name: string;
  readonly number: number | null;
}

export interface MatchSide {
  readonly name: string | null;
  readonly lineup: { readonly starters: readonly SquadMember[]; readonly bench: readonly SquadMember[] } | null;
}

/** An event of a match that counts: voided ones, and those before a replay, are left out. */
export interface MatchMoment {
  readonly kind: 'GOAL' | 'CARD' | 'SUBSTITUTION' | 'PERIOD' | 'STATE' | 'RESULT';
  /** The minute, such as "45+2"; null when it was not recorded. */
  readonly minute: string | null;
  readonly side: Side | null;
  /** A value of GoalKind, Card or MatchState; for a period its number or SHOOTOUT. */
  readonly detail: string;
  readonly player: string | null;
  /** The player with the assist, or the player who went off. */
  readonly other: string | null;
  readonly points: number;
  readonly score: Score;
  readonly reason: string | null;
  readonly inShootout: boolean;
}

export interface MatchContent {
  readonly kind: 'MATCH';
  readonly sport: string;
  readonly competition: string | null;
  readonly round: string | null;
  readonly group: string | null;
  readonly venue: string | null;
  readonly kickoffAt: string;
  readonly isEstimate: boolean;
  readonly state: string;
  readonly how: string | null;
  readonly winner: Side | null;
  readonly counts: boolean;
  readonly referee: string | null;
  readonly score: Score & { readonly periods: readonly { readonly home: number; readonly away: number }[] };
  readonly home: MatchSide;
  readonly away: MatchSide;
  readonly moments: readonly MatchMoment[];
}

export interface TableRow {
  readonly rank: number;
  readonly team: string | null;
  readonly played: number;
  readonly won: number;
  readonly drawn: number;
  readonly lost: number;
  readonly scoreFor: number;
  readonly scoreAgainst: number;
  readonly points: number;
  /** The criterion that separates the row from the row above. */
  readonly decidedBy: string | null;
  readonly tied: boolean;
  readonly provisional: boolean;
  readonly deductions: readonly { readonly points: number; readonly reason: string; readonly madeAt: string }[];
}

export interface BracketSide {
  /** The name of the team; null until the team is known. */
  readonly team: string | null;
  readonly seed: number | null;
  /** Where the side comes from, such as "Winner of Group A". */
  readonly label: string | null;
  /** The score of this side in each leg; null for a leg that is not played yet. */
  readonly scores: readonly (number | null)[];
  readonly shootout: number | null;
  readonly won: boolean;
}

/** A tie of a bracket: one match, or two legs. */
export interface Tie {
  readonly key: string;
  readonly part: string;
  readonly round: number;
  readonly position: number;
  /** The key of the tie that the winner goes to; null when there is none. */
  readonly winnerTo: string | null;
  readonly home: BracketSide;
  readonly away: BracketSide;
}

export interface Round {
  readonly name: string;
  readonly part: string;
  readonly number: number;
  /** The name of the group; null in a knock-out. */
  readonly group: string | null;
  readonly matches: readonly MatchLine[];
}

export interface Stage {
  readonly name: string;
  readonly format: string;
  readonly state: string;
  readonly groups: readonly { readonly name: string; readonly rows: readonly TableRow[] }[];
  readonly rounds: readonly Round[];
  readonly ties: readonly Tie[];
}

export interface TournamentContent {
  readonly kind: 'TOURNAMENT';
  readonly name: string;
  readonly sport: string;
  readonly state: string;
  readonly city: string | null;
  readonly startsAt: string;
  readonly organizers: readonly (string | null)[];
  readonly teamCount: number;
  readonly champion: string | null;
  readonly bestPlayer: string | null;
  readonly stages: readonly Stage[];
  readonly scorers: readonly Ranked[];
  readonly assists: readonly Ranked[];
  readonly fairPlay: readonly {
    readonly rank: number;
    readonly team: string | null;
    readonly points: number;
    readonly yellow: number;
    readonly secondYellow: number;
    readonly red: number;
  }[];
}

/** A player in the list of scorers, or of assists. */
export interface Ranked {
  readonly rank: number;
  readonly player: string | null;
  readonly team: string | null;
  readonly count: number;
  /** The points of these goals. They differ from `count` in sports where a goal has several points. */
  readonly points: number;
}

export interface PlayerSums {
  readonly played: number;
  readonly goals: number;
  readonly penalties: number;
  readonly points: number;
  readonly ownGoals: number;
  readonly assists: number;
  readonly yellow: number;
  readonly secondYellow: number;
  readonly red: number;
}

export interface SeasonContent {
  readonly kind: 'SEASON_STATISTICS';
  readonly of: 'TEAM' | 'PLAYER';
  readonly name: string | null;
  /** The name of the player's team, in a report about a player; otherwise null. */
  readonly team: string | null;
  readonly sport: string;
  readonly from: string;
  readonly to: string;
  /** The sums of a team's matches; null in a report about a player. */
  readonly sums: {
    readonly played: number;
    readonly won: number;
    readonly drawn: number;
    readonly lost: number;
    readonly scored: number;
    readonly conceded: number;
  } | null;
  readonly players: readonly (PlayerSums & { readonly name: string })[];
  /** The matches of the season, the earliest first. */
  readonly matches: readonly MatchLine[];
  /** Whether matches or players were left out, because a report has a largest number of them. */
  readonly isCut: boolean;
}

export type Content = MatchContent | TournamentContent | SeasonContent;
