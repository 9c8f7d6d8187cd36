import { z } from 'zod';
import { defineEvent, defineSnapshot, defineTopic, from } from '../../platform/messaging/definitions.ts';

/** The events of matches. Kept for ever, because statistics are rebuilt from them. */
export const Matches = defineTopic({ name: 'matches.v1', partitions: 8, retentionHours: null, cleanup: 'delete' });

const side = z.object({ home: z.int().min(0), away: z.int().min(0) });

/** Goals, points or sets won; the shoot-out is separate. `periods[0]` is the score of the first period alone. */
export const matchScore = side.extend({ periods: z.array(side), shootout: side.nullable() });
export type MatchScore = z.infer<typeof matchScore>;

/** The minute on the match clock: 45+2 is minute 45, stoppage 2. */
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
 * AWARDED: the organizer set the score and replaced the played one. WALKOVER: the sport's score for a match that one side
 * did not play.
 */
const how = z.enum(['PLAYED', 'AWARDED', 'WALKOVER']);
/** NONE: both sides lose. */
const winner = z.enum(['HOME', 'AWAY', 'NONE']);

const goal = z.object({
  kind: z.literal('GOAL'),
  /** The team it counts for. */
  side: sideName,
  goal: z.enum(['GOAL', 'OWN_GOAL', 'PENALTY']),
  points: z.int(),
  /** Null in the shoot-out. */
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
/** `number` is the number on the shirt; null when it is not set. */
const inSquad = z.object({ player, number: z.int().nullable() });
const squad = z.object({ starters: z.array(inSquad), bench: z.array(inSquad) });
export type Squad = z.infer<typeof squad>;

/** The details of an event, by kind. */
export const matchEventDetail = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('STATE'), state: matchState, reason: z.string().nullable() }),
  /** `period` is null for the shoot-out. */
  z.object({ kind: z.literal('PERIOD'), period: z.int().nullable() }),
  goal,
  card,
  substitution,
  /** `of`: the voided event, which no longer counts; null in events of version 1. */
  z.object({
    kind: z.literal('VOID'),
    voids: z.int(),
    reason: z.string().nullable(),
    of: z.discriminatedUnion('kind', [goal, card, substitution]).nullable(),
  }),
  /** The lineup of a side. It replaces the side's previous lineup. */
  squad.extend({ kind: z.literal('LINEUP'), side: sideName }),
  /** Another time, place or referee. If the time is an estimate, a later event has the final one. */
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

/** A match after an event. */
const facts = z.object({
  sport: z.string(),
  homeTeamId: z.uuid(),
  awayTeamId: z.uuid(),
  /** Null for a friendly. */
  tournamentId: z.uuid().nullable(),
  kickoffAt: z.iso.datetime(),
  state: matchState,
  /** Whether the result counts in tables, brackets and ratings: it is CONFIRMED, a WALKOVER or decided. */
  counts: z.boolean(),
  how,
  /** Null for a draw, and before a side has won. A shoot-out has a winner; its kicks are not in the score. */
  winner: winner.nullable(),
});
export type MatchFacts = z.infer<typeof facts>;

const playerV1 = z.object({ name: z.string(), userId: z.uuid().nullable() }).nullable();
const stateV1 = z.enum(['SCHEDULED', 'LIVE', 'BREAK', 'FINISHED', 'POSTPONED', 'CANCELLED']);

/** The details in version 1. They contain names of persons, and rows of version 1 still do. */
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

/** The scorer, or the player who got a card, in a row of version 1. */
export function playerOfV1(detail: unknown): { name: string; userId: string | null } | null {
  const read = detailV1.safeParse(detail).data;
  return read?.kind === 'GOAL' || read?.kind === 'CARD' ? read.player : null;
}

const recorded = z.object({ matchId: z.uuid(), eventId: z.uuid(), recordedAt: z.iso.datetime() });

/** One record of a match, in the order of `seq`. The first record of every match is STATE, SCHEDULED with `seq` 1. */
export const MatchEventRecorded = defineEvent({
  topic: Matches,
  type: 'MatchEventRecorded',
  version: 2,
  key: 'matchId',
  payload: recorded.extend({
    /** The match after this event; null in events of version 1. `MatchSnapshot` has it for them. */
    match: facts.nullable(),
    detail: matchEventDetail,
    /** After this event. */
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

/** The deeds of a player in a match, without voided events. */
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

/** The current state of a match. Its events are kept for ever and contain its history. */
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
