/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** The winner of a walkover. */
export type AwardWalkoverInput = {
  /** The match. */
  matchId: string | number;
  /** The public reason: at most 500 characters. */
  reason?: string | null | undefined;
  /** The side that was present. If it is not set, both sides lose. */
  winner?: Side | null | undefined;
};

/** One of the best on a place, such as the second best third. */
export type BestOfPlaceInput = {
  /** From which groups it may be. Without it: from all. */
  groups?: Array<number> | null | undefined;
  /** The place, such as 3. */
  place: number;
  /** 1 for the best of them. With `groups` it only numbers the places that wait. */
  rank: number;
  /** The stage. */
  stage: number;
};

/** How entrants get their places in a bracket. */
export type BracketOrder =
  /** The first entrant plays the second, the third plays the fourth. Their number is a power of two, byes included. */
  | 'PAIRS'
  /** The best are furthest apart and have the byes. */
  | 'SEEDS';

/** The cards of a referee. */
export type Card =
  /** The player is sent off. */
  | 'RED'
  /** The second caution of a player. The player is sent off. */
  | 'SECOND_YELLOW'
  /** A caution. */
  | 'YELLOW';

/** A card to record. */
export type CardInput = {
  /** Which card. */
  card: Card;
  /** When it happened, if known. */
  clock?: MatchClockInput | null | undefined;
  /** The player who gets the card, if known. */
  player?: MatchPlayerInput | null | undefined;
  /** The team of the player who gets the card. */
  side: Side;
};

/** The tournament whose registration ends. */
export type CloseRegistrationInput = {
  /** The tournament. */
  tournamentId: string | number;
};

/** The result to confirm. */
export type ConfirmResultInput = {
  /** The match. */
  matchId: string | number;
  /** Only for an organizer of the match who also leads one of its sides. True confirms as the organizer, not for the side. */
  overrule?: boolean;
};

/** A new team. */
export type CreateTeamInput = {
  /** At most 80 characters. */
  city?: string | null | undefined;
  /**
   * Idempotency key that the client generates: 1 to 100 characters. The same key with the same content returns the same
   * team; the same key with other content is a CONFLICT.
   */
  clientId: string;
  /** 1 to 80 characters. */
  name: string;
  /** The sport of the team. It cannot be changed later. */
  sport: Sport;
};

/** A new tournament. */
export type CreateTournamentInput = {
  /**
   * The deadline of the check-in: after `registrationClosesAt`, and not after the start. Without it the organizer ends the
   * check-in.
   */
  checkInClosesAt?: string | null | undefined;
  /** At most 80 characters. */
  city?: string | null | undefined;
  /**
   * Idempotency key that the client generates: 1 to 100 characters. The same key with the same content returns the same
   * tournament; the same key with other content is a CONFLICT.
   */
  clientId: string;
  /** At most 5000 characters, in several lines if need be. */
  description?: string | null | undefined;
  /** Where a team must be at home, at most 80 characters. */
  entryCity?: string | null | undefined;
  /** Greatest age of every player, 5 to 99 years on the tournament's first day. */
  maxAge?: number | null | undefined;
  /** Greatest level of every player in the sport, 1 to 10. */
  maxLevel?: number | null | undefined;
  /** At most 1024, and no fewer than `minTeams`. */
  maxTeams?: number;
  /** Least age of every player, 5 to 99 years on the tournament's first day. */
  minAge?: number | null | undefined;
  /** Least level of every player in the sport, 1 to 10. */
  minLevel?: number | null | undefined;
  /** At least 2. */
  minTeams?: number;
  /** How teams get in. */
  mode?: RegistrationMode;
  /** 1 to 100 characters. */
  name: string;
  /** How many hours after a match its result may be protested: 0 to 720. */
  protestHours?: number;
  /** Until when teams enter: not after the start. The organizer closes registration when it is left out. */
  registrationClosesAt?: string | null | undefined;
  /** The name of the rules for its tables; the usual rules of the sport when left out. */
  rules?: string | null | undefined;
  /** What its teams play. It cannot be changed later. */
  sport: Sport;
  /** When it starts. */
  startsAt: string;
  /** IANA, such as `Europe/Berlin`. */
  timeZone: string;
};

/** Points that an organizer takes from an entry, or adds. */
export type DeductPointsInput = {
  /** When it was decided. Without it: now. */
  date?: string | null | undefined;
  /** The entry. */
  entryId: string | number;
  /** Negative takes points away: -1000 to 1000, and not 0. */
  points: number;
  /** Why, for everybody to read. At most 500 characters. */
  reason: string;
  /** The stage that it is for. Without it: all stages. */
  stageId?: string | number | null | undefined;
  /** The tournament. */
  tournamentId: string | number;
};

/** Which draft is deleted. */
export type DeleteTournamentInput = {
  /** The draft. */
  tournamentId: string | number;
};

/** A knock-out in which a team is out after two defeats. */
export type DoubleEliminationInput = {
  /** How entrants get their places in the bracket. */
  order?: BracketOrder;
};

/** How entries get their seeds. */
export type DrawMethod =
  /** The organizer's order. */
  | 'BY_HAND'
  /** Lots, which everybody can draw again from the published seed. */
  | 'BY_LOT';

/** How seeds are given. */
export type DrawTournamentInput = {
  /** By hand: every entry that has a place, the strongest first. */
  entryIds?: Array<string | number> | null | undefined;
  /** Whether lots decide, or the organizer. */
  method?: DrawMethod;
  /** The tournament. */
  tournamentId: string | number;
};

/** The team to enter. */
export type EnterTournamentInput = {
  /**
   * The members who will play, 1 to 200, coaches not among them. Each must keep the rules for age and level. By default all
   * members except coaches play. Only the team's own players can be named.
   */
  playerIds?: Array<string | number> | null | undefined;
  /** The team. */
  teamId: string | number;
  /** The tournament. */
  tournamentId: string | number;
  /** Whether the team waits for a place when all are taken. */
  wait?: boolean;
};

