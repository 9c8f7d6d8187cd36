import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { CloseCode, MessageType } from 'graphql-ws';
import type { Message } from 'graphql-ws';
import type { RawData, WebSocket } from 'ws';
import { acceptRequestId } from '../../../platform/http/request-id.ts';
import { isValueNestedDeeper } from '../../operation/nesting.ts';
import { codedError } from '../../operation/request-error.ts';
import { awakeTimeout, wasAway } from '../../time/awake.ts';
import { messageOf } from './messages.ts';
import type { SubscribePayload } from './messages.ts';
import { Operations } from './operations.ts';
import { Outlet } from './outlet.ts';
import type { SocketServices } from './services.ts';
import { Session } from './session.ts';

/**
 * Beside those of graphql-transport-ws: the client left more unread than a socket may hold. Subscribe again from the
 * last event.
 */
const TOO_SLOW = 4413;
const GOING_AWAY = 1001;
const INIT_MS = 10_000;
const CLOSE_MS = 1_000;
/** So long after the event loop was away, silence is not the client's. */
const AWAY_PATIENCE_MS = 1_000;

/**
 * One client's side of graphql-transport-ws (the protocol document of graphql-ws). Not graphql-ws' own server: there a
 * subscription that was completed and opened again under the same id receives the `complete` of the first, and nothing
 * bounds what a client leaves unread.
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
   * @param raw what `ws` itself writes to
   * @param address the client's
   */
  constructor(services: SocketServices, ws: WebSocket, raw: Socket, request: IncomingMessage, address: string) {
    this.#services = services;
    this.#ws = ws;
    const close = (code: number, reason: string): void => this.#close(code, reason);
    const tooSlow = (): void => this.#close(TOO_SLOW, 'Too slow: resume from the last event');
    this.#outlet = new Outlet(ws, raw, services.limits, {
      full: () => {
        services.onFull?.();
        this.#readOrWait();
      },
      stuck: tooSlow,
      drained: () => {
        this.#operations.resume();
        this.#readOrWait();
      },
    });
    this.#session = new Session(services, request.headers.authorization, close);
    this.#operations = new Operations(services, this.#outlet, this.#session, address, {
      close,
      tooSlow,
      changed: () => {
        this.#readOrWait();
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
        this.#broken(error);
      }
    });
    ws.on('pong', () => (this.#silent = false));
    ws.on('error', () => ws.terminate()); // broken frames and messages over the limit; ws sends the close code itself
    ws.on('close', () => this.#closed());
  }

  get bufferedBytes(): number {
    return this.#outlet.bufferedBytes;
  }

  get subscriptions(): number {
    return this.#operations.subscriptions;
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

  /** What nobody thought of costs one client its socket, and not all of them the process. */
  readonly #broken = (error: unknown): void => {
    this.#services.log?.error('a socket failed', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    this.#close(CloseCode.InternalServerError, 'Internal server error');
  };

  #close(code: number, reason: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#outlet.flush();
    this.#ws.close(code, reason);
    // ws waits 30 s for the client's half; a client that does not read would keep its memory for as long
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
      // A ping's is sent back. What is wrong with an operation is told under its id.
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
        return void this.#init(message.payload).catch(this.#broken);
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
    if (!(await this.#session.begin(payload, isWanted)) || !isWanted()) return;
    this.#state = 'open';
    const {
      principal: { userId = null },
      expiresIn: { expiresIn = null },
      endsSoon,
    } = this.#session;
    this.#outlet.send({ type: MessageType.ConnectionAck, payload: { user: userId, expiresIn } });
    if (endsSoon) this.#remind();
  }

  /** Tells the client for how long its token still lasts. */
  #remind(): void {
    const { expiresIn } = this.#session;
    if (expiresIn.expiresIn !== undefined && this.#state === 'open' && !this.#outlet.full)
      this.#outlet.send({ type: MessageType.Ping, payload: expiresIn });
  }

  #ping(payload: Record<string, unknown> | null | undefined): void {
    const authorization = this.#session.authorizationIn(payload);
    if (authorization === null) return;
    // Never sent back: it is a secret.
    if (authorization === undefined)
      return this.#outlet.send({ type: MessageType.Pong, ...(payload ? { payload } : {}) });
    if (this.#state === 'open') void this.#refresh(authorization).catch(this.#broken);
    else this.#outlet.send({ type: MessageType.Pong });
  }

  /** What runs is authorized anew, and what comes later is asked with the new token. */
  async #refresh(authorization: string): Promise<void> {
    const isWanted = (): boolean => this.#state === 'open';
    if (!(await this.#session.refresh(authorization, isWanted)) || !isWanted()) return;
    this.#outlet.send({ type: MessageType.Pong, payload: this.#session.expiresIn });
    this.#operations.reauthorize();
  }

  #subscribe(id: string, params: SubscribePayload): void {
    if (this.#state === 'draining')
      return this.#operations.refuse(id, [codedError('UNAVAILABLE', 'the server is going away')], acceptRequestId());
    if (this.#state !== 'open') return this.#close(CloseCode.Unauthorized, 'Unauthorized');
    this.#operations.begin(id, params, acceptRequestId());
  }

  /**
   * Reads no further while the client does not read itself, or we would answer its pings and refusals without end; nor
   * while many operations that it has ended are still being cleaned up, or thousands of quick subscribe and complete
   * pairs would pile up.
   */
  #readOrWait(): void {
    const wait = this.#outlet.waiting || this.#operations.running >= 2 * this.#services.limits.operationsPerSocket;
    if (wait === this.#ws.isPaused) return;
    if (wait) this.#ws.pause();
    else this.#ws.resume();
  }
}
