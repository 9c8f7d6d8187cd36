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
import { fromGlobalId, fromGlobalIds } from '../../platform/graphql/global-id.ts';
import { name, parseInput } from '../../platform/graphql/input.ts';
import { batched, keyed } from '../../platform/graphql/loader.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import { type Principal, requireUser, viewerOf } from '../../platform/identity/principal.ts';
import { NIL, type Page, type StatesOf } from '../../platform/messaging/announcements/announcer.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { columnsOf } from '../../platform/postgres/columns.ts';
import { createOnce } from '../../platform/postgres/create-once.ts';
import { digestOfInput } from '../../platform/postgres/digest.ts';
import { wordsQuery } from '../../platform/graphql/words.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import { OUTBOX, RATE_LIMITS } from '../../platform/injection/tokens.ts';
import { TournamentCreated, TournamentDeleted, type TournamentSnapshot } from '../../schema/messages/tournaments.ts';
import type { TournamentAsFacts } from '../../schema/questions/tournaments.ts';
import { draftsHidden, listenerOf } from './drafts.ts';
import type { QueryTournamentsArgs } from './generated/graphql.ts';
import { Prisma, PrismaClient, type Tournament } from './generated/prisma/client.ts';
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

/** The largest number of venues that the facts of a tournament name. */
const MOST_VENUES = 20;

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

  /** Reads tournaments by id. Everybody may read them, except drafts, which only their organizers see. */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, Tournament>> {
    const rows = await this.prisma.tournament.findMany({ where: { id: { in: [...ids] } } });
    const hidden = await draftsHidden(this.prisma, viewer, rows);
    return keyed(rows.filter(({ id }) => !hidden.has(id)));
  }

  /**
   * The facts of these tournaments for an announcement. The tournaments are given by global ids, and the result has
   * their order. Null for one that the viewer may not see.
   */
  async facts(viewer: Principal, globalIds: readonly string[]): Promise<(TournamentAsFacts | null)[]> {
    const rows = await this.byIds(viewer, fromGlobalIds('Tournament', globalIds));
    const venues = await this.prisma.venue.findMany({
      where: { tournamentId: { in: [...rows.keys()] } },
      orderBy: { id: 'asc' },
      select: { tournamentId: true, name: true },
    });
    return globalIds.map((globalId) => {
      const row = rows.get(fromGlobalId('Tournament', globalId) ?? '');
      if (!row) return null;
      const { name: called, state, description, sport, city, timeZone, minTeams, maxTeams, minAge, maxAge } = row;
      return {
        ...{ name: called, state, description, sport, city, timeZone, minTeams, maxTeams, minAge, maxAge },
        startsAt: row.startsAt.toISOString(),
        registrationClosesAt: row.registrationClosesAt?.toISOString() ?? null,
        venues: venues
          .filter(({ tournamentId }) => tournamentId === row.id)
          .map((venue) => venue.name)
          .slice(0, MOST_VENUES),
      };
    });
  }

  /** A page of tournaments. Everybody may read them, except drafts, which only their organizers see. */
  async page(
    viewer: Principal,
    { state, city, sport, name: search, ...args }: Partial<QueryTournamentsArgs> & PageArgs,
  ): Promise<Counted<Tournament>> {
    const page = readPage(args);
    if (city != null && !name(80).safeParse(city).success) throw badUserInput('city is not a name');
    const scope = { state, city, sport, name: search };
    const { after, before } = boundsOf(cursors, scope, page);
    const words = search == null ? null : wordsQuery(search, 'name');
    const userId = listenerOf(viewer);
    const where = Prisma.sql`FROM tournaments.tournaments t WHERE true
      ${state ? Prisma.sql`AND state = ${state}::tournaments.tournament_state` : Prisma.empty}
      ${city == null ? Prisma.empty : Prisma.sql`AND city = ${city}`}
      ${sport ? Prisma.sql`AND sport = ${sport}` : Prisma.empty}
      ${words === null ? Prisma.empty : Prisma.sql`AND tournaments.words_of(name) @@ to_tsquery('simple', ${words})`}
      AND (state <> 'DRAFT' ${
        userId
          ? Prisma.sql`OR EXISTS (SELECT FROM tournaments.tournament_organizers o WHERE o.tournament_id = t.id AND o.user_id = ${userId}::uuid)`
          : Prisma.empty
      })`;
    const way = page.backwards ? Prisma.sql`DESC` : Prisma.sql`ASC`;
    const key = ([at, id]: NonNullable<typeof after>): Prisma.Sql => Prisma.sql`(${at}::timestamptz, ${id}::uuid)`;
    const rows = await this.prisma.$queryRaw<Tournament[]>`
      SELECT ${Prisma.raw(columnsOf(Prisma.TournamentScalarFieldEnum))} ${where}
      ${after ? Prisma.sql`AND (starts_at, id) > ${key(after)}` : Prisma.empty}
      ${before ? Prisma.sql`AND (starts_at, id) < ${key(before)}` : Prisma.empty}
      ORDER BY starts_at ${way}, id ${way} LIMIT ${page.size + 1}`;
    return counted(
      toConnection(rows, page, ({ startsAt, id }) => cursors.encode(scope, [startsAt.toISOString(), id])),
      async (take) => {
        const [row] = await this.prisma.$queryRaw<{ count: number }[]>`
          SELECT count(*)::int AS count FROM (SELECT 1 ${where} LIMIT ${take}) tournaments`;
        return row?.count ?? 0;
      },
    );
  }

  /**
   * The organizers of each tournament, the creator first. Everybody may read them. They have no pages, because a
   * tournament has at most 20.
   */
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

  /** How many teams have a place in each tournament. Everybody may read this. */
  async teamCounts(ids: readonly string[]): Promise<Map<string, number>> {
    const counts = await this.prisma.entry.groupBy({
      by: ['tournamentId'],
      where: { tournamentId: { in: [...ids] }, state: { in: ['ACCEPTED', 'CHECKED_IN'] } },
      _count: true,
    });
    return new Map(counts.map(({ tournamentId, _count }) => [tournamentId, _count]));
  }

  /**
   * Creates a tournament as a draft. Every signed-in user may do this. The same client id again gives the same
   * tournament. @throws UserErrors, RATE_LIMITED
   */
  async create(viewer: Principal, input: unknown): Promise<Tournament> {
    const { userId } = requireUser(viewer);
    const { mode, ...asked } = parseInput(createInput, input);
    const data = {
      ...cleared(asked),
      registration: mode,
      creatorId: userId,
      createdAs: digestOfInput({ ...asked, mode }),
    };
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

  /**
   * Deletes a draft. Its organizers may do this. Nobody else sees a draft, so others, also administrators, get
   * NOT_FOUND.
   * @returns the global id of the tournament
   * @throws UserErrors
   */
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

  /** A page of tournaments as snapshots, for an announcement. It locks them, so that no change comes in between. */
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
   * The tournament of an earlier request with this client id, or null.
   * @throws UserErrors CONFLICT if that request had another input
   */
  async #made({ creatorId, clientId, createdAs }: Asked): Promise<Tournament | null> {
    const row = await this.prisma.tournament.findUnique({ where: { creatorId_clientId: { creatorId, clientId } } });
    if (row && row.createdAs !== createdAs) throw userError('CLIENT_ID_USED', 'clientId');
    return row;
  }
}

type Asked = Pick<Tournament, 'creatorId' | 'clientId' | 'createdAs'>;

/** Copies the values with null in place of undefined: a field that the client omitted is null in the row. */
function cleared<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).map(([field, value]) => [field, value ?? null])) as never;
}
