import type { Duplex } from 'node:stream';

/**
 * Writes text messages to a WebSocket directly, without `ws`. That is safe while there is no compression, because `ws`
 * and this class both write whole frames. All messages of one turn of the event loop leave in one write, because the
 * system call is nearly the whole cost. In a write of ten events, each message costs a fifth of what it costs alone.
 */
export class SocketWriter {
  readonly #raw: Duplex;
  readonly #isOpen: () => boolean;
  readonly #onWritten: () => void;
  readonly #large: number;
  #pending = '';

  /**
   * @param bound the number of bytes above which the socket counts as full
   * @param onTaken called when the operating system has taken bytes that had waited
   */
  constructor(raw: Duplex, bound: number, isOpen: () => boolean, onTaken: () => void) {
    this.#raw = raw;
    this.#large = Math.min(CALLBACK_BYTES, bound / 2);
    this.#isOpen = isOpen;
    this.#onWritten = onTaken;
  }

  /** Bytes that the operating system has not taken yet. */
  get buffered(): number {
    return this.#raw.writableLength + this.#pending.length;
  }

  /** Adds one message: head, body and tail joined. Each character is one byte of UTF-8. */
  write(head: string, body: string, tail: string): void {
    if (this.#pending === '') schedule(this);
    this.#pending += frameHeader(head.length + body.length + tail.length) + head + body + tail;
  }

  /**
   * Writes all messages now. Drops messages that were written after the socket began to close, as the protocol
   * requires.
   */
  flush(): void {
    const frames = this.#pending;
    this.#pending = '';
    if (frames === '' || !this.#isOpen()) return;
    // The operating system nearly always takes a write immediately, and then no callback is needed.
    if (this.#raw.writableLength + frames.length > this.#large) this.#raw.write(frames, 'latin1', this.#onWritten);
    else this.#raw.write(frames, 'latin1');
  }
}

/** Writes of fewer bytes need no callback. */
const CALLBACK_BYTES = 8_192;

let pendingWriters: SocketWriter[] = [];
function schedule(writer: SocketWriter): void {
  if (pendingWriters.push(writer) === 1) setImmediate(flushAll);
}
function flushAll(): void {
  const writers = pendingWriters;
  pendingWriters = [];
  for (const writer of writers) writer.flush();
}

/**
 * The header of an unmasked, unfragmented text frame (RFC 6455, section 5.2). It caches the header of the last length:
 * all frames of a broadcast have the same length.
 */
function frameHeader(length: number): string {
  if (length === lastLength) return lastHeader;
  const header =
    length < 126
      ? [length]
      : length < 65_536
        ? [126, length >> 8, length & 255]
        : [127, 0, 0, 0, 0, (length >>> 24) & 255, (length >>> 16) & 255, (length >>> 8) & 255, length & 255];
  lastLength = length;
  return (lastHeader = String.fromCharCode(0x81, ...header));
}
let lastLength = -1;
let lastHeader = '';