/** Entries from one seed to another. */
export type EntriesBySeedInput = {
  /** The first seed. */
  from?: number;
  /** The last seed. Without it: the last one there is. */
  to?: number | null | undefined;
};

/** The match to end. */
export type FinishMatchInput = {
  /** The match to end. */
  matchId: string | number;
};

/** A bracket that is given tie by tie. */
export type GivenBracketInput = {
  /** Its rounds in their order: 1 to 32. */
  rounds: Array<GivenBracketRoundInput>;
};

/** A round of a bracket. */
export type GivenBracketRoundInput = {
  /** 1 to 100 characters, such as `Quarter-finals`. */
  name: string;
  /** Whether it is for the third place. */
  thirdPlace?: boolean;
  /** Its ties. */
  ties: Array<GivenTieInput>;
};

/** A group whose matches are given. */
export type GivenGroupInput = {
  /** 1 to 60 characters, such as `Group A`. */
  name: string;
  /** Its rounds in their order. */
  rounds: Array<GivenTableRoundInput>;
  /** How many entrants it has: 2 to 64. */
  size: number;
};

/** Groups whose matches are given one by one. */
export type GivenGroupsInput = {
  /** The groups, 1 to 256. Entrants fill them in the order of the stage: the first `size` of them make the first group. */
  groups: Array<GivenGroupInput>;
  /** Whether pairs may meet more or less often than `legs` says. */
  uneven?: boolean;
};

/** A match of a tie. */
export type GivenLegInput = {
  /** When it begins. Without it: not known yet. */
  kickoffAt?: string | null | undefined;
  /** A friendly of the same organizer and teams that becomes this match. */
  matchId?: string | number | null | undefined;
  /** Where it is played, at most 200 characters. */
  venue?: string | null | undefined;
};

/** A match of a group. */
export type GivenMatchInput = {
  /** The other side. */
  away: number;
  /** The home side: a place in the group's list of entrants, from 1. */
  home: number;
  /** When it begins. Without it: not known yet. */
  kickoffAt?: string | null | undefined;
  /** A friendly of the same organizer and teams that becomes this match. */
  matchId?: string | number | null | undefined;
  /** Where it is played, at most 200 characters. */
  venue?: string | null | undefined;
};

/** A side of a tie: exactly one field is given. */
export type GivenSideInput =
  {   /** A place in the stage's list of entrants, from 1. Every entrant is in one tie. */
  entrant: number; loserOf?: never; winnerOf?: never; }
  |  { entrant?: never;   /** The key of the tie whose loser it is. */
  loserOf: string; winnerOf?: never; }
  |  { entrant?: never; loserOf?: never;   /** The key of the tie whose winner it is. */
  winnerOf: string; };

/** A round of a group. */
export type GivenTableRoundInput = {
  /** Its matches. */
  matches: Array<GivenMatchInput>;
  /** 1 to 100 characters, such as `Matchday 1`. */
  name: string;
};

/** Two sides, one of which advances. */
export type GivenTieInput = {
  /** The other side. */
  away: GivenSideInput;
  /** Who is at home, in the first leg. */
  home: GivenSideInput;
  /** 1 to 30 characters, by which other ties name it. */
  key: string;
  /** Its match, or both legs. Without it: one match, not known when. */
  legs?: Array<GivenLegInput> | null | undefined;
  /** Whether a draw is played again. Then a match of it may end without a winner. */
  replays?: boolean;
};

/** A goal, basket or point to record. */
export type GoalInput = {
  /**
   * The player who gave the assist, if known. Must not be the scorer. Only for goals from play, in sports that count
   * assists.
   */
  assist?: MatchPlayerInput | null | undefined;
  /** When it happened, if known. */
  clock?: MatchClockInput | null | undefined;
  /** How it was scored. */
  kind?: GoalKind;
  /** The scorer, if known. */
  player?: MatchPlayerInput | null | undefined;
  /** A number of points that the sport gives for it. Default: the lowest. */
  points?: number | null | undefined;
  /** The team it counts for. */
  side: Side;
};

/** How a goal was scored. */
export type GoalKind =
  /** From play, or a basket or point. */
  | 'GOAL'
  /** By a player of the other team. It counts for `team`. */
  | 'OWN_GOAL'
  /** From a penalty or a free throw; in a shoot-out, from a kick. */
  | 'PENALTY';

/** How entrants are spread over groups. */
export type GroupSpread =
  /** The first entrants make the first group, the next ones the second. */
  | 'BLOCKS'
  /** The best are in different groups: 1 2 3 4, then 4 3 2 1. */
  | 'SNAKE';

/** When head-to-head criteria are applied again, from the first one, to teams that are still level. */
export type HeadToHeadAgain =
  /** After all head-to-head criteria have been applied. */
  | 'AFTER_ALL'
  /** After each criterion that separates some of the teams. */
  | 'AFTER_EACH'
  /** Never. */
  | 'NEVER';

/** The minute on the match clock: 45+2 is minute 45, stoppage 2. */
export type MatchClockInput = {
  /** The minute on the match clock: 1, 2 … */
  minute: number;
  /** Minutes of added time. */
  stoppage?: number | null | undefined;
};

/** An event of a live match. Exactly one field must be set. */
export type MatchEventInput =
  {   /** A card. */
  card: CardInput; goal?: never; period?: never; substitution?: never; }
  |  { card?: never;   /** A goal, basket or point. */
  goal: GoalInput; period?: never; substitution?: never; }
  |  { card?: never; goal?: never;   /** The start of the next period, also after a break. */
  period: PeriodInput; substitution?: never; }
  |  { card?: never; goal?: never; period?: never;   /** A substitute replaces a player. */
  substitution: SubstitutionInput; };

/** A person on the team sheet, with or without an account. */
export type MatchPlayerInput = {
  /** 1 to 100 characters. */
  name: string;
  /** The person's account, if there is one. */
  userId?: string | number | null | undefined;
};

