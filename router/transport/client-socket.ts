import type { IncomingMessage } from 'node:http';
import type { GraphQLFormattedError } from 'graphql';
import { CloseCode, MessageType, parseMessage } from 'graphql-ws';
import type { Message } from 'graphql-ws';
import type { RawData, WebSocket } from 'ws';
import type { Limits, LogPort, OperationInfo } from '../config.ts';
import type { Generation } from '../engines.ts';
import type { PreparedOperation } from '../execution/engine.ts';
import { firstCode, fromBytes, withRequestId } from '../execution/answer.ts';
import type { Answer } from '../execution/answer.ts';
import { RequestError } from '../execution/request-error.ts';
import type { Principal, RequestContext } from '../execution/types.ts';
import type { Admission } from '../policies/admission.ts';
import type { Authenticator } from '../policies/authentication.ts';
import type { DocumentUsage } from '../policies/document-usage.ts';
import { clientErrors, codedError } from './errors.ts';
import type { GraphQLParams } from './http-request.ts';
import { requestId } from './request-id.ts';

/** What all sockets of a router share. */
export interface SocketServices {
  readonly engines: { acquire(): Generation | undefined };
  readonly authenticator: Authenticator;
  readonly admission: Admission;
  readonly usage: DocumentUsage;
  readonly limits: Limits;
  readonly log: LogPort | undefined;
  readonly onOperation: ((info: OperationInfo) => void) | undefined;
}

/** Beside those of graphql-transport-ws: the client left more unread than a socket may hold. Subscribe again from the last event. */
export const CLOSE_TOO_SLOW = 4413;
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
const INIT_MS = 10_000;
const CLOSE_MS = 1_000;
const MAX_TIMER_MS = 2_147_483_647;
const GONE = new Error('the client ended the operation');

interface Operation {
  readonly id: string;
  readonly abort: AbortController;
  readonly requestId: string;
  subscription: boolean;
  /** Set as soon as nothing more may be sent for it; its id is then free again. */
  done: boolean;
  /** What it is served by, once it runs. */
  generation: Generation | undefined;
  /** Of a running subscription: goes on with another engine; false when it cannot. */
  adopt?: (next: Generation) => Promise<boolean>;
  /** Moves to new engines, one after the other. */
  moving?: Promise<void>;
  /** Until it is ended because the supergraph has changed. */
  ending?: { readonly timer: NodeJS.Timeout; readonly ended: () => void } | undefined;
  events?: AsyncIterableIterator<Answer>;
}

/**
 * One client's side of graphql-transport-ws (the protocol document of graphql-ws). Not graphql-ws' own server: there a subscription that
 * was completed and opened again under the same id receives the `complete` of the first, and nothing bounds what a client leaves unread.
 */
export class ClientSocket {
  readonly #services: SocketServices;
  readonly #ws: WebSocket;
  readonly #header: string | undefined;
  readonly #operations = new Map<string, Operation>();
  readonly #running = new Set<Operation>();
  #state: 'new' | 'authenticating' | 'open' | 'draining' | 'closed' = 'new';
  #principal: Principal = {};
  #initTimer: NodeJS.Timeout;
  #expiryTimer: NodeJS.Timeout | undefined;
  #releaseUser: (() => void) | undefined;
  #drained: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #onSettled: (() => void) | undefined;
  #silent = false;

