// Computes the course of a tournament from the service's rows, and turns the outcome into rows.
import { type Course, courseOf, type StageResult } from './course.ts';
import type { StagePlan } from './formats/plan.ts';
import type { Out, ResolvedSide, ResolvedSlot } from './formats/resolve.ts';
import type { Entry, Prisma, Result, Slot, Standing, Tournament } from './generated/prisma/client.ts';
import { resultOf, rulingsOf } from './results.ts';
import { storedConfig } from './stage-config.ts';
import type { TableRules } from './standings/rules.ts';
import type { Row } from './standings/standings.ts';

type Tx = Prisma.TransactionClient;

const FIXED = {
  ...{ label: true, bracket: true, group: true, round: true, position: true, leg: true, home: true, away: true },
  ...{ winnerTo: true, winnerSide: true, loserTo: true, loserSide: true, onlyIfNeeded: true },
} as const satisfies Prisma.SlotOmit;
const INCLUDED = {
  groups: { include: { standings: { orderBy: { place: 'asc' } } }, orderBy: { number: 'asc' } },
  // The columns that the plan has too are left out: they are half of a slot's bytes, and every result reads all slots.
  slots: { omit: FIXED, include: { results: { orderBy: { number: 'asc' } } } },
} as const satisfies Prisma.StageInclude;
export type StoredStage = Prisma.StageGetPayload<{ include: typeof INCLUDED }>;
export type StoredSlot = StoredStage['slots'][number];

/** The states in which a match is over, cancelled or forfeited. If an entrant leaves, such a match is not forfeited. */
const OVER = new Set(['FINISHED', 'CONFIRMED', 'WALKOVER', 'CANCELLED', 'FORFEITED']);

export interface StoredCourse {
  /** The stages in the order of their numbers. */
  readonly stages: readonly StoredStage[];
  readonly entries: readonly Entry[];
  readonly course: Course;
}

/**
 * The rows and the course that follows from them. Null for a tournament that has not been drawn.
 * @param tournament locked in this transaction
 */
export async function storedCourse(
  tx: Tx,
  { id: tournamentId, sport }: Pick<Tournament, 'id' | 'sport'>,
): Promise<StoredCourse | null> {
  const stages = await tx.stage.findMany({ where: { tournamentId }, include: INCLUDED, orderBy: { number: 'asc' } });
  if (stages.length === 0 || stages.some(({ plan }) => plan === null)) return null;
  const [entries, rulings] = await Promise.all([
    tx.entry.findMany({ where: { tournamentId } }),
    tx.ruling.findMany({ where: { tournamentId }, orderBy: [{ madeAt: 'asc' }, { id: 'asc' }] }),
  ]);
  const out = new Map<string, Out>(
    entries.flatMap(({ id, state }) => (state === 'WITHDRAWN' || state === 'DISQUALIFIED' ? [[id, state]] : [])),
  );
  const course = courseOf(
    stages.map(({ number, plan, config, slots }) => ({
      plan: plan as unknown as StagePlan,
      ...titleAndRules(config),
      results: slots.flatMap(({ key, results }): StageResult[] =>
        results.filter(({ annulled }) => !annulled).flatMap((result) => resultOf(sport, key, result)),
      ),
      rulings: rulingsOf(rulings, number),
    })),
    out,
  );
  return { stages, entries, course };
}

function titleAndRules(config: unknown): { crowns: boolean; rules: TableRules } {
  const { crowns, rules } = storedConfig.parse(config);
  return { crowns, rules };
}

/** The columns of a slot that follow from its state. @param matchId its match that is not annulled, or null */
export function slotNow(resolved: ResolvedSlot, matchId: string | null): Omit<MovedSlot, 'id'> {
  const [home, away] = [resolved.home, resolved.away].map(entrantOf);
  return {
    state: resolved.state,
    homeEntryId: home ?? null,
    awayEntryId: away ?? null,
    winner: resolved.winner === null ? null : resolved.winner === home ? 'HOME' : 'AWAY',
    matchId,
  };
}

/** Whether a side left and the match is in none of the states of OVER. */
export const isForfeited = (state: string, { home, away }: Pick<ResolvedSlot, 'home' | 'away'>): boolean =>
  !OVER.has(state) && !(isIn(home) && isIn(away));

/** The rows of a table as they are stored. */
export const standingRows = (groupId: string, rows: readonly Row[]): Standing[] =>
  rows.map(({ entrant, deductions, open, state: _state, ...row }, index) => ({
    groupId,
    entryId: entrant,
    place: index + 1,
    ...row,
    tied: row.tied || open !== null,
    decidedBy: row.decidedBy,
    deductions: deductions.reduce((sum, { points }) => sum + points, 0),
  }));

export type MovedSlot = Pick<Slot, 'id' | 'state' | 'homeEntryId' | 'awayEntryId' | 'winner' | 'matchId'>;

/** Updates the slots in one statement, because the draw of a league changes all of its slots. */
export async function updateSlots(tx: Tx, moved: readonly MovedSlot[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE tournaments.slots SET
      state = d.state::tournaments.slot_state, home_entry_id = d."homeEntryId", away_entry_id = d."awayEntryId",
      winner = d.winner::tournaments.slot_side, match_id = d."matchId"
    FROM jsonb_to_recordset(${JSON.stringify(moved)}::jsonb)
      AS d(id uuid, state text, "homeEntryId" uuid, "awayEntryId" uuid, winner text, "matchId" uuid)
    WHERE slots.id = d.id`;
}

export const isIn = (side: ResolvedSide): boolean => side.kind === 'ENTRANT' && side.out === null;
export const entrantOf = (side: ResolvedSide): string | null => (side.kind === 'ENTRANT' ? side.entrant : null);
export const isBetween = ({ homeEntryId, awayEntryId }: Result, home: string, away: string): boolean =>
  (homeEntryId === home && awayEntryId === away) || (homeEntryId === away && awayEntryId === home);
