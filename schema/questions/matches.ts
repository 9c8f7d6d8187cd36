import { z } from 'zod';
import { defineEntity, defineExistence, defineQuestion } from '../../platform/questions/definition.ts';

/** Asks by a player's global id whether the player exists. */
export const PlayerExists = defineExistence({ to: 'matches', type: 'Player' });

const matchAsFacts = z.object({
  sport: z.string(),
  state: z.string(),
  competition: z.string().nullable(),
  venue: z.string().nullable(),
  /** Global id. Null for a friendly. */
  tournamentId: z.string().nullable(),
  /** RFC 3339, UTC. */
  kickoffAt: z.string(),
  /** Names of the teams. */
  home: z.string(),
  away: z.string(),
  homeScore: z.int(),
  awayScore: z.int(),
  homeShootout: z.int().nullable(),
  awayShootout: z.int().nullable(),
  /** The goals and cards that count, in order. */
  deeds: z.array(
    z.object({
      kind: z.enum(['GOAL', 'OWN_GOAL', 'PENALTY', 'YELLOW', 'SECOND_YELLOW', 'RED']),
      /** The team that the goal counts for, or that got the card. */
      side: z.enum(['HOME', 'AWAY']),
      minute: z.int().nullable(),
      stoppage: z.int().nullable(),
      /** Names of players. */
      player: z.string().nullable(),
      assist: z.string().nullable(),
      points: z.int(),
    }),
  ),
});
/** The answer to {@link FactsOfMatch}. */
export type MatchAsFacts = z.output<typeof matchAsFacts>;

/** Asks by a match's global id what happened in it. Null when there is no such match. */
export const FactsOfMatch = defineQuestion({
  to: 'matches',
  field: 'matchesAsFacts',
  argument: 'ids',
  type: 'ID!',
  selection: `{ sport state competition venue tournamentId kickoffAt home away homeScore awayScore homeShootout
    awayShootout deeds { kind side minute stoppage player assist points } }`,
  item: z.string(),
  answer: matchAsFacts.nullable(),
});

/**
 * Asks by a match's global id for its teams, and whether the viewer may record its events. Null when there is no such
 * match.
 */
export const MatchAsViewer = defineQuestion({
  to: 'matches',
  field: 'matchesAsViewer',
  argument: 'ids',
  type: 'ID!',
  selection: '{ homeTeamId awayTeamId isOfficial }',
  item: z.string(),
  answer: z.object({ homeTeamId: z.string(), awayTeamId: z.string(), isOfficial: z.boolean() }).nullable(),
});

/**
 * Asks by a team's global id for the `Rating.ordinal` of the team in a sport. Null when no match of the team was rated.
 */
export const TeamRating = defineQuestion({
  to: 'matches',
  field: 'teamRatings',
  argument: 'of',
  type: 'TeamRatingInput!',
  item: z.object({ teamId: z.string(), sport: z.string() }),
  answer: z.number().nullable(),
});

/** Asks by a match's global id whether the match exists. */
export const MatchExists = defineExistence({ to: 'matches', type: 'Match' });

/** Asks by a player's global id for the player's name and team. */
export const PlayerName = defineEntity({
  to: 'matches',
  type: 'Player',
  selection: '{ name team { id } }',
  answer: z.object({ name: z.string(), team: z.object({ id: z.string() }).nullable() }),
});

const side = z.enum(['HOME', 'AWAY']);
const pair = z.object({ home: z.int(), away: z.int() });
const object = z.object({ id: z.string() });
const score = pair.extend({ shootout: pair.nullable() });
const matchLine = z.object({
  sport: z.string(),
  state: z.string(),
  homeTeam: object.nullable(),
  awayTeam: object.nullable(),
  kickoffAt: z.iso.datetime(),
  kickoffIsEstimate: z.boolean(),
  venue: z.string().nullable(),
  round: z.string().nullable(),
  score,
  result: z.object({ how: z.string(), winner: side.nullable(), counts: z.boolean() }).nullable(),
});
const LINE = `sport state homeTeam { id } awayTeam { id } kickoffAt kickoffIsEstimate venue round
  score { home away shootout { home away } } result { how winner counts }`;

/** Asks by a match's global id for its sides, its time and its result. */
export const MatchInList = defineEntity({ to: 'matches', type: 'Match', selection: `{ ${LINE} }`, answer: matchLine });
/** The answer to {@link MatchInList}. */
export type ListedMatch = z.output<typeof matchLine>;

