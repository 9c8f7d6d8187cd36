// Describes the matches of a plan for events and for the snapshot of a tournament.
import type { z } from 'zod';
import { MatchUnplanned, type MatchPlanned } from '../../schema/messages/tournaments.ts';
import type { Slot as PlannedSlot, StagePlan } from './formats/plan.ts';
import type { Prisma, Slot, Stage, Tournament } from './generated/prisma/client.ts';
import { type Happening, happened } from './record.ts';
import { storedConfig } from './stage-config.ts';

type Tx = Prisma.TransactionClient;
type Planned = z.output<(typeof MatchPlanned)['payload']>;
type Place = Pick<Slot, 'kickoffAt' | 'venue' | 'pitch' | 'refereeId'>;

interface Sides {
  readonly matchId: string;
  readonly homeTeamId: string;
  readonly awayTeamId: string;
}

/** Venue and pitch as one text; null when neither is known. */
export const placeOf = ({ venue, pitch }: Pick<Slot, 'venue' | 'pitch'>): string | null =>
  [venue, pitch].filter((part) => part !== null).join(', ') || null;

/** Returns a function that describes a match of the stage. Use one for many matches: it parses the config once. */
export function plannerOf(
  tournament: Tournament,
  stage: Pick<Stage, 'config' | 'number'>,
  plan: StagePlan,
): (slot: PlannedSlot, place: Place, sides: Sides) => Planned {
  const { walkover } = storedConfig.parse(stage.config).rules;
  const rounds = new Map(plan.rounds.map((round) => [`${round.bracket} ${round.group} ${round.number}`, round.name]));
  const groups = new Map(plan.groups.length > 1 ? plan.groups.map(({ number, name }) => [number, name]) : []);
  return (slot, place, sides) => ({
    ...sides,
    tournamentId: tournament.id,
    sport: tournament.sport,
    kickoffAt: (place.kickoffAt ?? tournament.startsAt).toISOString(),
    kickoffIsEstimate: place.kickoffAt === null,
    venue: placeOf(place),
    refereeId: place.refereeId,
    competition: tournament.name,
    round: rounds.get(`${slot.bracket} ${slot.group} ${slot.round}`) ?? null,
    group: groups.get(slot.group ?? 0) ?? null,
    needsWinner: slot.needsWinner,
    // The key of a first leg ends in -A. The key of the tie is that of its second leg, which is the same without -A.
    tie:
      slot.leg === null
        ? null
        : { key: `${stage.number} ${slot.leg === 1 ? slot.key.slice(0, -2) : slot.key}`, leg: slot.leg },
    protestHours: tournament.protestHours,
    walkoverScore: walkover.won,
  });
}

/** Matches in these states are over or cancelled. They stay in the plan when a tournament is cancelled. */
export const OVER = ['FINISHED', 'CONFIRMED', 'WALKOVER', 'CANCELLED'];

/** The matches that the plan has now, for the snapshot of the tournament. */
export async function plannedMatches(tx: Tx, tournament: Tournament): Promise<Planned[]> {
  const stages = await tx.stage.findMany({
    where: { tournamentId: tournament.id },
    include: { slots: { where: { matchId: { not: null } }, include: { results: { where: { annulled: false } } } } },
    orderBy: { number: 'asc' },
  });
  const entries = await tx.entry.findMany({
    where: { tournamentId: tournament.id },
    select: { id: true, teamId: true },
  });
  const teams = new Map(entries.map(({ id, teamId }) => [id, teamId]));
  return stages.flatMap((stage) => {
    const plan = stage.plan as unknown as StagePlan | null;
    if (!plan) return [];
    const planned = plannerOf(tournament, stage, plan);
    const slots = new Map(plan.slots.map((slot) => [slot.key, slot]));
    return stage.slots.flatMap((row) => {
      const slot = slots.get(row.key);
      const match = row.results.find(({ matchId }) => matchId === row.matchId);
      const [homeTeamId, awayTeamId] = [teams.get(match?.homeEntryId ?? ''), teams.get(match?.awayEntryId ?? '')];
      if (!slot || !match || homeTeamId === undefined || awayTeamId === undefined) return [];
      return [planned(slot, row, { matchId: match.matchId, homeTeamId, awayTeamId })];
    });
  });
}

/**
 * Takes each match that is not over from the plan, because the tournament is cancelled. The caller has locked the
 * tournament.
 */
export async function unplanMatches(tx: Tx, { id: tournamentId }: Tournament, reason: string): Promise<Happening[]> {
  const open = await tx.result.findMany({
    where: { annulled: false, state: { notIn: OVER }, slot: { stage: { tournamentId } } },
    select: { matchId: true },
    orderBy: { matchId: 'asc' },
  });
  const matchIds = open.map(({ matchId }) => matchId);
  await tx.result.updateMany({ where: { matchId: { in: matchIds } }, data: { annulled: true, counts: false } });
  return matchIds.map((matchId) => happened(MatchUnplanned, { matchId, tournamentId, reason }) as Happening);
}
