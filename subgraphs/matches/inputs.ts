import { z } from 'zod';
import { cursorsOf } from '../../platform/graphql/connection.ts';
import { because, name, text } from '../../platform/graphql/input.ts';
import { sportInput } from '../../schema/sports.ts';
import { userError } from './reasons.ts';

const clientId = text(100);
const side = z.enum(['HOME', 'AWAY']);
const kickoffAt = z.date().min(new Date('1850-01-01T00:00:00Z')).max(new Date('2200-01-01T00:00:00Z'));
const int32 = z
  .int()
  .min(-(2 ** 31))
  .max(2 ** 31 - 1);

export const scheduleInput = z.object({
  clientId,
  sport: sportInput,
  homeTeamId: z.string(),
  awayTeamId: z.string(),
  kickoffAt,
  competition: name(100).nullish(),
  round: name(100).nullish(),
  group: name(100).nullish(),
  venue: name(200).nullish(),
  refereeId: z.string().nullish(),
});

/** Cursors of `Query.matches`. */
export const calendarCursors = cursorsOf(
  'Query.matches by kick-off, id',
  z.tuple([
    z.iso
      .datetime()
      .transform((at) => new Date(at))
      .pipe(kickoffAt),
    z.uuid(),
  ]),
);

const person = z.object({ name: name(100), userId: z.string().nullish() });
const player = person.nullish();
const clock = z.object({ minute: int32, stoppage: int32.nullish() }).nullish();

const event = {
  goal: z
    .object({
      side,
      kind: z.enum(['GOAL', 'OWN_GOAL', 'PENALTY']).default('GOAL'),
      points: int32.nullish(),
      player,
      assist: player,
      clock,
    })
    .nullish(),
  card: z.object({ side, card: z.enum(['YELLOW', 'SECOND_YELLOW', 'RED']), player, clock }).nullish(),
  period: z.object({ shootout: z.boolean().default(false) }).nullish(),
};
const nested = { ...event, substitution: z.object({ side, player: person, replaced: player, clock }).nullish() };
const given = (...values: unknown[]): number => values.filter((value) => value != null).length;
const EXACTLY_ONE = because(userError('NOT_EXACTLY_ONE', { fields: 'goal, card, period, substitution' }));

/** The input of `recordMatchEvent`. The event is in `event` or in one of the deprecated fields; `at` is its path. */
export const recordInput = z
  .object({
    matchId: z.string(),
    clientEventId: clientId,
    event: z
      .object(nested)
      .refine(({ goal, card, period, substitution }) => given(goal, card, period, substitution) === 1, EXACTLY_ONE)
      .nullish(),
    ...event,
  })
  .refine(
    ({ event: inside, goal, card, period }) => given(inside, goal, card, period) === 1,
    because(userError('NOT_EXACTLY_ONE', { fields: 'event, goal, card, period' })),
  )
  .transform(({ matchId, clientEventId, event: inside, goal, card, period }) => ({
    matchId,
    clientEventId,
    at: inside ? ['event'] : [],
    ...(inside ?? { goal, card, period, substitution: undefined }),
  }));
export type RecordInput = z.output<typeof recordInput>;

export const voidInput = z.object({
  matchId: z.string(),
  clientEventId: clientId,
  seq: int32,
  reason: text(500).nullish(),
});

const reason = text(500).nullish();
const whole = z.int().min(0).max(999);
const points = z.object({ home: whole, away: whole });
/** A complete score. The limit of periods is above the number of periods in any sport. */
const score = points
  .extend({ periods: z.array(points).max(50).default([]), shootout: points.nullish() })
  .transform(({ shootout, ...rest }) => ({ ...rest, shootout: shootout ?? null }));

/** The input of mutations that change the state of a match. */
export const moveInput = z.object({ matchId: z.string(), reason });

export const rescheduleInput = z.object({
  matchId: z.string(),
  kickoffAt,
  venue: name(200).nullish(),
  refereeId: z.string().nullish(),
});

export const walkoverInput = z.object({ matchId: z.string(), winner: side.nullish(), reason });
export const finalScoreInput = z.object({ matchId: z.string(), score });
export const confirmInput = z.object({
  matchId: z.string(),
  overrule: z.boolean().default(false),
  seenScore: points.extend({ shootout: points.nullish() }).nullish(),
});
export const protestInput = z.object({ matchId: z.string(), reason: text(2000, { lines: true }) });
export const correctInput = z.object({ matchId: z.string(), score, reason: text(500) });

const decision = {
  confirmed: z.literal(true).nullish(),
  newScore: score.nullish(),
  walkover: z.object({ winner: side.nullish() }).nullish(),
  replay: z.literal(true).nullish(),
};
export const decideInput = z.object({
  matchId: z.string(),
  answer: text(500).nullish(),
  decision: z
    .object(decision)
    .refine(
      ({ confirmed, newScore, walkover, replay }) => given(confirmed, newScore, walkover, replay) === 1,
      because(userError('NOT_EXACTLY_ONE', { fields: Object.keys(decision).join(', ') })),
    ),
});

const squadMember = person.extend({ number: z.int().min(0).max(999).nullish() });
export const lineupInput = z.object({
  matchId: z.string(),
  side,
  // At most 50 players, which is more than any sport permits.
  starters: z.array(squadMember).min(1).max(50),
  bench: z.array(squadMember).max(50).default([]),
});
