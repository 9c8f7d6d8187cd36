import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Limits } from '../../config/limits.ts';
import { toBytes } from '../../execution/answer.ts';
import { watchForStall } from '../stall.ts';
import { SocketWriter } from './writer.ts';

export interface OutletHandler {
  /** The outlet is full, so operations must wait for the client. */
  full(): void;
  /** The client has read nothing for `slowClientMs`. */
  stalled(): void;
  /** Half of `bufferedBytes` is free again, or the socket is closed. */
  drained(): void;
}

/**
 * Writes to one WebSocket, with backpressure. It is full while more than `bufferedBytes` wait for the client to read
 * them.
 */
export class Outlet {
  readonly #ws: WebSocket;
  readonly #raw: Socket;
  readonly #limits: Pick<Limits, 'bufferedBytes' | 'slowClientMs'>;
  readonly #handler: OutletHandler;
  readonly #writer: SocketWriter;
  #drained: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  /** @param raw the socket that `ws` writes to */
  constructor(
    ws: WebSocket,
    raw: Socket,
    limits: Pick<Limits, 'bufferedBytes' | 'slowClientMs'>,
    handler: OutletHandler,
  ) {
    this.#ws = ws;
    this.#raw = raw;
    this.#limits = limits;
    this.#handler = handler;
    this.#writer = new SocketWriter(
      raw,
      limits.bufferedBytes,
      () => ws.readyState === ws.OPEN,
      () => this.#onWritten(),
    );
  }

  get bufferedBytes(): number {
    return this.#writer.buffered;
  }

  get full(): boolean {
    return this.#writer.buffered > this.#limits.bufferedBytes && this.#ws.readyState === this.#ws.OPEN;
  }

  /** Whether operations wait for the client. */
  get waiting(): boolean {
    return this.#drained !== undefined;
  }

  send(message: object): void {
    this.write('', toBytes(JSON.stringify(message)), '');
  }

  /** Writes one message: head, body and tail joined. Each character is one byte ("latin1"). */
  write(head: string, body: string, tail: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#writer.write(head, body, tail);
    if (!this.full || this.#drained) return;
    // Bytes that wait for the end of this turn of the event loop are not the client's fault.
    this.#writer.flush();
    if (!this.full) return;
    void this.untilDrained();
    this.#handler.full();
  }

  flush(): void {
    this.#writer.flush();
  }

  /** Resolves when half of `bufferedBytes` is free again, or the socket is closed. */
  untilDrained(): Promise<void> {
    return (this.#drained ??= new Promise((resolve) => {
      const unwatch = watchForStall(this.#raw, this.#limits.slowClientMs, () => this.#handler.stalled());
      this.#wake = () => {
        unwatch();
        this.#drained = undefined;
        this.#wake = undefined;
        resolve();
        this.#handler.drained();
      };
    }));
  }

  /** The socket is closed. Resolves `untilDrained`, because nobody needs to wait for the client any more. */
  close(): void {
    this.#wake?.();
  }

  #onWritten(): void {
    if (this.#wake && this.#writer.buffered <= this.#limits.bufferedBytes / 2) this.#wake();
  }
}
