// Stores the course of a tournament: compares the answer of courseOf with the rows, and writes only what differs.
import { randomUUID } from 'node:crypto';
import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import {
  BracketCorrected,
  MatchForfeited,
  MatchPlanned,
  MatchUnplanned,
  StageChanged,
  TournamentChanged,
  TournamentCompleted,
} from '../../schema/messages/tournaments.ts';
import type { Course, StageOutcome } from './course.ts';
import { type Names, namesIn } from './formats/names.ts';
import type { Slot as PlannedSlot, StagePlan } from './formats/plan.ts';
import type { ResolvedSlot } from './formats/resolve.ts';
import type { Entry, Prisma, Result, Slot, Standing, Tournament } from './generated/prisma/client.ts';
import { plannerOf } from './planned-matches.ts';
import { append, factsOf, type Happening, happened } from './record.ts';
import type { Row } from './standings/standings.ts';
import {
  entrantOf,
  isBetween,
  isForfeited,
  isIn,
  type MovedSlot,
  slotNow,
  standingRows,
  storedCourse,
  type StoredSlot,
  type StoredStage,
  updateSlots,
} from './stored-course.ts';

type Tx = Prisma.TransactionClient;

/** The states of a match of which nothing has been played yet. */
const NOT_BEGUN = new Set(['PLANNED', 'SCHEDULED', 'LINEUPS', 'POSTPONED', 'FORFEITED', 'CANCELLED']);
/** What has happened in the tournament. The events are not stored yet. */
interface Changes {
  readonly happenings: Happening[];
  /** Slots whose match was taken from them, by stage. */
  readonly corrected: Map<string, string[]>;
  readonly stages: Set<string>;
}

/**
 * Updates slots, matches, tables, stages and the tournament's state from the results, and emits the events of what
 * changed. It does nothing before the draw, and after the tournament is cancelled or archived.
 * @param tournament locked in this transaction
 * @returns the tournament as it is now
 */
export async function progress(tx: Tx, emit: Emit, tournament: Tournament): Promise<Tournament> {
  if (tournament.state === 'CANCELLED' || tournament.state === 'ARCHIVED') return tournament;
  const stored = await storedCourse(tx, tournament);
  if (!stored) return tournament;
  const { stages, entries, course } = stored;
  const changes: Changes = { happenings: [], corrected: new Map(), stages: new Set() };
  const writer = new StageWriter(tx, tournament, new Map(entries.map((entry) => [entry.id, entry])), changes);
  for (const [index, stage] of stages.entries()) await writer.write(stage, course.stages[index]!);
  return conclude(tx, emit, tournament, stages, course, changes);
}

class StageWriter {
  readonly #tx: Tx;
  readonly #tournament: Tournament;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #changes: Changes;
  /**
   * `#annulled`: ids of matches of the current stage that their slots no longer have. `#forfeited`: ids of matches of
   * the current stage that a side loses by walkover, because it left.
   */
  #annulled: string[] = [];
  #forfeited: string[] = [];
  /** Existing matches that the plan of the current stage names, and that no slot has yet. Their slots take them. */
  #adoptable: ReadonlySet<string> = new Set();

  constructor(tx: Tx, tournament: Tournament, entries: ReadonlyMap<string, Entry>, changes: Changes) {
    this.#tx = tx;
    this.#tournament = tournament;
    this.#entries = entries;
    this.#changes = changes;
  }

  async write(stage: StoredStage, outcome: StageOutcome): Promise<void> {
    const paired = outcome.plan.slots.slice((stage.plan as unknown as StagePlan).slots.length);
    const slots = new Map(stage.slots.map((slot) => [slot.key, slot]));
    if (paired.length > 0) {
      for (const row of await this.#createSlots(stage, outcome.plan, paired))
        slots.set(row.key, { ...row, results: [] });
      await this.#tx.stage.update({
        where: { id: stage.id },
        data: { plan: outcome.plan as unknown as Prisma.InputJsonObject },
      });
      this.#changes.stages.add(stage.id);
    }
    const planner = plannerOf(this.#tournament, stage, outcome.plan);
    await this.#lookUpAdoptable(outcome.plan);
    const created: Prisma.ResultCreateManyInput[] = [];
    const moved: MovedSlot[] = [];
    for (const planned of outcome.plan.slots) {
      const next = this.#slot(stage, outcome, planner, planned, slots.get(planned.key)!, created);
      if (next) moved.push(next);
    }
    await this.#mark();
    if (created.length > 0) await this.#tx.result.createMany({ data: created });
    if (moved.length > 0) {
      await updateSlots(this.#tx, moved);
      this.#changes.stages.add(stage.id);
    }
    for (const [index, group] of stage.groups.entries()) await this.#table(stage, group, outcome.tables[index] ?? []);
  }

  async #lookUpAdoptable({ slots }: StagePlan): Promise<void> {
    const given = slots.flatMap(({ appointment }) => (appointment?.matchId ? [appointment.matchId] : []));
    if (given.length === 0) return;
    const taken = await this.#tx.result.findMany({ where: { matchId: { in: given } }, select: { matchId: true } });
    const ids = new Set(taken.map(({ matchId }) => matchId));
    this.#adoptable = new Set(given.filter((id) => !ids.has(id)));
  }

