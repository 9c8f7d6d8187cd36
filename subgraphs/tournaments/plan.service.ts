import { Injectable } from '@nestjs/common';
import { badUserInput } from '../../platform/graphql/errors.ts';
import { batched, keyed } from '../../platform/graphql/loader.ts';
import type { Principal } from '../../platform/identity/principal.ts';
import { draftsHidden } from './drafts.ts';
import type { StagePlan } from './formats/plan.ts';
import {
  type Group,
  PrismaClient,
  type Round,
  type Ruling,
  type Slot,
  type Stage,
  type Standing,
} from './generated/prisma/client.ts';

/** A slot with the results of its matches. */
export type PlannedSlot = Slot & {
  readonly results: readonly { readonly matchId: string; readonly homeEntryId: string; readonly score: unknown }[];
};

/** The place of a match in a tournament. `round` and `group` are null if the match has none in its stage. */
export interface Place {
  readonly tournamentId: string;
  readonly stage: Stage;
  readonly round: Round | null;
  readonly group: Group | null;
}

/**
 * Checks the argument `first` of a list that is no connection.
 * @param usual without the argument
 * @param most the list is never longer
 * @throws BAD_USER_INPUT
 */
export function sizeOf(first: number | null | undefined, usual: number, most: number): number {
  const size = first ?? usual;
  if (size < 1 || size > most) throw badUserInput(`first must be 1 to ${most}`);
  return size;
}

/** Reads stages, groups, rounds, brackets, tables and deductions. The viewers of a tournament may read them. */
@Injectable()
export class PlanService {
  readonly stage = batched((ids, viewer) => this.stages(viewer, ids));
  readonly group = batched((ids, viewer) => this.groups(viewer, ids));
  readonly slot = batched((ids, viewer) => this.slots(viewer, ids));
  readonly stagesOf = batched((tournamentIds) =>
    this.prisma.stage
      .findMany({ where: { tournamentId: { in: [...tournamentIds] } }, orderBy: { number: 'asc' } })
      .then((rows) => Map.groupBy(rows, ({ tournamentId }) => tournamentId)),
  );
  readonly groupsOf = batched((stageIds) =>
    this.prisma.group
      .findMany({ where: { stageId: { in: [...stageIds] } }, orderBy: { number: 'asc' } })
      .then((rows) => Map.groupBy(rows, ({ stageId }) => stageId)),
  );
  readonly roundsOf = batched((stageIds) =>
    this.prisma.round
      .findMany({
        where: { stageId: { in: [...stageIds] } },
        orderBy: [{ bracket: 'asc' }, { number: 'asc' }, { group: 'asc' }],
      })
      .then((rows) => Map.groupBy(rows, ({ stageId }) => stageId)),
  );
  readonly slotsOf = batched((stageIds) =>
    this.#withResults(stageIds).then((rows) => Map.groupBy(rows, ({ stageId }) => stageId)),
  );
  readonly standingsOf = batched((groupIds) =>
    this.prisma.standing
      .findMany({ where: { groupId: { in: [...groupIds] } }, orderBy: { place: 'asc' } })
      .then((rows): Map<string, Standing[]> => Map.groupBy(rows, ({ groupId }) => groupId)),
  );
  /** The rulings of kind DEDUCTION of each tournament, the oldest first. */
  readonly deductionsOf = batched((tournamentIds) =>
    this.prisma.ruling
      .findMany({ where: { tournamentId: { in: [...tournamentIds] }, kind: 'DEDUCTION' }, orderBy: { madeAt: 'asc' } })
      .then((rows): Map<string, Ruling[]> => Map.groupBy(rows, ({ tournamentId }) => tournamentId)),
  );
  readonly placeOf = batched((matchIds, viewer) => this.places(viewer, matchIds));

  constructor(private readonly prisma: PrismaClient) {}

