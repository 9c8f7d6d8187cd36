import { Inject, Injectable } from '@nestjs/common';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import { type Principal, requireUser } from '../../platform/identity/principal.ts';
import { OUTBOX } from '../../platform/injection/tokens.ts';
import type { Emit, Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { MatchReplanned } from '../../schema/messages/tournaments.ts';
import { type Prisma, PrismaClient, type ScheduleRun, type Tournament } from './generated/prisma/client.ts';
import type { PlannedSlot } from './plan.service.ts';
import { placeOf } from './planned-matches.ts';
import { userError } from './reasons.ts';
import { append, happened, lockAsOrganizer, requireNotOver, WHOLE_STAGE } from './record.ts';
import type { Place } from './schedule/input.ts';
import { type Violation, violations } from './schedule/violations.ts';
import { kickoffInput, runInput } from './schedule-inputs.ts';
import { placesIn } from './schedule-result.ts';
import { lockRun } from './schedule-runs.service.ts';
import { NO_SETTINGS, type Timetable, settings, timetableOf } from './timetable.ts';

type Tx = Prisma.TransactionClient;

/** Rules that a time set by hand may break. The organizer gets a warning. */
const WARNINGS = new Set<Violation['rule']>(['ROUND_ORDER', 'TOO_EARLY', 'DATES']);

/** Rules that do not apply to a time set by hand: such a match needs neither a pitch nor a referee. */
const LEFT_OUT = new Set<Violation['rule']>(['NO_PITCH', 'NO_REFEREE']);

/** Gives slots their times, pitches and referees, and emits the changes of matches. */
@Injectable()
export class KickoffsService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
  ) {}

  /**
   * Applies the schedule of a run, once. Organizers and administrators may do this. A match for which the run found no
   * place loses its time.
   * @throws UserErrors, CONFLICT unless the run is done, and when the plan, the results or the pitches have changed
   *   since it was requested
   */
  async apply(viewer: Principal, input: unknown): Promise<ScheduleRun> {
    requireUser(viewer);
    const { runId } = parseInput(runInput, input);
    return this.outbox.transaction(
      this.prisma,
      async (tx, emit) => {
        const { run, tournament } = await lockRun(tx, viewer, runId);
        if (run.state !== 'DONE') throw userError('SCHEDULE_RUN_STATE', { state: run.state }, 'runId');
        if (run.appliedAt) return run;
        requireNotOver(tournament, 'runId');
        const timetable = await timetableOf(tx, tournament.id, settings.parse(run.settings));
        if (timetable.digest !== run.digest) throw userError('PLAN_CHANGED', 'runId');
        const places = new Map(placesIn(run.places).map(({ slotId, ...place }) => [slotId, place]));
        const moved = timetable.input.matches
          .filter(({ id, fixed }) => !fixed && !isSame(timetable.now.get(id), places.get(id)))
          .map(({ id }) => ({ id, place: places.get(id) ?? null }));
        await write(tx, emit, tournament, timetable, moved, false);
        return tx.scheduleRun.update({ where: { id: run.id }, data: { appliedAt: new Date() } });
      },
      WHOLE_STAGE,
    );
  }

  /**
   * Sets the time, pitch and referee of one slot by hand. Organizers and administrators may do this. Later schedules do
   * not move the match.
   * @returns the slot, and the rules that the time breaks and may break
   * @throws UserErrors, CONFLICT for each rule that the time must not break, and if the match has begun, has a result
   *   or will not be played
   */
  async set(viewer: Principal, input: unknown): Promise<{ slot: PlannedSlot; warnings: Violation[] }> {
    requireUser(viewer);
    const { slotId, matchId, kickoffAt, pitchId, refereeId } = parseInput(kickoffInput, input);
    const field = slotId == null ? 'matchId' : 'slotId';
    const id = slotId == null ? fromGlobalId('Match', matchId ?? '') : fromGlobalId('BracketSlot', slotId);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const found = id
        ? await tx.slot.findFirst({ where: slotId == null ? { matchId: id } : { id }, include: { stage: true } })
        : null;
      if (!found) throw userError('SLOT_NOT_FOUND', field);
      const tournament = await lockAsOrganizer(tx, viewer, toGlobalId('Tournament', found.stage.tournamentId), field);
      requireNotOver(tournament, field);
      const last = await tx.scheduleRun.findFirst({
        where: { tournamentId: tournament.id, appliedAt: { not: null } },
        orderBy: { appliedAt: 'desc' },
      });
      const chosen = last ? settings.parse(last.settings) : NO_SETTINGS;
      const timetable = await timetableOf(tx, tournament.id, { ...chosen, keepPlanned: false });
      const match = timetable.input.matches.find((one) => one.id === found.id);
      if (!match || timetable.hasBegun(found.id)) throw userError('SLOT_HAS_BEGUN', field);
      const pitch = pitchId == null ? null : fromGlobalId('Pitch', pitchId);
      if (pitchId != null && !timetable.input.pitches.some((one) => one.id === pitch))
        throw userError('PITCH_NOT_FOUND', 'pitchId');
      const referee = refereeId == null ? null : fromGlobalId('User', refereeId);
      if (refereeId != null && !referee) throw userError('USER_NOT_FOUND', 'refereeId');
      const place: Place = { start: kickoffAt.getTime(), pitch, referee };
      const broken = brokenBy(timetable, found.id, place);
      const hard = broken.filter((one) => !isWarning(one));
      if (hard.length > 0) throw new UserErrors(hard.flatMap((one) => errorOf(one).errors));
      await write(tx, emit, tournament, timetable, [{ id: found.id, place }], true);
      const where = { id: found.id };
      const slot = await tx.slot.findUniqueOrThrow({ where, include: { results: { where: { annulled: false } } } });
      return { slot, warnings: broken };
    });
  }
}

