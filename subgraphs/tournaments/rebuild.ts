import { PrismaPg } from '@prisma/adapter-pg';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import type { Projection, Rebuild } from '../../platform/messaging/rebuilds/projection.ts';
import {
  Matches,
  MatchEventRecorded,
  type MatchFacts,
  type MatchScore,
  MatchSnapshot,
} from '../../schema/messages/matches.ts';
import { RebuildTournaments } from '../../schema/messages/tournaments.ts';
import { changesOf, type Counted, isAnew, NOTHING, sum, teamOf } from './deeds.ts';
import { Prisma, PrismaClient, type Result } from './generated/prisma/client.ts';
import { lock } from './record.ts';
import type { Known } from './results.service.ts';
import {
  entrantOf,
  isBetween,
  isForfeited,
  type MovedSlot,
  slotNow,
  standingRows,
  storedCourse,
  updateSlots,
} from './stored-course.ts';
import { OVER } from './planned-matches.ts';
import { CourseIsDue } from './timers.ts';

type Tx = Prisma.TransactionClient;

/** The consumer group that stores results: the same name as in consumers.ts. */
const RESULTS_GROUP = 'tournaments';
/**
 * The longest time of one transaction, in milliseconds. After it the rebuild fails. Until then, live results of the
 * transaction's tournaments wait for its lock.
 */
const SWAP_MS = 600_000;
const OPEN = { state: { notIn: OVER } };

/**
 * Rebuilds results, goals and cards, tables, and slots from the topic of matches. It only reads plans, entries,
 * rulings, and which match belongs to which slot: these are the service's own data, and the topic does not have them.
 */
export const standings: Projection = {
  service: 'tournaments',
  job: RebuildTournaments,
  topics: [Matches.name],
  describe: 'results, tables and brackets of tournaments',
  open: (url, signal) => StandingsRebuild.open(url, signal),
};

interface Step extends Omit<Known, 'match'> {
  readonly seq: number;
  readonly match: MatchFacts;
}

/** The state of a match after the event `seq`, and the later events that are not applied yet. */
interface Match {
  seq: number;
  /** Null before the first event. */
  last: { readonly match: MatchFacts; readonly score: MatchScore } | null;
  deeds: Map<string, Counted & { readonly playerId: string; readonly teamId: string }>;
  readonly waiting: Step[];
}

/** The last event of a match that the live consumer has applied: `limit` is its `seq`. */
interface Position {
  readonly matchId: string;
  readonly limit: number;
}

/**
 * One run. It keeps in memory the last state of each match of a tournament (about 1 kB) and the events that it may not
 * apply yet. It applies no event that the live consumer has not handled: the consumer handles it after the rebuild, and
 * emits the events that follow. A rebuild itself emits nothing.
 */
class StandingsRebuild implements Rebuild {
  readonly #prisma: PrismaClient;
  readonly #matches = new Map<string, Match>();
  readonly #handled: ReadonlyMap<string, number>;
  readonly #signal: AbortSignal;

  static async open(url: string, signal: AbortSignal): Promise<StandingsRebuild> {
    const prisma = new PrismaClient({
      adapter: new PrismaPg({ connectionString: url, max: 2 }, { schema: 'tournaments' }),
    });
    return new StandingsRebuild(prisma, await positions(prisma, null), signal);
  }

  private constructor(prisma: PrismaClient, handled: readonly Position[], signal: AbortSignal) {
    this.#prisma = prisma;
    this.#signal = signal;
    this.#handled = new Map(handled.map(({ matchId, limit }) => [matchId, limit]));
  }

