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
  /** The side that wins, because it was present. If this is not set, both sides lose. */
  winner?: Side | null | undefined;
};

/** One of the best entrants on a place, such as the second best third. */
export type BestOfPlaceInput = {
  /** The groups that the entrant may come from. If absent: all groups. */
  groups?: Array<number> | null | undefined;
  /** The place, such as 3. */
  place: number;
  /** The rank among the entrants on this place: 1 is the best. With `groups`, `rank` only numbers the rules for this place. */
  rank: number;
  /** The number of the stage, from 1. */
  stage: number;
};

/** How entrants get their places in a bracket. */
export type BracketOrder =
  /** The first entrant plays the second, the third plays the fourth. Their number, with byes, must be a power of two. */
  | 'PAIRS'
  /** The entrants get their places by their seeds: the best are furthest apart and have the byes. */
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
  /** The kind of card. */
  card: Card;
  /** The time on the match clock, if known. */
  clock?: MatchClockInput | null | undefined;
  /** The player who gets the card, if known. */
  player?: MatchPlayerInput | null | undefined;
  /** The team of the player who gets the card. */
  side: Side;
};

/** The tournament whose registration should end. */
export type CloseRegistrationInput = {
  /** The tournament. */
  tournamentId: string | number;
};

/** The result to confirm. */
export type ConfirmResultInput = {
  /** The match. */
  matchId: string | number;
  /**
   * True: an organizer of the match or an administrator confirms alone, also as a captain or owner of one of its teams,
   * and also while the service of teams does not answer. True has no effect for other users. False: a captain or owner
   * confirms for the side. Organizers and administrators who lead neither team confirm alone in both cases.
   */
  overrule?: boolean;
  /**
   * The score that the viewer saw. CONFLICT if the match has another score by now. If absent: the viewer confirms the
   * score that the match has.
   */
  seenScore?: SeenScoreInput | null | undefined;
};

/** The correction of a confirmed result. */
export type CorrectResultInput = {
  /** The match. */
  matchId: string | number;
  /** The public reason: at most 500 characters. */
  reason: string;
  /** The new score. */
  score: ScoreInput;
};

/** A new team. */
export type CreateTeamInput = {
  /** The home city: at most 80 characters. */
  city?: string | null | undefined;
  /**
   * Idempotency key that the client generates: 1 to 100 characters. The same key with the same content returns the same
   * team; the same key with other content is a CONFLICT.
   */
  clientId: string;
  /** The name: 1 to 80 characters. */
  name: string;
  /** The sport of the team. It cannot be changed later. */
  sport: Sport;
};

/** A new tournament. */
export type CreateTournamentInput = {
  /**
   * Until when teams can check in: after `registrationClosesAt`, and not after the start. If absent: until an organizer or
   * an administrator ends the check-in, or until the draw.
   */
  checkInClosesAt?: string | null | undefined;
  /** The city where the tournament is played: at most 80 characters. */
  city?: string | null | undefined;
  /**
   * Idempotency key that the client generates: 1 to 100 characters. The same key with the same content returns the same
   * tournament; the same key with other content is a CONFLICT.
   */
  clientId: string;
  /** The description: at most 5000 characters. Line breaks are allowed. */
  description?: string | null | undefined;
  /** The city that a team must have, in any letter case: at most 80 characters. If absent: any city. */
  entryCity?: string | null | undefined;
  /** The greatest age of a player on the tournament's first day: 5 to 99 years. If absent: no limit. */
  maxAge?: number | null | undefined;
  /** The greatest level of a player in the sport: 1 to 10. If absent: no limit. */
  maxLevel?: number | null | undefined;
  /** The number of places: at most 1024, and not below `minTeams`. */
  maxTeams?: number;
  /** The least age of a player on the tournament's first day: 5 to 99 years. If absent: no limit. */
  minAge?: number | null | undefined;
  /** The least level of a player in the sport: 1 to 10. If absent: no limit. */
  minLevel?: number | null | undefined;
  /** The least number of teams: 2 to 1024. */
  minTeams?: number;
  /** How teams get a place. */
  mode?: RegistrationMode;
  /** The name: 1 to 100 characters. */
  name: string;
  /** For how many hours after a match its teams may protest: 0 to 720. */
  protestHours?: number;
  /**
   * Until when teams can enter: not after the start. If absent: until an organizer or an administrator closes
   * registration.
   */
  registrationClosesAt?: string | null | undefined;
  /** The name of the rules for its tables. If absent: the usual rules of the sport. */
  rules?: string | null | undefined;
  /** The sport of the tournament. It cannot be changed later. */
  sport: Sport;
  /** When the tournament starts. */
  startsAt: string;
  /** The IANA time zone, such as `Europe/Berlin`. */
  timeZone: string;
};

