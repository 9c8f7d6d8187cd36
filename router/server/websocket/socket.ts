import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { CloseCode, MessageType } from 'graphql-ws';
import type { Message } from 'graphql-ws';
import type { RawData, WebSocket } from 'ws';
import { acceptRequestId } from '../../../platform/http/request-id.ts';
import { isValueNestedDeeper } from '../../operation/nesting.ts';
import { codedError } from '../../operation/request-error.ts';
import { awakeTimeout, wasBlocked } from '../../time/awake.ts';
import { messageOf } from './messages.ts';
import type { SubscribePayload } from './messages.ts';
import { Operations } from './operations.ts';
import { Outlet } from './outlet.ts';
import type { SocketServices } from './services.ts';
import { Session } from './session.ts';

/**
 * A close code in addition to those of graphql-transport-ws: the client left more unread than a socket may hold. It can
 * subscribe again from the last event.
 */
const TOO_SLOW = 4413;
const GOING_AWAY = 1001;
const INIT_MS = 10_000;
const CLOSE_MS = 1_000;
/**
 * For this long after the event loop was blocked, silence may be this process's fault and not the client's.
 * Milliseconds.
 */
const BLOCKED_PATIENCE_MS = 1_000;

/**
 * The server side of one client's graphql-transport-ws connection (the protocol document of graphql-ws). It does not
 * use the server of graphql-ws for two reasons. If a client completes a subscription and reopens it under the same id,
 * that server sends the `complete` of the first to the second. And that server does not limit what a client leaves
 * unread.
 */
export class ClientSocket {
  readonly #services: SocketServices;
  readonly #ws: WebSocket;
  readonly #outlet: Outlet;
  readonly #session: Session;
  readonly #operations: Operations;
  readonly #cancelInit: () => void;
  #state: 'new' | 'authenticating' | 'open' | 'draining' | 'closed' = 'new';
  #onSettled: (() => void) | undefined;
  #silent = false;

