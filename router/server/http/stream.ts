import type { ServerResponse } from 'node:http';
import type { Limits } from '../../config/limits.ts';
import { watchTaking } from '../taking.ts';

type StreamLimits = Pick<Limits, 'bufferedBytes' | 'slowClientMs'>;

/** How long a client that was too slow may take for the last words. */
const END_MS = 1_000;

/**
 * An HTTP response that goes on for as long as there is something to say. It is full when the operating system refuses
 * more and `bufferedBytes` wait; who writes looks at `full` first, and waits for `onDrained` or `drained()`: half of
 * them are taken then, or it is closed. A client that takes nothing for `slowClientMs` while it is full is too slow.
 *
 * Node's own `drain` does not do: it comes only after a write that reached the stream's high-water mark (65,536 bytes),
 * whatever our bound is.
 */
export class HttpStream {
  readonly #res: ServerResponse;
  readonly #limits: StreamLimits;
  readonly #onFull: (() => void) | undefined;
  #unwatch: (() => void) | undefined;
  #tooSlow = false;
  #waiting: (() => void)[] = [];
  #full = false;
  /** Called once for each time that it was full and can take more. */
  onDrained: (() => void) | undefined;
  /** Called when a full client has taken nothing for too long. Default: the connection is cut. */
  onTooSlow: () => void = () => this.cut();

  /** @param onFull called each time that the client has to be waited for */
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

  /** `bytes` are one a character. Written whatever `full` says. */
  write(bytes: string): void {
    if (!this.open) return;
    const { bufferedBytes } = this.#limits;
    // Nobody needs to be called for what is taken at once, which is nearly always. What reaches the bound is always
    // above half of it.
    if (this.#res.writableLength + bytes.length > bufferedBytes / 2) this.#res.write(bytes, 'latin1', this.#onTaken);
    else this.#res.write(bytes, 'latin1');
    if (this.#full || this.#res.writableLength <= bufferedBytes) return;
    // Node holds back what one turn of the event loop writes, to send it at once. That is not the client's doing.
    this.#res.socket?.uncork();
    if (this.#res.writableLength <= bufferedBytes) return;
    this.#full = true;
    this.#unwatch = watchTaking(this.#res, this.#limits.slowClientMs, () => {
      this.#tooSlow = true;
      this.onTooSlow();
    });
    this.#onFull?.();
  }

  /** Resolves when it can take more, or is closed. */
  drained(): Promise<void> {
    return this.full ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }

  end(bytes = ''): void {
    if (!this.open) return;
    this.#unwatch?.();
    this.#res.end(bytes, 'latin1');
    if (!this.#res.writableFinished)
      this.#unwatch = watchTaking(this.#res, this.#tooSlow ? END_MS : this.#limits.slowClientMs, () => this.cut());
  }

  cut(): void {
    if (!this.#res.writableFinished) this.#res.destroy();
  }

  readonly #onTaken = (): void => {
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