  async #createSlots(stage: StoredStage, plan: StagePlan, slots: readonly PlannedSlot[]): Promise<Slot[]> {
    const names = namesIn(plan, new Map());
    return this.#tx.slot.createManyAndReturn({ data: slots.map((slot) => slotRow(stage.id, slot, names)) });
  }

  #slot(
    stage: StoredStage,
    outcome: StageOutcome,
    planner: ReturnType<typeof plannerOf>,
    planned: PlannedSlot,
    row: StoredSlot,
    created: Prisma.ResultCreateManyInput[],
  ): MovedSlot | null {
    const resolved = outcome.resolved.get(planned.key)!;
    const [home, away] = [resolved.home, resolved.away].map(entrantOf);
    const here = home && away ? { home, away } : null;
    const valid = row.results.filter(({ annulled }) => !annulled);
    const stale = valid.filter((result) => !here || !isBetween(result, here.home, here.away));
    for (const result of stale) this.#annul(stage, row, result);
    let current = valid.filter((result) => !stale.includes(result)).at(-1) ?? null;
    if (here && (current ? isToReplay(planned, resolved, current) : isToPlay(planned, resolved))) {
      current = this.#plan(planner, planned, row, here, row.results.length);
      created.push({ ...current, score: undefined });
    }
    if (current && here) this.#forfeit(current, resolved, created);
    const next = slotNow(resolved, current?.matchId ?? null);
    const isMoved = Object.entries(next).some(([name, value]) => row[name as keyof typeof next] !== value);
    return isMoved ? { id: row.id, ...next } : null;
  }

  /** Stores which matches are annulled and which are forfeited, with one statement for each of the two. */
  async #mark(): Promise<void> {
    const mark = async (matchIds: string[], data: Prisma.ResultUpdateManyMutationInput): Promise<void> => {
      if (matchIds.length > 0) await this.#tx.result.updateMany({ where: { matchId: { in: matchIds } }, data });
    };
    await mark(this.#annulled.splice(0), { annulled: true, counts: false });
    await mark(this.#forfeited.splice(0), { state: 'FORFEITED' });
  }

  #annul(stage: StoredStage, slot: StoredSlot, { matchId, state }: Result): void {
    this.#annulled.push(matchId);
    const { id: tournamentId } = this.#tournament;
    const reason = NOT_BEGUN.has(state)
      ? 'The sides of this match have changed.'
      : 'A result before this match was corrected, so that other teams play here.';
    this.#changes.happenings.push(happened(MatchUnplanned, { matchId, tournamentId, reason }));
    this.#changes.corrected.set(stage.id, [...(this.#changes.corrected.get(stage.id) ?? []), slot.id]);
  }

  #plan(
    planner: ReturnType<typeof plannerOf>,
    planned: PlannedSlot,
    row: StoredSlot,
    { home, away }: { home: string; away: string },
    number: number,
  ): Result {
    const friendly = planned.appointment?.matchId;
    const matchId = number === 0 && friendly && this.#adoptable.has(friendly) ? friendly : randomUUID();
    const sides = { matchId, homeTeamId: this.#team(home), awayTeamId: this.#team(away) };
    this.#changes.happenings.push(happened(MatchPlanned, planner(planned, row, sides)));
    return {
      matchId,
      slotId: row.id,
      number,
      homeEntryId: home,
      awayEntryId: away,
      state: 'PLANNED',
      score: null,
      winner: null,
      how: 'PLAYED',
      counts: false,
      annulled: false,
      seq: 0,
    };
  }

  /** If a side left before the match was over, marks the match as forfeited. The event names the side that stays. */
  #forfeit(match: Result, { home, away }: ResolvedSlot, created: Prisma.ResultCreateManyInput[]): void {
    if (!isForfeited(match.state, { home, away })) return;
    const { matchId } = match;
    const isNew = created.at(-1)?.matchId === matchId;
    if (isNew) created.splice(-1, 1, { ...match, state: 'FORFEITED', score: undefined });
    else this.#forfeited.push(matchId);
    // Home and away of the match can be swapped against the slot.
    const stays = isIn(home) ? entrantOf(home) : isIn(away) ? entrantOf(away) : null;
    const winner = stays === null ? 'NONE' : stays === match.homeEntryId ? 'HOME' : 'AWAY';
    this.#changes.happenings.push(happened(MatchForfeited, { matchId, tournamentId: this.#tournament.id, winner }));
  }

  async #table(
    stage: StoredStage,
    { id: groupId, standings }: { id: string; standings: readonly Standing[] },
    rows: readonly Row[],
  ): Promise<void> {
    const next = standingRows(groupId, rows);
    if (JSON.stringify(next.map(columns)) === JSON.stringify(standings.map(columns))) return;
    await this.#tx.standing.deleteMany({ where: { groupId } });
    await this.#tx.standing.createMany({ data: next });
    this.#changes.stages.add(stage.id);
  }

  #team(entryId: string): string {
    const entry = this.#entries.get(entryId);
    if (!entry) throw new Error(`entry ${entryId} is in a plan of another tournament`);
    return entry.teamId;
  }
}