/** Points that an organizer or an administrator takes from an entry, or adds. */
export type DeductPointsInput = {
  /**
   * An id from the client: 1 to 100 characters. The same id with the same content takes the points once, with other content
   * it is a CONFLICT.
   */
  clientId: string;
  /** When the deduction was decided. If absent: now. */
  date?: string | null | undefined;
  /** The entry. */
  entryId: string | number;
  /** The points to add: -1000 to 1000, but not 0. A negative number takes points away. */
  points: number;
  /** The reason, which everybody can read. At most 500 characters. */
  reason: string;
  /** The stage that the decision is for. If absent: all stages. */
  stageId?: string | number | null | undefined;
  /** The tournament. */
  tournamentId: string | number;
};

/** The draft to delete. */
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
  /** In the order that an organizer or an administrator gave. */
  | 'BY_HAND'
  /** A draw by lot. Anybody can repeat it with the published seed. */
  | 'BY_LOT'
  /**
   * By the ratings of the teams in the tournament's sport, the highest `Rating.ordinal` first. Entries of teams without a
   * rating follow. The draw by lot decides the order of entries whose ratings are equal, and of entries without one.
   */
  | 'BY_RATING';

/** The draw of a tournament. */
export type DrawTournamentInput = {
  /** All entries that have a place, the first seed first. Required for BY_HAND. The other methods ignore this list. */
  entryIds?: Array<string | number> | null | undefined;
  /** How the entries get their seeds. */
  method?: DrawMethod;
  /** The tournament. */
  tournamentId: string | number;
};

/** The team to enter. */
export type EnterTournamentInput = {
  /**
   * The members who will play: 1 to 200 players of the team, no coaches. Each must meet the limits of age and level. If
   * absent: all members except coaches.
   */
  playerIds?: Array<string | number> | null | undefined;
  /** The team. */
  teamId: string | number;
  /** The tournament. */
  tournamentId: string | number;
  /**
   * Whether the team waits for a place if all places are taken. If false, the request is refused then. The field has no
   * effect if an organizer has to approve each team.
   */
  wait?: boolean;
};

/** Entries from one seed to another. */
export type EntriesBySeedInput = {
  /** The first seed to take. */
  from?: number;
  /** The last seed to take. If absent: the last seed of the tournament. */
  to?: number | null | undefined;
};

/** The match to end. */
export type FinishMatchInput = {
  /** The match to end. */
  matchId: string | number;
};

/** A bracket that somebody else drew, tie by tie. */
export type GivenBracketInput = {
  /** The rounds in their order: 1 to 32. */
  rounds: Array<GivenBracketRoundInput>;
};

/** A round of a bracket. */
export type GivenBracketRoundInput = {
  /** The name: 1 to 100 characters, such as `Quarter-finals`. */
  name: string;
  /** Whether the round is for the third place. */
  thirdPlace?: boolean;
  /** The ties: at least 1. */
  ties: Array<GivenTieInput>;
};

/** A group whose matches are given. */
export type GivenGroupInput = {
  /** The name: 1 to 60 characters, such as `Group A`. */
  name: string;
  /** The rounds in their order. */
  rounds: Array<GivenTableRoundInput>;
  /** The number of entrants: 2 to 64. */
  size: number;
};

/** Groups that somebody else drew, match by match. */
export type GivenGroupsInput = {
  /** The groups: 1 to 256. The first `size` entrants of the stage are the first group, the next ones the second group. */
  groups: Array<GivenGroupInput>;
  /** Whether pairs may meet more or less often than `legs` says. If false, that is refused. */
  uneven?: boolean;
};

