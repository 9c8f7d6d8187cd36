import { z } from 'zod';
import { digestOf } from '../../platform/postgres/digest.ts';
import type { Prisma } from './generated/prisma/client.ts';
import type { Assignment, MatchToPlan, Pitch, ScheduleInput } from './schedule/input.ts';
import { windowsOf } from './schedule/local-time.ts';
import { hoursOf } from './schedule-inputs.ts';

type Tx = Prisma.TransactionClient;

/** The choices of an organizer for one schedule, stored with the run. */
export const settings = z.object({
  matchMinutes: z.int(),
  pauseMinutes: z.int(),
  restMinutes: z.int(),
  /** No match that a run may move begins before this time, in milliseconds since 1970. */
  notBefore: z.int(),
  /** Whether a run leaves the matches that already have a time where they are. */
  keepPlanned: z.boolean(),
  /** Users, with the entries that they belong to. */
  referees: z.array(z.object({ userId: z.uuid(), entryIds: z.array(z.uuid()) })),
});
export type Settings = z.output<typeof settings>;

/** The settings for a time that is set by hand before any schedule was applied. */
export const NO_SETTINGS: Settings = {
  matchMinutes: 60,
  pauseMinutes: 0,
  restMinutes: 0,
  notBefore: 0,
  keepPlanned: true,
  referees: [],
};

/** Slots in these states need no pitch: at most one side is there, or the second final is not needed. */
const WITHOUT_MATCH = new Set(['WALKED_OVER', 'EMPTY', 'NOT_NEEDED']);

/** A match in one of these states has not begun, so it can be moved. */
const MOVABLE = new Set(['PLANNED', 'SCHEDULED', 'LINEUPS', 'POSTPONED']);

/** A match in one of these states will not be played, so it needs no pitch. */
const NOT_PLAYED = new Set(['FORFEITED', 'WALKOVER', 'CANCELLED']);

/** The source of a side, as the column of a slot stores it. */
const source = z.object({
  kind: z.string(),
  slot: z.string().optional(),
  stage: z.int().optional(),
  group: z.int().nullable().optional(),
  groups: z.array(z.int()).nullable().optional(),
});

const WITH_PLAN = {
  stages: { orderBy: { number: 'asc' }, include: { slots: { orderBy: { key: 'asc' }, include: { results: true } } } },
  venues: { orderBy: { id: 'asc' }, include: { pitches: { orderBy: { id: 'asc' } } } },
} as const satisfies Prisma.TournamentInclude;
type Planned = Prisma.TournamentGetPayload<{ include: typeof WITH_PLAN }>;
type StagePlan = Planned['stages'][number];
type PlannedSlot = StagePlan['slots'][number];

/** The input for the scheduler, and what the services need besides it. A match of the input has the id of its slot. */
export interface Timetable {
  readonly tournament: Planned;
  readonly input: ScheduleInput;
  /** The times that slots have now. */
  readonly now: Assignment;
  readonly slots: ReadonlyMap<string, PlannedSlot>;
  /** SHA-256 of the input. A schedule whose run had another digest must not be applied. */
  readonly digest: string;
  /** Whether the slot is decided or its match has begun. Then the match cannot be moved. */
  hasBegun(slotId: string): boolean;
}

export async function timetableOf(tx: Tx, tournamentId: string, chosen: Settings): Promise<Timetable> {
  const tournament = await tx.tournament.findUniqueOrThrow({ where: { id: tournamentId }, include: WITH_PLAN });
  const matches = tournament.stages.flatMap((stage) => matchesOf(tournament.stages, stage, chosen));
  const input: ScheduleInput = {
    matches,
    pitches: pitchesOf(tournament, chosen.notBefore),
    referees: chosen.referees.map(({ userId, entryIds }) => ({ id: userId, entries: entryIds, windows: null })),
    startsAt: chosen.notBefore,
    pauseMinutes: chosen.pauseMinutes,
    restMinutes: chosen.restMinutes,
    stepMinutes: 5,
  };
  const slots = new Map(tournament.stages.flatMap((stage) => stage.slots.map((slot) => [slot.id, slot] as const)));
  const now = matches.flatMap(({ id }) => {
    const slot = slots.get(id);
    return slot?.kickoffAt ? [[id, placeOf(slot, slot.kickoffAt)] as const] : [];
  });
  const digest = digestOf(input);
  const begun = (slotId: string): boolean => {
    const slot = slots.get(slotId);
    return slot !== undefined && hasBegun(slot);
  };
  return { tournament, input, now: new Map(now), slots, digest, hasBegun: begun };
}

