import { z } from 'zod';
import { defineEvent, defineQueue, defineSnapshot, defineTopic, from } from '../../platform/messaging/definitions.ts';
import { rebuildJob } from '../../platform/messaging/rebuilds/projection.ts';

/**
 * The events of matches. The topic keeps them for ever, because ratings, statistics and tables are rebuilt from them.
 */
export const Matches = defineTopic({ name: 'matches.v1', partitions: 8, retentionHours: null, cleanup: 'delete' });

const side = z.object({ home: z.int().min(0), away: z.int().min(0) });

/**
 * The score: goals, points or sets won, without the kicks of a shoot-out. `periods[0]` is the score of the first period
 * alone. `shootout` is null when there was no shoot-out.
 */
export const matchScore = side.extend({ periods: z.array(side), shootout: side.nullable() });
export type MatchScore = z.infer<typeof matchScore>;

/** The time on the match clock. 45+2 is minute 45 with stoppage 2. `stoppage` is null outside of added time. */
const clock = z.object({ minute: z.int(), stoppage: z.int().nullable() });
const sideName = z.enum(['HOME', 'AWAY']);
/** The id of a `Player`, who may have no account. This topic is kept for ever, so it contains no names. */
const player = z.uuid();

export const matchState = z.enum([
  'SCHEDULED',
  'LINEUPS',
  'LIVE',
  'BREAK',
  'FINISHED',
  'CONFIRMED',
  'POSTPONED',
  'SUSPENDED',
  'ABANDONED',
  'WALKOVER',
  'CANCELLED',
]);
export type MatchState = z.infer<typeof matchState>;

/**
 * PLAYED: the sides played the score, or an organizer or an administrator corrected it later. AWARDED: an organizer or
 * an administrator set the score to decide a protest or to replace a walkover. WALKOVER: the sport's score for a match
 * that a side, or both sides, did not play or did not complete.
 */
const how = z.enum(['PLAYED', 'AWARDED', 'WALKOVER']);
/** The side that wins. NONE means that both sides lose. */
const winner = z.enum(['HOME', 'AWAY', 'NONE']);

const goal = z.object({
  kind: z.literal('GOAL'),
  /** The team that the goal counts for. */
  side: sideName,
  goal: z.enum(['GOAL', 'OWN_GOAL', 'PENALTY']),
  points: z.int(),
  /** The number of the period; null in the shoot-out. */
  period: z.int().nullable(),
  /** The scorer. The scorer of an own goal is a player of the other side. */
  player: player.nullable(),
  assist: player.nullable(),
  clock: clock.nullable(),
});
const card = z.object({
  kind: z.literal('CARD'),
  side: sideName,
  card: z.enum(['YELLOW', 'SECOND_YELLOW', 'RED']),
  player: player.nullable(),
  clock: clock.nullable(),
});
const substitution = z.object({
  kind: z.literal('SUBSTITUTION'),
  side: sideName,
  in: player,
  out: player.nullable(),
  period: z.int().nullable(),
  clock: clock.nullable(),
});
/** A player in the lineup of a match. `number` is the number on the shirt; null when it is not set. */
const inSquad = z.object({ player, number: z.int().nullable() });
const squad = z.object({ starters: z.array(inSquad), bench: z.array(inSquad) });
export type Squad = z.infer<typeof squad>;

/** The details of an event, by kind. */
export const matchEventDetail = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('STATE'), state: matchState, reason: z.string().nullable() }),
  /** The next period began. `period` is its number; null for the shoot-out. */
  z.object({ kind: z.literal('PERIOD'), period: z.int().nullable() }),
  goal,
  card,
  substitution,
  /** An event was voided and no longer counts. `voids` is its `seq`; `of` has its details, or null in version 1. */
  z.object({
    kind: z.literal('VOID'),
    voids: z.int(),
    reason: z.string().nullable(),
    of: z.discriminatedUnion('kind', [goal, card, substitution]).nullable(),
  }),
  /** The lineup of a side. It replaces the side's previous lineup. */
  squad.extend({ kind: z.literal('LINEUP'), side: sideName }),
  /**
   * The match has another time, place or referee, or joined a tournament. `kickoffIsEstimate`: the time is not final.
   */
  z.object({
    kind: z.literal('PLAN'),
    kickoffAt: z.iso.datetime(),
    kickoffIsEstimate: z.boolean(),
    venue: z.string().nullable(),
    refereeId: z.uuid().nullable(),
  }),
  /** The score was set as a whole: entered without events, decided or corrected. Earlier goals no longer change it. */
  z.object({
    kind: z.literal('RESULT'),
    how,
    winner: winner.nullable(),
    score: matchScore,
    reason: z.string().nullable(),
  }),
  /** One side confirmed the result. */
  z.object({ kind: z.literal('CONFIRMATION'), side: sideName }),
  /** One side protested. The topic does not contain its reason. */
  z.object({ kind: z.literal('PROTEST'), side: sideName }),
  /** The match will be replayed. Earlier events no longer count anywhere, and the score is 0:0 again. */
  z.object({ kind: z.literal('REPLAY'), reason: z.string().nullable() }),
]);
export type MatchEventDetail = z.infer<typeof matchEventDetail>;

