import { connect as connectTcp, isIP } from 'node:net';
import type { OnReadOpts, Socket, TcpNetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { Place } from '../collections/line.ts';
import type { Deadline, DeadlineQueue } from '../time/deadline.ts';
import { ResponseParser } from './parser.ts';
import type { ResponseHeaders, ResponseSink } from './parser.ts';

export interface RequestController {
  /**
   * Gives the request up, waiting or under way: its handler is not called any more, its connection is closed. Any
   * number of times.
   */
  abort(reason?: Error): void;
}

/** Calls come in this order; the last is `onResponseEnd` or `onResponseError`. */
export interface ResponseHandler {
  /** Called at once, also when the request waits for a connection. */
  onRequestStart(controller: RequestController): void;
  onResponseStart(controller: RequestController, status: number, headers: ResponseHeaders): void;
  /** A piece of the body, one byte a character ("latin1"). */
  onResponseData(controller: RequestController, text: string): void;
  onResponseEnd(controller: RequestController): void;
  /**
   * `error.code` is that of node:net or node:tls, `ETIMEDOUT` also for a connection that does not come about, or an
   * `HTTP_…` of the client and the parser.
   */
  onResponseError(controller: RequestController, error: Error): void;
}

/** The connection ended before the response did. */
export class ConnectionLost extends Error {
  readonly code = 'ECONNRESET';
  /**
   * It had served before and ended without a byte of this response. Most likely the server had closed it, being idle,
   * before the request came; but it may also have died of the request, so only a request that may be carried out twice
   * may be sent again.
   */
  readonly stale: boolean;

  constructor(stale: boolean, cause?: Error) {
    super('the connection ended before the response did', { cause });
    this.stale = stale;
  }
}

/**
 * How long a connection stays without use when the server does not say. Servers of Node close after 5 s, and a request
 * that meets the closing is lost. Where the server says (`Keep-Alive: timeout=`), it is a second less than that.
 */
const IDLE_MS = 4_000;
const IDLE_MARGIN_MS = 1_000;
const MAX_IDLE_MS = 600_000;
const READ_BYTES = 65_536;

/** A request that waits or is under way. */
export class Request extends Place implements RequestController {
  readonly handler: ResponseHandler;
  /** The whole request as it is sent. */
  text = '';
  /** Given up or failed. */
  done = false;
  connection: Connection | undefined;

  constructor(handler: ResponseHandler) {
    super();
    this.handler = handler;
  }

  abort(): void {
    if (this.done) return;
    this.done = true;
    this.leave();
    this.connection?.drop();
  }

  fail(error: Error): void {
    if (this.done) return;
    this.done = true;
    this.leave();
    this.handler.onResponseError(this, error);
  }
}

export interface Origin {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly ca: ConnectionOptions['ca'];
  readonly connecting: DeadlineQueue;
}

/** One connection with the request that it carries. */
export class Connection implements ResponseSink {
  idleUntil = 0;
  readonly #socket: Socket;
  readonly #parser = new ResponseParser(this);
  readonly #connecting: Deadline;
  readonly #onFree: (connection: Connection) => void;
  readonly #onGone: (connection: Connection) => void;
  #request: Request | undefined;
  #used = false;
  #gone = false;

  constructor(origin: Origin, onFree: (connection: Connection) => void, onGone: (connection: Connection) => void) {
    this.#onFree = onFree;
    this.#onGone = onGone;
    const bytes = Buffer.allocUnsafeSlow(READ_BYTES);
    // Read into one buffer, past the stream's own: nothing is allocated for what comes. Its text is made within the
    // call.
    const onread: OnReadOpts = { buffer: bytes, callback: (length) => this.#read(bytes, length) };
    this.#socket = connect(origin, onread);
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#lost(error));
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('close', () => this.#lost());
    this.#connecting = origin.connecting.add({
      expired: () =>
        this.drop(Object.assign(new Error(`no connection within ${origin.connecting.ms} ms`), { code: 'ETIMEDOUT' })),
    });
    this.#socket.on(origin.secure ? 'secureConnect' : 'connect', () => this.#connecting.cancel());
  }

  send(request: Request): void {
    this.#request = request;
    request.connection = this;
    this.#parser.expect();
    // One write, as text: Node flattens and copies it once, on its way to the kernel.
    this.#socket.write(request.text, 'latin1');
    request.text = '';
  }

  /** Closes it, for `reason` if its request is still there. */
  drop(reason?: Error): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#connecting.cancel();
    this.#socket.destroy();
    const request = this.#request;
    this.#request = undefined;
    this.#onGone(this);
    if (reason !== undefined) request?.fail(reason);
  }

  onHead(status: number, headers: ResponseHeaders): void {
    this.#request?.handler.onResponseStart(this.#request, status, headers);
  }

  onBody(text: string): void {
    this.#request?.handler.onResponseData(this.#request, text);
  }

  onEnd(surplus: boolean): void {
    const request = this.#request;
    if (request === undefined) return; // given up
    this.#request = undefined;
    request.connection = undefined;
    this.#used = true;
    const keepMs = Math.min(
      this.#parser.keepAliveMs === undefined ? IDLE_MS : this.#parser.keepAliveMs - IDLE_MARGIN_MS,
      MAX_IDLE_MS,
    );
    // Answered before all of it was sent: the rest would be taken for the next request, or never be read.
    if (surplus || !this.#parser.persistent || keepMs <= 0 || this.#socket.writableLength > 0) this.drop();
    else {
      this.idleUntil = performance.now() + keepMs;
      this.#onFree(this);
    }
    // A defect of who takes the answer must not end the connection, which may serve another by now.
    try {
      request.handler.onResponseEnd(request);
    } catch (error) {
      request.handler.onResponseError(request, error as Error);
    }
  }

  #read(bytes: Buffer, length: number): boolean {
    try {
      this.#parser.read(bytes, length);
    } catch (error) {
      this.drop(error as Error);
    }
    return true;
  }

  #ended(): void {
    if (this.#gone) return;
    if (this.#request !== undefined && this.#parser.close()) return;
    this.#lost();
  }

  #lost(error?: Error): void {
    if (this.#gone) return;
    this.drop(
      error !== undefined && !this.#used ? error : new ConnectionLost(this.#used && !this.#parser.begun, error),
    );
  }
}

function connect({ host, port, secure, ca }: Origin, onread: OnReadOpts): Socket {
  const tcp: TcpNetConnectOpts = { host, port, noDelay: true, onread };
  if (!secure) return connectTcp(tcp);
  return connectTls({ ...tcp, ca, ALPNProtocols: ['http/1.1'], ...(isIP(host) === 0 && { servername: host }) });
}
