import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import {
  boundsOf,
  type Counted,
  counted,
  cursorsOf,
  type PageArgs,
  pageSize,
  readPage,
  toConnection,
} from '../../platform/graphql/connection.ts';
import { badUserInput } from '../../platform/graphql/errors.ts';
import { name, parseInput } from '../../platform/graphql/input.ts';
import { batched, keyed } from '../../platform/graphql/loader.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import { type Principal, requireUser, viewerOf } from '../../platform/identity/principal.ts';
import { NIL, type Page, type StatesOf } from '../../platform/messaging/announcements/announcer.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { createOnce } from '../../platform/postgres/create-once.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import { OUTBOX, RATE_LIMITS } from '../../platform/injection/tokens.ts';
import { TournamentCreated, TournamentDeleted, type TournamentSnapshot } from '../../schema/messages/tournaments.ts';
import { draftsHidden, listenerOf } from './drafts.ts';
import type { QueryTournamentsArgs } from './generated/graphql.ts';
import { type Prisma, PrismaClient, type Tournament } from './generated/prisma/client.ts';
import { createInput, time, tournamentInput } from './inputs.ts';
import { userError } from './reasons.ts';
import { plannedMatches } from './planned-matches.ts';
import { append, factsOf, happened, lockAsOrganizer } from './record.ts';
import type manifest from './subgraph.ts';

const cursors = cursorsOf(
  'Query.tournaments by start, id',
  z.tuple([
    z.iso
      .datetime()
      .transform((at) => new Date(at))
      .pipe(time),
    z.uuid(),
  ]),
);

