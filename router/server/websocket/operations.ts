import type { GraphQLFormattedError } from 'graphql';
import { CloseCode, MessageType } from 'graphql-ws';
import type { Engine, PreparedOperation } from '../../engine/engine.ts';
import { answerOf, firstCode } from '../../execution/answer.ts';
import type { Answer } from '../../execution/answer.ts';
import { isValueNestedDeeper } from '../../operation/nesting.ts';
import { persistedName } from '../../operation/params.ts';
import type { GraphQLParams } from '../../operation/params.ts';
import { RequestError, codedError, nestedTooDeep, requestError } from '../../operation/request-error.ts';
import type { StreamEvent, Subscriber, Subscription } from '../../subscriptions/subscriber.ts';
import { awakeTimeout } from '../../time/awake.ts';
import { clientErrors } from '../errors.ts';
import { incrementalAnswers } from '../incremental.ts';
import { headOf } from './messages.ts';
import type { SubscribePayload } from './messages.ts';
import type { Outlet } from './outlet.ts';
import type { SocketServices } from './services.ts';
import type { Session } from './session.ts';

const CLIENT_ENDED = new Error('the client ended the operation');

interface Operation {
  readonly id: string;
  readonly requestId: string;
  readonly started: number;
  prepared?: PreparedOperation;
  errors: number;
  code: string | undefined;
  /** Whether nothing more may be sent for the operation. The client can then use its id for another operation. */
  done: boolean;
  /** Set for a query or mutation. */
  abort?: AbortController;
  /** Whether the operation is known to be a subscription. */
  subscribed?: boolean;
  subscription?: Subscription;
}

export interface OperationsHandler {
  close(code: number, reason: string): void;
  /** The client has not read a subscription's events for too long. */
  tooSlow(): void;
  /** An operation has started, or one has ended completely. */
  changed(): void;
}

/** The operations of one socket. */
export class Operations {
  readonly #services: SocketServices;
  readonly #outlet: Outlet;
  readonly #session: Session;
  readonly #address: string;
  readonly #handler: OperationsHandler;
  readonly #byId = new Map<string, Operation>();
  readonly #running = new Set<Operation>();
  /** Subscriptions with an event that waits because the socket is full. The first in the set has waited longest. */
  readonly #waiting = new Set<Operation>();

  /** @param address the client's address */
  constructor(services: SocketServices, outlet: Outlet, session: Session, address: string, handler: OperationsHandler) {
    this.#services = services;
    this.#outlet = outlet;
    this.#session = session;
    this.#address = address;
    this.#handler = handler;
  }