/** A match of a tie. */
export type GivenLegInput = {
  /** When the match begins. If absent, the time is not known yet. */
  kickoffAt?: string | null | undefined;
  /** A friendly that becomes this match. An organizer of this tournament must have scheduled it, for the same teams. */
  matchId?: string | number | null | undefined;
  /** The venue: at most 200 characters. */
  venue?: string | null | undefined;
};

/** A match of a group. */
export type GivenMatchInput = {
  /** The away side: the number of an entrant within the group, from 1. */
  away: number;
  /** The home side: the number of an entrant within the group, from 1. */
  home: number;
  /** When the match begins. If absent, the time is not known yet. */
  kickoffAt?: string | null | undefined;
  /** A friendly that becomes this match. An organizer of this tournament must have scheduled it, for the same teams. */
  matchId?: string | number | null | undefined;
  /** The venue: at most 200 characters. */
  venue?: string | null | undefined;
};

/** A side of a tie: exactly one field is given. */
export type GivenSideInput =
  {   /** The number of an entrant within the stage, from 1. Each entrant must be in exactly one tie. */
  entrant: number; loserOf?: never; winnerOf?: never; }
  |  { entrant?: never;   /** The key of the tie whose loser is this side. */
  loserOf: string; winnerOf?: never; }
  |  { entrant?: never; loserOf?: never;   /** The key of the tie whose winner is this side. */
  winnerOf: string; };

/** A round of a group. */
export type GivenTableRoundInput = {
  /** The matches: at least 1. */
  matches: Array<GivenMatchInput>;
  /** The name: 1 to 100 characters, such as `Matchday 1`. */
  name: string;
};

/** A tie: two sides, one of which advances. */
export type GivenTieInput = {
  /** The away side of the first leg. */
  away: GivenSideInput;
  /** The home side of the first leg. */
  home: GivenSideInput;
  /** The key: 1 to 30 characters. Other ties refer to the tie by it. */
  key: string;
  /** The match, or both legs. If absent: one match whose time is not known. */
  legs?: Array<GivenLegInput> | null | undefined;
  /** Whether a draw is played again. If true, the matches of the tie may end in a draw. */
  replays?: boolean;
};

/** A goal, basket or point to record. */
export type GoalInput = {
  /**
   * The player who gave the assist, if known. Must not be the scorer. Only for goals from play, in sports that count
   * assists.
   */
  assist?: MatchPlayerInput | null | undefined;
  /** The time on the match clock, if known. */
  clock?: MatchClockInput | null | undefined;
  /** How the goal was scored. */
  kind?: GoalKind;
  /** The scorer, if known. */
  player?: MatchPlayerInput | null | undefined;
  /** The points of the goal: a number that the sport gives for this kind of goal. Default: the lowest. */
  points?: number | null | undefined;
  /** The team that the goal counts for. */
  side: Side;
};

/** How a goal was scored. */
export type GoalKind =
  /** A goal from play, a basket from the field, or a point. */
  | 'GOAL'
  /** A player of the other team shot the goal. It counts for `team`. */
  | 'OWN_GOAL'
  /** A goal from a penalty, a basket from a free throw, or a scored kick of a shoot-out. */
  | 'PENALTY';

/** How entrants are spread over groups. */
export type GroupSpread =
  /** The first entrants are the first group, the next ones the second group. */
  | 'BLOCKS'
  /** The best seeds are in different groups: seeds 1 2 3 4 in groups A B C D, then 5 6 7 8 in D C B A. */
  | 'SNAKE';

/** When head-to-head criteria are applied again, from the first one, to teams that are still level. */
export type HeadToHeadAgain =
  /** After all head-to-head criteria have been applied, to the teams that they left level. */
  | 'AFTER_ALL'
  /** After each criterion that separates some of the teams, to the teams that it left level. */
  | 'AFTER_EACH'
  /** The head-to-head criteria are not applied again. */
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
  /** The person's name: 1 to 100 characters. */
  name: string;
  /** The person's account, if there is one. */
  userId?: string | number | null | undefined;
};

