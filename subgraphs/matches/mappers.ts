import type { Counted } from '../../platform/graphql/connection.ts';
import type { MatchEventDetail, MatchScore, Squad } from '../../schema/messages/matches.ts';
import type { Match, Player, Protest, RatingChange } from './generated/prisma/client.ts';
import type { OnSheet, Sheet } from './players.service.ts';
import type { Meetings, PlayerSums, SeasonOf, TeamSums } from './statistics.service.ts';

/**
 * The values that resolvers use for the types of the schema: rows of Prisma, sums of services, and events. An event has
 * this one shape, whether it was read from the table or from the topic.
 */
export type { Match, Player, RatingChange } from './generated/prisma/client.ts';
export type { MatchAsFacts } from '../../schema/questions/matches.ts';
export type MatchConnection = Counted<Match>;

type Detail<K extends MatchEventDetail['kind']> = Extract<MatchEventDetail, { kind: K }>;

export interface MatchEvent<D extends MatchEventDetail = MatchEventDetail> {
  readonly id: string;
  readonly matchId: string;
  readonly seq: number;
  readonly recordedAt: Date;
  readonly detail: D;
  /** The score after this event. */
  readonly score: MatchScore;
  /**
   * The person that an event of version 1 names, or null if it names nobody. Undefined for a newer event, which has the
   * player's id in its detail.
   */
  readonly sheet?: Sheet | null | undefined;
}

export type MatchStateChanged = MatchEvent<Detail<'STATE'>>;
export type PeriodStarted = MatchEvent<Detail<'PERIOD'>>;
export type GoalScored = MatchEvent<Detail<'GOAL'>>;
export type CardShown = MatchEvent<Detail<'CARD'>>;
export type PlayerSubstituted = MatchEvent<Detail<'SUBSTITUTION'>>;
export type MatchEventVoided = MatchEvent<Detail<'VOID'>>;
export type LineupGiven = MatchEvent<Detail<'LINEUP'>>;
export type MatchPlanned = MatchEvent<Detail<'PLAN'>>;
export type ResultSet = MatchEvent<Detail<'RESULT'>>;
export type ResultConfirmed = MatchEvent<Detail<'CONFIRMATION'>>;
export type ResultProtested = MatchEvent<Detail<'PROTEST'>>;
export type ReplayOrdered = MatchEvent<Detail<'REPLAY'>>;
export type Score = MatchScore;
/** A row of players, or the person that an event of version 1 names. */
export type MatchPlayer = Player | OnSheet;
export type Lineup = Squad;
export type SquadMember = Squad['starters'][number];
export type MatchResult = Match;
export type MatchProtest = Protest & { readonly match: Match };
export type Rating = RatingChange;
export type TeamStatistics = TeamSums;
export type PlayerStatistics = PlayerSums;
export type HeadToHead = Meetings;
export type Season = SeasonOf;
export type SeasonPlayer = SeasonOf['players'][number];
/** A reference to a team of another subgraph. `id` is the global id. */
export interface Team {
  readonly id: string;
}
