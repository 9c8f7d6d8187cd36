import { Inject, Injectable } from '@nestjs/common';
import { ConfigError } from '../../platform/config/config.ts';
import { badUserInput, notFound } from '../../platform/graphql/errors.ts';
import { rateLimited, type RateLimits } from '../../platform/http/rate-limits.ts';
import { type Principal, requireUser, viewerOf } from '../../platform/identity/principal.ts';
import {
  LIVE_EVENTS,
  MODEL_SETTINGS,
  OUTBOX,
  QUESTIONS,
  RATE_LIMITS,
  TIMERS,
} from '../../platform/injection/tokens.ts';
import type { LiveEvents } from '../../platform/live/live-events.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import type { Emit, Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import type { ModelSettings } from '../../platform/model/settings.ts';
import { createOnce } from '../../platform/postgres/create-once.ts';
import { digestOf } from '../../platform/postgres/digest.ts';
import type { Questions } from '../../platform/questions/questions.ts';
import { Ai } from '../../schema/messages/ai.ts';
import { aiFailed, aiUnavailable } from './errors.ts';
import { type FlowName, FLOWS } from './flows/flows.ts';
import { instructionsOf } from './flows/prompts.ts';
import { type Generation, type GenerationEvent, Prisma, PrismaClient } from './generated/prisma/client.ts';
import { parseInputOf } from './inputs.ts';
import { AiMetrics } from './metrics.ts';
import { userError } from './reasons.ts';
import { append, awaitEnd, fromLog, fromRow, keep } from './record.ts';
import { type Run, Runs } from './runs.ts';
import type manifest from './subgraph.ts';

/** How long a mutation waits for the text, in milliseconds. The router waits 10 s for a subgraph. */
const WAIT_MS = 8_000;
/** How long after its end an answer is given to equal requests. Milliseconds. */
export const CACHED_MS = 3_600_000;
/** If this process makes too many texts, it asks the client to try again after this many seconds. */
const FULL_SECONDS = 5;

/**
 * The texts that people ask the language model for. Users see only their own generations. A user whose request is equal
 * to an earlier one of anybody may get a copy of that answer.
 */
