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

/** Of the calendar. */
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

export const matchInput = z.object({ matchId: z.string() });

const player = z.object({ name: name(100), userId: z.string().nullish() }).nullish();
const clock = z.object({ minute: int32, stoppage: int32.nullish() }).nullish();

const event = {
  goal: z
    .object({
      side,
      kind: z.enum(['GOAL', 'OWN_GOAL', 'PENALTY']).default('GOAL'),
      points: int32.nullish(),
      player,
      clock,
    })
    .nullish(),
  card: z.object({ side, card: z.enum(['YELLOW', 'SECOND_YELLOW', 'RED']), player, clock }).nullish(),
  period: z.object({ shootout: z.boolean().default(false) }).nullish(),
};
const given = (...values: unknown[]): number => values.filter((value) => value != null).length;
const EXACTLY_ONE = because(userError('NOT_EXACTLY_ONE', { fields: 'goal, card, period' }));

/** `at` is where the event is in the input: below `event`, or beside it in the deprecated fields. */
export const recordInput = z
  .object({
    matchId: z.string(),
    clientEventId: clientId,
    event: z
      .object(event)
      .refine(({ goal, card, period }) => given(goal, card, period) === 1, EXACTLY_ONE)
      .nullish(),
    ...event,
  })
  .refine(
    ({ event: nested, goal, card, period }) => given(nested, goal, card, period) === 1,
    because(userError('NOT_EXACTLY_ONE', { fields: 'event, goal, card, period' })),
  )
  .transform(({ matchId, clientEventId, event: nested, goal, card, period }) => ({
    matchId,
    clientEventId,
    at: nested ? ['event'] : [],
    ...(nested ?? { goal, card, period }),
  }));
export type RecordInput = z.output<typeof recordInput>;

export const voidInput = z.object({
  matchId: z.string(),
  clientEventId: clientId,
  seq: int32,
  reason: text(500).nullish(),
});
