import { connect as connectTcp, isIP } from 'node:net';
import type { OnReadOpts, Socket, TcpNetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { ListNode } from '../collections/linked-list.ts';
import type { Deadline, DeadlineQueue } from '../time/deadline.ts';
import { ResponseParser } from './parser.ts';
import type { ResponseHeaders, ResponseSink } from './parser.ts';

export interface RequestController {
  /**
   * Cancels the request, waiting or running. Its handler is not called any more, and its connection is closed. Has no
   * effect after the first call.
   */
  abort(reason?: Error): void;
}

/**
 * The client calls the methods in this order. The last call is `onResponseEnd` or `onResponseError`. After `abort` it
 * calls none.
 */
export interface ResponseHandler {
  /** Called immediately, even if the request waits for a connection. */
  onRequestStart(controller: RequestController): void;
  onResponseStart(controller: RequestController, status: number, headers: ResponseHeaders): void;
  /** Called with a part of the body. Each character is one byte ("latin1"). */
  onResponseData(controller: RequestController, text: string): void;
  onResponseEnd(controller: RequestController): void;
  /**
   * Called when the request failed.
   * @param error with a `code` of node:net or node:tls, `ETIMEDOUT` also for a connection that was not established in
   *   time, or an `HTTP_…` code of the client or the parser
   */
  onResponseError(controller: RequestController, error: Error): void;
}

/** The error when the connection ended before the response was complete. */
export class ConnectionLost extends Error {
  readonly code = 'ECONNRESET';
  /**
   * Whether the connection had been used before and ended without a byte of this response. Most likely the server
   * closed the idle connection before the request arrived. But the request may also have crashed the server, so only a
   * request that is safe to repeat may be sent again.
   */
  readonly stale: boolean;

  constructor(stale: boolean, cause?: Error) {
    super('the connection ended before the response did', { cause });
    this.stale = stale;
  }
}

/**
 * How long an idle connection is kept if the server does not say how long it keeps the connection. Servers of Node
 * close idle connections after 5 s, and a request that arrives during the closing is lost. If the server says
 * (`Keep-Alive: timeout=`), the connection is kept for one second less, but at most ten minutes. Milliseconds.
 */
const IDLE_MS = 4_000;
const IDLE_MARGIN_MS = 1_000;
const MAX_IDLE_MS = 600_000;
const READ_BYTES = 65_536;

/** A request that waits or runs. */
export class Request extends ListNode implements RequestController {
  readonly handler: ResponseHandler;
  /** The whole request as it is sent. */
  text = '';
  /** Whether the request was cancelled or has failed. */
  done = false;
  connection: Connection | undefined;

  constructor(handler: ResponseHandler) {
    super();
    this.handler = handler;
  }

  abort(): void {
    if (this.done) return;
    this.done = true;
    this.remove();
    this.connection?.destroy();
  }

  fail(error: Error): void {
    if (this.done) return;
    this.done = true;
    this.remove();
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

/** One connection and the request that it carries. */
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
    // Reads into one buffer instead of the stream's own, so nothing is allocated per read. The parser converts the
    // bytes to text within the callback.
    const onread: OnReadOpts = { buffer: bytes, callback: (length) => this.#read(bytes, length) };
    this.#socket = connect(origin, onread);
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#lost(error));
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('close', () => this.#lost());
    this.#connecting = origin.connecting.add({
      expired: () =>
        this.destroy(
          Object.assign(new Error(`no connection within ${origin.connecting.ms} ms`), { code: 'ETIMEDOUT' }),
        ),
    });
    this.#socket.on(origin.secure ? 'secureConnect' : 'connect', () => this.#connecting.cancel());
  }

  send(request: Request): void {
    this.#request = request;
    request.connection = this;
    this.#parser.expect();
    // One write of a string: Node flattens and copies it once on its way to the kernel.
    this.#socket.write(request.text, 'latin1');
    request.text = '';
  }

  /** Closes the connection. Its request, if any, fails with `reason`. */
  destroy(reason?: Error): void {
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
    if (request === undefined) return; // The request was cancelled.
    this.#request = undefined;
    request.connection = undefined;
    this.#used = true;
    const keepMs = Math.min(
      this.#parser.keepAliveMs === undefined ? IDLE_MS : this.#parser.keepAliveMs - IDLE_MARGIN_MS,
      MAX_IDLE_MS,
    );
    // The server answered before the whole request was sent. The server would take the rest for the next request, or
    // never read it.
    if (surplus || !this.#parser.persistent || keepMs <= 0 || this.#socket.writableLength > 0) this.destroy();
    else {
      this.idleUntil = performance.now() + keepMs;
      this.#onFree(this);
    }
    // An exception in the handler must not close the connection, which may carry another request by now.
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
      this.destroy(error as Error);
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
    this.destroy(
      error !== undefined && !this.#used ? error : new ConnectionLost(this.#used && !this.#parser.begun, error),
    );
  }
}

function connect({ host, port, secure, ca }: Origin, onread: OnReadOpts): Socket {
  const tcp: TcpNetConnectOpts = { host, port, noDelay: true, onread };
  if (!secure) return connectTcp(tcp);
  return connectTls({ ...tcp, ca, ALPNProtocols: ['http/1.1'], ...(isIP(host) === 0 && { servername: host }) });
}
