import type { ConnectionOptions } from 'node:tls';
import { LinkedList } from '../collections/linked-list.ts';
import { DeadlineQueue } from '../time/deadline.ts';
import { Connection, Request } from './connection.ts';
import type { Origin, ResponseHandler } from './connection.ts';

export interface HttpClientOptions {
  /** The largest number of connections to the server. Further requests wait. */
  readonly connections: number;
  /** The largest number of requests that wait for a connection. A further request fails immediately. */
  readonly waiting: number;
  /**
   * The time limit for opening a connection, including its TLS handshake. After that its request fails. Milliseconds.
   */
  readonly connectMs: number;
  /** Header fields of every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** How to verify the server's certificate. Default: as Node does. */
  readonly tls?: Pick<ConnectionOptions, 'ca'>;
}

class RequestRefused extends Error {
  readonly code: 'HTTP_INVALID_HEADER' | 'HTTP_TOO_MANY_WAITING' | 'HTTP_CLIENT_CLOSED';

  constructor(code: RequestRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const SWEEP_MS = 1_000;
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/**
 * Matches characters that a header value must not have. These include all characters outside of latin1: written as
 * latin1, U+010A would become a line feed.
 */
const INVALID_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Sends POST requests to one URL over HTTP/1.1. It keeps connections alive and reuses the most recently used one. Each
 * connection carries one request at a time. Requests without a connection wait in a first-in, first-out queue. In all
 * texts each character is one byte ("latin1"). It passes bodies on without a size limit: the handler must limit them.
 * It never sends a request twice. Its timers do not keep the process alive.
 */
export class HttpClient {
  readonly #origin: Origin;
  readonly #head: string;
  readonly #connections: number;
  readonly #maxWaiting: number;
  readonly #all = new Set<Connection>();
  /** The most recently used connection is the last. */
  readonly #idle: Connection[] = [];
  readonly #waiting = new LinkedList<Request>();
  #sweep: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param url http: or https:; its fragment and credentials are not sent */
  constructor(url: URL, { connections, waiting, connectMs, headers, tls }: HttpClientOptions) {
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const secure = url.protocol === 'https:';
    this.#origin = {
      host,
      port: Number(url.port || (secure ? 443 : 80)),
      secure,
      ca: tls?.ca,
      connecting: new DeadlineQueue(connectMs),
    };
    this.#head = `POST ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\n${fieldLines(Object.entries(headers).flat())}`;
    this.#connections = connections;
    this.#maxWaiting = waiting;
  }

  /** Open connections (busy and idle), idle connections, and waiting requests. */
  get state(): { readonly connections: number; readonly idle: number; readonly waiting: number } {
    return { connections: this.#all.size, idle: this.#idle.length, waiting: this.#waiting.size };
  }

  /**
   * Sends a POST request.
   * @param headers names and values in turn, in addition to those of every request
   * @param fresh whether to use a new connection. Used to resend a request that a stale connection lost. It has no
   *   effect if the request must wait.
   */
  post(headers: readonly string[], body: string, handler: ResponseHandler, fresh = false): void {
    const request = new Request(handler);
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
    if (fresh && this.#all.size >= this.#connections) this.#idle[0]?.destroy();
    if (this.#all.size < this.#connections) return this.#open().send(request);
    if (this.#waiting.size >= this.#maxWaiting)
      return request.fail(
        new RequestRefused('HTTP_TOO_MANY_WAITING', `${this.#maxWaiting} requests are already waiting`),
      );
    this.#waiting.append(request);
  }

  /** Closes all connections. Running and waiting requests fail. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#sweep);
    for (let next = this.#nextWaiting(); next !== undefined; next = this.#nextWaiting()) next.fail(closed());
    for (const connection of this.#all) connection.destroy(closed());
    this.#origin.connecting.close();
  }

  #takeIdle(): Connection | undefined {
    if (this.#idle.length === 0) return undefined;
    const now = performance.now();
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      if (last.idleUntil > now) return last;
      last.destroy();
    }
    return undefined;
  }

  #open(): Connection {
    const connection = new Connection(this.#origin, this.#onFree, this.#onGone);
    this.#all.add(connection);
    return connection;
  }

  #nextWaiting(): Request | undefined {
    const { first } = this.#waiting;
    first?.remove();
    return first;
  }

  readonly #onFree = (connection: Connection): void => {
    const next = this.#nextWaiting();
    if (next !== undefined) return connection.send(next);
    this.#idle.push(connection);
    this.#sweep ??= setTimeout(this.#dropIdle, SWEEP_MS).unref();
  };

  readonly #onGone = (connection: Connection): void => {
    this.#all.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
    if (this.#closed) return;
    const next = this.#nextWaiting();
    if (next !== undefined) this.#open().send(next);
  };

  readonly #dropIdle = (): void => {
    const now = performance.now();
    for (const connection of this.#idle.filter(({ idleUntil }) => idleUntil <= now)) connection.destroy();
    this.#sweep = this.#idle.length > 0 ? setTimeout(this.#dropIdle, SWEEP_MS).unref() : undefined;
  };
}

function fieldLines(headers: readonly string[]): string {
  let lines = '';
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    if (!FIELD_NAME.test(name) || INVALID_IN_VALUE.test(value))
      throw new RequestRefused(
        'HTTP_INVALID_HEADER',
        `the header field ${JSON.stringify(name.slice(0, 100))} cannot be sent`,
      );
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

const closed = (): Error => new RequestRefused('HTTP_CLIENT_CLOSED', 'the client is closed');