/** The state of a match. */
export type MatchState =
  /** It ended early and has no result. */
  | 'ABANDONED'
  /** It is in a break between two periods. */
  | 'BREAK'
  /** It will not be played, or its result was annulled. */
  | 'CANCELLED'
  /** The result counts. */
  | 'CONFIRMED'
  /** It is over. The result is provisional: it is not confirmed, or a protest is open. */
  | 'FINISHED'
  /** At least one side has set its lineup. */
  | 'LINEUPS'
  /** It is being played. */
  | 'LIVE'
  /** It will be played at another time, which is not known yet. */
  | 'POSTPONED'
  /** It is planned. */
  | 'SCHEDULED'
  /** It is interrupted. */
  | 'SUSPENDED'
  /**
   * It was not played, or not completed. One side gets the sport's score for a walkover, or both sides lose. The result
   * counts.
   */
  | 'WALKOVER';

/** A period to begin. */
export type PeriodInput = {
  /** True starts the shoot-out, which needs a level score. Default: the next period. */
  shootout?: boolean;
};

/** The score of one period. */
export type PeriodScoreInput = {
  /** The away team's score in this period alone. */
  away: number;
  /** The home team's score in this period alone. */
  home: number;
};

/** A place of a group. */
export type PlaceInput = {
  /** The group. */
  group?: number;
  /** The place. */
  place: number;
  /** The stage. */
  stage: number;
};

/** What a match is worth in a table. */
export type PointsInput = {
  /** For a draw. */
  draw: number;
  /** For a defeat. */
  loss: number;
  /** For a win, such as 3; 2 in football before 1994. */
  win: number;
};

/** The draft to publish. */
export type PublishTournamentInput = {
  /** The tournament. */
  tournamentId: string | number;
};

/** The fair-play points of an entry. */
export type RecordFairPlayInput = {
  /** The entry. */
  entryId: string | number;
  /** Negative for cards: -1000 to 1000. They replace the points before. */
  points: number;
  /** For everybody to read, at most 500 characters. */
  reason?: string | null | undefined;
  /** The stage that it is for. Without it: all stages. */
  stageId?: string | number | null | undefined;
  /** The tournament. */
  tournamentId: string | number;
};

/** The final score of a match. */
export type RecordFinalScoreInput = {
  /** The match. */
  matchId: string | number;
  /** The score. */
  score: ScoreInput;
};

/** The order in which lots were drawn. */
export type RecordLotsInput = {
  /** Entries, the best first: 2 to 1024. */
  entryIds: Array<string | number>;
  /** For everybody to read, at most 500 characters. */
  reason?: string | null | undefined;
  /** The stage that it is for. Without it: all stages. */
  stageId?: string | number | null | undefined;
  /** The tournament. */
  tournamentId: string | number;
};

/** An event to record. */
export type RecordMatchEventInput = {
  /**
   * A card.
   * @deprecated Use event, which has the same. Goes after 2027-03-31.
   */
  card?: CardInput | null | undefined;
  /**
   * Idempotency key that the client generates: 1 to 100 characters. The same key with the same content returns the same
   * event; the same key with other content is a CONFLICT.
   */
  clientEventId: string;
  /** The event. Required unless one of the deprecated fields is set instead. */
  event?: MatchEventInput | null | undefined;
  /**
   * A goal, basket or point.
   * @deprecated Use event, which has the same. Goes after 2027-03-31.
   */
  goal?: GoalInput | null | undefined;
  /** The match of the event. */
  matchId: string | number;
  /**
   * The start of the next period.
   * @deprecated Use event, which has the same. Goes after 2027-03-31.
   */
  period?: PeriodInput | null | undefined;
};

/** A ranking that decides ties. */
export type RecordRankingInput = {
  /** Entries, the best first: 2 to 1024. */
  entryIds: Array<string | number>;
  /** For everybody to read, at most 500 characters. */
  reason?: string | null | undefined;
  /** The stage that it is for. Without it: all stages. */
  stageId?: string | number | null | undefined;
  /** The tournament. */
  tournamentId: string | number;
};

/** How teams get into a tournament. */
export type RegistrationMode =
  /** The organizer approves each team. */
  | 'APPROVAL'
  /** Teams that the organizer invited. */
  | 'INVITATION'
  /** Every team that keeps the rules. */
  | 'OPEN';

/** A league, or groups. */
export type RoundRobinInput = {
  /** Groups and matches that somebody else drew, instead of `groups` and `spread`. */
  given?: GivenGroupsInput | null | undefined;
  /** How many groups there are: 1 to 256. */
  groups?: number;
  /** How often each pair meets: 1 to 4. */
  legs?: number;
  /** How entrants are spread over groups. */
  spread?: GroupSpread;
};

/** A new match. */
export type ScheduleMatchInput = {
  /** The team that is named second. It must be another team. */
  awayTeamId: string | number;
  /**
   * Idempotency key that the client generates: 1 to 100 characters. The same key with the same content returns the same
   * match; the same key with other content is a CONFLICT.
   */
  clientId: string;
  /** For example `World Cup 2022`; at most 100 characters. */
  competition?: string | null | undefined;
  /** For example `Group A`. */
  group?: string | null | undefined;
  /** The team that is named first. */
  homeTeamId: string | number;
  /** The planned kick-off. */
  kickoffAt: string;
  /** A user who may record the match, besides the organizer. */
  refereeId?: string | number | null | undefined;
  /** For example `Matchday 1` or `Final`. */
  round?: string | null | undefined;
  /** The sport of the match. Both teams must play it. */
  sport: Sport;
  /** The place of the match: at most 200 characters. */
  venue?: string | null | undefined;
};