  constructor(services: SocketServices, ws: WebSocket, request: IncomingMessage) {
    this.#services = services;
    this.#ws = ws;
    this.#header = request.headers.authorization;
    this.#initTimer = setTimeout(() => this.#close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout'), INIT_MS);
    ws.on('message', (data, binary) => this.#receive(data, binary));
    ws.on('pong', () => (this.#silent = false));
    ws.on('error', () => ws.terminate()); // broken frames and messages over the limit; ws sends the close code itself
    ws.on('close', () => this.#closed());
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  get subscriptions(): number {
    let count = 0;
    for (const operation of this.#operations.values()) if (operation.subscription) count++;
    return count;
  }

  /** Ends the connection when nothing was heard since the last call. */
  beat(): void {
    if (this.#silent) return this.#ws.terminate();
    this.#silent = true;
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping();
  }

  /** Ends subscriptions, lets queries and mutations finish, then closes with 1001. Resolves when closed. */
  async drain(): Promise<void> {
    if (this.#state === 'closed') return;
    const settled = new Promise<void>((resolve) => (this.#onSettled = resolve));
    this.#state = 'draining';
    for (const operation of [...this.#operations.values()]) if (operation.subscription) this.#stop(operation);
    if (this.#running.size === 0) this.#settle();
    await settled;
  }

  /** Resolves when no subscription of this socket uses an older engine any more. */
  async migrate(next: Generation, spreadMs: number): Promise<void> {
    await Promise.all([...this.#operations.values()].map((operation) => this.#migrate(operation, next, spreadMs)));
  }

  #migrate(operation: Operation, next: Generation, spreadMs: number): Promise<void> {
    if (!operation.adopt) return Promise.resolve();
    next.retain();
    return operation.moving = (operation.moving ?? Promise.resolve()).then(() => this.#move(operation, next, spreadMs));
  }

  /** Takes over that `next` is retained. */
  async #move(operation: Operation, next: Generation, spreadMs: number): Promise<void> {
    const adopted = !operation.done && await operation.adopt?.(next).catch(() => false); // the new engine refuses the document
    if (operation.done || !adopted) next.release();
    if (operation.done) return;
    if (adopted) {
      operation.generation?.release();
      operation.generation = next;
      return;
    }
    await new Promise<void>((resolve) => {
      const end = (): void => {
        this.#fail(operation.id, [codedError('SUBSCRIPTION_RELOADED', 'the supergraph has changed; subscribe again')], operation.requestId);
        this.#stop(operation);
      };
      operation.ending = { ended: resolve, timer: setTimeout(end, Math.random() * spreadMs) };
    });
  }

  terminate(): void {
    this.#ws.terminate();
  }

  #settle(): void {
    this.#close(GOING_AWAY, 'Going away');
  }

  #close(code: number, reason: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#ws.close(code, reason);
    // ws waits 30 s for the client's half; a client that does not read would keep its memory for as long
    setTimeout(() => this.#ws.terminate(), CLOSE_MS).unref();
    for (const operation of [...this.#running]) this.#stop(operation);
  }

  #closed(): void {
    this.#state = 'closed';
    clearTimeout(this.#initTimer);
    clearTimeout(this.#expiryTimer);
    for (const operation of [...this.#running]) this.#stop(operation);
    this.#wake?.();
    this.#releaseUser?.();
    this.#onSettled?.();
  }

  #receive(data: RawData, binary: boolean): void {
    this.#silent = false;
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    let message: Message;
    try {
      if (binary) throw new Error('binary');
      message = parseMessage(String(data));
    } catch {
      return this.#close(CloseCode.BadRequest, 'Invalid message received');
    }
    switch (message.type) {
      case MessageType.ConnectionInit: return void this.#init(message.payload);
      case MessageType.Ping: return this.#send({ type: MessageType.Pong, ...(message.payload ? { payload: message.payload } : {}) });
      case MessageType.Pong: return;
      case MessageType.Subscribe: return this.#subscribe(message.id, message.payload as GraphQLParams);
      case MessageType.Complete: {
        const operation = this.#operations.get(message.id);
        if (operation) this.#stop(operation);
        return;
      }
      default: return this.#close(CloseCode.BadRequest, `Unexpected message of type ${message.type} received`);
    }
  }

  async #init(payload: Record<string, unknown> | undefined): Promise<void> {
    if (this.#state === 'draining') return;
    if (this.#state !== 'new') return this.#close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests');
    this.#state = 'authenticating';
    clearTimeout(this.#initTimer);
    const result = await this.#services.authenticator.authenticate(bearer(payload) ?? this.#header);
    if (this.#state !== 'authenticating') return;
    if (!result.ok) {
      return result.code === 'UNAVAILABLE' ? this.#close(TRY_AGAIN_LATER, result.message) : this.#close(CloseCode.Forbidden, `Forbidden: ${result.message}`);
    }
    const { userId } = result.principal;
    if (userId !== undefined) {
      const place = this.#services.admission.admitUser(userId);
      if (typeof place === 'string') return this.#close(TRY_AGAIN_LATER, place);
      this.#releaseUser = place;
    }
    this.#principal = result.principal;
    this.#state = 'open';
    if (result.expiresAt !== undefined) this.#expireAt(result.expiresAt);
    this.#send({ type: MessageType.ConnectionAck });
  }

  #expireAt(time: number): void {
    const left = time - Date.now();
    if (left <= 0) return this.#close(CloseCode.Forbidden, 'Token expired');
    this.#expiryTimer = setTimeout(() => this.#expireAt(time), Math.min(left, MAX_TIMER_MS));
  }

  #subscribe(id: string, params: GraphQLParams): void {
    if (this.#state === 'draining') return this.#fail(id, [codedError('UNAVAILABLE', 'the server is going away')], requestId());
    if (this.#state !== 'open') return this.#close(CloseCode.Unauthorized, 'Unauthorized');
    if (this.#operations.has(id)) return this.#close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id.slice(0, 80)} already exists`);
    const { operationsPerSocket } = this.#services.limits;
    if (this.#operations.size >= operationsPerSocket) {
      return this.#fail(id, [codedError('TOO_MANY_OPERATIONS', `at most ${operationsPerSocket} operations may run on one socket`)], requestId());
    }
    const operation: Operation = { id, abort: new AbortController(), requestId: requestId(), subscription: false, done: false, generation: this.#services.engines.acquire() };
    this.#operations.set(id, operation);
    this.#running.add(operation);
    void this.#run(operation, params);
    this.#readOrWait();
  }

  /** Never rejects. */
  async #run(operation: Operation, { query, operationName, variables }: GraphQLParams): Promise<void> {
    const { limits, log, onOperation, usage } = this.#services;
    const started = performance.now();
    let prepared: PreparedOperation | undefined;
    let errors = 0;
    let code: string | undefined;
    const count = (answer: Pick<Answer, 'errors' | 'code'>): void => {
      errors += answer.errors;
      code ??= answer.code;
    };
    const context: RequestContext = { requestId: operation.requestId, principal: this.#principal, signal: operation.abort.signal };
    try {
      const engine = operation.generation?.serving.engine;
      if (!engine) throw new RequestError([codedError('UNAVAILABLE', 'there is no supergraph yet')]);
      prepared = await engine.prepare(query, operationName);
      usage.used(query, operationName);
      if (operation.done) return;
      if (prepared.kind === 'subscription') await this.#deliver(operation, { query, operationName, variables }, prepared, context, count);
      else {
        const timer = setTimeout(() => operation.abort.abort(GONE), limits.operationMs);
        const answer = await engine.execute(prepared, variables, context).finally(() => clearTimeout(timer));
        count(answer);
        await this.#next(operation, answer);
        this.#complete(operation);
      }
    } catch (error) {
      const list = clientErrors(error, operation.requestId, log);
      count({ errors: list.length, code: firstCode(list) });
      if (!operation.done) this.#fail(operation.id, list, operation.requestId);
    } finally {
      this.#stop(operation);
      this.#running.delete(operation);
      operation.generation?.release();
      this.#readOrWait();
      if (this.#state === 'draining' && this.#running.size === 0) this.#settle();
      onOperation?.({
        kind: prepared?.kind ?? 'unknown', durationMs: performance.now() - started, errors, requestId: operation.requestId, transport: 'websocket',
        ...(prepared?.name === undefined ? {} : { name: prepared.name }), ...(code === undefined ? {} : { code }),
      });
    }
  }

  async #deliver(
    operation: Operation, { query, operationName, variables }: GraphQLParams, prepared: PreparedOperation, context: RequestContext,
    count: (answer: Pick<Answer, 'errors' | 'code'>) => void,
  ): Promise<void> {
    const { engines, limits } = this.#services;
    const engine = operation.generation!.serving.engine;
    if (this.subscriptions >= limits.subscriptionsPerSocket) {
      const error = codedError('TOO_MANY_SUBSCRIPTIONS', `at most ${limits.subscriptionsPerSocket} subscriptions may run on one socket`);
      count({ errors: 1, code: firstCode([error]) });
      return this.#fail(operation.id, [error], operation.requestId);
    }
    operation.subscription = true;
    let upstream = engine.upstream(prepared, variables);
    const events = engine.subscribe(prepared, variables, context, (event, within) => upstream.complete(event, within));
    operation.events = events;
    operation.adopt = async (next) => {
      const { engine: other, subgraphs } = next.serving;
      const renewed = other.upstream(await other.prepare(query, operationName), variables);
      const moved = operation.generation && subgraphs.movedFrom(operation.generation.serving.subgraphs).has(renewed.subgraph);
      if (moved || renewed.subgraph !== upstream.subgraph || JSON.stringify(renewed.request) !== JSON.stringify(upstream.request)) return false;
      upstream = renewed;
      return true;
    };
    if (operation.generation?.current === false) { // while it was prepared
      const next = engines.acquire();
      if (next) await this.#migrate(operation, next, 0).finally(() => next.release());
    }
    for (;;) {
      const event = await events.next();
      if (operation.done) return;
      if (event.done) return this.#complete(operation);
      count(event.value);
      // Without data it is no event but the subscription's failure, after which the protocol allows nothing more.
      if (!event.value.data) {
        const { errors } = JSON.parse(fromBytes(event.value.text)) as { errors: readonly GraphQLFormattedError[] };
        return this.#send({ id: operation.id, type: MessageType.Error, payload: errors });
      }
      await this.#next(operation, event.value);
    }
  }

  /** Waits while the socket is full, so that a client which does not read stops its own operations and nothing else. */
  async #next(operation: Operation, { text }: Answer): Promise<void> {
    while (this.#full && !operation.done) await this.#untilDrained();
    if (operation.done) return;
    this.#write(`{"id":${JSON.stringify(operation.id)},"type":"next","payload":${fromBytes(text)}}`);
  }

  #complete(operation: Operation): void {
    if (!operation.done) this.#send({ id: operation.id, type: MessageType.Complete });
  }

  #fail(id: string, errors: readonly GraphQLFormattedError[], forRequest: string): void {
    this.#send({ id, type: MessageType.Error, payload: withRequestId(errors, forRequest) });
  }

  #stop(operation: Operation): void {
    if (operation.done) return;
    operation.done = true;
    clearTimeout(operation.ending?.timer);
    operation.ending?.ended();
    this.#operations.delete(operation.id);
    operation.abort.abort(GONE);
    operation.events?.return?.().catch(() => undefined); // its failure has nobody to go to any more
  }

  get #full(): boolean {
    return this.#ws.readyState === this.#ws.OPEN && this.#ws.bufferedAmount > this.#services.limits.bufferedBytes;
  }

  /** Resolves when half of what a socket may hold is free again, or it is closed. Closes it when for `slowClientMs` nothing was read. */
  #untilDrained(): Promise<void> {
    return this.#drained ??= new Promise((resolve) => {
      let left = this.#ws.bufferedAmount;
      const timer = setInterval(() => {
        if (this.#ws.bufferedAmount >= left) this.#close(CLOSE_TOO_SLOW, 'Too slow: resume from the last event');
        left = this.#ws.bufferedAmount;
      }, this.#services.limits.slowClientMs);
      this.#wake = () => {
        clearInterval(timer);
        this.#drained = undefined;
        this.#wake = undefined;
        this.#readOrWait();
        resolve();
      };
    });
  }

  readonly #onFlushed = (): void => {
    if (this.#wake && this.#ws.bufferedAmount <= this.#services.limits.bufferedBytes / 2) this.#wake();
  };

  #send(message: object): void {
    this.#write(JSON.stringify(message));
  }

  #write(message: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#ws.send(message, this.#onFlushed);
    if (this.#full) {
      void this.#untilDrained();
      this.#readOrWait();
    }
  }

  /**
   * Reads no further while the client does not read itself, or we would answer its pings and refusals without end; nor while many operations
   * that it has ended are still being cleaned up, or thousands of quick subscribe and complete pairs would pile up.
   */
  #readOrWait(): void {
    const wait = this.#drained !== undefined || this.#running.size >= 2 * this.#services.limits.operationsPerSocket;
    if (wait === this.#ws.isPaused) return;
    if (wait) this.#ws.pause();
    else this.#ws.resume();
  }
}

/** `{authorization: "Bearer …"}` or `{token: "…"}`. */
function bearer(payload: Record<string, unknown> | undefined): string | undefined {
  const authorization = payload?.['authorization'] ?? payload?.['Authorization'];
  if (typeof authorization === 'string') return authorization;
  const token = payload?.['token'];
  return typeof token === 'string' && token !== '' ? `Bearer ${token}` : undefined;
}
