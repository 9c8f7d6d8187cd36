import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { GraphQLFormattedError } from 'graphql';
import { CloseCode, MessageType, validateMessage } from 'graphql-ws';
import type { Message } from 'graphql-ws';
import type { RawData, WebSocket } from 'ws';
import type { TrustedProxies } from '../../../platform/http/client-address.ts';
import { acceptRequestId } from '../../../platform/http/request-id.ts';
import { decodeUserinfo } from '../../../signature/signature.ts';
import { isObject } from '../../collections/json-object.ts';
import type { Limits } from '../../config/limits.ts';
import type { LogPort, OperationInfo } from '../../config/observers.ts';
import type { DocumentUsage } from '../../engine/document-usage.ts';
import type { Engine, PreparedOperation } from '../../engine/engine.ts';
import type { Generation } from '../../engine/engines.ts';
import { answerOf, firstCode, toBytes } from '../../execution/answer.ts';
import type { Answer } from '../../execution/answer.ts';
import type { Principal } from '../../execution/types.ts';
import { isValueNestedDeeper } from '../../operation/nesting.ts';
import { persistedName } from '../../operation/params.ts';
import type { GraphQLParams } from '../../operation/params.ts';
import { RequestError, nestedTooDeep, requestError } from '../../operation/request-error.ts';
import { codedError } from '../../operation/request-error.ts';
import type { Admission } from '../../policies/admission.ts';
import type { Authenticator } from '../../policies/authentication.ts';
import type { PersistedQueries } from '../../policies/persisted-queries.ts';
import type { StreamEvent, Subscriber, Subscription, Subscriptions } from '../../subscriptions/subscriber.ts';
import { Alarm } from '../../time/alarm.ts';
import { awakeTimeout, wasAway } from '../../time/awake.ts';
import { clientErrors } from '../errors.ts';
import type { IncrementalFormat } from '../incremental.ts';
import { incrementalAnswers } from '../incremental.ts';
import { watchTaking } from '../taking.ts';
import { authorizationOf, NotUnderstood } from './connection-init.ts';
import { SocketWriter } from './writer.ts';

/** What all sockets of a router share. */
export interface SocketServices {
  readonly engines: { acquire(): Generation | undefined };
  readonly usage: DocumentUsage;
  readonly persistedQueries: PersistedQueries;
  readonly subscriptions: Subscriptions;
  readonly authenticator: Authenticator;
  readonly admission: Admission;
  readonly proxies: TrustedProxies;
  readonly limits: Limits;
  /** Told each time that a client has to be waited for. */
  readonly onFull?: (() => void) | undefined;
  readonly log: LogPort | undefined;
  /** Of answers in parts. */
  readonly incrementalFormat: IncrementalFormat;
  readonly onOperation: ((info: OperationInfo) => void) | undefined;
}

/** Beside those of graphql-transport-ws: the client left more unread than a socket may hold. Subscribe again from the last event. */
export const CLOSE_TOO_SLOW = 4413;
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
const INIT_MS = 10_000;
const CLOSE_MS = 1_000;
/** So long after the event loop was away, silence is not the client's. */
const AWAY_PATIENCE_MS = 1_000;
const TOO_SLOW = 'Too slow: resume from the last event';
/** A token that does not last longer is spoken of at once. */
const REMIND_MS = 24_000;
const GONE = new Error('the client ended the operation');

interface Operation {
  readonly id: string;
  readonly requestId: string;
  readonly started: number;
  prepared?: PreparedOperation;
  errors: number;
  code: string | undefined;
  /** Set as soon as nothing more may be sent for it; its id is then free again. */
  done: boolean;
  /** Of a query or mutation. */
  abort?: AbortController;
  /** From when it is known to be a subscription. */
  subscribed?: boolean;
  subscription?: Subscription;
}

/**
 * One client's side of graphql-transport-ws (the protocol document of graphql-ws). Not graphql-ws' own server: there a subscription that
 * was completed and opened again under the same id receives the `complete` of the first, and nothing bounds what a client leaves unread.
 */