  handle({ key, seq, type, version, payload, topic }: LoggedEvent): void {
    const step = read(type, version, payload, seq, `${topic}/${key}#${seq}`);
    if (!step) return;
    const match: Match = this.#matches.get(key) ?? { seq: 0, last: null, deeds: new Map(), waiting: [] };
    this.#matches.set(key, match);
    // A repeat: the log delivers at least once, and finish() can read on from an earlier event.
    if (seq <= (match.waiting.at(-1)?.seq ?? match.seq)) return;
    match.waiting.push(step);
    fold(match, this.#handled.get(key) ?? 0);
  }

  async finish(readOn: () => Promise<void>): Promise<Record<string, number>> {
    const drawn = await this.#prisma.tournament.findMany({
      where: { state: { not: 'CANCELLED' }, stages: { some: { plan: { not: Prisma.DbNull } } } },
      select: { id: true },
      orderBy: { id: 'asc' },
    });
    const late: string[] = [];
    for (const { id } of drawn) {
      this.#signal.throwIfAborted();
      await this.#transaction(async (tx) => {
        if (!(await this.#replace(tx, id))) late.push(id);
      });
    }
    // For these tournaments, the live consumer applied newer events during the reading. Now the locks hold it back. So
    // reading on gives all events that it has applied.
    if (late.length > 0)
      await this.#transaction(async (tx) => {
        for (const id of late) await lock(tx, id);
        await readOn();
        for (const id of late)
          if (!(await this.#replace(tx, id))) throw new Error(`${Matches.name} lacks events of tournament ${id}`);
      });
    return { tournaments: drawn.length, matches: this.#matches.size, late: late.length };
  }

  async close(): Promise<void> {
    await this.#prisma.$disconnect();
  }

