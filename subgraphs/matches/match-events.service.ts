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
import { type Match, type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { awaitConfirmation } from './confirmation-timer.ts';
import type { MatchState } from './generated/graphql.ts';
import { type RecordInput, recordInput, voidInput } from './inputs.ts';
import type { MatchEvent } from './mappers.ts';
import { identify, keyOf, type OnSheet } from './players.service.ts';
import { userError } from './reasons.ts';
import { append, type Entry, progressOf, received, toEvent } from './record.ts';
import { lockAsOfficial } from './rights.ts';
import { askedOf, check, isSame, type Named } from './rules.ts';
import { scoreOf } from './score.ts';
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
   * Officials of the match may do this while it is live. The same client id again returns the same event.
   * @throws UserErrors; NoAnswer when the subgraph users does not answer whether a player's account exists
   */
  async record(viewer: Principal, input: unknown): Promise<Recorded> {
    const { userId } = requireUser(viewer);
    const asked = parseInput(recordInput, input);
    const userIds = Object.fromEntries(
      accountsOf(asked).map(([field, id]) => [field, this.questions.ask(UserExists, id)]),
    );
    // Asked before the match is locked, so that no other transaction waits for the answer.
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
      below(asked.at, () => check(profile, progress, detail));
      for (const [index, path] of Object.keys(userIds).entries())
        if (!answerOf(answers[index] ?? fail(path))) throw userError('USER_NOT_FOUND', ...asked.at, ...path.split('.'));
      // A period that begins ends the break.
      const before: Entry[] =
        match.state === 'BREAK' ? [{ detail: { kind: 'STATE', state: 'LIVE', reason: null } }] : [];
      const { match: moved, events } = await append(tx, emit, match, userId, [
        ...before,
        { detail, clientEventId: asked.clientEventId },
      ]);
      return { match: moved, event: last(events) };
    });
  }

  /**
   * Voids a goal, a card or a substitution, once. Officials of the match may do this until the result is confirmed, also
   * after the final whistle. The same client id again returns the same event.
   * @throws UserErrors
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
      // The result differs from the one that a side may have confirmed. If no time to protest runs, none starts.
      const moves = match.confirmsAt === null ? {} : await awaitConfirmation(tx, this.timers, match);
      const { match: moved, events } = await append(tx, emit, match, userId, [entry], moves);
      return { match: moved, event: last(events) };
    });
  }

  /**
   * Public. The same range of each match's events, in one statement. `seq` has no gaps, so a page is a range of `seq`.
   * @throws BAD_USER_INPUT
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

  /** Public. Returns which of these events, given as `<matchId>:<seq>`, were voided. */
  async voided(events: readonly string[]): Promise<Map<string, true>> {
    const named = events.map((event) => event.split(':'));
    // Matches with different `seq` return more rows than asked for, but each match needs one range of one index.
    const rows = await this.prisma.matchEvent.findMany({
      where: {
        matchId: { in: [...new Set(named.map(([matchId = '']) => matchId))] },
        voids: { in: [...new Set(named.map(([, seq]) => Number(seq)))] },
      },
      select: { matchId: true, voids: true },
    });
    return new Map(rows.map(({ matchId, voids }) => [`${matchId}:${voids}`, true as const]));
  }

  /** Public. */
  async byIds(ids: readonly string[]): Promise<Map<string, MatchEvent>> {
    const rows = await this.prisma.matchEvent.findMany({ where: { id: { in: [...ids] } } });
    return new Map(rows.map((row) => [row.id, toEvent(row)]));
  }

  /** Public. These events, given as `<matchId>:<seq>`. */
  async bySeqs(events: readonly string[]): Promise<Map<string, MatchEvent>> {
    const named = events.map((event) => event.split(':'));
    const rows = await this.prisma.matchEvent.findMany({
      where: { OR: named.map(([matchId = '', seq]) => ({ matchId, seq: Number(seq) })) },
    });
    return new Map(rows.map((row) => [`${row.matchId}:${row.seq}`, toEvent(row)]));
  }

  /** Public. The stream does not end by itself. @throws NOT_FOUND, BAD_USER_INPUT */
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
    if (rows.some(({ voids }) => voids === seq)) throw userError('VOIDED_BEFORE', 'seq');
    return { events, of: target };
  }
}

interface Counted {
  readonly events: readonly MatchEvent[];
  readonly of: Extract<MatchEventDetail, { kind: 'VOID' }>['of'];
}

/** Events can be voided until the result is confirmed. After that, only `correctResult` changes the result. */
const VOIDABLE_IN: readonly MatchState[] = ['LIVE', 'BREAK', 'SUSPENDED', 'FINISHED'];

/** The accounts in the input, by their path in it. */
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
