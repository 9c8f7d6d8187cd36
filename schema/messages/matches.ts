import { z } from 'zod';
import { defineEvent, defineSnapshot, defineTopic } from '../../platform/messaging/definitions.ts';

/** What happens in matches. Kept for ever: statistics are rebuilt from it. */
export const Matches = defineTopic({ name: 'matches.v1', partitions: 8, retentionHours: null, cleanup: 'delete' });

const side = z.object({ home: z.int().min(0), away: z.int().min(0) });

/** Goals, points or sets won; the shoot-out stands apart. `periods[0]` is the first period's share. */
export const matchScore = side.extend({ periods: z.array(side), shootout: side.nullable() });
export type MatchScore = z.infer<typeof matchScore>;

const player = z.object({ name: z.string(), userId: z.uuid().nullable() });
/** The minute as the game counts it: 45+2 is minute 45, stoppage 2. */
const clock = z.object({ minute: z.int(), stoppage: z.int().nullable() });
const sideName = z.enum(['HOME', 'AWAY']);

const state = z.enum(['SCHEDULED', 'LIVE', 'BREAK', 'FINISHED', 'POSTPONED', 'CANCELLED']);

/** What happened, by kind. `period` is null in the shoot-out. */
export const matchEventDetail = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('STATE'), state }),
  z.object({ kind: z.literal('PERIOD'), period: z.int().nullable() }),
  z.object({
    kind: z.literal('GOAL'),
    /** The team it counts for. */
    side: sideName,
    goal: z.enum(['GOAL', 'OWN_GOAL', 'PENALTY']),
    points: z.int(),
    period: z.int().nullable(),
    player: player.nullable(),
    clock: clock.nullable(),
  }),
  z.object({
    kind: z.literal('CARD'),
    side: sideName,
    card: z.enum(['YELLOW', 'SECOND_YELLOW', 'RED']),
    player: player.nullable(),
    clock: clock.nullable(),
  }),
  z.object({ kind: z.literal('VOID'), voids: z.int(), reason: z.string().nullable() }),
]);
export type MatchEventDetail = z.infer<typeof matchEventDetail>;

/** One record of a match, in the order of `seq`. A scheduled match is its first record: STATE, SCHEDULED, `seq` 1. */
export const MatchEventRecorded = defineEvent({
  topic: Matches,
  type: 'MatchEventRecorded',
  version: 1,
  key: 'matchId',
  payload: z.object({
    matchId: z.uuid(),
    eventId: z.uuid(),
    recordedAt: z.iso.datetime(),
    detail: matchEventDetail,
    score: matchScore,
  }),
});

/** A match as it is. What happened in it is in its events, which are kept for ever. */
export const MatchSnapshot = defineSnapshot({
  topic: Matches,
  type: 'MatchSnapshot',
  version: 1,
  key: 'matchId',
  payload: z.object({
    matchId: z.uuid(),
    sport: z.string(),
    homeTeamId: z.uuid(),
    awayTeamId: z.uuid(),
    kickoffAt: z.iso.datetime(),
    state,
    /** The period that is played; null before the first one and in the shoot-out. */
    period: z.int().nullable(),
    score: matchScore,
  }),
});