/** The rules that a slot would break at this place, if all other slots stay at theirs. */
function brokenBy({ input, now }: Timetable, id: string, place: Place): Violation[] {
  const movable = { ...input, matches: input.matches.map((match) => ({ ...match, fixed: null })) };
  return violations(movable, new Map(now).set(id, place), id).filter(({ rule }) => !LEFT_OUT.has(rule));
}

/**
 * Whether a broken rule is only a warning. NOT_DECIDED_YET with one match is: the match that decides the sides has no
 * time yet, so its end cannot be compared.
 */
const isWarning = ({ rule, matches }: Violation): boolean =>
  WARNINGS.has(rule) || (rule === 'NOT_DECIDED_YET' && matches.length === 1);

const errorOf = ({ rule, message }: Violation) => userError('SCHEDULE_RULE', { rule, message }, 'kickoffAt');

const isSame = (a: Place | undefined, b: Place | undefined): boolean =>
  a?.start === b?.start && a?.pitch === b?.pitch && a?.referee === b?.referee;

/**
 * Stores the new places (null: no place), and emits a MatchReplanned for each slot that has a match. The caller has
 * locked the tournament.
 */
async function write(
  tx: Tx,
  emit: Emit,
  tournament: Tournament,
  timetable: Timetable,
  moved: readonly { readonly id: string; readonly place: Place | null }[],
  byHand: boolean,
): Promise<void> {
  if (moved.length === 0) return;
  const names = new Map(
    timetable.tournament.venues.flatMap((venue) =>
      venue.pitches.map(({ id, name }) => [id, { venue: venue.name, pitch: name }] as const),
    ),
  );
  const namesOf = (place: Place | null) => names.get(place?.pitch ?? '') ?? { venue: null, pitch: null };
  await tx.$executeRaw`
    UPDATE tournaments.slots s
    SET kickoff_at = to_timestamp(n.start / 1000), pitch_id = n.pitch, referee_id = n.referee, venue = n.venue,
        pitch = n.pitch_name, kickoff_is_fixed = ${byHand}
    FROM unnest(
      ${moved.map(({ id }) => id)}::uuid[],
      ${moved.map(({ place }) => place?.start ?? null)}::float8[],
      ${moved.map(({ place }) => place?.pitch ?? null)}::uuid[],
      ${moved.map(({ place }) => place?.referee ?? null)}::uuid[],
      ${moved.map(({ place }) => namesOf(place).venue)}::text[],
      ${moved.map(({ place }) => namesOf(place).pitch)}::text[]
    ) AS n (id, start, pitch, referee, venue, pitch_name)
    WHERE s.id = n.id`;
  const told = moved.flatMap(({ id, place }) => {
    const matchId = timetable.slots.get(id)?.matchId;
    if (!matchId) return [];
    return [
      happened(MatchReplanned, {
        matchId,
        tournamentId: tournament.id,
        kickoffAt: place ? new Date(place.start).toISOString() : tournament.startsAt.toISOString(),
        kickoffIsEstimate: place === null,
        venue: placeOf(namesOf(place)),
        refereeId: place?.referee ?? null,
      }),
    ];
  });
  if (told.length > 0) await append(tx, emit, tournament, told);
}
