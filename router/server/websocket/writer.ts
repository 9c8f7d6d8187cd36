import type { Duplex } from 'node:stream';

/**
 * Writes text messages to a WebSocket past `ws`, which is safe while there is no compression: `ws` writes whole frames
 * at once, and so do we. All messages of one turn of the event loop leave in one write: with ten events at once a
 * message costs a fifth of what it costs alone, nearly all of which is the system call.
 */
export class SocketWriter {
  readonly #raw: Duplex;
  readonly #isOpen: () => boolean;
  readonly #onTaken: () => void;
  readonly #large: number;
  #pending = '';

  /**
   * @param bound from how many bytes on the socket counts as full
   * @param onTaken called when something of what had waited was taken by the operating system
   */
  constructor(raw: Duplex, bound: number, isOpen: () => boolean, onTaken: () => void) {
    this.#raw = raw;
    this.#large = Math.min(LARGE, bound / 2);
    this.#isOpen = isOpen;
    this.#onTaken = onTaken;
  }

  /** What the operating system has not taken yet. */
  get buffered(): number {
    return this.#raw.writableLength + this.#pending.length;
  }

  /** One message in UTF-8, one byte a character. */
  write(head: string, body: string, tail: string): void {
    if (this.#pending === '') schedule(this);
    this.#pending += frameHeader(head.length + body.length + tail.length) + head + body + tail;
  }

  /** At once. What was written after the socket began to close is dropped, as the protocol wants. */
  flush(): void {
    const frames = this.#pending;
    this.#pending = '';
    if (frames === '' || !this.#isOpen()) return;
    // Nobody needs to be called for what is taken at once, which is nearly always.
    if (this.#raw.writableLength + frames.length > this.#large) this.#raw.write(frames, 'latin1', this.#onTaken);
    else this.#raw.write(frames, 'latin1');
  }
}

/** Up to here nobody needs to be called. */
const LARGE = 8_192;

let dirty: SocketWriter[] = [];
function schedule(writer: SocketWriter): void {
  if (dirty.push(writer) === 1) setImmediate(flushAll);
}
function flushAll(): void {
  const writers = dirty;
  dirty = [];
  for (const writer of writers) writer.flush();
}

/**
 * Of an unmasked, unfragmented text frame (RFC 6455, section 5.2). Of the last length it is remembered: a broadcast is
 * of one length.
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
