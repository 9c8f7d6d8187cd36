import type { ServerResponse } from 'node:http';
import type { Limits } from '../config.ts';

type StreamLimits = Pick<Limits, 'bufferedBytes' | 'slowClientMs'>;

/** How long a client may take for the last bytes. */
const END_MS = 1_000;

/**
 * An HTTP response that goes on for as long as there is something to say. What the client has not taken is bounded: who writes looks at
 * `full` first, and waits for `onDrained` or `drained()`. A client that takes nothing for `slowClientMs` while it is full is too slow.
 */
export class HttpStream {
  readonly #res: ServerResponse;
  readonly #limits: StreamLimits;
  #watch: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];
  /** Called once for each time that it was full and can take more. */
  onDrained: (() => void) | undefined;
  /** Called when a full client has taken nothing for too long. Default: the connection is cut. */
  onTooSlow: () => void = () => this.cut();

  constructor(res: ServerResponse, headers: Readonly<Record<string, string>>, limits: StreamLimits) {
    this.#res = res;
    this.#limits = limits;
    if (!res.headersSent && !res.destroyed) {
      res.writeHead(200, { 'cache-control': 'no-store', 'vary': 'accept, accept-encoding', 'x-accel-buffering': 'no', ...headers });
      res.flushHeaders();
    }
    res.on('drain', this.#onDrain);
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
    return this.open && this.#res.writableLength > this.#limits.bufferedBytes;
  }

  /** `bytes` are one a character. Written whatever `full` says. */
  write(bytes: string): void {
    if (!this.open) return;
    this.#res.write(bytes, 'latin1');
    if (this.full) this.#watch ??= this.#watchProgress();
  }

  /** Resolves when it can take more, or is closed. */
  drained(): Promise<void> {
    return this.full ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }

  end(bytes = ''): void {
    if (!this.open) return;
    this.#res.end(bytes, 'latin1');
    setTimeout(() => this.cut(), END_MS).unref();
  }

  cut(): void {
    if (!this.#res.writableFinished) this.#res.destroy();
  }

  #watchProgress(): NodeJS.Timeout {
    let left = this.#res.writableLength;
    return setInterval(() => {
      if (this.#res.writableLength >= left) {
        this.#stopWatching();
        this.onTooSlow();
      }
      left = this.#res.writableLength;
    }, this.#limits.slowClientMs);
  }

  #stopWatching(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  readonly #onDrain = (): void => {
    if (this.full || (this.#watch === undefined && this.#waiting.length === 0)) return;
    this.#stopWatching();
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.onDrained?.();
  };

  #release(): void {
    this.#stopWatching();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