/** The state of a match. */
export type MatchState =
  /** The match ended early and has no result. */
  | 'ABANDONED'
  /** The match is in a break. */
  | 'BREAK'
  /** The match will not be played or completed, or its result was annulled. */
  | 'CANCELLED'
  /** The result is confirmed and counts. */
  | 'CONFIRMED'
  /** The match is over. Its result is provisional: it is not confirmed, or a protest is open. */
  | 'FINISHED'
  /** At least one side has set its lineup. */
  | 'LINEUPS'
  /** The match is being played. */
  | 'LIVE'
  /** The match will be played at another time, which is not known yet. */
  | 'POSTPONED'
  /** The match is planned. */
  | 'SCHEDULED'
  /** The match is interrupted. */
  | 'SUSPENDED'
  /**
   * The match was not played or not completed, or a protest was decided so. One side wins with the score for a walkover,
   * which the tournament or else the sport sets, or both sides lose. The result counts.
   */
  | 'WALKOVER';

/** A period to begin. */
export type PeriodInput = {
  /**
   * If true, the shoot-out begins: only in a sport that has one, after the last regular period, and with a level score
   * (with two legs, the sum of both). If false, the next period begins.
   */
  shootout?: boolean;
};

/** The score of one period. */
export type PeriodScoreInput = {
  /** The away team's score in this period alone. */
  away: number;
  /** The home team's score in this period alone. */
  home: number;
};

/** A place of a group in an earlier stage. */
export type PlaceInput = {
  /** The number of the group within the stage, from 1. */
  group?: number;
  /** The place in the group, from 1. */
  place: number;
  /** The number of the stage, from 1. */
  stage: number;
};