  get subscriptions(): number {
    let count = 0;
    for (const operation of this.#byId.values()) if (operation.subscribed) count++;
    return count;
  }

  /** The number of operations that run. It includes operations that the client has ended and that still clean up. */
  get running(): number {
    return this.#running.size;
  }

  start(id: string, params: SubscribePayload, requestId: string): void {
    if (this.#byId.has(id))
      return this.#handler.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id.slice(0, 80)} already exists`);
    const { operationsPerSocket } = this.#services.limits;
    if (this.#byId.size >= operationsPerSocket) {
      return this.refuse(
        id,
        [codedError('TOO_MANY_OPERATIONS', `at most ${operationsPerSocket} operations may run on one socket`)],
        requestId,
      );
    }
    const operation: Operation = { id, requestId, started: performance.now(), errors: 0, code: undefined, done: false };
    this.#byId.set(id, operation);
    this.#running.add(operation);
    void this.#run(operation, params);
    this.#handler.changed();
  }

  /** The client has ended the operation. */
  complete(id: string): void {
    const operation = this.#byId.get(id);
    if (operation) this.#stop(operation);
  }

  refuse(id: string, errors: readonly GraphQLFormattedError[], requestId: string): void {
    this.#writeErrors(id, answerOf({ errors }, requestId));
  }

  /** Ends subscriptions, but not queries and mutations. */
  stopSubscriptions(): void {
    for (const operation of [...this.#byId.values()]) if (operation.subscribed) this.#stop(operation);
  }

  stopAll(): void {
    for (const operation of [...this.#running]) this.#stop(operation);
  }

  /** The client accepts events again. */
  resume(): void {
    for (const operation of [...this.#waiting]) {
      if (this.#outlet.full) break;
      this.#waiting.delete(operation);
      operation.subscription?.resumed();
    }
  }

  /** The client has sent a new token. */
  reauthorize(): void {
    for (const { subscription } of [...this.#running]) subscription?.reauthorize(this.#session.principal);
  }

  /** Runs an operation. Never rejects. */
  async #run(operation: Operation, given: SubscribePayload): Promise<void> {
    const { engines, usage, persistedQueries, limits, log } = this.#services;
    const generation = engines.acquire();
    try {
      if (!generation) throw new RequestError([codedError('UNAVAILABLE', 'there is no supergraph yet')]);
      if (isValueNestedDeeper(given.variables, limits.nesting))
        throw requestError('BAD_USER_INPUT', [nestedTooDeep('The JSON of the variables', limits.nesting)]);
      const { engine } = generation.serving;
      const persisted = persistedName(given);
      const params = persisted === undefined ? given : await persistedQueries.withText({ ...given, persisted });
      if (operation.done) return this.#finish(operation);
      const prepared = (operation.prepared = await engine.prepare(params.query, params.operationName));
      usage.recordUse(params.query, params.operationName);
      if (persisted !== undefined) persistedQueries.remember(params);
      if (operation.done) return this.#finish(operation);
      if (prepared.kind === 'subscription') return this.#subscribe(operation, engine, prepared, params);
      await this.#execute(operation, engine, prepared, params);
      this.#complete(operation);
    } catch (error) {
      const list = clientErrors(error, operation.requestId, log);
      count(operation, { errors: list.length, code: firstCode(list) });
      if (!operation.done) this.refuse(operation.id, list, operation.requestId);
    } finally {
      // A subscription does not hold the generation: `Subscriptions` moves it to the next engine.
      generation?.release();
    }
    this.#finish(operation);
  }

  /** Executes a query or mutation. */
  async #execute(
    operation: Operation,
    engine: Engine,
    prepared: PreparedOperation,
    { variables }: GraphQLParams,
  ): Promise<void> {
    const { limits, log, incrementalFormat } = this.#services;
    const { signal } = (operation.abort = new AbortController());
    const cancel = awakeTimeout(() => operation.abort?.abort(CLIENT_ENDED), limits.operationMs);
    const from = prepared.kind === 'mutation' ? { clientAddress: this.#address } : {};
    const context = { requestId: operation.requestId, principal: this.#session.principal, signal, ...from };
    try {
      if (prepared.incremental) {
        for await (const answer of incrementalAnswers({ engine, prepared, variables, context }, incrementalFormat, log))
          await this.#next(operation, answer);
      } else await this.#next(operation, await engine.execute(prepared, variables, context));
    } finally {
      cancel();
    }
  }

  /** Sends a response. Waits while the socket is full. */
  async #next(operation: Operation, answer: Answer): Promise<void> {
    count(operation, answer);
    while (this.#outlet.full && !operation.done) await this.#outlet.untilDrained();
    if (!operation.done) this.#outlet.write(headOf(operation.id, MessageType.Next), answer.text, '}');
  }

  /** Starts a subscription. @throws RequestError when the variables are invalid, or the socket has too many */
  #subscribe(
    operation: Operation,
    engine: Engine,
    prepared: PreparedOperation,
    { query, operationName, variables }: GraphQLParams,
  ): void {
    const { limits, subscriptions } = this.#services;
    if (this.subscriptions >= limits.subscriptionsPerSocket) {
      const error = codedError(
        'TOO_MANY_SUBSCRIPTIONS',
        `at most ${limits.subscriptionsPerSocket} subscriptions may run on one socket`,
      );
      count(operation, { errors: 1, code: firstCode([error]) });
      this.refuse(operation.id, [error], operation.requestId);
      return this.#finish(operation);
    }
    operation.subscribed = true;
    const context = { requestId: operation.requestId, principal: this.#session.principal };
    operation.subscription = subscriptions.open(
      { engine, prepared, query, operationName, variables },
      context,
      this.#subscriber(operation),
    );
  }

  /**
   * A subscriber that refuses events while the socket is full. A client that does not read pauses only its own
   * operations.
   */
  #subscriber(operation: Operation): Subscriber {
    const head = headOf(operation.id, MessageType.Next);
    return {
      deliver: ({ answer }: StreamEvent) => {
        if (this.#outlet.full) {
          this.#waiting.add(operation);
          return false;
        }
        if (answer.errors > 0) count(operation, answer);
        this.#outlet.write(head, answer.text, '}');
        return true;
      },
      fail: (answer, { code }) => {
        count(operation, answer);
        if (code === 'SLOW_CONSUMER' && this.#outlet.full) this.#handler.tooSlow();
        else if (!operation.done) this.#writeErrors(operation.id, answer);
        this.#finish(operation);
      },
      complete: () => {
        this.#complete(operation);
        this.#finish(operation);
      },
    };
  }

  #complete(operation: Operation): void {
    if (!operation.done) this.#outlet.send({ id: operation.id, type: MessageType.Complete });
  }

  #writeErrors(id: string, { text }: Answer): void {
    this.#outlet.write(headOf(id, MessageType.Error), text.slice('{"errors":'.length, -1), '}');
  }

  #stop(operation: Operation): void {
    if (operation.done) return;
    operation.done = true;
    this.#byId.delete(operation.id);
    this.#waiting.delete(operation);
    operation.abort?.abort(CLIENT_ENDED);
    if (!operation.subscription) return;
    operation.subscription.stop();
    this.#finish(operation);
  }

  /** The operation has ended completely. Reports its end once. */
  #finish(operation: Operation): void {
    if (!this.#running.delete(operation)) return;
    this.#stop(operation);
    this.#handler.changed();
    const { prepared, errors, code } = operation;
    this.#services.onOperation?.({
      kind: prepared?.kind ?? 'unknown',
      durationMs: performance.now() - operation.started,
      errors,
      requestId: operation.requestId,
      transport: 'websocket',
      ...(prepared?.name === undefined ? {} : { name: prepared.name }),
      ...(code === undefined ? {} : { code }),
    });
  }
}

function count(operation: Operation, { errors, code }: Pick<Answer, 'errors' | 'code'>): void {
  operation.errors += errors;
  operation.code ??= code;
}