  async stages(viewer: Principal, ids: readonly string[]): Promise<Map<string, Stage>> {
    const rows = await this.prisma.stage.findMany({ where: { id: { in: [...ids] } }, include: WITH_TOURNAMENT });
    const hidden = await this.#hidden(
      viewer,
      rows.map(({ tournament }) => tournament),
    );
    return keyed(rows.filter(({ tournamentId }) => !hidden.has(tournamentId)));
  }

  async groups(viewer: Principal, ids: readonly string[]): Promise<Map<string, Group>> {
    const rows = await this.prisma.group.findMany({
      where: { id: { in: [...ids] } },
      include: { stage: { include: WITH_TOURNAMENT } },
    });
    const hidden = await this.#hidden(
      viewer,
      rows.map(({ stage }) => stage.tournament),
    );
    return keyed(rows.filter(({ stage }) => !hidden.has(stage.tournamentId)));
  }

  async slots(viewer: Principal, ids: readonly string[]): Promise<Map<string, PlannedSlot>> {
    const rows = await this.prisma.slot.findMany({
      where: { id: { in: [...ids] } },
      include: { results: RESULTS, stage: { include: WITH_TOURNAMENT } },
    });
    const hidden = await this.#hidden(
      viewer,
      rows.map(({ stage }) => stage.tournament),
    );
    return keyed(rows.filter(({ stage }) => !hidden.has(stage.tournamentId)));
  }

  /**
   * The place of each match in the plan of its tournament. A friendly has none. A match that was replayed or annulled
   * keeps its place.
   */
  async places(viewer: Principal, matchIds: readonly string[]): Promise<Map<string, Place>> {
    const rows = await this.prisma.result.findMany({
      where: { matchId: { in: [...matchIds] } },
      include: { slot: { include: { stage: { include: { ...WITH_TOURNAMENT, groups: true, rounds: true } } } } },
    });
    const hidden = await this.#hidden(
      viewer,
      rows.map(({ slot }) => slot.stage.tournament),
    );
    return new Map(
      rows
        .filter((row) => !hidden.has(row.slot.stage.tournamentId) && isTaken(row))
        .map(({ matchId, slot }) => {
          const { groups, rounds, tournament: _tournament, ...stage } = slot.stage;
          return [
            matchId,
            {
              tournamentId: stage.tournamentId,
              stage,
              group: groups.find(({ number }) => number === slot.group) ?? null,
              round: rounds.find((round) => isIn(round, slot)) ?? null,
            },
          ];
        }),
    );
  }

  #withResults(stageIds: readonly string[]): Promise<PlannedSlot[]> {
    return this.prisma.slot.findMany({
      where: { stageId: { in: [...stageIds] } },
      include: { results: RESULTS },
      orderBy: [{ bracket: 'asc' }, { round: 'asc' }, { group: 'asc' }, { position: 'asc' }],
    });
  }

  #hidden(viewer: Principal, tournaments: readonly { id: string; state: Stage['state'] | string }[]) {
    return draftsHidden(this.prisma, viewer, tournaments as Parameters<typeof draftsHidden>[2]);
  }
}

const WITH_TOURNAMENT = { tournament: { select: { id: true, state: true } } } as const;
const RESULTS = { where: { annulled: false }, select: { matchId: true, homeEntryId: true, score: true } } as const;

/** Whether the slot's match is one of the round. */
export const isIn = (round: Round, slot: Slot): boolean =>
  round.bracket === slot.bracket && round.number === slot.round && (round.group === null || round.group === slot.group);

/**
 * Whether the match is one of the tournament. An organizer may name a friendly for a slot. The subgraph matches takes
 * it into the tournament if the organizer may do that, and its next event says so.
 */
const isTaken = ({
  matchId,
  seq,
  slot,
}: {
  matchId: string;
  seq: number;
  slot: { key: string; stage: Stage };
}): boolean =>
  seq > 0 ||
  (slot.stage.plan as unknown as StagePlan | null)?.slots.find(({ key }) => key === slot.key)?.appointment?.matchId !==
    matchId;
