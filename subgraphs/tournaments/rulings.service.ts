import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { type Principal, requireUser } from '../../platform/identity/principal.ts';
import { OUTBOX } from '../../platform/injection/tokens.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { type Prisma, PrismaClient, type Tournament } from './generated/prisma/client.ts';
import { progress } from './progress.ts';
import { userError } from './reasons.ts';
import { lockAsOrganizer } from './record.ts';
import { deductPointsInput, drawLotsInput, recordFairPlayInput, recordOrderInput } from './stage-inputs.ts';
import { drawLots } from './standings/lots.ts';

type Tx = Prisma.TransactionClient;
type Made = Pick<Prisma.RulingUncheckedCreateInput, 'kind' | 'entryId' | 'value' | 'entryIds' | 'reason' | 'madeAt'>;

/**
 * What organizers decide about tables. A ruling stays on record; a later one of its kind adds to it (deductions) or
 * replaces it. Tables and brackets follow in the same transaction.
 */
@Injectable()
export class RulingsService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
  ) {}

  /** Points that change a team's total only; negative takes away. Organizers may. @throws UserErrors */
  async deductPoints(viewer: Principal, input: unknown): Promise<Tournament> {
    const asked = parseInput(deductPointsInput, input);
    return this.#rule(viewer, asked, async (tx, { id }) => ({
      kind: 'DEDUCTION',
      entryId: await entryOf(tx, id, asked.entryId),
      value: asked.points,
      reason: asked.reason,
      ...(asked.date ? { madeAt: asked.date } : {}),
    }));
  }

  /** Conduct points of an entry, instead of those before. Organizers may. @throws UserErrors */
  async recordFairPlay(viewer: Principal, input: unknown): Promise<Tournament> {
    const asked = parseInput(recordFairPlayInput, input);
    return this.#rule(viewer, asked, async (tx, { id }) => ({
      kind: 'FAIR_PLAY',
      entryId: await entryOf(tx, id, asked.entryId),
      value: asked.points,
      reason: asked.reason ?? '',
    }));
  }

  /** An order that decides where the rules ask for a ranking, lots or a play-off. Organizers may. @throws UserErrors */
  async recordOrder(viewer: Principal, kind: 'RANKING' | 'LOTS' | 'PLAY_OFF', input: unknown): Promise<Tournament> {
    const asked = parseInput(recordOrderInput, input);
    return this.#rule(viewer, asked, async (tx, { id }) => {
      const entryIds = await Promise.all(
        asked.entryIds.map((entryId, index) => entryOf(tx, id, entryId, 'entryIds', String(index))),
      );
      if (new Set(entryIds).size < entryIds.length) throw userError('ENTRY_TWICE', 'entryIds');
      return { kind, entryIds, reason: asked.reason ?? '' };
    });
  }

  /**
   * Draws lots for all entries of a stage, once: every tie of it has the same order from then on. The seed is in the
   * reason, so that everybody can draw again. Organizers may. @throws UserErrors
   */
  async drawLots(viewer: Principal, input: unknown): Promise<Tournament> {
    const asked = parseInput(drawLotsInput, input);
    return this.#rule(viewer, asked, async (tx, { id }, stage) => {
      if (await tx.ruling.findFirst({ where: { tournamentId: id, stage, kind: 'LOTS' } }))
        throw userError('ALREADY_DRAWN', 'stageId');
      const seed = randomBytes(32).toString('hex');
      const entries = await tx.entry.findMany({
        where: { tournamentId: id, seed: { not: null } },
        select: { id: true },
      });
      const entryIds = drawLots(
        seed,
        entries.map((entry) => entry.id),
      );
      return { kind: 'LOTS', entryIds, reason: `seed ${seed}` };
    });
  }

  async #rule(
    viewer: Principal,
    { tournamentId, stageId }: { readonly tournamentId: string; readonly stageId?: string | null | undefined },
    make: (tx: Tx, tournament: Tournament, stage: number | null) => Promise<Made>,
  ): Promise<Tournament> {
    const { userId } = requireUser(viewer);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const tournament = await lockAsOrganizer(tx, viewer, tournamentId);
      const { id, state } = tournament;
      if (state === 'ARCHIVED' || state === 'CANCELLED')
        throw userError('TOURNAMENT_STATE', { state, needed: 'RUNNING' }, 'tournamentId');
      const stage = stageId == null ? null : await numberOf(tx, id, stageId);
      await tx.ruling.create({
        data: { tournamentId: id, stage, madeBy: userId, ...(await make(tx, tournament, stage)) },
      });
      return progress(tx, emit, tournament);
    });
  }
}

async function numberOf(tx: Tx, tournamentId: string, globalId: string): Promise<number> {
  const id = fromGlobalId('Stage', globalId);
  const stage = id && (await tx.stage.findFirst({ where: { id, tournamentId } }));
  if (!stage) throw userError('STAGE_NOT_FOUND', 'stageId');
  return stage.number;
}

async function entryOf(tx: Tx, tournamentId: string, globalId: string, ...field: string[]): Promise<string> {
  const id = fromGlobalId('Entry', globalId);
  const entry = id && (await tx.entry.findFirst({ where: { id, tournamentId } }));
  if (!entry) throw userError('ENTRY_NOT_FOUND', ...(field.length > 0 ? field : ['entryId']));
  return entry.id;
}
