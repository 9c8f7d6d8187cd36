import type { ServerResponse } from 'node:http';
import type { Limits } from '../../config/limits.ts';
import { watchForStall } from '../stall.ts';

type StreamLimits = Pick<Limits, 'bufferedBytes' | 'slowClientMs'>;

/** How long a client that was too slow may take to receive the final bytes. Milliseconds. */
const END_MS = 1_000;

/**
 * An HTTP response that stays open, with backpressure. It is full when more than `bufferedBytes` wait because the
 * operating system takes no more. A writer checks `full` first. If the stream is full, the writer waits for `onDrained`
 * or `drained()`: they report that at most half of `bufferedBytes` still wait. `drained()` also reports that the stream
 * is closed. A client is too slow when the stream stays full and the client reads nothing for `slowClientMs`.
 *
 * Node's own `drain` event is not enough: Node emits it only after a write that reached the stream's high-water mark
 * (65,536 bytes), regardless of `bufferedBytes`.
 */
export class HttpStream {
  readonly #res: ServerResponse;
  readonly #limits: StreamLimits;
  readonly #onFull: (() => void) | undefined;
  #unwatch: (() => void) | undefined;
  #tooSlow = false;
  #waiting: (() => void)[] = [];
  #full = false;
  /** Called each time that a full stream can take more. Not called when the stream is closed. */
  onDrained: (() => void) | undefined;
  /** Called when the client of a full stream has read nothing for too long. Default: cuts the connection. */
  onTooSlow: () => void = () => this.destroy();

  /** @param onFull called each time that the stream gets full */
  constructor(
    res: ServerResponse,
    headers: Readonly<Record<string, string>>,
    limits: StreamLimits,
    onFull?: () => void,
  ) {
    this.#res = res;
    this.#limits = limits;
    this.#onFull = onFull;
    if (!res.headersSent && !res.destroyed) {
      res.writeHead(200, {
        'cache-control': 'no-store',
        vary: 'accept, accept-encoding, origin',
        'x-accel-buffering': 'no',
        ...headers,
      });
      res.flushHeaders();
    }
    res.once('close', () => this.#release());
  }

  get open(): boolean {
    return !this.#res.destroyed && !this.#res.writableEnded;
  }

  /** Bytes that the operating system has not taken yet. */
  get bufferedBytes(): number {
    return this.#res.writableLength;
  }

  get full(): boolean {
    return this.#full && this.open;
  }

  /**
   * Writes even when the stream is full.
   * @param bytes each character is one byte ("latin1")
   */
  write(bytes: string): void {
    if (!this.open) return;
    const { bufferedBytes } = this.#limits;
    // The operating system nearly always takes a write immediately, and then no callback is needed. A write that can
    // fill the stream always exceeds half of the limit.
    if (this.#res.writableLength + bytes.length > bufferedBytes / 2) this.#res.write(bytes, 'latin1', this.#onWritten);
    else this.#res.write(bytes, 'latin1');
    if (this.#full || this.#res.writableLength <= bufferedBytes) return;
    // Node corks the socket: it collects the writes of one turn of the event loop into one. That is not the client's
    // fault.
    this.#res.socket?.uncork();
    if (this.#res.writableLength <= bufferedBytes) return;
    this.#full = true;
    this.#unwatch = watchForStall(this.#res, this.#limits.slowClientMs, () => {
      this.#tooSlow = true;
      this.onTooSlow();
    });
    this.#onFull?.();
  }

  /** Resolves when the stream can take more or is closed. */
  drained(): Promise<void> {
    return this.full ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }

  end(bytes = ''): void {
    if (!this.open) return;
    this.#unwatch?.();
    this.#res.end(bytes, 'latin1');
    if (!this.#res.writableFinished)
      this.#unwatch = watchForStall(this.#res, this.#tooSlow ? END_MS : this.#limits.slowClientMs, () =>
        this.destroy(),
      );
  }

  destroy(): void {
    if (!this.#res.writableFinished) this.#res.destroy();
  }

  readonly #onWritten = (): void => {
    if (!this.#full || !this.open || this.#res.writableLength > this.#limits.bufferedBytes / 2) return;
    this.#release();
    this.onDrained?.();
  };

  #release(): void {
    this.#full = false;
    this.#unwatch?.();
    this.#unwatch = undefined;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