/** A complete score. */
export type ScoreInput = {
  /** Goals, points or sets won by the away team, without the kicks of a shoot-out: 0 to 999. */
  away: number;
  /** Goals, points or sets won by the home team, without the kicks of a shoot-out: 0 to 999. */
  home: number;
  /** The score of each period, including extra time. Leave it out if it is not known. */
  periods?: Array<PeriodScoreInput>;
  /** The scored kicks of the shoot-out, if there was one. A shoot-out needs a level score. */
  shootout?: ShootoutScoreInput | null | undefined;
};

/** The stages of a tournament, in the order in which they are played. */
export type SetStagesInput = {
  /** 1 to 16 stages. */
  stages: Array<StageInput>;
  /** The tournament. */
  tournamentId: string | number;
};

/** The scored kicks of a shoot-out. */
export type ShootoutScoreInput = {
  /** Scored kicks of the away team. */
  away: number;
  /** Scored kicks of the home team. */
  home: number;
};

/**
 * One of the two teams. The side of a goal is the team it counts for. The side of a card is the team of the player who
 * gets it.
 */
export type Side =
  /** The team that is named second. */
  | 'AWAY'
  /** The team that is named first. */
  | 'HOME';

/** A knock-out. */
export type SingleEliminationInput = {
  /** Whether goals away from home decide two legs with the same sum. */
  awayGoals?: boolean;
  /** Matches of the final and for the third place: 1 or 2. */
  finalLegs?: number;
  /** A bracket that somebody else drew. Only `awayGoals` applies beside it. */
  given?: GivenBracketInput | null | undefined;
  /** Matches of a tie: 1 or 2. */
  legs?: number;
  /** How entrants get their places in the bracket. */
  order?: BracketOrder;
  /** Whether the losers of the semi-finals play for the third place. */
  thirdPlace?: boolean;
};

/** The kinds of sport that teams play and matches are of. */
export type Sport =
  /** Four quarters of 10 minutes, baskets of one to three points. */
  | 'BASKETBALL'
  /** On one basket, one period of 10 minutes, baskets of one or two points. */
  | 'BASKETBALL_3X3'
  /** Best of three sets, each to 21 points with a lead of two, the third to 15. */
  | 'BEACH_VOLLEYBALL'
  /** Association football, two halves of 45 minutes. */
  | 'FOOTBALL'
  /** Ice hockey: three periods of 20 minutes. */
  | 'HOCKEY'
  /** Football on a small pitch, two halves of 20 minutes. */
  | 'MINI_FOOTBALL'
  /** Best of five sets, each to 25 points with a lead of two, the fifth to 15. */
  | 'VOLLEYBALL';

/** Whom a stage takes: exactly one field is given. Stages, groups, places and seeds count from 1. */
export type StageEntrantsInput =
  {   /** One of the best on a place of several groups. */
  best: BestOfPlaceInput; bye?: never; entries?: never; place?: never; top?: never; }
  |  { best?: never;   /** Nobody: the opponent has a bye. Only `true` is allowed. */
  bye: boolean; entries?: never; place?: never; top?: never; }
  |  { best?: never; bye?: never;   /** Entries of the tournament by their seeds. */
  entries: EntriesBySeedInput; place?: never; top?: never; }
  |  { best?: never; bye?: never; entries?: never;   /** Who has a place of a group. A knock-out is one group, whose places are its final ranking. */
  place: PlaceInput; top?: never; }
  |  { best?: never; bye?: never; entries?: never; place?: never;   /** The first of every group, crossed so that they meet again as late as possible. */
  top: TopOfGroupsInput; };

/** How the matches of a stage follow from each other. */
export type StageFormat =
  /** Who loses twice is out. */
  | 'DOUBLE_ELIMINATION'
  /** Everybody plays everybody in the group. */
  | 'ROUND_ROBIN'
  /** Who loses is out. */
  | 'SINGLE_ELIMINATION'
  /** Each round, those with as many points play each other. */
  | 'SWISS';

/** A format: exactly one field is given. */
export type StageFormatInput =
  {   /** A team that loses twice is out. */
  doubleElimination: DoubleEliminationInput; roundRobin?: never; singleElimination?: never; swiss?: never; }
  |  { doubleElimination?: never;   /** Everybody plays everybody in the group. A league has one group. */
  roundRobin: RoundRobinInput; singleElimination?: never; swiss?: never; }
  |  { doubleElimination?: never; roundRobin?: never;   /** A team that loses is out. */
  singleElimination: SingleEliminationInput; swiss?: never; }
  |  { doubleElimination?: never; roundRobin?: never; singleElimination?: never;   /** In each round teams with as many points play each other. */
  swiss: SwissInput; };

/** A stage to plan. */
export type StageInput = {
  /** Whom it takes, in the order of seeds. Without it: all entries by their seeds. */
  entrants?: Array<StageEntrantsInput> | null | undefined;
  /** How its matches follow from each other. */
  format: StageFormatInput;
  /** 1 to 60 characters, such as `Group stage`. */
  name: string;
  /** The rules of its tables. Without it: those of the tournament, or of the sport. */
  rules?: TableRulesInput | null | undefined;
};

/** A part of a stage. */
export type StagePart =
  /** The last match or two. */
  | 'FINAL'
  /** Matches of teams that have lost once. */
  | 'LOSERS'
  /** Matches that a table counts. */
  | 'TABLE'
  /** For the third place. */
  | 'THIRD_PLACE'
  /** Matches of teams that have not lost. */
  | 'WINNERS';

/** How far a stage is. */
export type StageState =
  /** Everything is played. */
  | 'COMPLETED'
  /** Nothing is played yet. */
  | 'PLANNED'
  /** Matches are played. */
  | 'RUNNING';

/** The match to start. */
export type StartMatchInput = {
  /** The match to start. */
  matchId: string | number;
};

/** The tournament to begin. */
export type StartTournamentInput = {
  /** The tournament. */
  tournamentId: string | number;
};

/** A substitution to record. */
export type SubstitutionInput = {
  /** When it happened, if known. */
  clock?: MatchClockInput | null | undefined;
  /** The player who comes on. */
  player: MatchPlayerInput;
  /** The player who goes off, if known. Must be another person. */
  replaced?: MatchPlayerInput | null | undefined;
  /** The team of both players. */
  side: Side;
};