@Injectable()
export class GenerationsService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly runs: Runs,
    private readonly metrics: AiMetrics,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(TIMERS) private readonly timers: Timers,
    @Inject(LIVE_EVENTS) private readonly live: LiveEvents,
    @Inject(QUESTIONS) private readonly questions: Questions,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
    @Inject(MODEL_SETTINGS) private readonly settings: ModelSettings,
  ) {
    checkFlows(settings.flowsOff);
  }

  /** The flows that can be used now. Public. */
  available(): FlowName[] {
    const names = Object.keys(FLOWS) as FlowName[];
    return this.settings.apiKey === undefined ? [] : names.filter((name) => !this.settings.flowsOff.includes(name));
  }

  /** The viewer's own generation with this client id. Null for a guest, and when there is none. */
  async byClientId(viewer: Principal, clientId: string): Promise<Generation | null> {
    const ownerId = viewerOf(viewer);
    if (ownerId === undefined || clientId.length > 100 || clientId.includes('\0')) return null;
    return this.prisma.generation.findUnique({ where: { ownerId_clientId: { ownerId, clientId } } });
  }

  /**
   * Starts a generation. A repeated call with the same client id and content returns the same one. The result is still
   * running when the client does not want to wait, when the text takes longer than {@link WAIT_MS}, or when another
   * process makes it.
   * @throws AI_UNAVAILABLE, UserErrors, RATE_LIMITED, NoAnswer
   */
  async start(viewer: Principal, name: FlowName, given: unknown): Promise<Generation> {
    const { userId: ownerId } = requireUser(viewer);
    const flow = FLOWS[name];
    if (this.settings.apiKey === undefined) throw aiUnavailable('There is no language model on this installation.');
    if (this.settings.flowsOff.includes(name)) throw aiUnavailable('This is switched off on this installation.');
    const { wait, ...input } = parseInputOf[name](given);
    const { clientId, ...content } = input;
    const asked = { ownerId, clientId, flow: name, inputDigest: digestOfRequest(content) };
    const generation = await createOnce(
      () => this.#findEarlier(asked),
      async () => {
        await this.limits.take('generate', ownerId, viewer.clientAddress);
        const prepared = await flow.prepare(viewer, input as never, this.questions);
        const instructions = await instructionsOf(flow, prepared.language);
        const { model } = this.settings;
        const { language, data, isShared } = prepared;
        const of = isShared ? null : ownerId;
        const requestDigest = digestOfRequest({ name, instructions, model, language, data, of });
        const row = { ...asked, requestDigest, promptVersion: flow.promptVersion };
        return (await this.#fromCache(row)) ?? this.#begin(row, { flow, prepared, instructions });
      },
    );
    if (wait === false || generation.state !== 'RUNNING') return generation;
    await this.runs.ended(generation.id, WAIT_MS);
    return (await this.prisma.generation.findUnique({ where: { id: generation.id } })) ?? generation;
  }

  /**
   * The events of the viewer's generation after `afterSeq`, then live ones, until its end.
   * @throws UNAUTHENTICATED; NOT_FOUND; RESYNC_REQUIRED; BAD_USER_INPUT; from `next()` AI_FAILED as the last result
   */
  async events(viewer: Principal, clientId: string, afterSeq: number): Promise<AsyncIterableIterator<GenerationEvent>> {
    requireUser(viewer);
    if (afterSeq < 0) throw badUserInput('afterSeq must not be negative');
    const generation = await this.byClientId(viewer, clientId);
    if (!generation) throw notFound('there is no such generation');
    const { id } = generation;
    const find = () => this.prisma.generation.findUnique({ where: { id } });
    const source = this.live.stream<GenerationEvent>({
      topic: Ai.name,
      key: id,
      // A client that has the last event of an ended generation gets it again: otherwise its stream would never end.
      afterSeq: generation.state !== 'RUNNING' && afterSeq === generation.lastSeq ? afterSeq - 1 : afterSeq,
      read: async (after, take) =>
        (
          await this.prisma.generationEvent.findMany({
            where: { generationId: id, seq: { gt: after } },
            orderBy: { seq: 'asc' },
            take,
          })
        ).map((row) => ({ seq: row.seq, event: () => fromRow(row) })),
      newestSeq: async () => (await find())?.lastSeq ?? 0,
      fromLog,
    });
    return untilEnd(source, async () => aiFailed((await find()) ?? generation));
  }

  /** The generation of an event. */
  async ofEvent({ generationId: id }: GenerationEvent): Promise<Generation> {
    return this.prisma.generation.findUniqueOrThrow({ where: { id } });
  }

  /**
   * Finds the generation of an earlier, equal request. @throws UserErrors CONFLICT when an earlier request with this
   * client id had another content
   */
  async #findEarlier({ ownerId, clientId, flow, inputDigest }: Asked): Promise<Generation | null> {
    const row = await this.prisma.generation.findUnique({ where: { ownerId_clientId: { ownerId, clientId } } });
    if (row && (row.flow !== flow || row.inputDigest !== inputDigest)) throw userError('CLIENT_ID_USED', 'clientId');
    return row;
  }

  /**
   * A copy of the newest answer to an equal request of anybody; null if there is none of the last hour. Requests are
   * equal only if their facts are, and each viewer's facts were collected with that viewer's rights.
   */
  async #fromCache(row: Row): Promise<Generation | null> {
    const found = await this.prisma.generation.findFirst({
      where: {
        ...{ requestDigest: row.requestDigest, state: 'DONE', isCached: false },
        finishedAt: { gt: new Date(Date.now() - CACHED_MS) },
      },
      orderBy: { finishedAt: 'desc' },
    });
    if (!found || found.text === null || found.result === null) return null;
    const { text, result } = found;
    const copy = await this.outbox.transaction(this.prisma, async (tx, emit) => {
      const { id } = await tx.generation.create({ data: { ...row, isCached: true } });
      await append(tx, emit, id, { kind: 'TEXT', text });
      await append(tx, emit, id, { kind: 'DONE' }, { state: 'DONE', text, result: result as Prisma.InputJsonValue });
      await keep(tx, this.timers, id);
      return tx.generation.findUniqueOrThrow({ where: { id } });
    });
    this.metrics.ended(row.flow, 'cached');
    return copy;
  }

  /** @throws RATE_LIMITED */
  async #begin(row: Row, run: Omit<Run, 'id'>): Promise<Generation> {
    if (this.runs.isFull) throw rateLimited(FULL_SECONDS);
    const generation = await this.outbox.transaction(this.prisma, async (tx) => {
      await this.#count(tx, row.ownerId);
      const created = await tx.generation.create({ data: row });
      await awaitEnd(tx, this.timers, created.id);
      return created;
    });
    this.runs.start({ id: generation.id, ...run });
    return generation;
  }

  /**
   * Counts one more generation of the person on this day (UTC).
   * @throws RATE_LIMITED when the quota of the day is used up, with the seconds until the next day
   */
  async #count(tx: Prisma.TransactionClient, ownerId: string): Promise<void> {
    const now = new Date();
    const day = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
    const { used } = await tx.dayOfPerson.upsert({
      where: { ownerId_day: { ownerId, day } },
      create: { ownerId, day, used: 1 },
      update: { used: { increment: 1 } },
    });
    if (used > this.settings.dailyQuota) throw rateLimited(Math.ceil((day.getTime() + DAY_MS - now.getTime()) / 1000));
  }

  /** The handler of GenerationTimer: fails a generation that still runs, and deletes one that has ended. */
  async timeOut(tx: Prisma.TransactionClient, emit: Emit, id: string): Promise<void> {
    const ended = await append(
      tx,
      emit,
      id,
      { kind: 'FAILED' },
      { state: 'FAILED', failure: 'INTERRUPTED', retryAfter: null },
    );
    if (ended) return keep(tx, this.timers, id);
    await tx.generation.deleteMany({ where: { id } });
    await tx.dayOfPerson.deleteMany({ where: { day: { lt: new Date(Date.now() - 2 * DAY_MS) } } });
  }
}