const squad = z.array(z.object({ player: z.object({ name: z.string() }), number: z.int().nullable() }));
const lineup = z.object({ starters: squad, bench: squad }).nullable();
const SQUAD = '{ starters { player { name } number } bench { player { name } number } }';

/** Asks by a match's global id for everything except its events. */
export const MatchInFull = defineEntity({
  to: 'matches',
  type: 'Match',
  selection: `{ ${LINE} competition group lastSeq referee { id } homeLineup ${SQUAD} awayLineup ${SQUAD}
    sums: score { periods { home away } } }`,
  answer: matchLine.extend({
    competition: z.string().nullable(),
    group: z.string().nullable(),
    lastSeq: z.int(),
    referee: object.nullable(),
    homeLineup: lineup,
    awayLineup: lineup,
    sums: z.object({ periods: z.array(pair) }),
  }),
});

/** How many events of a match one question asks for at most. */
export const MATCH_EVENTS_AT_ONCE = 100;
const named = z.object({ name: z.string() }).nullable();
const clock = z.object({ minute: z.int(), stoppage: z.int().nullable() }).nullable();
const eventOf = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.object({ __typename: z.literal(type), seq: z.int(), score, ...shape });
const team = object.nullable();
const reason = z.string().nullable();
const period = z.int().nullable();
const matchEvent = z.union([
  eventOf('GoalScored', {
    kind: z.string(),
    team,
    player: named,
    assist: named,
    clock,
    period,
    points: z.int(),
    voided: z.boolean(),
  }),
  eventOf('CardShown', { card: z.string(), team, player: named, clock, voided: z.boolean() }),
  eventOf('PlayerSubstituted', { team, player: named, replaced: named, clock, voided: z.boolean() }),
  eventOf('PeriodStarted', { period }),
  eventOf('MatchStateChanged', { state: z.string(), reason }),
  eventOf('ResultSet', { how: z.string(), reason }),
  eventOf('ReplayOrdered', { reason }),
  // Events that no report shows.
  z.object({ __typename: z.string(), seq: z.int(), score }),
]);
/** An event in the answer to {@link matchEventsAfter}. */
export type AskedMatchEvent = z.output<typeof matchEvent>;

/** Asks by a match's global id for the first 100 events after `afterSeq`. */
export const matchEventsAfter = (afterSeq: number) =>
  defineEntity({
    to: 'matches',
    type: 'Match',
    selection: `{ events(first: ${MATCH_EVENTS_AT_ONCE}, afterSeq: ${afterSeq}) {
      __typename seq score { home away shootout { home away } }
      ... on GoalScored { kind team { id } player { name } assist { name } clock { minute stoppage } period points voided }
      ... on CardShown { card team { id } player { name } clock { minute stoppage } voided }
      ... on PlayerSubstituted { team { id } player { name } replaced { name } clock { minute stoppage } voided }
      ... on PeriodStarted { period }
      ... on MatchStateChanged { state reason }
      ... on ResultSet { how reason }
      ... on ReplayOrdered { reason }
    } }`,
    answer: z.object({ events: z.array(matchEvent) }),
  });

const count = z.int();
/**
 * Asks for the season of a team or a player: sums, and the global ids of the matches. Only matches count that kicked
 * off from `from` on and before `to`, and whose results count.
 */
export const SeasonOf = defineQuestion({
  to: 'matches',
  field: 'seasons',
  argument: 'of',
  type: 'SeasonInput!',
  selection: `{ matchIds isCut team { played won drawn lost scored conceded }
    players { player { name } statistics { played goals penalties points ownGoals assists yellow secondYellow red } } }`,
  item: z.object({ subjectId: z.string(), sport: z.string(), from: z.string(), to: z.string() }),
  answer: z.object({
    matchIds: z.array(z.string()),
    isCut: z.boolean(),
    team: z.object({ played: count, won: count, drawn: count, lost: count, scored: count, conceded: count }).nullable(),
    players: z.array(
      z.object({
        player: z.object({ name: z.string() }),
        statistics: z.object({
          played: count,
          goals: count,
          penalties: count,
          points: count,
          ownGoals: count,
          assists: count,
          yellow: count,
          secondYellow: count,
          red: count,
        }),
      }),
    ),
  }),
});