export class ClientSocket {
  readonly #services: SocketServices;
  readonly #ws: WebSocket;
  readonly #raw: Socket;
  readonly #writer: SocketWriter;
  readonly #header: string | undefined;
  readonly #address: string;
  readonly #operations = new Map<string, Operation>();
  readonly #running = new Set<Operation>();
  /** Subscriptions that have an event for a client that is full; the first was not served for the longest time. */
  readonly #behind = new Set<Operation>();
  #state: 'new' | 'authenticating' | 'open' | 'draining' | 'closed' = 'new';
  #principal: Principal = {};
  readonly #cancelInit: () => void;
  readonly #expiry = new Alarm(() => this.#close(CloseCode.Forbidden, 'Token expired'));
  #expiresAt: number | undefined;
  #refreshes = 0;
  #releaseUser: (() => void) | undefined;
  #drained: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #onSettled: (() => void) | undefined;
  #silent = false;

  /**
   * @param raw what `ws` itself writes to
   * @param address the client's
   */
  constructor(services: SocketServices, ws: WebSocket, raw: Socket, request: IncomingMessage, address: string) {
    this.#services = services;
    this.#ws = ws;
    this.#raw = raw;
    this.#writer = new SocketWriter(raw, services.limits.bufferedBytes, () => ws.readyState === ws.OPEN, () => this.#onTaken());
    this.#header = request.headers.authorization;
    this.#address = address;
    this.#cancelInit = awakeTimeout(() => this.#close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout'), INIT_MS);
    ws.on('message', (data, binary) => {
      try {
        this.#receive(data, binary);
      } catch (error) {
        this.#broken(error);
      }
    });
    ws.on('pong', () => (this.#silent = false));
    ws.on('error', () => ws.terminate()); // broken frames and messages over the limit; ws sends the close code itself
    ws.on('close', () => this.#closed());
  }

  get bufferedBytes(): number {
    return this.#writer.buffered;
  }

  get subscriptions(): number {
    let count = 0;
    for (const operation of this.#operations.values()) if (operation.subscribed) count++;
    return count;
  }

  /** Ends the connection when nothing was heard since the last call. */
  beat(): void {
    if (this.#silent) {
      // A process that was away has not been left: what has arrived is read first.
      if (wasAway(AWAY_PATIENCE_MS)) return;
      return this.#ws.terminate();
    }
    this.#silent = true;
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#ws.ping();
    this.#remind();
  }

  /** Ends subscriptions, lets queries and mutations finish, then closes with 1001. Resolves when closed. */
  async drain(): Promise<void> {
    if (this.#state === 'closed') return;
    const settled = new Promise<void>((resolve) => (this.#onSettled = resolve));
    this.#state = 'draining';
    for (const operation of [...this.#operations.values()]) if (operation.subscribed) this.#stop(operation);
    if (this.#running.size === 0) this.#settle();
    await settled;
  }

  terminate(): void {
    this.#ws.terminate();
  }

  #settle(): void {
    this.#close(GOING_AWAY, 'Going away');
  }

  /** What nobody thought of costs one client its socket, and not all of them the process. */
  readonly #broken = (error: unknown): void => {
    this.#services.log?.error('a socket failed', { error: error instanceof Error ? error.stack ?? error.message : String(error) });
    this.#close(CloseCode.InternalServerError, 'Internal server error');
  };

  #close(code: number, reason: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#writer.flush();
    this.#ws.close(code, reason);
    // ws waits 30 s for the client's half; a client that does not read would keep its memory for as long
    setTimeout(() => this.#ws.terminate(), CLOSE_MS).unref();
    for (const operation of [...this.#running]) this.#stop(operation);
  }

  #closed(): void {
    this.#state = 'closed';
    this.#cancelInit();
    this.#expiry.set(undefined);
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
      message = messageOf(String(data));
      // A ping's is sent back. What is wrong with an operation is told under its id.
      if (message.type !== MessageType.Subscribe && 'payload' in message && isValueNestedDeeper(message.payload, this.#services.limits.nesting)) throw new Error('nested too deep');
    } catch {
      return this.#close(CloseCode.BadRequest, 'Invalid message received');
    }
    switch (message.type) {
      case MessageType.ConnectionInit: return void this.#init(message.payload).catch(this.#broken);
      case MessageType.Ping: return this.#ping(message.payload);
      case MessageType.Pong: return;
      case MessageType.Subscribe: return this.#subscribe(message.id, message.payload as SubscribePayload);
      case MessageType.Complete: {
        const operation = this.#operations.get(message.id);
        if (operation) this.#stop(operation);
        return;
      }
      default: return this.#close(CloseCode.BadRequest, `Unexpected message of type ${message.type} received`);
    }
  }

  async #init(payload: Record<string, unknown> | null | undefined): Promise<void> {
    if (this.#state === 'draining') return;
    if (this.#state !== 'new') return this.#close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests');
    this.#state = 'authenticating';
    this.#cancelInit();
    const authorization = this.#authorizationOf(payload);
    if (authorization === null) return;
    const result = await this.#services.authenticator.authenticate(authorization ?? this.#header);
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
    this.#expireAt(result.expiresAt);
    this.#send({ type: MessageType.ConnectionAck, payload: { user: userId ?? null, expiresIn: this.#expiresIn.expiresIn ?? null } });
    if (this.#expiresAt !== undefined && this.#expiresAt - Date.now() < REMIND_MS) this.#remind();
  }

  /** Null when the payload is not understood; the socket is closed then. */
  #authorizationOf(payload: Record<string, unknown> | null | undefined): string | undefined | null {
    try {
      return authorizationOf(payload);
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      this.#close(CloseCode.BadRequest, error.message);
      return null;
    }
  }

  #expireAt(time: number | undefined): void {
    this.#expiresAt = time;
    this.#expiry.set(this.#ws.readyState === this.#ws.OPEN ? time : undefined);
  }

  /** Tells the client for how long its token still lasts. */
  #remind(): void {
    if (this.#expiresAt !== undefined && this.#state === 'open' && !this.#full) this.#send({ type: MessageType.Ping, payload: this.#expiresIn });
  }

  get #expiresIn(): { expiresIn?: number } {
    return this.#expiresAt === undefined ? {} : { expiresIn: Math.max(0, Math.floor((this.#expiresAt - Date.now()) / 1000)) };
  }

  #ping(payload: Record<string, unknown> | null | undefined): void {
    const token = payload?.['token'];
    const authorization = typeof token === 'string' ? `Bearer ${token}` : this.#authorizationOf(payload);
    if (authorization === null) return;
    // Never sent back: it is a secret.
    if (authorization === undefined) return this.#send({ type: MessageType.Pong, ...(payload ? { payload } : {}) });
    if (this.#state === 'open') void this.#refresh(authorization).catch(this.#broken);
    else this.#send({ type: MessageType.Pong });
  }

  /** A new token of the same issuer and subject: what runs is authorized anew, and what comes later is asked with it. */
  async #refresh(authorization: string): Promise<void> {
    const refresh = ++this.#refreshes;
    const result = await this.#services.authenticator.authenticate(authorization);
    if (this.#state !== 'open' || refresh !== this.#refreshes) return;
    if (!result.ok) {
      return result.code === 'UNAVAILABLE' ? this.#close(TRY_AGAIN_LATER, result.message) : this.#close(CloseCode.Forbidden, `Forbidden: ${result.message}`);
    }
    if (!isSamePerson(this.#principal, result.principal)) return this.#close(CloseCode.Forbidden, 'Forbidden: the token is of somebody else');
    this.#principal = result.principal;
    this.#expireAt(result.expiresAt);
    this.#send({ type: MessageType.Pong, payload: this.#expiresIn });
    for (const { subscription } of [...this.#running]) subscription?.reauthorize(result.principal);
  }

  #subscribe(id: string, params: SubscribePayload): void {
    if (this.#state === 'draining') return this.#fail(id, [codedError('UNAVAILABLE', 'the server is going away')], acceptRequestId());
    if (this.#state !== 'open') return this.#close(CloseCode.Unauthorized, 'Unauthorized');
    if (this.#operations.has(id)) return this.#close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id.slice(0, 80)} already exists`);
    const { operationsPerSocket } = this.#services.limits;
    if (this.#operations.size >= operationsPerSocket) {
      return this.#fail(id, [codedError('TOO_MANY_OPERATIONS', `at most ${operationsPerSocket} operations may run on one socket`)], acceptRequestId());
    }
    const operation: Operation = { id, requestId: acceptRequestId(), started: performance.now(), errors: 0, code: undefined, done: false };
    this.#operations.set(id, operation);
    this.#running.add(operation);
    void this.#run(operation, params);
    this.#readOrWait();
  }

  /** Never rejects. */
  async #run(operation: Operation, given: SubscribePayload): Promise<void> {
    const { engines, usage, persistedQueries, limits, log, incrementalFormat } = this.#services;
    const generation = engines.acquire();
    try {
      if (!generation) throw new RequestError([codedError('UNAVAILABLE', 'there is no supergraph yet')]);
      if (isValueNestedDeeper(given.variables, limits.nesting)) throw requestError('BAD_USER_INPUT', [nestedTooDeep('The JSON of the variables', limits.nesting)]);
      const { engine } = generation.serving;
      const persisted = persistedName(given);
      const params = persisted === undefined ? given : await persistedQueries.complete({ ...given, persisted });
      if (operation.done) return this.#finish(operation);
      const prepared = operation.prepared = await engine.prepare(params.query, params.operationName);
      usage.used(params.query, params.operationName);
      if (persisted !== undefined) persistedQueries.learn(params);
      if (operation.done) return this.#finish(operation);
      if (prepared.kind === 'subscription') return this.#open(operation, engine, prepared, params);
      const { signal } = operation.abort = new AbortController();
      const cancel = awakeTimeout(() => operation.abort?.abort(GONE), limits.operationMs);
      const from = prepared.kind === 'mutation' ? { clientAddress: this.#address } : {};
      const context = { requestId: operation.requestId, principal: this.#principal, signal, ...from };
      try {
        if (prepared.incremental) {
          const request = { engine, prepared, variables: params.variables, context };
          for await (const answer of incrementalAnswers(request, incrementalFormat, log)) await this.#next(operation, answer);
        } else await this.#next(operation, await engine.execute(prepared, params.variables, context));
      } finally {
        cancel();
      }
      this.#complete(operation);
    } catch (error) {
      const list = clientErrors(error, operation.requestId, log);
      this.#count(operation, { errors: list.length, code: firstCode(list) });
      if (!operation.done) this.#fail(operation.id, list, operation.requestId);
    } finally {
      generation?.release(); // a subscription is taken to other engines by the core of subscriptions
    }
    this.#finish(operation);
  }

  /** Waits while the socket is full. */
  async #next(operation: Operation, answer: Answer): Promise<void> {
    this.#count(operation, answer);
    while (this.#full && !operation.done) await this.#untilDrained();
    if (!operation.done) this.#write(nextHead(operation.id), answer.text, '}');
  }

  /** @throws RequestError */
  #open(operation: Operation, engine: Engine, prepared: PreparedOperation, { query, operationName, variables }: GraphQLParams): void {
    const { limits, subscriptions } = this.#services;
    if (this.subscriptions >= limits.subscriptionsPerSocket) {
      const error = codedError('TOO_MANY_SUBSCRIPTIONS', `at most ${limits.subscriptionsPerSocket} subscriptions may run on one socket`);
      this.#count(operation, { errors: 1, code: firstCode([error]) });
      this.#fail(operation.id, [error], operation.requestId);
      return this.#finish(operation);
    }
    operation.subscribed = true;
    const context = { requestId: operation.requestId, principal: this.#principal };
    operation.subscription = subscriptions.open({ engine, prepared, query, operationName, variables }, context, this.#subscriber(operation));
  }

  /** A client that does not read stops its own operations and nothing else. */
  #subscriber(operation: Operation): Subscriber {
    const head = nextHead(operation.id);
    return {
      deliver: ({ answer }: StreamEvent) => {
        if (this.#full) {
          this.#behind.add(operation);
          return false;
        }
        if (answer.errors > 0) this.#count(operation, answer);
        this.#write(head, answer.text, '}');
        return true;
      },
      fail: (answer, { code }) => {
        this.#count(operation, answer);
        if (code === 'SLOW_CONSUMER' && this.#full) this.#close(CLOSE_TOO_SLOW, TOO_SLOW);
        else if (!operation.done) this.#writeErrors(operation.id, answer);
        this.#finish(operation);
      },
      complete: () => {
        this.#complete(operation);
        this.#finish(operation);
      },
    };
  }

  #count(operation: Operation, { errors, code }: Pick<Answer, 'errors' | 'code'>): void {
    operation.errors += errors;
    operation.code ??= code;
  }

  #complete(operation: Operation): void {
    if (!operation.done) this.#send({ id: operation.id, type: MessageType.Complete });
  }

  #fail(id: string, errors: readonly GraphQLFormattedError[], forRequest: string): void {
    this.#writeErrors(id, answerOf({ errors }, forRequest));
  }

  #writeErrors(id: string, { text }: Answer): void {
    this.#write(toBytes(`{"id":${JSON.stringify(id)},"type":"error","payload":`), text.slice('{"errors":'.length, -1), '}');
  }

  #stop(operation: Operation): void {
    if (operation.done) return;
    operation.done = true;
    this.#operations.delete(operation.id);
    this.#behind.delete(operation);
    operation.abort?.abort(GONE);
    if (!operation.subscription) return;
    operation.subscription.stop();
    this.#finish(operation);
  }

  /** Nothing of the operation goes on; reports it, once. */
  #finish(operation: Operation): void {
    if (!this.#running.delete(operation)) return;
    this.#stop(operation);
    this.#readOrWait();
    if (this.#state === 'draining' && this.#running.size === 0) this.#settle();
    const { prepared, errors, code } = operation;
    this.#services.onOperation?.({
      kind: prepared?.kind ?? 'unknown', durationMs: performance.now() - operation.started, errors, requestId: operation.requestId, transport: 'websocket',
      ...(prepared?.name === undefined ? {} : { name: prepared.name }), ...(code === undefined ? {} : { code }),
    });
  }

  get #full(): boolean {
    return this.#writer.buffered > this.#services.limits.bufferedBytes && this.#ws.readyState === this.#ws.OPEN;
  }

  /** Resolves when half of what a socket may hold is free again, or it is closed. Closes it when for `slowClientMs` nothing was read. */
  #untilDrained(): Promise<void> {
    return this.#drained ??= new Promise((resolve) => {
      const unwatch = watchTaking(this.#raw, this.#services.limits.slowClientMs, () => this.#close(CLOSE_TOO_SLOW, TOO_SLOW));
      this.#wake = () => {
        unwatch();
        this.#drained = undefined;
        this.#wake = undefined;
        resolve();
        for (const operation of [...this.#behind]) {
          if (this.#full) break;
          this.#behind.delete(operation);
          operation.subscription?.resumed();
        }
        this.#readOrWait();
      };
    });
  }

  #onTaken(): void {
    if (this.#wake && this.#writer.buffered <= this.#services.limits.bufferedBytes / 2) this.#wake();
  }

  #send(message: object): void {
    this.#write('', toBytes(JSON.stringify(message)), '');
  }

  #write(head: string, body: string, tail: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#writer.write(head, body, tail);
    if (!this.#full || this.#drained) return;
    // What waits for the end of this turn of the event loop is not the client's doing.
    this.#writer.flush();
    if (!this.#full) return;
    this.#services.onFull?.();
    void this.#untilDrained();
    this.#readOrWait();
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

/** As graphql-ws has checked it. */
type SubscribePayload = Omit<GraphQLParams, 'persisted'> & { readonly extensions?: unknown; readonly documentId?: unknown };

/**
 * A message of the protocol. graphql-ws wants a text in each `subscribe`; a persisted query has none.
 * @throws Error when it is none
 */
function messageOf(text: string): Message {
  const value: unknown = JSON.parse(text);
  if (isObject(value) && value['type'] === MessageType.Subscribe && isObject(value['payload'])) {
    const { payload } = value;
    if ((payload['query'] === undefined || payload['query'] === null) && (payload['extensions'] ?? payload['documentId']) !== undefined) payload['query'] = '';
  }
  return validateMessage(value);
}

const nextHead = (id: string): string => toBytes(`{"id":${JSON.stringify(id)},"type":"next","payload":`);

function isSamePerson(before: Principal, after: Principal): boolean {
  const issuer = ({ userinfo }: Principal): unknown => (userinfo === undefined ? undefined : decodeUserinfo(userinfo)?.['iss']);
  return before.userId === after.userId && issuer(before) === issuer(after);
}
