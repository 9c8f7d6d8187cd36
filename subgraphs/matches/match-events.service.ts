import { Inject, Injectable } from '@nestjs/common';
import { MAX_PAGE, pageSize } from '../../platform/graphql/connection.ts';
import { badUserInput, notFound } from '../../platform/graphql/errors.ts';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { batched } from '../../platform/graphql/loader.ts';
import { below } from '../../platform/graphql/user-errors.ts';
import { type Principal, requireUser } from '../../platform/identity/principal.ts';
import type { LiveEvents } from '../../platform/live/live-events.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { answerOf, type Questions } from '../../platform/questions/questions.ts';
import { LIVE_EVENTS, OUTBOX, QUESTIONS, TIMERS } from '../../platform/injection/tokens.ts';
import { Matches, type MatchEventDetail } from '../../schema/messages/matches.ts';
import { UserExists } from '../../schema/questions/users.ts';
import { profileOf } from '../../schema/sports.ts';
import { requireWinner } from './final-score.ts';
import { type Match, type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { awaitConfirmation } from './confirmation-timer.ts';
import type { MatchState } from './generated/graphql.ts';
import { type RecordInput, recordInput, voidInput } from './inputs.ts';
import type { MatchEvent } from './mappers.ts';
import { identify, keyOf, type OnSheet } from './players.service.ts';
import { userError } from './reasons.ts';
import { append, type Entry, firstLegOf, progressOf, received, toEvent } from './record.ts';
import { lockAsOfficial } from './rights.ts';
import { askedOf, check, isSame, type Named } from './rules.ts';
import { NO_LEG, scoreOf } from './score.ts';
import { allow } from './transitions.ts';

/** A match and its new event. */
export interface Recorded {
  readonly match: Match;
  readonly event: MatchEvent;
}

@Injectable()
export class MatchEventsService {
  readonly byId = batched((ids) => this.byIds(ids));
  /** {@link bySeqs}. */
  readonly bySeq = batched((events) => this.bySeqs(events));
  /** {@link voided}. */
  readonly isVoided = batched((events) => this.voided(events));

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(LIVE_EVENTS) private readonly live: LiveEvents,
    @Inject(QUESTIONS) private readonly questions: Questions,
    @Inject(TIMERS) private readonly timers: Timers,
  ) {}

  /**
   * Records a goal, card, substitution or period. The organizers and the referee of the match, and administrators, may
   * do this while the match is live; a new period also ends a break. The same client id again returns the same event.
   * @throws UserErrors; NoAnswer when the subgraph users does not answer whether a player's account exists
   */
  async record(viewer: Principal, input: unknown): Promise<Recorded> {
    const { userId } = requireUser(viewer);
    const asked = parseInput(recordInput, input);
    const userIds = Object.fromEntries(
      accountsOf(asked).map(([field, id]) => [field, this.questions.ask(UserExists, id)]),
    );
    // The service asks before it locks the match, so that no other transaction waits for the answers.
    const answers = await Promise.allSettled(Object.values(userIds));
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const match = await lockAsOfficial(tx, viewer, asked.matchId);
      const profile = profileOf(match.sport);
      const progress = progressOf(match);
      const { people, detail: detailOf } = below(asked.at, () => askedOf(profile, progress, asked));
      const onSheet = (one: Named): OnSheet => ({ ...one.sheet, teamId: teamOf(match, one.side) });
      const players = await identify(tx, Object.values(people).map(onSheet));
      const detail = detailOf((one) => players.get(keyOf(onSheet(one))) ?? fail(`a player of ${match.id}`));
      const repeated = await this.#repeated(tx, match.id, asked.clientEventId, (event) =>
        isSame(event, detail, people),
      );
      if (repeated) return { match, event: repeated };
      allow(detail.kind === 'PERIOD' ? 'nextPeriod' : 'record', match);
      const before = detail.kind === 'PERIOD' ? await firstLegOf(tx, match) : NO_LEG;
      below(asked.at, () => check(profile, progress, detail, before));
      for (const [index, path] of Object.keys(userIds).entries())
        if (!answerOf(answers[index] ?? fail(path))) throw userError('USER_NOT_FOUND', ...asked.at, ...path.split('.'));
      // A period that begins ends the break.
      const resumed: Entry[] =
        match.state === 'BREAK' ? [{ detail: { kind: 'STATE', state: 'LIVE', reason: null } }] : [];
      const { match: moved, events } = await append(tx, emit, match, userId, [
        ...resumed,
        { detail, clientEventId: asked.clientEventId },
      ]);
      return { match: moved, event: last(events) };
    });
  }

  /**
   * Voids a goal, a card or a substitution that is not voided. The organizers and the referee of the match, and
   * administrators, may do this while the match is live, in a break, suspended, or finished with a result that is not
   * confirmed. The same client id again returns the same event.
   * @throws UserErrors, also CONFLICT if a finished match that needs a winner would have none
   */
  async takeBack(viewer: Principal, input: unknown): Promise<Recorded> {
    const { userId } = requireUser(viewer);
    const { matchId, clientEventId, seq, reason } = parseInput(voidInput, input);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const match = await lockAsOfficial(tx, viewer, matchId);
      const repeated = await this.#repeated(
        tx,
        match.id,
        clientEventId,
        ({ detail }) => detail.kind === 'VOID' && detail.voids === seq && detail.reason === (reason ?? null),
      );
      if (repeated) return { match, event: repeated };
      if (!VOIDABLE_IN.includes(match.state)) throw userError('MATCH_NOT_PLAYED', { state: match.state }, 'matchId');
      const counted = await this.#counted(tx, match.id, seq);
      const detail = { kind: 'VOID' as const, voids: seq, reason: reason ?? null, of: counted.of };
      const entry = {
        detail,
        clientEventId,
        score: scoreOf(profileOf(match.sport), [...counted.events, { seq: match.lastSeq + 1, detail }]),
      };
      // After the end nobody plays on, so the match must keep the winner that it needs.
      if (match.state === 'FINISHED') requireWinner(match.needsWinner, entry.score, 'matchId');
      // A side may have confirmed the old score. So a running time to protest starts again; a stopped one stays
      // stopped.
      const moves = match.confirmsAt === null ? {} : await awaitConfirmation(tx, this.timers, match);
      const { match: moved, events } = await append(tx, emit, match, userId, [entry], moves);
      return { match: moved, event: last(events) };
    });
  }

  /**
   * The first events of each match with a `seq` above `afterSeq`, in one statement. Everybody may read them. `seq` has
   * no gaps, so a page is a range of `seq`.
   * @throws BAD_USER_INPUT when `afterSeq` is negative, or unless `first` is 1 to 100
   */
  async after(
    matchIds: readonly string[],
    afterSeq: number,
    first: number | null | undefined,
  ): Promise<Map<string, MatchEvent[]>> {
    const size = pageSize(first ?? MAX_PAGE);
    if (afterSeq < 0) throw badUserInput('afterSeq must be a whole number from 0');
    const until = Math.min(afterSeq + size, 2 ** 31 - 1);
    const rows = await this.prisma.matchEvent.findMany({
      where: { matchId: { in: [...matchIds] }, seq: { gt: afterSeq, lte: until } },
      orderBy: [{ matchId: 'asc' }, { seq: 'asc' }],
    });
    return Map.groupBy(rows.map(toEvent), ({ matchId }) => matchId);
  }

  /** Returns which of these events, given as `<matchId>:<seq>`, were voided. Everybody may read this. */
  async voided(events: readonly string[]): Promise<Map<string, true>> {
    const named = events.map((event) => event.split(':'));
    // The two conditions are independent, so the rows can include events that nobody asked for. They do no harm, and
    // the statement uses one index.
    const rows = await this.prisma.matchEvent.findMany({
      where: {
        matchId: { in: [...new Set(named.map(([matchId = '']) => matchId))] },
        voids: { in: [...new Set(named.map(([, seq]) => Number(seq)))] },
      },
      select: { matchId: true, voids: true },
    });
    return new Map(rows.map(({ matchId, voids }) => [`${matchId}:${voids}`, true as const]));
  }

  /** Reads events of matches. Everybody may read them. */
  async byIds(ids: readonly string[]): Promise<Map<string, MatchEvent>> {
    const rows = await this.prisma.matchEvent.findMany({ where: { id: { in: [...ids] } } });
    return new Map(rows.map((row) => [row.id, toEvent(row)]));
  }

  /** Reads events that are given as `<matchId>:<seq>`. Everybody may read them. */
  async bySeqs(events: readonly string[]): Promise<Map<string, MatchEvent>> {
    const named = events.map((event) => event.split(':'));
    const rows = await this.prisma.matchEvent.findMany({
      where: { OR: named.map(([matchId = '', seq]) => ({ matchId, seq: Number(seq) })) },
    });
    return new Map(rows.map((row) => [`${row.matchId}:${row.seq}`, toEvent(row)]));
  }

  /**
   * A live stream of a match's events. Everybody may follow it. It ends only with an error; `LiveEvents.stream` says
   * which. @throws NOT_FOUND; BAD_USER_INPUT when `afterSeq` is negative
   */
  async stream(matchGlobalId: string, afterSeq: number): Promise<AsyncIterableIterator<MatchEvent>> {
    const matchId = fromGlobalId('Match', matchGlobalId);
    const newestSeq = async (): Promise<number | null> =>
      matchId
        ? ((await this.prisma.match.findUnique({ where: { id: matchId }, select: { lastSeq: true } }))?.lastSeq ?? null)
        : null;
    if (!matchId || (await newestSeq()) === null) throw notFound('there is no such match');
    return this.live.stream<MatchEvent>({
      topic: Matches.name,
      key: matchId,
      afterSeq,
      read: async (after, limit) =>
        (
          await this.prisma.matchEvent.findMany({
            where: { matchId, seq: { gt: after } },
            orderBy: { seq: 'asc' },
            take: limit,
          })
        ).map((row) => ({ seq: row.seq, event: () => toEvent(row) })),
      newestSeq: async () => (await newestSeq()) ?? 0,
      fromLog: received,
    });
  }

  /**
   * The event of an earlier request with this client id.
   * @throws UserErrors CONFLICT when the earlier request had other content
   */
  async #repeated(
    tx: Prisma.TransactionClient,
    matchId: string,
    clientEventId: string,
    isSameAs: (event: MatchEvent) => boolean,
  ): Promise<MatchEvent | null> {
    const row = await tx.matchEvent.findUnique({ where: { matchId_clientEventId: { matchId, clientEventId } } });
    if (!row) return null;
    const event = toEvent(row);
    if (!isSameAs(event)) throw userError('CLIENT_ID_USED', 'clientEventId');
    return event;
  }

  /** The events that make the score, and the event to void. @throws UserErrors unless the event `seq` still counts */
  async #counted(tx: Prisma.TransactionClient, matchId: string, seq: number): Promise<Counted> {
    const rows = await tx.matchEvent.findMany({
      where: { matchId, OR: [{ seq }, { kind: { in: ['PERIOD', 'GOAL', 'VOID', 'RESULT', 'REPLAY'] } }] },
      orderBy: { seq: 'asc' },
    });
    const events = rows.map(toEvent);
    const target = events.find((event) => event.seq === seq)?.detail;
    if (!target) throw userError('EVENT_NOT_FOUND', 'seq');
    if (target.kind !== 'GOAL' && target.kind !== 'CARD' && target.kind !== 'SUBSTITUTION')
      throw userError('NOT_VOIDABLE', 'seq');
    // A replay deleted the counts of players. A VOID would subtract the event from the counts of the new match.
    const counts = rows.every((row) => row.voids !== seq && (row.kind !== 'REPLAY' || row.seq < seq));
    if (!counts) throw userError('VOIDED_BEFORE', 'seq');
    return { events, of: target };
  }
}