/** A Swiss system. */
export type SwissInput = {
  /** How many rounds: 1 to 32. Without it: as many as leave one team unbeaten. */
  rounds?: number | null | undefined;
};

/** What decides between teams of a table. HEAD_TO_HEAD looks only at matches between the teams that are level. */
export type TableCriterion =
  /** Average score of matches that were not forfeited. */
  | 'AVERAGE_SCORE'
  /** Goals away from home. */
  | 'AWAY_GOALS'
  /** The sum of the points of all opponents. */
  | 'BUCHHOLZ'
  /** Score for minus score against. */
  | 'DIFFERENCE'
  /** Fair-play points. */
  | 'FAIR_PLAY'
  /** Score for. */
  | 'GOALS'
  /** Goals, points or sets for the team, divided by those against it. */
  | 'GOAL_AVERAGE'
  /** Goals away from home, head to head. */
  | 'HEAD_TO_HEAD_AWAY_GOALS'
  /** Score for minus score against, head to head. */
  | 'HEAD_TO_HEAD_DIFFERENCE'
  /** Score for, head to head. */
  | 'HEAD_TO_HEAD_GOALS'
  /** Matches lost: fewer is better, head to head. */
  | 'HEAD_TO_HEAD_LOSSES'
  /** Points, head to head. */
  | 'HEAD_TO_HEAD_POINTS'
  /** Points of sets won divided by those lost, head to head. */
  | 'HEAD_TO_HEAD_POINT_QUOTIENT'
  /** Sets won divided by sets lost, head to head. */
  | 'HEAD_TO_HEAD_SET_QUOTIENT'
  /** Matches won, head to head. */
  | 'HEAD_TO_HEAD_WINS'
  /** Matches lost: fewer is better. */
  | 'LOSSES'
  /** Drawn lots. */
  | 'LOTS'
  /** The same without the best and the worst opponent. */
  | 'MEDIAN_BUCHHOLZ'
  /** Points. */
  | 'POINTS'
  /** Points of sets won divided by those lost. */
  | 'POINT_QUOTIENT'
  /** A recorded ranking. */
  | 'RANKING'
  /** Sets won divided by sets lost. */
  | 'SET_QUOTIENT'
  /** The shoot-out after the meeting of two teams. */
  | 'SHOOTOUT'
  /** The points of opponents who were beaten, and half of those of draws. */
  | 'SONNEBORN_BERGER'
  /** Matches won. */
  | 'WINS'
  /** Matches won, divided by matches played. */
  | 'WIN_RATIO';

/** The rules of a table: a preset, and what differs from it. */
export type TableRulesInput = {
  /** When head-to-head criteria are applied again to fewer teams. */
  again?: HeadToHeadAgain | null | undefined;
  /** What decides between teams, in this order: 1 to 30. */
  criteria?: Array<TableCriterion> | null | undefined;
  /** What a match is worth. */
  points?: PointsInput | null | undefined;
  /** The name of a preset, such as `fifa-2018`. Without it: that of the tournament, or of the sport. */
  preset?: string | null | undefined;
  /** What happens to results of a team that leaves. */
  withdrawn?: WithdrawnResults | null | undefined;
};

/** The first places of every group. */
export type TopOfGroupsInput = {
  /** How many of the best on the next place. */
  best?: number;
  /** How many of each group. */
  places: number;
  /** The stage. */
  stage: number;
};

/** How far a tournament is. */
export type TournamentState =
  /** It is history: nothing changes any more. */
  | 'ARCHIVED'
  /** It is not played, or not to its end. */
  | 'CANCELLED'
  /** Nobody enters any more; teams say that they are there. */
  | 'CHECK_IN'
  /** Everything is played. */
  | 'COMPLETED'
  /** It is prepared, and only its organizers see it. */
  | 'DRAFT'
  /** Teams enter. */
  | 'REGISTRATION'
  /** Matches are played. */
  | 'RUNNING'
  /** Teams have their seeds; nothing is played yet. */
  | 'SEEDED';

/** The kind of a user error. */
export type UserErrorCode =
  /** The state of the object does not allow it, the object has changed, or the client id was used for other content. */
  | 'CONFLICT'
  /** The viewer may not do this. */
  | 'FORBIDDEN'
  /** The value is not acceptable. */
  | 'INVALID'
  /** It does not exist, or the viewer may not know that it exists. */
  | 'NOT_FOUND'
  /** Another user already has this value. */
  | 'TAKEN';

/** What happens to results of a team that leaves. */
export type WithdrawnResults =
  /** They count for nobody. */
  | 'ANNUL'
  /** They count for nobody if the team has played less than half of its matches. */
  | 'ANNUL_UNDER_HALF'
  /** They count. Opponents win the other matches by walkover. */
  | 'KEEP';

export type CreateTeamMutationVariables = Exact<{
  input: CreateTeamInput;
}>;


