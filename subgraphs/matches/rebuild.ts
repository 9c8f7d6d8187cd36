import { PrismaPg } from '@prisma/adapter-pg';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import type { Projection, Rebuild } from '../../platform/messaging/rebuild.ts';
import { type MatchFacts, Matches, MatchEventRecorded, MatchSnapshot } from '../../schema/messages/matches.ts';
import { type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { advanceSheet, EMPTY_SHEET, type MatchSheet } from './match-sheet.ts';
import { inOrder, ratedMatch, type RatedMatch, type Rating, ratingsAfter } from './rating.ts';
import { RATINGS_GROUP } from './rating-consumer.ts';
import { changesOf, updateRatings } from './ratings.ts';

/** Rows of one INSERT. */
const BATCH = 2000;
/** Time for the exchange of the tables, which live updates wait for. */
const SWAP_MS = 600_000;

interface Known {
  readonly seq: number;
  /** Null while only events of version 1 are known. */
  readonly facts: MatchFacts | null;
  readonly sheet: MatchSheet;
}

/**
 * Ratings from `matches.v1` alone. The last state of every match is in memory: about 1 kB for each.
 */
export const ratings: Projection = {
  service: 'matches',
  topic: Matches.name,
  describe: 'ratings of teams and players',
  open: async (url) => new RatingsRebuild(url),
};

class RatingsRebuild implements Rebuild {
  readonly #prisma: PrismaClient;
  readonly #matches = new Map<string, Known>();

  constructor(url: string) {
    this.#prisma = new PrismaClient({
      adapter: new PrismaPg({ connectionString: url, max: 2 }, { schema: 'matches' }),
    });
  }

  handle(event: LoggedEvent): void {
    const { key, seq, type, version, payload, topic } = event;
    const before = this.#matches.get(key) ?? { seq: 0, facts: null, sheet: EMPTY_SHEET };
    const where = `${topic}/${key}#${seq}`;
    if (type === MatchSnapshot.type) {
      if (seq < before.seq) return;
      const {
        matchId: _matchId,
        lineups,
        substitutes,
        players,
        ...facts
      } = MatchSnapshot.read(version, payload, where);
      this.#matches.set(key, { seq, facts, sheet: { lineups, substitutes, players } });
      return;
    }
    // The log delivers at least once.
    if (type !== MatchEventRecorded.type || seq <= before.seq) return;
    const { match, detail } = MatchEventRecorded.read(version, payload, where);
    this.#matches.set(key, { seq, facts: match ?? before.facts, sheet: advanceSheet(before.sheet, detail) });
  }

  async finish(): Promise<Record<string, number>> {
    const rated = [...this.#matches].flatMap(([id, { facts, sheet }]) => {
      const match = facts && ratedMatch(id, facts, sheet);
      return match ? [match] : [];
    });
    rated.sort(inOrder);
    await this.#fill(rated);
    const late = await this.#swap();
    return { matches: this.#matches.size, rated: rated.length, late };
  }

  async close(): Promise<void> {
    await this.#prisma.$executeRaw`DROP TABLE IF EXISTS matches.rated_matches_new, matches.rating_changes_new`;
    await this.#prisma.$disconnect();
  }

  /** Fills empty tables beside those that are in use. */
  async #fill(rated: readonly RatedMatch[]): Promise<void> {
    for (const table of ['rated_matches', 'rating_changes']) {
      await this.#prisma.$executeRawUnsafe(`DROP TABLE IF EXISTS matches.${table}_new`);
      await this.#prisma.$executeRawUnsafe(`CREATE UNLOGGED TABLE matches.${table}_new (LIKE matches.${table})`);
    }
    const now = new Map<string, Map<string, Rating>>();
    for (let at = 0; at < rated.length; at += BATCH) {
      const batch = rated.slice(at, at + BATCH);
      const changes = batch.flatMap((match) => {
        const ofSport = now.get(match.sport) ?? new Map<string, Rating>();
        now.set(match.sport, ofSport);
        const after = ratingsAfter(match, ofSport);
        for (const [subject, rating] of after) ofSport.set(subject, rating);
        return changesOf(match, after);
      });
      await this.#insert('rated_matches', batch.map(toRow));
      for (let from = 0; from < changes.length; from += BATCH)
        await this.#insert(
          'rating_changes',
          changes
            .slice(from, from + BATCH)
            .map(({ kind, id, sport, kickoffAt, matchId, mu, sigma }) => ({
              kind,
              subject_id: id,
              sport,
              match_id: matchId,
              kickoff_at: kickoffAt,
              mu,
              sigma,
            })),
        );
    }
  }

  async #insert(table: string, rows: readonly object[]): Promise<void> {
    await this.#prisma.$executeRawUnsafe(
      `INSERT INTO matches.${table}_new SELECT * FROM jsonb_populate_recordset(NULL::matches.${table}, $1::jsonb)`,
      JSON.stringify(rows),
    );
  }

  /**
   * Exchanges the rows in one transaction: readers see all old ones or all new ones, and live updates wait. What the
   * live projection has seen meanwhile, and this rebuild has not, is brought up to date before.
   * @returns how many matches that were
   */
  async #swap(): Promise<number> {
    return this.#prisma.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('matches.ratings', 0))::text`;
        for (const table of ['rated_matches', 'rating_changes']) {
          await tx.$executeRawUnsafe(`DELETE FROM matches.${table}`);
          await tx.$executeRawUnsafe(`INSERT INTO matches.${table} SELECT * FROM matches.${table}_new`);
        }
        const late = await this.#late(tx);
        for (const matchId of late) await updateRatings(tx, matchId);
        return late.length;
      },
      { timeout: SWAP_MS, maxWait: SWAP_MS },
    );
  }

  /** Matches of which the live projection has handled events that came after the end of this reading. */
  async #late(tx: Prisma.TransactionClient): Promise<string[]> {
    const positions = await tx.inboxPosition.findMany({
      where: { consumer: RATINGS_GROUP, topic: Matches.name },
      select: { key: true, lastSeq: true },
      orderBy: { key: 'asc' },
    });
    return positions.filter(({ key, lastSeq }) => lastSeq > (this.#matches.get(key)?.seq ?? 0)).map(({ key }) => key);
  }
}

const toRow = (match: RatedMatch) => ({
  match_id: match.matchId,
  sport: match.sport,
  kickoff_at: match.kickoffAt,
  home_team_id: match.homeTeamId,
  away_team_id: match.awayTeamId,
  winner: match.winner,
  home_players: match.homePlayers,
  away_players: match.awayPlayers,
});
