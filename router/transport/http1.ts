import { connect as connectTcp, isIP } from 'node:net';
import type { OnReadOpts, Socket, TcpNetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { DeadlineQueue } from './deadline.ts';
import type { Deadline } from './deadline.ts';
import { ResponseParser } from './http1-parser.ts';
import type { ResponseHeaders, ResponseSink } from './http1-parser.ts';

export interface RequestController {
  /** Gives the request up, waiting or under way: its handler is not called any more, its connection is closed. Any number of times. */
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
  /** `error.code` is that of node:net or node:tls, `ETIMEDOUT` also for a connection that does not come about, or one of those below. */
  onResponseError(controller: RequestController, error: Error): void;
}

export interface HttpClientOptions {
  /** Connections at most. */
  readonly connections: number;
  /** Requests that wait for a connection at most. */
  readonly waiting: number;
  /** Until a connection is there, with its TLS handshake. */
  readonly connectMs: number;
  /** Fields of every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** How a server's certificate is judged; by default as Node does. */
  readonly tls?: Pick<ConnectionOptions, 'ca'>;
}

/** The connection ended before the response did. */
export class ConnectionLost extends Error {
  readonly code = 'ECONNRESET';
  /**
   * It had served before and ended without a byte of this response. Most likely the server had closed it, being idle, before the request came;
   * but it may also have died of the request, so only a request that may be carried out twice may be sent again.
   */
  readonly stale: boolean;

  constructor(stale: boolean, cause?: Error) {
    super('the connection ended before the response did', { cause });
    this.stale = stale;
  }
}

class RequestRefused extends Error {
  readonly code: 'HTTP_INVALID_HEADER' | 'HTTP_TOO_MANY_WAITING' | 'HTTP_CLIENT_CLOSED';

  constructor(code: RequestRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * How long a connection stays without use when the server does not say. Servers of Node close after 5 s, and a request that meets the closing
 * is lost. Where the server says (`Keep-Alive: timeout=`), it is a second less than that.
 */
const IDLE_MS = 4_000;
const IDLE_MARGIN_MS = 1_000;
const MAX_IDLE_MS = 600_000;
const SWEEP_MS = 1_000;
const READ_BYTES = 65_536;
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Also what latin1 cannot say: written as such, U+010A would become a line feed. */
const NOT_IN_A_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * POST requests to one URL over HTTP/1.1. Connections are kept, the one used last goes first, one request at a time each; what finds none waits
 * in order of coming. Text is one byte a character ("latin1") both ways. Bodies are not held back: the handler has to bound them. Sends nothing
 * twice. No timer keeps the process alive.
 */
export class HttpClient {
  readonly #origin: Origin;
  readonly #head: string;
  readonly #connections: number;
  readonly #maxWaiting: number;
  readonly #all = new Set<Connection>();
  /** The one used last at the end. */
  readonly #idle: Connection[] = [];
  readonly #waiting = new Set<Request>();
  #sweep: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param url http: or https:; its fragment and credentials are not sent */
  constructor(url: URL, { connections, waiting, connectMs, headers, tls }: HttpClientOptions) {
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const secure = url.protocol === 'https:';
    this.#origin = { host, port: Number(url.port || (secure ? 443 : 80)), secure, ca: tls?.ca, connecting: new DeadlineQueue(connectMs) };
    this.#head = `POST ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\n${fieldLines(Object.entries(headers).flat())}`;
    this.#connections = connections;
    this.#maxWaiting = waiting;
  }

  /** Open connections, busy and idle, and requests that wait for one. */
  get state(): { readonly connections: number; readonly idle: number; readonly waiting: number } {
    return { connections: this.#all.size, idle: this.#idle.length, waiting: this.#waiting.size };
  }

  /**
   * @param headers names and values in turn, beside those of every request
   * @param fresh over a new connection, unless it has to wait: for what a stale one has lost
   */
  post(headers: readonly string[], body: string, handler: ResponseHandler, fresh = false): void {
    const request = new Request(this.#waiting, handler);
    handler.onRequestStart(request);
    if (request.done) return;
    if (this.#closed) return request.fail(closed());
    try {
      request.text = `${this.#head}${fieldLines(headers)}content-length: ${body.length}\r\n\r\n${body}`;
    } catch (error) {
      return request.fail(error as Error);
    }
    const connection = fresh ? undefined : this.#takeIdle();
    if (connection !== undefined) return connection.send(request);
    if (fresh && this.#all.size >= this.#connections) this.#idle[0]?.drop();
    if (this.#all.size < this.#connections) return this.#open().send(request);
    if (this.#waiting.size >= this.#maxWaiting) return request.fail(new RequestRefused('HTTP_TOO_MANY_WAITING', `${this.#maxWaiting} requests wait already`));
    this.#waiting.add(request);
  }

  /** Ends all connections; requests under way and waiting fail. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#sweep);
    for (const request of this.#waiting) request.fail(closed());
    for (const connection of this.#all) connection.drop(closed());
    this.#origin.connecting.close();
  }

  #takeIdle(): Connection | undefined {
    if (this.#idle.length === 0) return undefined;
    const now = performance.now();
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      if (last.idleUntil > now) return last;
      last.drop();
    }
    return undefined;
  }

  #open(): Connection {
    const connection = new Connection(this.#origin, this.#onFree, this.#onGone);
    this.#all.add(connection);
    return connection;
  }

  #nextWaiting(): Request | undefined {
    for (const request of this.#waiting) {
      this.#waiting.delete(request);
      return request;
    }
    return undefined;
  }

  readonly #onFree = (connection: Connection): void => {
    const next = this.#waiting.size > 0 ? this.#nextWaiting() : undefined;
    if (next !== undefined) return connection.send(next);
    this.#idle.push(connection);
    this.#sweep ??= setTimeout(this.#dropIdle, SWEEP_MS).unref();
  };

  readonly #onGone = (connection: Connection): void => {
    this.#all.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
    if (this.#closed || this.#waiting.size === 0) return;
    const next = this.#nextWaiting();
    if (next !== undefined) this.#open().send(next);
  };

  readonly #dropIdle = (): void => {
    const now = performance.now();
    for (const connection of this.#idle.filter(({ idleUntil }) => idleUntil <= now)) connection.drop();
    this.#sweep = this.#idle.length > 0 ? setTimeout(this.#dropIdle, SWEEP_MS).unref() : undefined;
  };
}

class Request implements RequestController {
  readonly handler: ResponseHandler;
  /** The whole request as it is sent. */
  text = '';
  /** Given up or failed. */
  done = false;
  connection: Connection | undefined;
  readonly #waiting: Set<Request>;

  constructor(waiting: Set<Request>, handler: ResponseHandler) {
    this.#waiting = waiting;
    this.handler = handler;
  }

  abort(): void {
    if (this.done) return;
    this.done = true;
    this.#waiting.delete(this);
    this.connection?.drop();
  }

  fail(error: Error): void {
    if (this.done) return;
    this.done = true;
    this.#waiting.delete(this);
    this.handler.onResponseError(this, error);
  }
}

interface Origin {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly ca: ConnectionOptions['ca'];
  readonly connecting: DeadlineQueue;
}

/** One connection with the request that it carries. */
class Connection implements ResponseSink {
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
    // Read into one buffer, past the stream's own: nothing is allocated for what comes. Its text is made within the call.
    const onread: OnReadOpts = { buffer: bytes, callback: (length) => this.#read(bytes, length) };
    this.#socket = connect(origin, onread);
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#lost(error));
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('close', () => this.#lost());
    this.#connecting = origin.connecting.add({
      expired: () => this.drop(Object.assign(new Error(`no connection within ${origin.connecting.ms} ms`), { code: 'ETIMEDOUT' })),
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
    const keepMs = Math.min(this.#parser.keepAliveMs === undefined ? IDLE_MS : this.#parser.keepAliveMs - IDLE_MARGIN_MS, MAX_IDLE_MS);
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
    this.drop(error !== undefined && !this.#used ? error : new ConnectionLost(this.#used && !this.#parser.begun, error));
  }
}

function connect({ host, port, secure, ca }: Origin, onread: OnReadOpts): Socket {
  const tcp: TcpNetConnectOpts = { host, port, noDelay: true, onread };
  if (!secure) return connectTcp(tcp);
  return connectTls({ ...tcp, ca, ALPNProtocols: ['http/1.1'], ...(isIP(host) === 0 && { servername: host }) });
}

function fieldLines(headers: readonly string[]): string {
  let lines = '';
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    if (!FIELD_NAME.test(name) || NOT_IN_A_VALUE.test(value)) throw new RequestRefused('HTTP_INVALID_HEADER', `the header field ${JSON.stringify(name.slice(0, 100))} cannot be sent`);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

const closed = (): Error => new RequestRefused('HTTP_CLIENT_CLOSED', 'the client is closed');
