import type { IncomingMessage } from 'node:http';
import type { GraphQLFormattedError } from 'graphql';
import { CloseCode, MessageType, parseMessage } from 'graphql-ws';
import type { Message } from 'graphql-ws';
import type { RawData, WebSocket } from 'ws';
import type { Limits, LogPort, OperationInfo } from '../config.ts';
import type { Engine, PreparedOperation } from '../execution/engine.ts';
import { firstCode, fromBytes, withRequestId } from '../execution/answer.ts';
import type { Answer } from '../execution/answer.ts';
import type { Principal, RequestContext } from '../execution/types.ts';
import type { Admission } from '../policies/admission.ts';
import type { Authenticator } from '../policies/authentication.ts';
import { clientErrors, codedError } from './errors.ts';
import type { GraphQLParams } from './http-request.ts';
import { requestId } from './request-id.ts';

/** What all sockets of a router share. */
export interface SocketServices {
  readonly engine: Engine;
  readonly authenticator: Authenticator;
  readonly admission: Admission;
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
    const operation: Operation = { id, abort: new AbortController(), requestId: requestId(), subscription: false, done: false };
    this.#operations.set(id, operation);
    this.#running.add(operation);
    void this.#run(operation, params);
    this.#readOrWait();
  }

  /** Never rejects. */
  async #run(operation: Operation, { query, operationName, variables }: GraphQLParams): Promise<void> {
    const { engine, limits, log, onOperation } = this.#services;
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
      prepared = await engine.prepare(query, operationName);
      if (operation.done) return;
      if (prepared.kind === 'subscription') await this.#deliver(operation, prepared, variables, context, count);
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
      this.#readOrWait();
      if (this.#state === 'draining' && this.#running.size === 0) this.#settle();
      onOperation?.({
        kind: prepared?.kind ?? 'unknown', durationMs: performance.now() - started, errors, requestId: operation.requestId, transport: 'websocket',
        ...(prepared?.name === undefined ? {} : { name: prepared.name }), ...(code === undefined ? {} : { code }),
      });
    }
  }

  async #deliver(
    operation: Operation, prepared: PreparedOperation, variables: unknown, context: RequestContext,
    count: (answer: Pick<Answer, 'errors' | 'code'>) => void,
  ): Promise<void> {
    const { engine, limits } = this.#services;
    if (this.subscriptions >= limits.subscriptionsPerSocket) {
      const error = codedError('TOO_MANY_SUBSCRIPTIONS', `at most ${limits.subscriptionsPerSocket} subscriptions may run on one socket`);
      count({ errors: 1, code: firstCode([error]) });
      return this.#fail(operation.id, [error], operation.requestId);
    }
    operation.subscription = true;
    const events = engine.subscribe(prepared, variables, context);
    operation.events = events;
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