function matchesOf(stages: readonly StagePlan[], stage: StagePlan, chosen: Settings): MatchToPlan[] {
  return stage.slots
    .filter(isPlayed)
    .map((slot) => ({
      id: slot.id,
      sequence: [stage.number, slot.bracket, slot.group ?? ''].join('/'),
      round: slot.round,
      home: slot.homeEntryId,
      away: slot.awayEntryId,
      after: [...new Set([...firstLegs(stage, slot), ...deciders(stages, stage, slot)])],
      minutes: chosen.matchMinutes,
      notBefore: null,
      notAfter: null,
      fixed: isFixed(slot, chosen) && slot.kickoffAt ? placeOf(slot, slot.kickoffAt) : null,
    }));
}

/** Whether the slot needs time on a pitch. A slot that has begun or was decided without a time does not. */
const isPlayed = (slot: PlannedSlot): boolean =>
  !WITHOUT_MATCH.has(slot.state) &&
  !NOT_PLAYED.has(stateOf(slot) ?? '') &&
  !(hasBegun(slot) && slot.kickoffAt === null);

const stateOf = ({ matchId, results }: PlannedSlot): string | undefined =>
  results.find((result) => result.matchId === matchId)?.state;

const hasBegun = (slot: PlannedSlot): boolean => slot.state === 'DECIDED' || !MOVABLE.has(stateOf(slot) ?? 'PLANNED');

const isFixed = (slot: PlannedSlot, { keepPlanned }: Settings): boolean =>
  keepPlanned || slot.kickoffIsFixed || hasBegun(slot);

const placeOf = ({ pitchId, refereeId }: PlannedSlot, kickoffAt: Date) => ({
  start: kickoffAt.getTime(),
  pitch: pitchId,
  referee: refereeId,
});

/** For a second leg: the id of its first leg, which must be played before. Empty for other slots. */
const firstLegs = (stage: StagePlan, { leg, key }: PlannedSlot): string[] =>
  leg === 2 ? stage.slots.filter((other) => other.key === `${key}-A` && isPlayed(other)).map(({ id }) => id) : [];

/** The slots whose results decide the sides of this slot that are not known yet. */
function deciders(stages: readonly StagePlan[], stage: StagePlan, slot: PlannedSlot): string[] {
  return [slot.homeEntryId === null && slot.home, slot.awayEntryId === null && slot.away]
    .map((given) => source.safeParse(given).data)
    .flatMap((from) => {
      if (!from) return [];
      if (from.slot !== undefined) return stage.slots.filter(({ key }) => key === from.slot);
      if (from.stage === undefined) return [];
      const groups = from.group == null ? from.groups : [from.group];
      const earlier = stages.find(({ number }) => number === from.stage)?.slots ?? [];
      return groups ? earlier.filter(({ group }) => group !== null && groups.includes(group)) : earlier;
    })
    .filter((other) => other.id !== slot.id && isPlayed(other))
    .map(({ id }) => id);
}

/** The pitches, with the opening hours that end after `notBefore`. */
function pitchesOf({ venues, timeZone }: Planned, notBefore: number): Pitch[] {
  return venues.flatMap((venue) =>
    venue.pitches.map((pitch) => ({
      id: pitch.id,
      venue: venue.id,
      windows: hoursOf
        .parse(pitch.hours)
        .flatMap((hours) => windowsOf({ ...hours, weekdays: hours.weekdays ?? null }, venue.timeZone ?? timeZone))
        .filter(({ to }) => to > notBefore),
    })),
  );
}
