import { createHash } from 'node:crypto';
import { z } from 'zod';
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
  /** Milliseconds since 1970. */
  notBefore: z.int(),
  /** Whether matches that have a time keep it. */
  keepPlanned: z.boolean(),
  /** Users, with the entries that they belong to. */
  referees: z.array(z.object({ userId: z.uuid(), entryIds: z.array(z.uuid()) })),
});
export type Settings = z.output<typeof settings>;

/** Before the first schedule of a tournament. */
export const NO_SETTINGS: Settings = {
  matchMinutes: 60,
  pauseMinutes: 0,
  restMinutes: 0,
  notBefore: 0,
  keepPlanned: true,
  referees: [],
};

/** Slots in these states have no match: nobody comes, or one side has nobody to play. */
const WITHOUT_MATCH = new Set(['WALKED_OVER', 'EMPTY', 'NOT_NEEDED']);

/** A match in one of these states has not begun, so it can be moved. */
const MOVABLE = new Set(['PLANNED', 'SCHEDULED', 'LINEUPS', 'POSTPONED']);

/** A match in one of these states is not played: nobody needs its pitch. */
const NOT_PLAYED = new Set(['FORFEITED', 'WALKOVER', 'CANCELLED']);

/** The source of a side, as the plan of a stage names it. */
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

/** The matches, pitches and referees of a tournament as the scheduler takes them. A match has the id of its slot. */
export interface Timetable {
  readonly tournament: Planned;
  readonly input: ScheduleInput;
  /** The times that slots have now. */
  readonly now: Assignment;
  readonly slots: ReadonlyMap<string, PlannedSlot>;
  /** SHA-256 of the input: a schedule belongs to one input. */
  readonly digest: string;
  /** Whether the slot's match is being played, or was: it cannot be moved. */
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
  const digest = createHash('sha256').update(JSON.stringify(input)).digest('hex');
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

/** A slot without a match, or decided without a time, is in nobody's way. */
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

/** The second leg is played behind the first. */
const firstLegs = (stage: StagePlan, { leg, key }: PlannedSlot): string[] =>
  leg === 2 ? stage.slots.filter((other) => other.key === `${key}-A` && isPlayed(other)).map(({ id }) => id) : [];

/** The slots whose results decide who plays, of sides that are not known yet. */
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

/** Pitches with the windows that are not over. */
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