/** Checks that these are names of flows. @throws ConfigError when a name is of no flow */
export function checkFlows(names: readonly string[]): void {
  const unknown = names.filter((name) => !Object.hasOwn(FLOWS, name));
  if (unknown.length > 0)
    throw new ConfigError([
      `AI_FLOWS_OFF: there is no ${unknown.join(', ')}; names are ${Object.keys(FLOWS).join(', ')}`,
    ]);
}

const DAY_MS = 24 * 3_600_000;
type Asked = Pick<Generation, 'ownerId' | 'clientId' | 'flow' | 'inputDigest'>;
type Row = Asked & Pick<Generation, 'requestDigest' | 'promptVersion'>;

/** Equal requests have equal digests, because the code writes the keys in the same order. */
const digestOfRequest = (value: object): string => digestOf(value, 'base64url');

/**
 * The events up to the last one of a generation. This is not a generator function, because `return()` of a generator
 * would wait for the next event.
 * @param failure the error at the end of a generation that failed
 */
function untilEnd(
  source: AsyncIterableIterator<GenerationEvent>,
  failure: () => Promise<Error>,
): AsyncIterableIterator<GenerationEvent> {
  let isLast = false;
  const end = async (): Promise<IteratorResult<GenerationEvent>> => {
    isLast = true;
    await source.return?.();
    return { done: true, value: undefined };
  };
  const events: AsyncIterableIterator<GenerationEvent> = {
    async next() {
      if (isLast) return end();
      const result = await source.next();
      if (result.done || isLast) return { done: true, value: undefined };
      if (result.value.kind === 'DONE') isLast = true;
      if (result.value.kind !== 'FAILED') return result;
      await end();
      throw await failure();
    },
    return: end,
    [Symbol.asyncIterator]: () => events,
  };
  return events;
}
