import { PrismaPg } from '@prisma/adapter-pg';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import type { Projection, Rebuild } from '../../platform/messaging/rebuild.ts';
import {
  type MatchFacts,
  Matches,
  MatchEventRecorded,
  type MatchScore,
  MatchSnapshot,
} from '../../schema/messages/matches.ts';
import { type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { advanceSheet, EMPTY_SHEET, type MatchSheet } from './match-sheet.ts';
import { RATINGS_GROUP } from './consumers.ts';
import { inOrder, ratedMatch, type RatedMatch, type Rating, ratingsAfter } from './rating.ts';
import { changesOf, updateRatings } from './ratings.ts';
import { statisticsOf, updateStatistics } from './statistics.ts';

/** Rows of one INSERT. */
const BATCH = 2000;
/** Time for the exchange of the tables, which live updates wait for. */
const SWAP_MS = 600_000;
const NO_SCORE: MatchScore = { home: 0, away: 0, periods: [], shootout: null };

interface Known {
  readonly seq: number;
  /** Null while only events of version 1 are known. */
  readonly facts: MatchFacts | null;
  readonly score: MatchScore;
  readonly sheet: MatchSheet;
}

/** Rows for a table, as its columns are named. */
type Rows = readonly (readonly [table: string, rows: readonly object[]])[];

/** A projection of `matches.v1` in this service's tables. */
interface Target {
  readonly describe: string;
  readonly tables: readonly string[];
  /** The name of the advisory lock that live updates share. */
  readonly lock: string;
  /** The rows of all matches, in batches. */
  rows(matches: ReadonlyMap<string, Known>): Iterable<Rows>;
  /** The live update of one match. */
  update(tx: Prisma.TransactionClient, matchId: string): Promise<void>;
}

/** Ratings of teams and players. */
export const ratings = projectionOf({
  describe: 'ratings of teams and players',
  tables: ['rated_matches', 'rating_changes'],
  lock: 'matches.ratings',
  *rows(matches) {
    const rated = [...matches].flatMap(([id, { facts, sheet }]) => {
      const match = facts && ratedMatch(id, facts, sheet);
      return match ? [match] : [];
    });
    rated.sort(inOrder);
    const now = new Map<string, Map<string, Rating>>();
    for (const match of rated) {
      const ofSport = now.get(match.sport) ?? new Map<string, Rating>();
      now.set(match.sport, ofSport);
      const after = ratingsAfter(match, ofSport);
      for (const [subject, rating] of after) ofSport.set(subject, rating);
      const changes = changesOf(match, after).map(({ id: subjectId, ...change }) => ({ ...change, subjectId }));
      yield [
        ['rated_matches', [match satisfies RatedMatch]],
        ['rating_changes', changes],
      ];
    }
  },
  update: updateRatings,
});

/** Results of teams, and deeds of players. */
export const statistics = projectionOf({
  describe: 'statistics of teams and players',
  tables: ['team_results', 'player_results'],
  lock: 'matches.statistics',
  *rows(matches) {
    for (const [id, { facts, score, sheet }] of matches) {
      if (!facts) continue;
      const { teams, players } = statisticsOf(id, facts, score, sheet);
      yield [
        ['team_results', teams],
        ['player_results', players],
      ];
    }
  },
  update: updateStatistics,
});

function projectionOf(target: Target): Projection {
  return {
    service: 'matches',
    topic: Matches.name,
    describe: target.describe,
    open: async (url) => new MatchesRebuild(url, target),
  };
}

/** One run. The last state of every match is in memory: about 1 kB for each. */
class MatchesRebuild implements Rebuild {
  readonly #prisma: PrismaClient;
  readonly #target: Target;
  readonly #matches = new Map<string, Known>();

  constructor(url: string, target: Target) {
    this.#target = target;
    this.#prisma = new PrismaClient({
      adapter: new PrismaPg({ connectionString: url, max: 2 }, { schema: 'matches' }),
    });
  }

  handle(event: LoggedEvent): void {
    const { key, seq, type, version, payload, topic } = event;
    const before = this.#matches.get(key) ?? { seq: 0, facts: null, score: NO_SCORE, sheet: EMPTY_SHEET };
    const where = `${topic}/${key}#${seq}`;
    if (type === MatchSnapshot.type) {
      if (seq < before.seq) return;
      const read = MatchSnapshot.read(version, payload, where);
      const { matchId: _matchId, period: _period, lineups, substitutes, players, score, ...facts } = read;
      this.#matches.set(key, { seq, facts, score, sheet: { lineups, substitutes, players } });
      return;
    }
    // The log delivers at least once.
    if (type !== MatchEventRecorded.type || seq <= before.seq) return;
    const { match, detail, score } = MatchEventRecorded.read(version, payload, where);
    this.#matches.set(key, { seq, facts: match ?? before.facts, score, sheet: advanceSheet(before.sheet, detail) });
  }

  async finish(): Promise<Record<string, number>> {
    const rows = await this.#fill();
    const late = await this.#swap();
    return { matches: this.#matches.size, rows, late };
  }

  async close(): Promise<void> {
    for (const table of this.#target.tables)
      await this.#prisma.$executeRawUnsafe(`DROP TABLE IF EXISTS matches.${table}_new`);
    await this.#prisma.$disconnect();
  }

  /** Fills new tables; the tables in use do not change. @returns the number of rows */
  async #fill(): Promise<number> {
    for (const table of this.#target.tables) {
      await this.#prisma.$executeRawUnsafe(`DROP TABLE IF EXISTS matches.${table}_new`);
      await this.#prisma.$executeRawUnsafe(`CREATE UNLOGGED TABLE matches.${table}_new (LIKE matches.${table})`);
    }
    let count = 0;
    const waiting = new Map<string, object[]>(this.#target.tables.map((table) => [table, []]));
    const flush = async (table: string, rows: object[]): Promise<void> => {
      count += rows.length;
      await this.#insert(table, rows.splice(0));
    };
    for (const step of this.#target.rows(this.#matches))
      for (const [table, more] of step) {
        const rows = waiting.get(table) ?? [];
        rows.push(...more.map(columns));
        if (rows.length >= BATCH) await flush(table, rows);
      }
    for (const [table, rows] of waiting) await flush(table, rows);
    return count;
  }

  async #insert(table: string, rows: readonly object[]): Promise<void> {
    await this.#prisma.$executeRawUnsafe(
      `INSERT INTO matches.${table}_new SELECT * FROM jsonb_populate_recordset(NULL::matches.${table}, $1::jsonb)`,
      JSON.stringify(rows),
    );
  }

  /**
   * Exchanges the rows in one transaction: readers see all old rows or all new ones, and live updates wait. Matches of
   * which the live projection has handled events that this rebuild has not read are updated in it.
   * @returns the number of these matches
   */
  async #swap(): Promise<number> {
    const { tables, lock, update } = this.#target;
    return this.#prisma.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${lock}::text, 0))::text`;
        for (const table of tables) {
          await tx.$executeRawUnsafe(`DELETE FROM matches.${table}`);
          await tx.$executeRawUnsafe(`INSERT INTO matches.${table} SELECT * FROM matches.${table}_new`);
        }
        const late = await this.#late(tx);
        for (const matchId of late) await update(tx, matchId);
        return late.length;
      },
      { timeout: SWAP_MS, maxWait: SWAP_MS },
    );
  }

  /** Matches of which the live projection has handled events after the end of this reading. */
  async #late(tx: Prisma.TransactionClient): Promise<string[]> {
    const positions = await tx.inboxPosition.findMany({
      where: { consumer: RATINGS_GROUP, topic: Matches.name },
      select: { key: true, lastSeq: true },
      orderBy: { key: 'asc' },
    });
    return positions.filter(({ key, lastSeq }) => lastSeq > (this.#matches.get(key)?.seq ?? 0)).map(({ key }) => key);
  }
}

/** The row with the names of the columns: `homeTeamId` is `home_team_id`. */
const columns = (row: object): object =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