interface Counted {
  readonly events: readonly MatchEvent[];
  readonly of: Extract<MatchEventDetail, { kind: 'VOID' }>['of'];
}

/** Events can be voided until the result is confirmed. After that, only `correctResult` changes the score. */
const VOIDABLE_IN: readonly MatchState[] = ['LIVE', 'BREAK', 'SUSPENDED', 'FINISHED'];

/** The global ids of accounts in the input, with the path of each in the input. */
function accountsOf({ goal, card, substitution }: RecordInput): [path: string, globalId: string][] {
  const places = {
    'goal.player.userId': goal?.player?.userId,
    'goal.assist.userId': goal?.assist?.userId,
    'card.player.userId': card?.player?.userId,
    'substitution.player.userId': substitution?.player.userId,
    'substitution.replaced.userId': substitution?.replaced?.userId,
  };
  return Object.entries(places).flatMap(([path, id]) => (id == null ? [] : [[path, id]]));
}

export const teamOf = ({ homeTeamId, awayTeamId }: Match, side: 'HOME' | 'AWAY'): string =>
  side === 'HOME' ? homeTeamId : awayTeamId;

function last(events: readonly MatchEvent[]): MatchEvent {
  return events.at(-1) ?? fail('an event on record');
}

function fail(what: string): never {
  throw new Error(`there is no ${what}`);
}
