import { PrismaPg } from '@prisma/adapter-pg';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import type { Projection, Rebuild } from '../../platform/messaging/rebuilds/projection.ts';
import {
  type MatchFacts,
  Matches,
  MatchEventRecorded,
  type MatchScore,
  MatchSnapshot,
  RebuildMatches,
} from '../../schema/messages/matches.ts';
import { type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { advanceSheet, EMPTY_SHEET, type MatchSheet } from './match-sheet.ts';
import { inOrder, ratedMatch, type RatedMatch, type Rating, ratingsAfter } from './rating.ts';
import { changesOf, updateRatings } from './ratings.ts';
import { statisticsOf, updateStatistics } from './statistics.ts';

/** The consumer group of ratings and statistics: the same name as in consumers.ts. */
const RATINGS_GROUP = 'matches-ratings';
/** The largest number of rows of one INSERT. */
const BATCH = 2000;
/**
 * The longest time of the exchange of rows, in milliseconds. After it the rebuild fails. During the exchange, live
 * updates wait for its lock.
 */
const SWAP_MS = 600_000;
const NO_SCORE: MatchScore = { home: 0, away: 0, periods: [], shootout: null };

interface Known {
  readonly seq: number;
  /** The facts of the match after its newest event. Null while only events of version 1 are known. */
  readonly facts: MatchFacts | null;
  readonly score: MatchScore;
  readonly sheet: MatchSheet;
}

/** Rows for each table. */
type Rows = readonly (readonly [table: string, rows: readonly object[]])[];

/** Tables of this service that follow from the topic `matches.v1`. */
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

const RATINGS: Target = {
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
};

const STATISTICS: Target = {
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
};

/** Ratings of teams and players. */
export const ratings = projectionOf(RATINGS);

/** Results of teams, and deeds of players. */
export const statistics = projectionOf(STATISTICS);

/**
 * The rows of both projections after these events of `matches.v1`, as their columns are named: what rebuilds of them
 * store.
 */
export function* projectedRows(events: Iterable<LoggedMatchEvent>): Iterable<Rows> {
  const matches = new Map<string, Known>();
  for (const event of events) keep(matches, event);
  for (const target of [RATINGS, STATISTICS])
    for (const step of target.rows(matches)) yield step.map(([table, rows]) => [table, rows.map(columns)] as const);
}

function projectionOf(target: Target): Projection {
  return {
    service: 'matches',
    job: RebuildMatches,
    topics: [Matches.name],
    describe: target.describe,
    open: async (url, signal) => new MatchesRebuild(url, target, signal),
  };
}

type LoggedMatchEvent = Pick<LoggedEvent, 'topic' | 'key' | 'seq' | 'type' | 'version' | 'payload'>;

/** Keeps the state of the match after the event. */
function keep(matches: Map<string, Known>, { key, seq, type, version, payload, topic }: LoggedMatchEvent): void {
  const before = matches.get(key) ?? { seq: 0, facts: null, score: NO_SCORE, sheet: EMPTY_SHEET };
  const where = `${topic}/${key}#${seq}`;
  if (type === MatchSnapshot.type) {
    if (seq < before.seq) return;
    const read = MatchSnapshot.read(version, payload, where);
    const { matchId: _matchId, period: _period, lineups, substitutes, players, score, ...facts } = read;
    matches.set(key, { seq, facts, score, sheet: { lineups, substitutes, players } });
    return;
  }
  // A repeat is skipped, because the log delivers at least once.
  if (type !== MatchEventRecorded.type || seq <= before.seq) return;
  const { match, detail, score } = MatchEventRecorded.read(version, payload, where);
  matches.set(key, { seq, facts: match ?? before.facts, score, sheet: advanceSheet(before.sheet, detail) });
}

/** One run. It keeps the last state of each match in memory: about 1 kB per match. */
class MatchesRebuild implements Rebuild {
  readonly #prisma: PrismaClient;
  readonly #target: Target;
  readonly #signal: AbortSignal;
  readonly #matches = new Map<string, Known>();

  constructor(url: string, target: Target, signal: AbortSignal) {
    this.#target = target;
    this.#signal = signal;
    this.#prisma = new PrismaClient({
      adapter: new PrismaPg({ connectionString: url, max: 2 }, { schema: 'matches' }),
    });
  }

  handle(event: LoggedEvent): void {
    keep(this.#matches, event);
  }

  async finish(): Promise<Record<string, number>> {
    const rows = await this.#fill();
    this.#signal.throwIfAborted();
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
      this.#signal.throwIfAborted();
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
   * Exchanges the rows in one transaction: readers see all old rows or all new ones, and live updates wait. The live
   * consumer may have handled events that this run has not read. The same transaction updates the matches of such
   * events.
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

  /** The matches whose newest handled event is newer than the newest event that this run has read. */
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