export type CreateTeamMutation = { createTeam: { team: { id: string } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type ScheduleMatchMutationVariables = Exact<{
  input: ScheduleMatchInput;
}>;


export type ScheduleMatchMutation = { scheduleMatch: { match: { id: string } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type CompetitionMatchesQueryVariables = Exact<{
  competition: string;
  after?: string | null | undefined;
}>;


export type CompetitionMatchesQuery = { matches: { edges: Array<{ node: { id: string, state: MatchState, kickoffAt: string, round: string | null, lastSeq: number, tournament: { id: string } | null, homeTeam: { name: string } | null, awayTeam: { name: string } | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type StartMatchMutationVariables = Exact<{
  input: StartMatchInput;
}>;


export type StartMatchMutation = { startMatch: { match: { id: string } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type RecordMatchEventMutationVariables = Exact<{
  input: RecordMatchEventInput;
}>;


export type RecordMatchEventMutation = { recordMatchEvent: { event:
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
     | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type FinishMatchMutationVariables = Exact<{
  input: FinishMatchInput;
}>;


export type FinishMatchMutation = { finishMatch: { match: { id: string, lastSeq: number } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type FinalScoreQueryVariables = Exact<{
  id: string | number;
  afterSeq: number;
}>;


export type FinalScoreQuery = { match: { state: MatchState, lastSeq: number, score: { home: number, away: number, periods: Array<{ period: number, home: number, away: number }>, shootout: { home: number, away: number } | null }, events: Array<
      | { ' $fragmentRefs'?: { 'Followed_CardShown_Fragment': Followed_CardShown_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_GoalScored_Fragment': Followed_GoalScored_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_LineupGiven_Fragment': Followed_LineupGiven_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_MatchEventVoided_Fragment': Followed_MatchEventVoided_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_MatchPlanned_Fragment': Followed_MatchPlanned_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_MatchStateChanged_Fragment': Followed_MatchStateChanged_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_PeriodStarted_Fragment': Followed_PeriodStarted_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_PlayerSubstituted_Fragment': Followed_PlayerSubstituted_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_ReplayOrdered_Fragment': Followed_ReplayOrdered_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_ResultConfirmed_Fragment': Followed_ResultConfirmed_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_ResultProtested_Fragment': Followed_ResultProtested_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_ResultSet_Fragment': Followed_ResultSet_Fragment } }
    > } | null };

export type FollowMatchSubscriptionVariables = Exact<{
  id: string | number;
  afterSeq?: number | null | undefined;
}>;


export type FollowMatchSubscription = { matchEvents:
    | { ' $fragmentRefs'?: { 'Followed_CardShown_Fragment': Followed_CardShown_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_GoalScored_Fragment': Followed_GoalScored_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_LineupGiven_Fragment': Followed_LineupGiven_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_MatchEventVoided_Fragment': Followed_MatchEventVoided_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_MatchPlanned_Fragment': Followed_MatchPlanned_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_MatchStateChanged_Fragment': Followed_MatchStateChanged_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_PeriodStarted_Fragment': Followed_PeriodStarted_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_PlayerSubstituted_Fragment': Followed_PlayerSubstituted_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_ReplayOrdered_Fragment': Followed_ReplayOrdered_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_ResultConfirmed_Fragment': Followed_ResultConfirmed_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_ResultProtested_Fragment': Followed_ResultProtested_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_ResultSet_Fragment': Followed_ResultSet_Fragment } }
   };

type Followed_CardShown_Fragment = { __typename: 'CardShown', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_CardShown_Fragment' };

type Followed_GoalScored_Fragment = { __typename: 'GoalScored', kind: GoalKind, period: number | null, voided: boolean, seq: number, team: { name: string } | null, player: { name: string } | null, clock: { minute: number, stoppage: number | null } | null, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_GoalScored_Fragment' };

type Followed_LineupGiven_Fragment = { __typename: 'LineupGiven', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_LineupGiven_Fragment' };

type Followed_MatchEventVoided_Fragment = { __typename: 'MatchEventVoided', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_MatchEventVoided_Fragment' };

type Followed_MatchPlanned_Fragment = { __typename: 'MatchPlanned', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_MatchPlanned_Fragment' };

type Followed_MatchStateChanged_Fragment = { __typename: 'MatchStateChanged', state: MatchState, seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_MatchStateChanged_Fragment' };

type Followed_PeriodStarted_Fragment = { __typename: 'PeriodStarted', period: number | null, seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_PeriodStarted_Fragment' };

type Followed_PlayerSubstituted_Fragment = { __typename: 'PlayerSubstituted', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_PlayerSubstituted_Fragment' };

type Followed_ReplayOrdered_Fragment = { __typename: 'ReplayOrdered', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_ReplayOrdered_Fragment' };

type Followed_ResultConfirmed_Fragment = { __typename: 'ResultConfirmed', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_ResultConfirmed_Fragment' };

type Followed_ResultProtested_Fragment = { __typename: 'ResultProtested', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_ResultProtested_Fragment' };

type Followed_ResultSet_Fragment = { __typename: 'ResultSet', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_ResultSet_Fragment' };

export type FollowedFragment =
  | Followed_CardShown_Fragment
  | Followed_GoalScored_Fragment
  | Followed_LineupGiven_Fragment
  | Followed_MatchEventVoided_Fragment
  | Followed_MatchPlanned_Fragment
  | Followed_MatchStateChanged_Fragment
  | Followed_PeriodStarted_Fragment
  | Followed_PlayerSubstituted_Fragment
  | Followed_ReplayOrdered_Fragment
  | Followed_ResultConfirmed_Fragment
  | Followed_ResultProtested_Fragment
  | Followed_ResultSet_Fragment
;

export type CreateTournamentMutationVariables = Exact<{
  input: CreateTournamentInput;
}>;


export type CreateTournamentMutation = { createTournament: { tournament: { id: string, state: TournamentState } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type SetStagesMutationVariables = Exact<{
  input: SetStagesInput;
}>;


export type SetStagesMutation = { setStages: { tournament: { id: string, state: TournamentState } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type PublishTournamentMutationVariables = Exact<{
  input: PublishTournamentInput;
}>;


export type PublishTournamentMutation = { publishTournament: { tournament: { id: string, state: TournamentState } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type CloseRegistrationMutationVariables = Exact<{
  input: CloseRegistrationInput;
}>;


export type CloseRegistrationMutation = { closeRegistration: { tournament: { id: string, state: TournamentState } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type DrawTournamentMutationVariables = Exact<{
  input: DrawTournamentInput;
}>;


export type DrawTournamentMutation = { drawTournament: { tournament: { id: string, state: TournamentState } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type StartTournamentMutationVariables = Exact<{
  input: StartTournamentInput;
}>;


export type StartTournamentMutation = { startTournament: { tournament: { id: string, state: TournamentState } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type DeductPointsMutationVariables = Exact<{
  input: DeductPointsInput;
}>;


export type DeductPointsMutation = { deductPoints: { tournament: { id: string, state: TournamentState } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type RecordFairPlayMutationVariables = Exact<{
  input: RecordFairPlayInput;
}>;


export type RecordFairPlayMutation = { recordFairPlay: { tournament: { id: string, state: TournamentState } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type RecordRankingMutationVariables = Exact<{
  input: RecordRankingInput;
}>;


export type RecordRankingMutation = { recordRanking: { tournament: { id: string, state: TournamentState } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type RecordLotsMutationVariables = Exact<{
  input: RecordLotsInput;
}>;


export type RecordLotsMutation = { recordLots: { tournament: { id: string, state: TournamentState } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type DeleteTournamentMutationVariables = Exact<{
  input: DeleteTournamentInput;
}>;


export type DeleteTournamentMutation = { deleteTournament: { deletedTournamentId: string | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type EnterTournamentMutationVariables = Exact<{
  input: EnterTournamentInput;
}>;


export type EnterTournamentMutation = { enterTournament: { entry: { id: string } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type RecordFinalScoreMutationVariables = Exact<{
  input: RecordFinalScoreInput;
}>;


export type RecordFinalScoreMutation = { recordFinalScore: { match: { id: string, state: MatchState } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type ConfirmResultMutationVariables = Exact<{
  input: ConfirmResultInput;
}>;


export type ConfirmResultMutation = { confirmResult: { match: { id: string, state: MatchState } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type AwardWalkoverMutationVariables = Exact<{
  input: AwardWalkoverInput;
}>;


export type AwardWalkoverMutation = { awardWalkover: { match: { id: string, state: MatchState } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type TournamentStagesQueryVariables = Exact<{
  id: string | number;
}>;


export type TournamentStagesQuery = { tournament: { id: string, state: TournamentState, stages: Array<{ id: string, name: string, format: StageFormat, state: StageState }> } | null };

export type StagePlanQueryVariables = Exact<{
  id: string | number;
}>;


export type StagePlanQuery = { node:
    | { bracket: { slots: Array<{ part: StagePart, round: number }> } | null, rounds: Array<{ number: number, name: string, part: StagePart, group: { number: number } | null, matches: Array<{ id: string, state: MatchState, score: { home: number, away: number }, homeTeam: { name: string } | null, awayTeam: { name: string } | null } | null> }> }
    | Record<PropertyKey, never>
   | null };

export type StageTablesQueryVariables = Exact<{
  id: string | number;
}>;


export type StageTablesQuery = { node:
    | { groups: Array<{ name: string, standings: Array<{ rank: number, played: number, won: number, drawn: number, lost: number, scoreFor: number, scoreAgainst: number, points: number, decidedBy: string | null, tied: boolean, team: { name: string } | null, deductions: Array<{ points: number, reason: string }> }> }> }
    | Record<PropertyKey, never>
   | null };

export type TournamentEntriesQueryVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type TournamentEntriesQuery = { tournament: { entries: { edges: Array<{ node: { id: string, team: { id: string, name: string } | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export const FollowedFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Followed"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MatchEvent"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"seq"}},{"kind":"Field","name":{"kind":"Name","value":"score"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"home"}},{"kind":"Field","name":{"kind":"Name","value":"away"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"GoalScored"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"period"}},{"kind":"Field","name":{"kind":"Name","value":"voided"}},{"kind":"Field","name":{"kind":"Name","value":"team"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"player"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"clock"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"minute"}},{"kind":"Field","name":{"kind":"Name","value":"stoppage"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MatchStateChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PeriodStarted"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"period"}}]}}]}}]} as unknown as DocumentNode<FollowedFragment, unknown>;
export const CreateTeamDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateTeam"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateTeamInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createTeam"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"team"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<CreateTeamMutation, CreateTeamMutationVariables>;
export const ScheduleMatchDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ScheduleMatch"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ScheduleMatchInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"scheduleMatch"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<ScheduleMatchMutation, ScheduleMatchMutationVariables>;
export const CompetitionMatchesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CompetitionMatches"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"competition"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"matches"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"competition"},"value":{"kind":"Variable","name":{"kind":"Name","value":"competition"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"kickoffAt"}},{"kind":"Field","name":{"kind":"Name","value":"round"}},{"kind":"Field","name":{"kind":"Name","value":"lastSeq"}},{"kind":"Field","name":{"kind":"Name","value":"tournament"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"homeTeam"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"awayTeam"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]} as unknown as DocumentNode<CompetitionMatchesQuery, CompetitionMatchesQueryVariables>;
export const StartMatchDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"StartMatch"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"StartMatchInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"startMatch"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<StartMatchMutation, StartMatchMutationVariables>;
export const RecordMatchEventDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RecordMatchEvent"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RecordMatchEventInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recordMatchEvent"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seq"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<RecordMatchEventMutation, RecordMatchEventMutationVariables>;
export const FinishMatchDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"FinishMatch"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"FinishMatchInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"finishMatch"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"lastSeq"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<FinishMatchMutation, FinishMatchMutationVariables>;
export const FinalScoreDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"FinalScore"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"afterSeq"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"lastSeq"}},{"kind":"Field","name":{"kind":"Name","value":"score"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"home"}},{"kind":"Field","name":{"kind":"Name","value":"away"}},{"kind":"Field","name":{"kind":"Name","value":"periods"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"period"}},{"kind":"Field","name":{"kind":"Name","value":"home"}},{"kind":"Field","name":{"kind":"Name","value":"away"}}]}},{"kind":"Field","name":{"kind":"Name","value":"shootout"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"home"}},{"kind":"Field","name":{"kind":"Name","value":"away"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"events"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}},{"kind":"Argument","name":{"kind":"Name","value":"afterSeq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"afterSeq"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Followed"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Followed"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MatchEvent"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"seq"}},{"kind":"Field","name":{"kind":"Name","value":"score"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"home"}},{"kind":"Field","name":{"kind":"Name","value":"away"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"GoalScored"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"period"}},{"kind":"Field","name":{"kind":"Name","value":"voided"}},{"kind":"Field","name":{"kind":"Name","value":"team"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"player"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"clock"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"minute"}},{"kind":"Field","name":{"kind":"Name","value":"stoppage"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MatchStateChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PeriodStarted"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"period"}}]}}]}}]} as unknown as DocumentNode<FinalScoreQuery, FinalScoreQueryVariables>;
export const FollowMatchDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"FollowMatch"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"afterSeq"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"matchEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"matchId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}},{"kind":"Argument","name":{"kind":"Name","value":"afterSeq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"afterSeq"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Followed"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Followed"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MatchEvent"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"seq"}},{"kind":"Field","name":{"kind":"Name","value":"score"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"home"}},{"kind":"Field","name":{"kind":"Name","value":"away"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"GoalScored"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"period"}},{"kind":"Field","name":{"kind":"Name","value":"voided"}},{"kind":"Field","name":{"kind":"Name","value":"team"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"player"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"clock"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"minute"}},{"kind":"Field","name":{"kind":"Name","value":"stoppage"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MatchStateChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PeriodStarted"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"period"}}]}}]}}]} as unknown as DocumentNode<FollowMatchSubscription, FollowMatchSubscriptionVariables>;
export const CreateTournamentDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateTournament"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateTournamentInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createTournament"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tournament"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<CreateTournamentMutation, CreateTournamentMutationVariables>;
export const SetStagesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetStages"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"SetStagesInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"setStages"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tournament"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<SetStagesMutation, SetStagesMutationVariables>;
export const PublishTournamentDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PublishTournament"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"PublishTournamentInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"publishTournament"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tournament"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<PublishTournamentMutation, PublishTournamentMutationVariables>;
export const CloseRegistrationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CloseRegistration"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CloseRegistrationInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"closeRegistration"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tournament"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<CloseRegistrationMutation, CloseRegistrationMutationVariables>;
export const DrawTournamentDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DrawTournament"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DrawTournamentInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"drawTournament"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tournament"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<DrawTournamentMutation, DrawTournamentMutationVariables>;
export const StartTournamentDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"StartTournament"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"StartTournamentInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"startTournament"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tournament"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<StartTournamentMutation, StartTournamentMutationVariables>;
export const DeductPointsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DeductPoints"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeductPointsInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deductPoints"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tournament"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<DeductPointsMutation, DeductPointsMutationVariables>;
export const RecordFairPlayDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RecordFairPlay"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RecordFairPlayInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recordFairPlay"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tournament"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<RecordFairPlayMutation, RecordFairPlayMutationVariables>;
export const RecordRankingDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RecordRanking"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RecordRankingInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recordRanking"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tournament"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<RecordRankingMutation, RecordRankingMutationVariables>;
export const RecordLotsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RecordLots"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RecordLotsInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recordLots"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tournament"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<RecordLotsMutation, RecordLotsMutationVariables>;
export const DeleteTournamentDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DeleteTournament"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeleteTournamentInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deleteTournament"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deletedTournamentId"}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<DeleteTournamentMutation, DeleteTournamentMutationVariables>;
export const EnterTournamentDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"EnterTournament"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"EnterTournamentInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"enterTournament"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"entry"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<EnterTournamentMutation, EnterTournamentMutationVariables>;
export const RecordFinalScoreDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RecordFinalScore"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RecordFinalScoreInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recordFinalScore"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<RecordFinalScoreMutation, RecordFinalScoreMutationVariables>;
export const ConfirmResultDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ConfirmResult"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ConfirmResultInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"confirmResult"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<ConfirmResultMutation, ConfirmResultMutationVariables>;
export const AwardWalkoverDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AwardWalkover"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"AwardWalkoverInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"awardWalkover"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<AwardWalkoverMutation, AwardWalkoverMutationVariables>;
export const TournamentStagesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"TournamentStages"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tournament"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"stages"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"16"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"format"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}}]}}]}}]} as unknown as DocumentNode<TournamentStagesQuery, TournamentStagesQueryVariables>;
export const StagePlanDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"StagePlan"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Stage"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"bracket"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slots"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"512"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"part"}},{"kind":"Field","name":{"kind":"Name","value":"round"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"rounds"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"part"}},{"kind":"Field","name":{"kind":"Name","value":"group"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}}]}},{"kind":"Field","name":{"kind":"Name","value":"matches"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"512"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"score"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"home"}},{"kind":"Field","name":{"kind":"Name","value":"away"}}]}},{"kind":"Field","name":{"kind":"Name","value":"homeTeam"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"awayTeam"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<StagePlanQuery, StagePlanQueryVariables>;
export const StageTablesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"StageTables"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Stage"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"groups"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"64"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"standings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rank"}},{"kind":"Field","name":{"kind":"Name","value":"team"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"played"}},{"kind":"Field","name":{"kind":"Name","value":"won"}},{"kind":"Field","name":{"kind":"Name","value":"drawn"}},{"kind":"Field","name":{"kind":"Name","value":"lost"}},{"kind":"Field","name":{"kind":"Name","value":"scoreFor"}},{"kind":"Field","name":{"kind":"Name","value":"scoreAgainst"}},{"kind":"Field","name":{"kind":"Name","value":"points"}},{"kind":"Field","name":{"kind":"Name","value":"decidedBy"}},{"kind":"Field","name":{"kind":"Name","value":"tied"}},{"kind":"Field","name":{"kind":"Name","value":"deductions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"points"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<StageTablesQuery, StageTablesQueryVariables>;
export const TournamentEntriesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"TournamentEntries"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tournament"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"entries"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"team"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}}]} as unknown as DocumentNode<TournamentEntriesQuery, TournamentEntriesQueryVariables>;