/** The values of a row in the order of the column names, to compare rows. */
const columns = (row: Standing): unknown[] =>
  Object.entries(row)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => value);

/** Whether a slot needs a match. In a table it also needs one if one side has left: the table counts the walkover. */
const isToPlay = ({ bracket }: PlannedSlot, { state, home, away }: ResolvedSlot): boolean =>
  state === 'READY' || (bracket === 'TABLE' && state !== 'WAITING' && isIn(home) !== isIn(away));

/** Whether the match was a draw and the slot's plan says that a draw is played again. */
const isToReplay = (
  { replays }: PlannedSlot,
  { state, home, away }: ResolvedSlot,
  { counts, winner }: Result,
): boolean => replays === true && counts && winner === null && state === 'READY' && isIn(home) && isIn(away);

/**
 * A slot of a plan as it is stored.
 * @param names of its stage's plan
 */
export const slotRow = (stageId: string, slot: PlannedSlot, names: Names): Prisma.SlotCreateManyInput => ({
  id: randomUUID(),
  stageId,
  key: slot.key,
  label: names.slot(slot),
  bracket: slot.bracket,
  group: slot.group,
  round: slot.round,
  position: slot.position,
  leg: slot.leg,
  home: { ...slot.home, label: names.label(slot.home) },
  away: { ...slot.away, label: names.label(slot.away) },
  winnerTo: slot.winnerTo?.slot ?? null,
  winnerSide: slot.winnerTo?.side ?? null,
  loserTo: slot.loserTo?.slot ?? null,
  loserSide: slot.loserTo?.side ?? null,
  onlyIfNeeded: slot.onlyIfNeeded,
  kickoffAt: slot.appointment?.kickoffAt ?? null,
  // A later schedule must not move a match whose time was given.
  kickoffIsFixed: slot.appointment?.kickoffAt != null,
  venue: slot.appointment?.venue ?? null,
});

/** Stores the states of the stages and of the tournament, then all events in a fixed order. */
async function conclude(
  tx: Tx,
  emit: Emit,
  tournament: Tournament,
  stages: readonly StoredStage[],
  { stages: outcomes, champion }: Course,
  { happenings, corrected, stages: changed }: Changes,
): Promise<Tournament> {
  const { id: tournamentId } = tournament;
  for (const [index, stage] of stages.entries()) {
    const state = stageState(stage, outcomes[index]!);
    if (state !== stage.state) await tx.stage.update({ where: { id: stage.id }, data: { state } });
    if (state === stage.state && !changed.has(stage.id)) continue;
    happenings.push(happened(StageChanged, { tournamentId, stageId: stage.id, state }));
    const slotIds = corrected.get(stage.id);
    if (slotIds) happenings.push(happened(BracketCorrected, { tournamentId, stageId: stage.id, slotIds }));
  }
  const change: Prisma.TournamentUpdateInput = {};
  const isOver =
    champion !== null && !('none' in champion && champion.none === 'TIED') && outcomes.every((each) => each.isOver);
  const championId = isOver && 'entrant' in champion ? champion.entrant : null;
  if (
    isOver &&
    (tournament.state === 'RUNNING' || (tournament.state === 'COMPLETED' && championId !== tournament.championId))
  ) {
    const entry = championId && (await tx.entry.findUniqueOrThrow({ where: { id: championId } }));
    Object.assign(change, { state: 'COMPLETED', championId });
    happenings.push(happened(TournamentCompleted, { tournamentId, championTeamId: entry ? entry.teamId : null }));
  } else if (!isOver && tournament.state === 'COMPLETED') {
    // A result was corrected or annulled, so a completed tournament runs again.
    Object.assign(change, { state: 'RUNNING', championId: null });
    const organizers = await tx.organizer.findMany({ where: { tournamentId } });
    happenings.push(happened(TournamentChanged, factsOf({ ...tournament, state: 'RUNNING' }, organizers)));
  }
  if (happenings.length === 0) return tournament;
  return append(tx, emit, tournament, happenings, change);
}

function stageState({ slots }: StoredStage, { isOver, resolved }: StageOutcome): 'PLANNED' | 'RUNNING' | 'COMPLETED' {
  if (isOver) return 'COMPLETED';
  const begun =
    slots.some(({ results }) => results.some(({ state, annulled }) => !annulled && !NOT_BEGUN.has(state))) ||
    [...resolved.values()].some(({ state }) => state === 'DECIDED');
  return begun ? 'RUNNING' : 'PLANNED';
}