@Injectable()
export class TournamentsService {
  readonly byId = batched((ids, viewer) => this.byIds(viewer, ids));
  /** {@link organizers}. */
  readonly organizersOf = batched((ids, _viewer, first: number | null | undefined) => this.organizers(ids, first));
  /** {@link organizedBy}. */
  readonly isOrganizer = batched((ids, viewer) => this.organizedBy(viewer, ids));
  /** {@link teamCounts}. */
  readonly teamCount = batched((ids) => this.teamCounts(ids));

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
  ) {}

  /** Public, except drafts, which only their organizers see. */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, Tournament>> {
    const rows = await this.prisma.tournament.findMany({ where: { id: { in: [...ids] } } });
    const hidden = await draftsHidden(this.prisma, viewer, rows);
    return keyed(rows.filter(({ id }) => !hidden.has(id)));
  }

  /** Public, except drafts, which only their organizers see. */
  async page(
    viewer: Principal,
    { state, city, sport, ...args }: Partial<QueryTournamentsArgs> & PageArgs,
  ): Promise<Counted<Tournament>> {
    const page = readPage(args);
    if (city != null && !name(80).safeParse(city).success) throw badUserInput('city is not a name');
    const scope = { state, city, sport };
    const { after, before } = boundsOf(cursors, scope, page);
    const userId = listenerOf(viewer);
    const filter: Prisma.TournamentWhereInput = {
      ...(city == null ? {} : { city }),
      ...(sport == null ? {} : { sport }),
      AND: [
        state == null ? {} : { state },
        { OR: [{ state: { not: 'DRAFT' } }, ...(userId ? [{ organizers: { some: { userId } } }] : [])] },
      ],
    };
    const order = page.backwards ? 'desc' : 'asc';
    const rows = await this.prisma.tournament.findMany({
      where: { AND: [filter, after ? beyond('gt', after) : {}, before ? beyond('lt', before) : {}] },
      orderBy: [{ startsAt: order }, { id: order }],
      take: page.size + 1,
    });
    return counted(
      toConnection(rows, page, ({ startsAt, id }) => cursors.encode(scope, [startsAt.toISOString(), id])),
      (take) => this.prisma.tournament.count({ where: filter, take }),
    );
  }

  /** Public. Users, the creator first; there are few. */
  async organizers(ids: readonly string[], first: number | null | undefined): Promise<Map<string, string[]>> {
    const size = pageSize(first ?? 20);
    const rows = await this.prisma.organizer.findMany({
      where: { tournamentId: { in: [...ids] } },
      orderBy: [{ tournamentId: 'asc' }, { appointedBy: { sort: 'asc', nulls: 'first' } }, { appointedAt: 'asc' }],
    });
    return new Map(
      [...Map.groupBy(rows, ({ tournamentId }) => tournamentId)].map(([id, of]) => [
        id,
        of.slice(0, size).map(({ userId }) => userId),
      ]),
    );
  }

  /** The tournaments among these that the viewer organizes. */
  async organizedBy(viewer: Principal, ids: readonly string[]): Promise<Map<string, true>> {
    const userId = viewerOf(viewer);
    if (userId === undefined) return new Map();
    const rows = await this.prisma.organizer.findMany({ where: { userId, tournamentId: { in: [...ids] } } });
    return new Map(rows.map(({ tournamentId }) => [tournamentId, true]));
  }

  /** Public. How many teams have a place. */
  async teamCounts(ids: readonly string[]): Promise<Map<string, number>> {
    const counts = await this.prisma.entry.groupBy({
      by: ['tournamentId'],
      where: { tournamentId: { in: [...ids] }, state: { in: ['ACCEPTED', 'CHECKED_IN'] } },
      _count: true,
    });
    return new Map(counts.map(({ tournamentId, _count }) => [tournamentId, _count]));
  }

  /** Every user may. The same client id again gives the same tournament. @throws UserErrors, RATE_LIMITED */
  async create(viewer: Principal, input: unknown): Promise<Tournament> {
    const { userId } = requireUser(viewer);
    const { mode, ...asked } = parseInput(createInput, input);
    const data = { ...cleared(asked), registration: mode, creatorId: userId, createdAs: digestOf({ ...asked, mode }) };
    return createOnce(
      () => this.#made(data),
      async () => {
        await this.limits.take('createTournament', userId, viewer.clientAddress);
        return this.outbox.transaction(this.prisma, async (tx, emit) => {
          const row = await tx.tournament.create({ data: { ...data, organizers: { create: { userId } } } });
          return append(tx, emit, row, [happened(TournamentCreated, factsOf(row, [{ userId }]))]);
        });
      },
    );
  }

  /** Its organizers may, while it is a draft. @returns its global id @throws UserErrors */
  async delete(viewer: Principal, input: unknown): Promise<string> {
    requireUser(viewer);
    const { tournamentId } = parseInput(tournamentInput, input);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const { id, state, lastSeq } = await lockAsOrganizer(tx, viewer, tournamentId);
      if (state !== 'DRAFT') throw userError('TOURNAMENT_STATE', { state, needed: 'DRAFT' }, 'tournamentId');
      await tx.tournament.delete({ where: { id } });
      emit(TournamentDeleted, { seq: lastSeq + 1, payload: { tournamentId: id } });
      return tournamentId;
    });
  }

  /** Tournaments as they are, for their announcement. */
  async states(tx: Prisma.TransactionClient, { after, limit }: Page): Promise<StatesOf<typeof TournamentSnapshot>> {
    const locked = await tx.$queryRaw<
      { id: string }[]
    >`SELECT id FROM tournaments.tournaments WHERE id > ${after ?? NIL}::uuid ORDER BY id LIMIT ${limit}::int FOR NO KEY UPDATE`;
    const rows = await tx.tournament.findMany({
      where: { id: { in: locked.map(({ id }) => id) } },
      include: { organizers: { orderBy: { userId: 'asc' } } },
      orderBy: { id: 'asc' },
    });
    const states = [];
    for (const { organizers, ...row } of rows)
      states.push({
        seq: row.lastSeq,
        payload: { ...factsOf(row, organizers), matches: await plannedMatches(tx, row) },
      });
    return states;
  }

  /**
   * The tournament of an earlier request with this client id. @throws UserErrors CONFLICT when that request had another
   * input
   */
  async #made({ creatorId, clientId, createdAs }: Asked): Promise<Tournament | null> {
    const row = await this.prisma.tournament.findUnique({ where: { creatorId_clientId: { creatorId, clientId } } });
    if (row && row.createdAs !== createdAs) throw userError('CLIENT_ID_USED', 'clientId');
    return row;
  }
}

type Asked = Pick<Tournament, 'creatorId' | 'clientId' | 'createdAs'>;

/** SHA-256 of an input. The order of its fields does not matter. */
function digestOf(asked: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(asked).filter(([, value]) => value != null);
  return createHash('sha256')
    .update(JSON.stringify(given.sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex');
}

/** Fields that the client omitted are null in the row. */
function cleared<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).map(([field, value]) => [field, value ?? null])) as never;
}

/** Rows after or before a row, in the order of (startsAt, id). The first condition is for the index. */
function beyond(way: 'gt' | 'lt', [startsAt, id]: readonly [Date, string]): Prisma.TournamentWhereInput {
  return { startsAt: { [`${way}e`]: startsAt }, OR: [{ startsAt: { [way]: startsAt } }, { id: { [way]: id } }] };
}
