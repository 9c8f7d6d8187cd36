import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { type Principal, requireUser } from '../../platform/identity/principal.ts';
import { OUTBOX } from '../../platform/injection/tokens.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { digestOfInput } from '../../platform/postgres/digest.ts';
import { drawLots } from './draw.ts';
import { type Prisma, PrismaClient, type Tournament } from './generated/prisma/client.ts';
import { progress } from './progress.ts';
import { userError } from './reasons.ts';
import { lockAsOrganizer, requireNotOver, WHOLE_STAGE } from './record.ts';
import { deductPointsInput, drawLotsInput, recordFairPlayInput, recordOrderInput } from './stage-inputs.ts';

type Tx = Prisma.TransactionClient;
type Made = Pick<
  Prisma.RulingUncheckedCreateInput,
  'kind' | 'entryId' | 'value' | 'entryIds' | 'reason' | 'madeAt' | 'clientId' | 'createdAs'
>;

/** The largest number of rulings of one tournament. Each update of its tables reads all of them. */
export const MAX_RULINGS = 2_000;

/**
 * Decisions of organizers about tables. They are refused once the tournament is archived or cancelled. A ruling is
 * never changed; `rulingsOf` says how a later ruling of the same kind affects it. The same transaction updates tables
 * and brackets.
 */
@Injectable()
export class RulingsService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
  ) {}

  /**
   * Changes a team's total of points; a negative number takes points away. Points between level teams do not change.
   * The same client id again changes nothing. Organizers and administrators may do this.
   * @throws UserErrors
   */
  async deductPoints(viewer: Principal, input: unknown): Promise<Tournament> {
    const asked = parseInput(deductPointsInput, input);
    const { clientId, ...content } = asked;
    const sent = { clientId, createdAs: digestOfInput(content) };
    return this.#rule(
      viewer,
      asked,
      async (tx, { id }) => ({
        kind: 'DEDUCTION',
        entryId: await entryOf(tx, id, asked.entryId),
        value: asked.points,
        reason: asked.reason,
        ...(asked.date ? { madeAt: asked.date } : {}),
        ...sent,
      }),
      async (tx, { id }) => {
        const made = await tx.ruling.findUnique({
          where: { tournamentId_clientId: { tournamentId: id, clientId } },
          select: { createdAs: true },
        });
        if (made && made.createdAs !== sent.createdAs) throw userError('CLIENT_ID_USED', 'clientId');
        return made !== null;
      },
    );
  }

  /**
   * Records the conduct points of an entry, which replace its earlier ones. Organizers and administrators may do this.
   * @throws UserErrors
   */
  async recordFairPlay(viewer: Principal, input: unknown): Promise<Tournament> {
    const asked = parseInput(recordFairPlayInput, input);
    return this.#rule(viewer, asked, async (tx, { id }) => ({
      kind: 'FAIR_PLAY',
      entryId: await entryOf(tx, id, asked.entryId),
      value: asked.points,
      reason: asked.reason ?? '',
    }));
  }

  /**
   * Records an order of entries for rules with a ranking, lots or a play-off. Organizers and administrators may do
   * this.
   * @throws UserErrors
   */
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
   * Draws one order of lots for all drawn entries, so that all ties of the stage follow it. It never replaces lots: it
   * is refused if lots are already recorded for the stage or for all stages, and without a stage if they are recorded for
   * any stage. It is also refused before the tournament is drawn. The ruling's reason has the seed, so that anybody can
   * repeat the draw. Organizers and administrators may do this.
   * @throws UserErrors
   */
  async drawLots(viewer: Principal, input: unknown): Promise<Tournament> {
    const asked = parseInput(drawLotsInput, input);
    return this.#rule(viewer, asked, async (tx, { id, state }, stage) => {
      const same = stage === null ? {} : { OR: [{ stage }, { stage: null }] };
      if (await tx.ruling.findFirst({ where: { tournamentId: id, kind: 'LOTS', ...same } }))
        throw userError('ALREADY_DRAWN', 'stageId');
      const seed = randomBytes(32).toString('hex');
      const entries = await tx.entry.findMany({
        where: { tournamentId: id, seed: { not: null } },
        select: { id: true },
      });
      if (entries.length === 0)
        throw userError('TOURNAMENT_STATE', { state, needed: 'SEEDED or RUNNING' }, 'tournamentId');
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
    isRepeat: (tx: Tx, tournament: Tournament) => Promise<boolean> = async () => false,
  ): Promise<Tournament> {
    const { userId } = requireUser(viewer);
    return this.outbox.transaction(
      this.prisma,
      async (tx, emit) => {
        const tournament = await lockAsOrganizer(tx, viewer, tournamentId);
        // The tournament may have ended since the first request.
        if (await isRepeat(tx, tournament)) return tournament;
        requireNotOver(tournament);
        const { id } = tournament;
        const stage = stageId == null ? null : await numberOf(tx, id, stageId);
        const made = await make(tx, tournament, stage);
        if (await isOnRecord(tx, id, stage, made)) return tournament;
        if ((await tx.ruling.count({ where: { tournamentId: id } })) >= MAX_RULINGS)
          throw userError('TOO_MANY', { max: MAX_RULINGS }, 'tournamentId');
        await tx.ruling.create({ data: { tournamentId: id, stage, madeBy: userId, ...made } });
        return progress(tx, emit, tournament);
      },
      WHOLE_STAGE,
    );
  }
}

/** Whether the ruling in force says the same. Deductions add up, so each is a new one. */
async function isOnRecord(
  tx: Tx,
  tournamentId: string,
  stage: number | null,
  { kind, entryId, value, entryIds, reason }: Made,
): Promise<boolean> {
  if (kind === 'DEDUCTION') return false;
  const last = await tx.ruling.findFirst({
    where: {
      ...{ tournamentId, kind, ...(entryId ? { entryId } : {}), ...(kind === 'RANKING' ? { reason } : {}) },
      // A ruling for all stages is in force in each of them.
      ...(stage === null ? {} : { OR: [{ stage }, { stage: null }] }),
    },
    orderBy: [{ madeAt: 'desc' }, { id: 'desc' }],
  });
  return last?.stage === stage && last.value === (value ?? null) && isDeepStrictEqual(last.entryIds, entryIds ?? []);
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