/** The facts of a match as they are after an event. */
const facts = z.object({
  sport: z.string(),
  homeTeamId: z.uuid(),
  awayTeamId: z.uuid(),
  /** The tournament that the match belongs to; null for a friendly. */
  tournamentId: z.uuid().nullable(),
  kickoffAt: z.iso.datetime(),
  /**
   * Whether the time is not decided yet. Then `kickoffAt` is only the earliest expected time. Absent in events of older
   * programs.
   */
  kickoffIsEstimate: z.boolean().optional(),
  state: matchState,
  /** Whether the result counts in tables and brackets: the state is CONFIRMED or WALKOVER. */
  counts: z.boolean(),
  how,
  /** The winner, by the shoot-out if there was one. Null for a draw, and before the match has ended. */
  winner: winner.nullable(),
});
export type MatchFacts = z.infer<typeof facts>;

const playerV1 = z.object({ name: z.string(), userId: z.uuid().nullable() }).nullable();
const stateV1 = z.enum(['SCHEDULED', 'LIVE', 'BREAK', 'FINISHED', 'POSTPONED', 'CANCELLED']);

/** The details of an event of version 1. Unlike later versions, they have the names of players. */
const detailV1 = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('STATE'), state: stateV1 }),
  z.object({ kind: z.literal('PERIOD'), period: z.int().nullable() }),
  goal.omit({ assist: true }).extend({ player: playerV1 }),
  card.extend({ player: playerV1 }),
  z.object({ kind: z.literal('VOID'), voids: z.int(), reason: z.string().nullable() }),
]);

function upDetail(detail: z.infer<typeof detailV1>): MatchEventDetail {
  switch (detail.kind) {
    case 'STATE':
      return { ...detail, reason: null };
    case 'PERIOD':
      return detail;
    case 'GOAL':
      return { ...detail, player: null, assist: null };
    case 'CARD':
      return { ...detail, player: null };
    case 'VOID':
      return { ...detail, of: null };
  }
}

/** The scorer, or the player who got a card, in an event of version 1. Null for other events. */
export function playerOfV1(detail: unknown): { name: string; userId: string | null } | null {
  const read = detailV1.safeParse(detail).data;
  return read?.kind === 'GOAL' || read?.kind === 'CARD' ? read.player : null;
}

const recorded = z.object({ matchId: z.uuid(), eventId: z.uuid(), recordedAt: z.iso.datetime() });

/** An event of a match. The first event of a match is STATE, SCHEDULED, with `seq` 1. */
export const MatchEventRecorded = defineEvent({
  topic: Matches,
  type: 'MatchEventRecorded',
  version: 2,
  key: 'matchId',
  payload: recorded.extend({
    /** The match after this event. Null in events of version 1; a `MatchSnapshot` of the match has it. */
    match: facts.nullable(),
    detail: matchEventDetail,
    /** The score after this event. */
    score: matchScore,
  }),
  upcast: {
    1: from(recorded.extend({ detail: detailV1, score: matchScore }), ({ detail, ...event }) => ({
      ...event,
      match: null,
      detail: upDetail(detail),
    })),
  },
});

/**
 * Stands for a person who was not recorded, in {@link Deeds} of cards: the cards count for the team. A goal or an
 * assist without a player is in no deeds.
 */
export const UNRECORDED = '00000000-0000-0000-0000-000000000000';

/**
 * The goals, assists and cards of a player in a match; or, with {@link UNRECORDED}, the cards of a team whose players
 * were not recorded. Voided events and kicks of a shoot-out do not count.
 */
const deeds = z.object({
  player,
  side: sideName,
  goals: z.int(),
  /** How many of the goals are penalties. */
  penalties: z.int(),
  points: z.int(),
  ownGoals: z.int(),
  assists: z.int(),
  yellow: z.int(),
  secondYellow: z.int(),
  red: z.int(),
});
export type Deeds = z.infer<typeof deeds>;

const snapshotV1 = facts
  .pick({ sport: true, homeTeamId: true, awayTeamId: true, kickoffAt: true })
  .extend({ matchId: z.uuid(), state: stateV1, period: z.int().nullable(), score: matchScore });

/** The current state of a match. The events of the topic have its history. */
export const MatchSnapshot = defineSnapshot({
  topic: Matches,
  type: 'MatchSnapshot',
  version: 2,
  key: 'matchId',
  payload: facts.extend({
    matchId: z.uuid(),
    /** The current period; null before the first one and in the shoot-out. */
    period: z.int().nullable(),
    score: matchScore,
    lineups: z.object({ home: squad.nullable(), away: squad.nullable() }),
    /** The players who came on as substitutes, one entry for each time. */
    substitutes: z.array(z.object({ player, side: sideName })),
    players: z.array(deeds),
  }),
  upcast: {
    1: from(snapshotV1, (match) => ({
      ...match,
      tournamentId: null,
      counts: false,
      how: 'PLAYED' as const,
      winner: null,
      lineups: { home: null, away: null },
      substitutes: [],
      players: [],
    })),
  },
});

/** Long computations of matches. Each of them uses one CPU for seconds or minutes. */
export const MatchComputations = defineQueue({ name: 'match-computations', maxDeliveries: 5, retryDelayMs: 1000 });

/** Rebuilds ratings or statistics. */
export const RebuildMatches = rebuildJob(MatchComputations, 'RebuildMatches');