  /**
   * @param raw the socket that `ws` writes to
   * @param address the client's address
   */
  constructor(services: SocketServices, ws: WebSocket, raw: Socket, request: IncomingMessage, address: string) {
    this.#services = services;
    this.#ws = ws;
    const close = (code: number, reason: string): void => this.#close(code, reason);
    const tooSlow = (): void => this.#close(TOO_SLOW, 'Too slow: resume from the last event');
    this.#outlet = new Outlet(ws, raw, services.limits, {
      full: () => {
        services.onFull?.();
        this.#updateReading();
      },
      stalled: tooSlow,
      drained: () => {
        this.#operations.resume();
        this.#updateReading();
      },
    });
    this.#session = new Session(services, request.headers.authorization, close);
    this.#operations = new Operations(services, this.#outlet, this.#session, address, {
      close,
      tooSlow,
      changed: () => {
        this.#updateReading();
        if (this.#state === 'draining' && this.#operations.running === 0) this.#settle();
      },
    });
    this.#cancelInit = awakeTimeout(
      () => this.#close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout'),
      INIT_MS,
    );
    ws.on('message', (data, binary) => {
      try {
        this.#receive(data, binary);
      } catch (error) {
        this.#onUnexpectedError(error);
      }
    });
    ws.on('pong', () => (this.#silent = false));
    // `ws` reports broken frames and messages above the size limit here. It has already sent the close code.
    ws.on('error', () => ws.terminate());
    ws.on('close', () => this.#closed());
  }

  get bufferedBytes(): number {
    return this.#outlet.bufferedBytes;
  }

  get subscriptions(): number {
    return this.#operations.subscriptions;
  }

  /**
   * Sends a ping. Ends the connection if the client has sent nothing since the last call, unless this process was
   * blocked.
   */
  checkAlive(): void {
    if (this.#silent) {
      // While this process was blocked, an answer of the client may have arrived. It is read before the next check.
      if (wasBlocked(BLOCKED_PATIENCE_MS)) return;
      return this.#ws.terminate();
    }
    this.#silent = true;
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#ws.ping();
    this.#remind();
  }

  /**
   * Ends subscriptions, lets queries and mutations finish, then closes with 1001. Resolves when the socket is closed.
   */
  async drain(): Promise<void> {
    if (this.#state === 'closed') return;
    const settled = new Promise<void>((resolve) => (this.#onSettled = resolve));
    this.#state = 'draining';
    this.#operations.stopSubscriptions();
    if (this.#operations.running === 0) this.#settle();
    await settled;
  }

  terminate(): void {
    this.#ws.terminate();
  }

  #settle(): void {
    this.#close(GOING_AWAY, 'Going away');
  }

  /** An unexpected error closes one client's socket instead of ending the process with all sockets. */
  readonly #onUnexpectedError = (error: unknown): void => {
    this.#services.log?.error('a socket failed', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    this.#close(CloseCode.InternalServerError, 'Internal server error');
  };

  #close(code: number, reason: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#outlet.flush();
    this.#ws.close(code, reason);
    // `ws` waits 30 s for the client's close frame. A client that does not read would hold its memory for as long.
    setTimeout(() => this.#ws.terminate(), CLOSE_MS).unref();
    this.#operations.stopAll();
  }

  #closed(): void {
    this.#state = 'closed';
    this.#cancelInit();
    this.#operations.stopAll();
    this.#outlet.close();
    this.#session.end();
    this.#onSettled?.();
  }

  #receive(data: RawData, binary: boolean): void {
    this.#silent = false;
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    let message: Message;
    try {
      if (binary) throw new Error('binary');
      message = messageOf(String(data));
      // The router sends a ping's payload back, so it must not be nested too deep. The nesting of an operation is
      // checked later, because its errors are reported under its id.
      if (
        message.type !== MessageType.Subscribe &&
        'payload' in message &&
        isValueNestedDeeper(message.payload, this.#services.limits.nesting)
      )
        throw new Error('nested too deep');
    } catch {
      return this.#close(CloseCode.BadRequest, 'Invalid message received');
    }
    switch (message.type) {
      case MessageType.ConnectionInit:
        return void this.#init(message.payload).catch(this.#onUnexpectedError);
      case MessageType.Ping:
        return this.#ping(message.payload);
      case MessageType.Pong:
        return;
      case MessageType.Subscribe:
        return this.#subscribe(message.id, message.payload as SubscribePayload);
      case MessageType.Complete:
        return this.#operations.complete(message.id);
      default:
        return this.#close(CloseCode.BadRequest, `Unexpected message of type ${message.type} received`);
    }
  }

  async #init(payload: Record<string, unknown> | null | undefined): Promise<void> {
    if (this.#state === 'draining') return;
    if (this.#state !== 'new')
      return this.#close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests');
    this.#state = 'authenticating';
    this.#cancelInit();
    const isWanted = (): boolean => this.#state === 'authenticating';
    if (!(await this.#session.authenticate(payload, isWanted)) || !isWanted()) return;
    this.#state = 'open';
    const {
      principal: { userId = null },
      expiresIn: { expiresIn = null },
      expiresSoon,
    } = this.#session;
    this.#outlet.send({ type: MessageType.ConnectionAck, payload: { user: userId, expiresIn } });
    if (expiresSoon) this.#remind();
  }

  /** Tells the client how long its token is still valid, unless too many bytes already wait for it to read. */
  #remind(): void {
    const { expiresIn } = this.#session;
    if (expiresIn.expiresIn !== undefined && this.#state === 'open' && !this.#outlet.full)
      this.#outlet.send({ type: MessageType.Ping, payload: expiresIn });
  }

  #ping(payload: Record<string, unknown> | null | undefined): void {
    const authorization = this.#session.authorizationIn(payload);
    if (authorization === null) return;
    // The router never sends a token back, because it is a secret.
    if (authorization === undefined)
      return this.#outlet.send({ type: MessageType.Pong, ...(payload ? { payload } : {}) });
    if (this.#state === 'open') void this.#refresh(authorization).catch(this.#onUnexpectedError);
    else this.#outlet.send({ type: MessageType.Pong });
  }

  /** Checks the new token. Then authorizes running subscriptions again and uses the token for later operations. */
  async #refresh(authorization: string): Promise<void> {
    const isWanted = (): boolean => this.#state === 'open';
    if (!(await this.#session.refresh(authorization, isWanted)) || !isWanted()) return;
    this.#outlet.send({ type: MessageType.Pong, payload: this.#session.expiresIn });
    this.#operations.reauthorize();
  }

  #subscribe(id: string, params: SubscribePayload): void {
    if (this.#state === 'draining')
      return this.#operations.refuse(id, [codedError('UNAVAILABLE', 'the server is shutting down')], acceptRequestId());
    if (this.#state !== 'open') return this.#close(CloseCode.Unauthorized, 'Unauthorized');
    this.#operations.start(id, params, acceptRequestId());
  }

  /**
   * Stops reading from the client in two cases. First, while the client does not read: otherwise the router would queue
   * pongs and errors without end. Second, while many operations that the client has ended still clean up: otherwise
   * thousands of quick subscribe and complete pairs would pile up.
   */
  #updateReading(): void {
    const wait = this.#outlet.waiting || this.#operations.running >= 2 * this.#services.limits.operationsPerSocket;
    if (wait === this.#ws.isPaused) return;
    if (wait) this.#ws.pause();
    else this.#ws.resume();
  }
}
