import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import {
  type Connection,
  cursorsOf,
  emptyConnection,
  type PageArgs,
  readPage,
  startOf,
  toConnection,
} from '../../platform/graphql/connection.ts';
import { batched, keyed } from '../../platform/graphql/loader.ts';
import type { Principal } from '../../platform/identity/principal.ts';
import { columnsOf } from '../../platform/postgres/columns.ts';
import { draftsHidden } from './drafts.ts';
import { type Entry, Prisma, PrismaClient } from './generated/prisma/client.ts';
import type { EntryState } from './generated/prisma/enums.ts';

const cursors = cursorsOf(
  'Tournament.entries by number',
  z.tuple([
    z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number),
  ]),
);

/** Reads entries. The entries of a published tournament are public. */
@Injectable()
export class EntriesService {
  readonly none: Connection<Entry> = emptyConnection();
  readonly byId = batched((ids, viewer) => this.byIds(viewer, ids));
  /** {@link pages}. */
  readonly page = batched((ids, _viewer, args: PageArgs, state: EntryState | null) => this.pages(ids, args, state));
  /** {@link counts}. */
  readonly count = batched((ids, _viewer, state: EntryState | null) => this.counts(ids, state));

  constructor(private readonly prisma: PrismaClient) {}

  /** Reads entries by id. Everybody may read them, except entries of drafts, which only the organizers see. */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, Entry>> {
    const rows = await this.prisma.entry.findMany({
      where: { id: { in: [...ids] } },
      include: { tournament: { select: { id: true, state: true } } },
    });
    const hidden = await draftsHidden(
      this.prisma,
      viewer,
      rows.map(({ tournament }) => tournament),
    );
    return keyed(rows.filter(({ tournamentId }) => !hidden.has(tournamentId)));
  }

  /**
   * One page of entries of each tournament, in one statement. The caller must have checked that the viewer may see the
   * tournaments. A cursor belongs to one tournament: the others get an INVALID_CURSOR error in the map.
   */
  async pages(
    tournamentIds: readonly string[],
    args: PageArgs,
    state: EntryState | null,
  ): Promise<Map<string, Connection<Entry> | Error>> {
    const page = readPage(args);
    const scopeOf = (tournament: string) => ({ tournament, state });
    const { ids, after, before, refused } = startOf(cursors, tournamentIds, scopeOf, page);
    const only = state === null ? Prisma.empty : Prisma.sql`AND state = ${state}::tournaments.entry_state`;
    const beyond = Prisma.sql`${after ? Prisma.sql`AND number > ${after[0]}::int` : Prisma.empty} ${before ? Prisma.sql`AND number < ${before[0]}::int` : Prisma.empty}`;
    const way = page.backwards ? Prisma.sql`DESC` : Prisma.sql`ASC`;
    const ranked = await this.prisma.$queryRaw<Entry[]>`
      SELECT ${Prisma.raw(columnsOf(Prisma.EntryScalarFieldEnum))} FROM (
        SELECT *, row_number() OVER (PARTITION BY tournament_id ORDER BY number ${way}) AS place
        FROM tournaments.entries WHERE tournament_id = ANY (${[...ids]}::uuid[]) ${only} ${beyond}
      ) entries WHERE place <= ${page.size + 1} ORDER BY tournament_id, place`;
    const rows = Map.groupBy(ranked, ({ tournamentId }) => tournamentId);
    const pages = ids.map(
      (id) =>
        [
          id,
          toConnection(rows.get(id) ?? [], page, ({ number }) => cursors.encode(scopeOf(id), [String(number)])),
        ] as const,
    );
    return new Map<string, Connection<Entry> | Error>([...pages, ...refused]);
  }

  /** The number of entries. The caller must have checked that the viewer may see the tournaments. */
  async counts(tournamentIds: readonly string[], state: EntryState | null): Promise<Map<string, number>> {
    const counts = await this.prisma.entry.groupBy({
      by: ['tournamentId'],
      where: { tournamentId: { in: [...tournamentIds] }, ...(state === null ? {} : { state }) },
      _count: true,
    });
    return new Map(counts.map(({ tournamentId, _count }) => [tournamentId, _count]));
  }
}
