import { z } from 'zod';
import { defineEntity, defineExistence, defineQuestion, defineWhich } from '../../platform/questions/definition.ts';

const tournamentAsFacts = z.object({
  name: z.string(),
  /** A value of `TournamentState`. */
  state: z.string(),
  description: z.string().nullable(),
  sport: z.string(),
  city: z.string().nullable(),
  /** An IANA name, such as Europe/Berlin. */
  timeZone: z.string(),
  /** RFC 3339, UTC. */
  startsAt: z.string(),
  registrationClosesAt: z.string().nullable(),
  minTeams: z.int(),
  maxTeams: z.int(),
  /** In years. Null: no limit. */
  minAge: z.int().nullable(),
  maxAge: z.int().nullable(),
  /** Names of places. */
  venues: z.array(z.string()),
});
/** The answer to {@link FactsOfTournament}. */
export type TournamentAsFacts = z.output<typeof tournamentAsFacts>;

/**
 * Asks by a tournament's global id what an announcement says about it. Null when there is no such tournament, or the
 * viewer may not see it.
 */
export const FactsOfTournament = defineQuestion({
  to: 'tournaments',
  field: 'tournamentsAsFacts',
  argument: 'ids',
  type: 'ID!',
  selection: `{ name state description sport city timeZone startsAt registrationClosesAt minTeams maxTeams minAge maxAge
    venues }`,
  item: z.string(),
  answer: tournamentAsFacts.nullable(),
});

/** Asks by a tournament's global id whether the viewer organizes the tournament now. */
export const ViewerOrganizes = defineWhich({ to: 'tournaments', field: 'tournamentsOfOrganizer', argument: 'among' });
/** Asks by a tournament's global id whether the tournament exists and the viewer may see it. */
export const TournamentExists = defineExistence({ to: 'tournaments', type: 'Tournament' });

const object = z.object({ id: z.string() });
const rank = z.int();

/**
 * Asks by a tournament's global id for the tournament, its stages and its awards. Null if the viewer may not see it.
 */
export const TournamentInFull = defineEntity({
  to: 'tournaments',
  type: 'Tournament',
  selection: `{ name sport state city startsAt registration { teamCount } organizers(first: 20) { id }
    stages(first: 16) { id name format state }
    topScorers(first: 50) { rank player { id } team { id } goals points }
    topAssists(first: 50) { rank player { id } team { id } assists }
    fairPlay(first: 100) { rank team { id } points yellow secondYellow red }
    bestPlayer { id } }`,
  answer: z.object({
    name: z.string(),
    sport: z.string(),
    state: z.string(),
    city: z.string().nullable(),
    startsAt: z.iso.datetime(),
    registration: z.object({ teamCount: z.int() }),
    organizers: z.array(object.nullable()),
    stages: z.array(z.object({ id: z.string(), name: z.string(), format: z.string(), state: z.string() })),
    topScorers: z.array(
      z.object({ rank, player: object.nullable(), team: object.nullable(), goals: z.int(), points: z.int() }),
    ),
    topAssists: z.array(z.object({ rank, player: object.nullable(), team: object.nullable(), assists: z.int() })),
    fairPlay: z.array(
      z.object({
        rank,
        team: object.nullable(),
        points: z.int(),
        yellow: z.int(),
        secondYellow: z.int(),
        red: z.int(),
      }),
    ),
    bestPlayer: object.nullable(),
  }),
});

const bracketSide = z.object({
  entry: z.object({ id: z.string(), seed: z.int().nullable() }).nullable(),
  team: object.nullable(),
  label: z.string().nullable(),
  score: z.int().nullable(),
  shootout: z.int().nullable(),
  won: z.boolean().nullable(),
});
const slot = z.object({
  id: z.string(),
  part: z.string(),
  round: z.int(),
  position: z.int(),
  leg: z.int().nullable(),
  state: z.string(),
  home: bracketSide,
  away: bracketSide,
  winnerTo: z.string().nullable(),
});
/** A slot in the answer to {@link StageInFull}. */
export type AskedSlot = z.output<typeof slot>;

const SIDE = '{ entry { id seed } team { id } label score shootout won }';

/** Asks by a stage's global id for its rounds with the ids of their matches, its groups, and its bracket. */
export const StageInFull = defineEntity({
  to: 'tournaments',
  type: 'Stage',
  selection: `{ groups(first: 64) { id name } rounds { name part number group { id } matches(first: 512) { id } }
    bracket { slots(first: 2048) { id part round position leg state home ${SIDE} away ${SIDE} winnerTo } } }`,
  answer: z.object({
    groups: z.array(z.object({ id: z.string(), name: z.string() })),
    rounds: z.array(
      z.object({
        name: z.string(),
        part: z.string(),
        number: z.int(),
        group: object.nullable(),
        matches: z.array(object.nullable()),
      }),
    ),
    bracket: z.object({ slots: z.array(slot) }).nullable(),
  }),
});

/** Asks by a group's global id for its table. */
export const GroupTable = defineEntity({
  to: 'tournaments',
  type: 'Group',
  selection: `{ standings { rank team { id } played won drawn lost scoreFor scoreAgainst points decidedBy tied provisional
    deductions { points reason madeAt } } }`,
  answer: z.object({
    standings: z.array(
      z.object({
        rank,
        team: object.nullable(),
        played: z.int(),
        won: z.int(),
        drawn: z.int(),
        lost: z.int(),
        scoreFor: z.int(),
        scoreAgainst: z.int(),
        points: z.int(),
        decidedBy: z.string().nullable(),
        tied: z.boolean(),
        provisional: z.boolean(),
        deductions: z.array(z.object({ points: z.int(), reason: z.string(), madeAt: z.iso.datetime() })),
      }),
    ),
  }),
});