  #transaction(work: (tx: Tx) => Promise<void>): Promise<void> {
    return this.#prisma.$transaction(work, { timeout: SWAP_MS, maxWait: SWAP_MS });
  }

  /** Replaces the rows of a tournament. @returns false if the live rows include an event that this run has not read */
  async #replace(tx: Tx, id: string): Promise<boolean> {
    const tournament = await lock(tx, id);
    // A tournament that was deleted or cancelled during the run is skipped.
    if (!tournament || tournament.state === 'CANCELLED') return true;
    const handled = await positions(tx, id);
    if (handled.some(({ matchId, limit }) => limit > this.#read(matchId))) return false;
    for (const { matchId, limit } of handled) {
      const match = this.#matches.get(matchId);
      if (match) fold(match, limit);
    }
    const isDue = await isCourseDue(tx, id);
    const forfeits = isDue ? await forfeitsOf(tx, id) : [];
    await this.#replaceResults(tx, id);
    await tx.deed.deleteMany({ where: { tournamentId: id } });
    await tx.deed.createMany({
      data: handled.flatMap(({ matchId }) =>
        [...(this.#matches.get(matchId)?.deeds.values() ?? [])].map((deed) => ({ ...deed, matchId, tournamentId: id })),
      ),
    });
    if (isDue) {
      // The timer that is due will bring tables and brackets up to date, and emits what changes. A rebuild emits
      // nothing.
      await tx.result.updateMany({ where: { matchId: { in: forfeits }, ...OPEN }, data: { state: 'FORFEITED' } });
      return true;
    }
    const stored = await storedCourse(tx, tournament);
    if (!stored) return true;
    const slots: MovedSlot[] = [];
    const forfeited: string[] = [];
    await tx.standing.deleteMany({ where: { group: { stage: { tournamentId: id } } } });
    for (const [index, stage] of stored.stages.entries()) {
      const { resolved, tables } = stored.course.stages[index]!;
      for (const slot of stage.slots) {
        const now = resolved.get(slot.key)!;
        const [home, away] = [entrantOf(now.home), entrantOf(now.away)];
        const match =
          home && away
            ? slot.results.findLast((result) => !result.annulled && isBetween(result, home, away))
            : undefined;
        slots.push({ id: slot.id, ...slotNow(now, match?.matchId ?? null) });
        if (match && isForfeited(match.state, now)) forfeited.push(match.matchId);
      }
      await tx.standing.createMany({
        data: stage.groups.flatMap((group, at) => standingRows(group.id, tables[at] ?? [])),
      });
    }
    await updateSlots(tx, slots);
    await tx.result.updateMany({ where: { matchId: { in: forfeited } }, data: { state: 'FORFEITED' } });
    return true;
  }

  #read(matchId: string): number {
    const match = this.#matches.get(matchId);
    return match?.waiting.at(-1)?.seq ?? match?.seq ?? 0;
  }

  async #replaceResults(tx: Tx, tournamentId: string): Promise<void> {
    const rows = await tx.result.findMany({ where: { slot: { stage: { tournamentId } } } });
    const next = rows.map((row) => resultNow(row, this.#matches.get(row.matchId)));
    await tx.$executeRaw`
      UPDATE tournaments.results SET state = d.state, score = nullif(d.score, 'null'::jsonb),
        winner = d.winner::tournaments.slot_side, how = d.how::tournaments.result_how, counts = d.counts, seq = d.seq
      FROM jsonb_to_recordset(${JSON.stringify(next)}::jsonb)
        AS d("matchId" uuid, state text, score jsonb, winner text, how text, counts boolean, seq int)
      WHERE results.match_id = d."matchId"`;
  }
}

/**
 * The positions of a tournament's matches; `tournamentId` null: of all tournaments. The live consumer ignores events of
 * an annulled match and of an archived tournament. So for these the limit is the `seq` in the row, not the inbox's.
 */
async function positions(tx: Pick<Tx, '$queryRaw'>, tournamentId: string | null): Promise<Position[]> {
  return tx.$queryRaw<Position[]>`
    SELECT r.match_id AS "matchId", CASE WHEN r.annulled OR t.state = 'ARCHIVED' THEN r.seq ELSE coalesce(i.last_seq, 0) END AS "limit"
    FROM tournaments.results r
    JOIN tournaments.slots s ON s.id = r.slot_id JOIN tournaments.stages g ON g.id = s.stage_id
    JOIN tournaments.tournaments t ON t.id = g.tournament_id
    LEFT JOIN tournaments.inbox i
      ON i.consumer = ${RESULTS_GROUP} AND i.topic = ${Matches.name} AND i.key = r.match_id::text
    WHERE ${tournamentId}::uuid IS NULL OR g.tournament_id = ${tournamentId}::uuid`;
}

/**
 * The ids of matches that this service has marked as forfeited, and for which the subgraph matches has not reported the
 * walkover yet.
 */
async function forfeitsOf(tx: Tx, tournamentId: string): Promise<string[]> {
  const where = { state: 'FORFEITED', annulled: false, slot: { stage: { tournamentId } } };
  return (await tx.result.findMany({ where, select: { matchId: true } })).map(({ matchId }) => matchId);
}

async function isCourseDue(tx: Tx, tournamentId: string): Promise<boolean> {
  const timer = { name: CourseIsDue.name, key: tournamentId, parkedAt: null };
  return (await tx.timer.count({ where: timer })) > 0;
}

/** The event for the fold. Null for events that the live consumer ignores too: friendlies, and other types. */
function read(type: string, version: number, payload: unknown, seq: number, where: string): Step | null {
  if (type === MatchSnapshot.type) {
    const { matchId, score, players, ...match } = MatchSnapshot.read(version, payload, where);
    return match.tournamentId === null ? null : { seq, matchId, match, score, detail: players };
  }
  if (type !== MatchEventRecorded.type) return null;
  const { matchId, match, score, detail } = MatchEventRecorded.read(version, payload, where);
  return match?.tournamentId ? { seq, matchId, match, score, detail } : null;
}

/** Applies the waiting events whose `seq` is at most `limit` to the match. */
function fold(match: Match, limit: number): void {
  while (match.waiting[0] && match.waiting[0].seq <= limit) {
    const { seq, match: facts, score, detail } = match.waiting.shift()!;
    match.seq = seq;
    match.last = { match: facts, score };
    if (isAnew(detail)) match.deeds.clear();
    for (const { player: playerId, side, by } of changesOf(detail)) {
      const teamId = teamOf(facts, side);
      const deed = match.deeds.get(`${playerId} ${teamId}`) ?? { playerId, teamId, ...NOTHING };
      match.deeds.set(`${playerId} ${teamId}`, { ...deed, ...sum(deed, by) });
    }
  }
}

function resultNow(row: Result, known: Match | undefined): Partial<Result> {
  const { matchId, annulled } = row;
  const { last, seq } = known ?? { last: null, seq: 0 };
  if (!last) {
    const state = annulled ? row.state : 'PLANNED';
    return { matchId, state, score: null, winner: null, how: 'PLAYED', counts: false, seq: 0 };
  }
  const { state, counts, how, winner } = last.match;
  const { score } = last;
  // No event says FORFEITED: the service sets it. For a match that is not annulled, isForfeited computes it again.
  if (annulled)
    return {
      ...{ matchId, score, how, winner, seq },
      state: row.state === 'FORFEITED' ? row.state : state,
      counts: false,
    };
  return { matchId, state, counts, how, winner, score, seq };
}