/** The points for a match in a table: -100 to 100, in steps of 0.5. */
export type PointsInput = {
  /** The points for a draw, such as 1. */
  draw: number;
  /** The points for a defeat, such as 0. */
  loss: number;
  /** The points for a win, such as 3. */
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
  /**
   * The fair-play points: -1000 to 1000, negative for cards. They replace earlier fair-play points of the entry, in the
   * stages that both are for.
   */
  points: number;
  /** The reason, which everybody can read. At most 500 characters. */
  reason?: string | null | undefined;
  /** The stage that the decision is for. If absent: all stages. */
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
  /** The reason, which everybody can read. At most 500 characters. */
  reason?: string | null | undefined;
  /** The stage that the decision is for. If absent: all stages. */
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

/** The order that a play-off gave. */
export type RecordPlayOffInput = {
  /** Entries, the best first: 2 to 1024. */
  entryIds: Array<string | number>;
  /** The reason, which everybody can read. At most 500 characters. */
  reason?: string | null | undefined;
  /** The stage that the decision is for. If absent: all stages. */
  stageId?: string | number | null | undefined;
  /** The tournament. */
  tournamentId: string | number;
};

/** A ranking that decides ties. */
export type RecordRankingInput = {
  /** Entries, the best first: 2 to 1024. */
  entryIds: Array<string | number>;
  /**
   * The reason, which everybody can read. At most 500 characters. A later ranking with the same reason, or a later one
   * without a reason if this one has none, replaces this ranking in the stages that both are for.
   */
  reason?: string | null | undefined;
  /** The stage that the decision is for. If absent: all stages. */
  stageId?: string | number | null | undefined;
  /** The tournament. */
  tournamentId: string | number;
};

/** How teams get a place in a tournament. */
export type RegistrationMode =
  /** An organizer or an administrator approves or rejects each team. */
  | 'APPROVAL'
  /** Like OPEN, but only for teams that an organizer or an administrator invited. */
  | 'INVITATION'
  /** A team that meets the rules of entry gets a place, while places are free. */
  | 'OPEN';

/** A league, or groups. */
export type RoundRobinInput = {
  /** Groups and matches that somebody else drew. They replace `groups` and `spread`. */
  given?: GivenGroupsInput | null | undefined;
  /** How many groups there are: 1 to 256. */
  groups?: number;
  /** How often each pair meets: 1 to 4. */
  legs?: number;
  /** How the entrants are spread over the groups. */
  spread?: GroupSpread;
};

/** A new match. */
export type ScheduleMatchInput = {
  /** The team that is named second. It must not be the home team. */
  awayTeamId: string | number;
  /**
   * Idempotency key that the client generates: 1 to 100 characters. The same key with the same content returns the same
   * match; the same key with other content is a CONFLICT.
   */
  clientId: string;
  /** The name of the competition, for example `World Cup 2022`: at most 100 characters. */
  competition?: string | null | undefined;
  /** The name of the group, for example `Group A`. */
  group?: string | null | undefined;
  /** The team that is named first. */
  homeTeamId: string | number;
  /** The planned kick-off. */
  kickoffAt: string;
  /** A user who may record the match, as its organizers and administrators may. */
  refereeId?: string | number | null | undefined;
  /** The name of the round, for example `Matchday 1` or `Final`. */
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
  /**
   * The score of each period, including extra time; the sum of them must be `home` and `away` (with sets: the number of
   * sets won). Leave `periods` out if the scores of periods are not known.
   */
  periods?: Array<PeriodScoreInput>;
  /** The scored kicks of the shoot-out, if there was one. A shoot-out needs a level score. */
  shootout?: ShootoutScoreInput | null | undefined;
};

/** A score that the viewer saw. */
export type SeenScoreInput = {
  /** Goals, points or sets of the away team, without the kicks of a shoot-out. */
  away: number;
  /** Goals, points or sets of the home team, without the kicks of a shoot-out. */
  home: number;
  /** The scored kicks of the shoot-out, if there was one. */
  shootout?: ShootoutScoreInput | null | undefined;
};

/** The stages of a tournament, in the order in which they are played. */
export type SetStagesInput = {
  /** The new stages: 1 to 16. */
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
 * One of the two teams. The side of a goal is the team that it counts for. The side of a card is the team of the player
 * who gets it.
 */
export type Side =
  /** The team that is named second. */
  | 'AWAY'
  /** The team that is named first. */
  | 'HOME';

/** A knock-out. */
export type SingleEliminationInput = {
  /**
   * Whether goals away from home decide a tie of two legs with an equal sum of goals. A shoot-out decides if this is
   * false, and if these goals are equal too.
   */
  awayGoals?: boolean;
  /** The number of matches of the final, and of the tie for the third place: 1 or 2. */
  finalLegs?: number;
  /** A bracket that somebody else drew. It replaces all other fields except `awayGoals`. */
  given?: GivenBracketInput | null | undefined;
  /** The number of matches of a tie: 1 or 2. */
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

/**
 * A rule that says which entrants a stage takes: exactly one field is given. Stages, groups, places and seeds count from
 * 1.
 */
export type StageEntrantsInput =
  {   /** One of the best entrants on a place of several groups. */
  best: BestOfPlaceInput; bye?: never; entries?: never; place?: never; top?: never; }
  |  { best?: never;   /** No entrant: the opponent has a bye. The value must be `true`. */
  bye: boolean; entries?: never; place?: never; top?: never; }
  |  { best?: never; bye?: never;   /** Entries of the tournament, by their seeds. */
  entries: EntriesBySeedInput; place?: never; top?: never; }
  |  { best?: never; bye?: never; entries?: never;   /** The entrant on a place of a group. A knock-out counts as one group; its places are its final ranking. */
  place: PlaceInput; top?: never; }
  |  { best?: never; bye?: never; entries?: never; place?: never;   /** The first places of all groups, ordered so that teams of one group meet again as late as possible. */
  top: TopOfGroupsInput; };

/** The format of a stage: which teams play each other. */
export type StageFormat =
  /** A team that loses twice is out. */
  | 'DOUBLE_ELIMINATION'
  /** Each team plays all other teams of its group. */
  | 'ROUND_ROBIN'
  /** A team that loses a match, or a tie of two matches, is out. */
  | 'SINGLE_ELIMINATION'
  /** In each round, teams with equal or similar points play each other. */
  | 'SWISS';

/** A format: exactly one field is given. */
export type StageFormatInput =
  {   /** A team that loses twice is out. */
  doubleElimination: DoubleEliminationInput; roundRobin?: never; singleElimination?: never; swiss?: never; }
  |  { doubleElimination?: never;   /** Each team plays all other teams of its group. A league is one group. */
  roundRobin: RoundRobinInput; singleElimination?: never; swiss?: never; }
  |  { doubleElimination?: never; roundRobin?: never;   /** A team that loses a match, or a tie of two matches, is out. */
  singleElimination: SingleEliminationInput; swiss?: never; }
  |  { doubleElimination?: never; roundRobin?: never; singleElimination?: never;   /** In each round, teams with equal or similar points play each other. */
  swiss: SwissInput; };

/** A stage to plan. */
export type StageInput = {
  /**
   * Whether the stage decides the title: the champion is the winner of the last such stage. False, for example, for a
   * play-off for relegation.
   */
  crowns?: boolean | null | undefined;
  /** The entrants of the stage, in the order of its seeds. If absent: all entries by their seeds. */
  entrants?: Array<StageEntrantsInput> | null | undefined;
  /** The format of the stage. */
  format: StageFormatInput;
  /** The name: 1 to 60 characters, such as `Group stage`. */
  name: string;
  /**
   * The rules of the stage's tables. If absent: the rules of the tournament or, if it has none, the usual rules of the
   * sport (for a Swiss stage: `swiss`).
   */
  rules?: TableRulesInput | null | undefined;
};

/** A part of a stage. */
export type StagePart =
  /** The final of a double elimination, and the second final if it is needed. */
  | 'FINAL'
  /** The losers' bracket of a double elimination, for teams that have lost once. */
  | 'LOSERS'
  /** The matches of groups, which count in a table. */
  | 'TABLE'
  /** The match for the third place. */
  | 'THIRD_PLACE'
  /** The bracket of teams that have not lost: a single elimination, or the winners' bracket of a double elimination. */
  | 'WINNERS';

/** The state of a stage. */
export type StageState =
  /** All matches are over. A corrected result can bring the stage back to RUNNING. */
  | 'COMPLETED'
  /** No match of the stage has begun. */
  | 'PLANNED'
  /** A match has begun, and not all matches are over. */
  | 'RUNNING';

/** The match to start. */
export type StartMatchInput = {
  /** The match to start. */
  matchId: string | number;
};

/** The tournament to start. */
export type StartTournamentInput = {
  /** The tournament. */
  tournamentId: string | number;
};

/** A substitution to record. */
export type SubstitutionInput = {
  /** The time on the match clock, if known. */
  clock?: MatchClockInput | null | undefined;
  /** The player who comes on. */
  player: MatchPlayerInput;
  /** The player who goes off, if known. Must not be the player who comes on. */
  replaced?: MatchPlayerInput | null | undefined;
  /** The team of both players. */
  side: Side;
};

/** A Swiss system. */
export type SwissInput = {
  /**
   * The number of rounds: 1 to 32. If absent: log2 of the number of entrants, rounded up, so that at most one team can win
   * all its matches.
   */
  rounds?: number | null | undefined;
};

/** A criterion that orders the teams of a table. HEAD_TO_HEAD criteria count only the matches between teams that are level. */
export type TableCriterion =
  /** The average score, without matches that the team won by walkover. */
  | 'AVERAGE_SCORE'
  /** Goals away from home. */
  | 'AWAY_GOALS'
  /** Matches won away from home. */
  | 'AWAY_WINS'
  /** The sum of the points of all opponents. An opponent met twice counts twice. */
  | 'BUCHHOLZ'
  /** Score for minus score against. */
  | 'DIFFERENCE'
  /** Fair-play points that an organizer or an administrator recorded. More is better. */
  | 'FAIR_PLAY'
  /** Score for the team: goals, points or sets. */
  | 'GOALS'
  /** Goals, points or sets for the team, divided by those against it. */
  | 'GOAL_AVERAGE'
  /** Goals away from home, head to head. */
  | 'HEAD_TO_HEAD_AWAY_GOALS'
  /** Score for minus score against, head to head. */
  | 'HEAD_TO_HEAD_DIFFERENCE'
  /** Score for, head to head. */
  | 'HEAD_TO_HEAD_GOALS'
  /** Matches lost, head to head: fewer is better. */
  | 'HEAD_TO_HEAD_LOSSES'
  /** Points, head to head. */
  | 'HEAD_TO_HEAD_POINTS'
  /** Points won in sets, divided by points lost, head to head. */
  | 'HEAD_TO_HEAD_POINT_QUOTIENT'
  /** Sets won divided by sets lost, head to head. */
  | 'HEAD_TO_HEAD_SET_QUOTIENT'
  /** Matches won, head to head. */
  | 'HEAD_TO_HEAD_WINS'
  /** Matches lost: fewer is better. */
  | 'LOSSES'
  /** The lots that were drawn or recorded. */
  | 'LOTS'
  /** The sum of the points of all opponents except the best and the worst. With fewer than three opponents: of all. */
  | 'MEDIAN_BUCHHOLZ'
  /** The sum of the score differences of all opponents. An opponent met twice counts twice. */
  | 'OPPONENTS_DIFFERENCE'
  /** The sum of the scores for all opponents. An opponent met twice counts twice. */
  | 'OPPONENTS_GOALS'
  /** Points in the table. */
  | 'POINTS'
  /** Points won in sets, divided by points lost. */
  | 'POINT_QUOTIENT'
  /** The ranking that an organizer or an administrator recorded. */
  | 'RANKING'
  /** Sets won divided by sets lost. */
  | 'SET_QUOTIENT'
  /** The shoot-out after the match of two teams, if no third team has the same points. */
  | 'SHOOTOUT'
  /** The points of beaten opponents, and half of the points of opponents after a draw. */
  | 'SONNEBORN_BERGER'
  /** Matches won. */
  | 'WINS'
  /** Matches won, divided by matches played. */
  | 'WIN_RATIO';

/** The rules of a table: a preset, and the changes to it. */
export type TableRulesInput = {
  /** When head-to-head criteria are applied again to fewer teams. If absent: as in the preset. */
  again?: HeadToHeadAgain | null | undefined;
  /** The criteria that order the teams, the first one first: 1 to 30. If absent: those of the preset. */
  criteria?: Array<TableCriterion> | null | undefined;
  /** The points for a match. If absent: those of the preset. */
  points?: PointsInput | null | undefined;
  /**
   * The name of a preset, such as `fifa-2018`. If absent: the preset of the tournament or, if it has none, the usual one
   * of the sport (for a Swiss stage: `swiss`).
   */
  preset?: string | null | undefined;
  /** What happens to the results of a team that leaves. If absent: as in the preset. */
  withdrawn?: WithdrawnResults | null | undefined;
};

/** The first places of all groups. */
export type TopOfGroupsInput = {
  /** How many of the best entrants on the next place. For example, `places: 2, best: 4` also takes the four best thirds. */
  best?: number;
  /** How many of the first places of each group go into the stage. */
  places: number;
  /** The number of the stage, from 1. */
  stage: number;
};

/** The state of a tournament. */
export type TournamentState =
  /** The tournament is over: later results do not change its tables. */
  | 'ARCHIVED'
  /** An organizer or an administrator cancelled the tournament before it was completed. */
  | 'CANCELLED'
  /**
   * Registration is closed. Teams check in until an organizer, an administrator or the deadline ends the check-in. Then
   * the draw follows.
   */
  | 'CHECK_IN'
  /** All matches are over. A corrected result can bring the tournament back to RUNNING. */
  | 'COMPLETED'
  /** The organizers prepare the tournament. Only they see it. */
  | 'DRAFT'
  /** Teams can enter. */
  | 'REGISTRATION'
  /** The tournament has started. */
  | 'RUNNING'
  /** Teams have their seeds, and the tournament has not started yet. */
  | 'SEEDED';

/** The kind of a user error. */
export type UserErrorCode =
  /**
   * The state of the object does not allow the change, the object has changed, or the client id was used for other
   * content.
   */
  | 'CONFLICT'
  /** The viewer may not do this. */
  | 'FORBIDDEN'
  /** The value is not acceptable. */
  | 'INVALID'
  /** The object does not exist, or the viewer may not know that it exists. */
  | 'NOT_FOUND'
  /** Another user already has this value, or the list has it twice. */
  | 'TAKEN';

/** What happens to the results of a team that leaves. */
export type WithdrawnResults =
  /** The results do not count. */
  | 'ANNUL'
  /**
   * The results do not count if the team has played less than half of its matches; walkovers are not played. Otherwise
   * they count.
   */
  | 'ANNUL_UNDER_HALF'
  /** The results count. Opponents win the other matches by walkover. */
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

export type RecordPlayOffMutationVariables = Exact<{
  input: RecordPlayOffInput;
}>;


export type RecordPlayOffMutation = { recordPlayOff: { tournament: { id: string, state: TournamentState } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

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

export type CorrectResultMutationVariables = Exact<{
  input: CorrectResultInput;
}>;


export type CorrectResultMutation = { correctResult: { match: { id: string, state: MatchState } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

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
    | { groups: Array<{ name: string, standings: Array<{ rank: number, played: number, won: number, drawn: number, lost: number, scoreFor: number, scoreAgainst: number, points: number, decidedBy: string | null, tied: boolean, team: { name: string } | null, deductions: Array<{ points: number, reason: string, madeAt: string }> }> }> }
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
export const RecordPlayOffDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RecordPlayOff"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RecordPlayOffInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recordPlayOff"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tournament"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<RecordPlayOffMutation, RecordPlayOffMutationVariables>;
export const DeleteTournamentDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DeleteTournament"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeleteTournamentInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deleteTournament"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deletedTournamentId"}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<DeleteTournamentMutation, DeleteTournamentMutationVariables>;
export const EnterTournamentDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"EnterTournament"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"EnterTournamentInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"enterTournament"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"entry"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<EnterTournamentMutation, EnterTournamentMutationVariables>;
export const RecordFinalScoreDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RecordFinalScore"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RecordFinalScoreInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recordFinalScore"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<RecordFinalScoreMutation, RecordFinalScoreMutationVariables>;
export const ConfirmResultDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ConfirmResult"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ConfirmResultInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"confirmResult"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<ConfirmResultMutation, ConfirmResultMutationVariables>;
export const AwardWalkoverDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AwardWalkover"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"AwardWalkoverInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"awardWalkover"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<AwardWalkoverMutation, AwardWalkoverMutationVariables>;
export const CorrectResultDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CorrectResult"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CorrectResultInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"correctResult"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<CorrectResultMutation, CorrectResultMutationVariables>;
export const TournamentStagesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"TournamentStages"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tournament"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"stages"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"16"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"format"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}}]}}]}}]} as unknown as DocumentNode<TournamentStagesQuery, TournamentStagesQueryVariables>;
export const StagePlanDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"StagePlan"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Stage"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"bracket"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slots"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"512"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"part"}},{"kind":"Field","name":{"kind":"Name","value":"round"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"rounds"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"part"}},{"kind":"Field","name":{"kind":"Name","value":"group"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}}]}},{"kind":"Field","name":{"kind":"Name","value":"matches"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"512"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"score"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"home"}},{"kind":"Field","name":{"kind":"Name","value":"away"}}]}},{"kind":"Field","name":{"kind":"Name","value":"homeTeam"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"awayTeam"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<StagePlanQuery, StagePlanQueryVariables>;
export const StageTablesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"StageTables"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Stage"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"groups"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"256"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"standings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rank"}},{"kind":"Field","name":{"kind":"Name","value":"team"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"played"}},{"kind":"Field","name":{"kind":"Name","value":"won"}},{"kind":"Field","name":{"kind":"Name","value":"drawn"}},{"kind":"Field","name":{"kind":"Name","value":"lost"}},{"kind":"Field","name":{"kind":"Name","value":"scoreFor"}},{"kind":"Field","name":{"kind":"Name","value":"scoreAgainst"}},{"kind":"Field","name":{"kind":"Name","value":"points"}},{"kind":"Field","name":{"kind":"Name","value":"decidedBy"}},{"kind":"Field","name":{"kind":"Name","value":"tied"}},{"kind":"Field","name":{"kind":"Name","value":"deductions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"points"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"madeAt"}}]}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<StageTablesQuery, StageTablesQueryVariables>;
export const TournamentEntriesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"TournamentEntries"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tournament"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"entries"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"team"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}}]} as unknown as DocumentNode<TournamentEntriesQuery, TournamentEntriesQueryVariables>;