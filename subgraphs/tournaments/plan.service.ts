import { Injectable } from '@nestjs/common';
import { badUserInput } from '../../platform/graphql/errors.ts';
import { batched, keyed } from '../../platform/graphql/loader.ts';
import type { Principal } from '../../platform/identity/principal.ts';
import { draftsHidden } from './drafts.ts';
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
export type PlannedSlot = Slot & { readonly results: readonly { readonly matchId: string; readonly score: unknown }[] };

/** The place of a match in a tournament. */
export interface Place {
  readonly tournamentId: string;
  readonly stage: Stage;
  readonly round: Round | null;
  readonly group: Group | null;
}

/**
 * How many of a bounded list. @throws BAD_USER_INPUT
 * @param most more there never are
 */
export function sizeOf(first: number | null | undefined, usual: number, most: number): number {
  const size = first ?? usual;
  if (size < 1 || size > most) throw badUserInput(`first must be 1 to ${most}`);
  return size;
}

/** Reads stages, groups, rounds and brackets. Everybody who may see the tournament may read them. */
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
  /** The deductions of each tournament. */
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

  /** The places of matches. A friendly has none. A match that another match replaced keeps its place. */
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
        .filter(({ slot }) => !hidden.has(slot.stage.tournamentId))
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
const RESULTS = { where: { annulled: false }, select: { matchId: true, score: true } } as const;

/** Whether the slot's match is one of the round. */
export const isIn = (round: Round, slot: Slot): boolean =>
  round.bracket === slot.bracket && round.number === slot.round && (round.group === null || round.group === slot.group);
