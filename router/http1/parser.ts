/** The header fields that the router uses. Repeated fields are joined with commas. */
export interface ResponseHeaders {
  'content-type'?: string;
  'content-encoding'?: string;
  'retry-after'?: string;
}

/** Receives the parts of a response in order. It does not receive interim responses (1xx). */
export interface ResponseSink {
  onHead(status: number, headers: ResponseHeaders): void;
  /** A part of the body, never empty. Each character is one byte ("latin1"). */
  onBody(text: string): void;
  /** @param surplus whether there were further bytes, which belong to no response */
  onEnd(surplus: boolean): void;
}

/** The error when the bytes are not an HTTP/1.1 response that can be trusted. */
export class InvalidResponse extends Error {
  readonly code = 'HTTP_INVALID_RESPONSE';
}

/**
 * The largest number of bytes of a status line with its header fields, and of all trailer fields. The parser refuses a
 * response that exceeds this or one of the next limits.
 */
const MAX_HEAD = 16_384;
const MAX_FIELDS = 100;
const MAX_CHUNK_LINE = 1_024;
/** The largest number of interim responses before the final one. */
const MAX_INTERIM = 16;

const HEAD = 0;
const LENGTH = 1;
const CHUNK_LINE = 2;
const CHUNK = 3;
const CHUNK_END = 4;
const TRAILERS = 5;
const UNTIL_CLOSE = 6;
const DONE = 7;

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
/**
 * Lines of `name: value`, without folded lines (RFC 9112, 5.2), whitespace before the colon (5.1), bare CR or LF, or
 * NUL.
 */
const FIELDS = /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/;
const CHUNK_SIZE =
  /^([0-9A-Fa-f]{1,8})(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[\t !\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*$/;
const BARE_LF = /(?:^|[^\r])\n/;
const SIZE = /^\d{1,15}$/;

/**
 * Parses the responses of one connection, one after the other. It follows RFC 9112 without the lenient parsing that the
 * RFC allows, because each such leniency can make two parsers see different responses (response splitting). Its memory
 * is bounded: it keeps at most one line or one head, and passes bodies on as they arrive.
 */
export class ResponseParser {
  readonly #sink: ResponseSink;
  #state = DONE;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  /** The start of the text in which `#until` looks for its mark, from earlier reads. */
  #held = '';
  /** Bytes of the body or chunk that have not arrived yet. */
  #left = 0;
  #trailers = 0;
  #interim = 0;
  #begun = false;
  #persistent = false;
  #keepAliveMs: number | undefined;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** Prepares for the response to the next request. */
  expect(): void {
    this.#state = HEAD;
    this.#held = '';
    this.#interim = 0;
    this.#begun = false;
  }

  /** Whether at least one byte of the current response has arrived. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Whether the server keeps the connection open after this response. */
  get persistent(): boolean {
    return this.#persistent;
  }

  /** How long the server keeps an idle connection open, if it says so. */
  get keepAliveMs(): number | undefined {
    return this.#keepAliveMs;
  }

  /**
   * Parses the first `length` bytes. It keeps no reference to `bytes`.
   * @throws InvalidResponse
   */
  read(bytes: Buffer, length: number): void {
    this.#begun = true;
    this.#bytes = bytes;
    this.#at = 0;
    this.#end = length;
    while (this.#at < length) {
      switch (this.#state) {
        case HEAD:
          this.#readHead();
          break;
        case LENGTH:
          if (this.#readBody()) return this.#done();
          break;
        case CHUNK_LINE:
          this.#readChunkLine();
          break;
        case CHUNK:
          if (this.#readBody()) this.#state = CHUNK_END;
          break;
        case CHUNK_END:
          this.#readChunkEnd();
          break;
        case TRAILERS:
          this.#readTrailer();
          break;
        case UNTIL_CLOSE:
          this.#sink.onBody(bytes.toString('latin1', this.#at, length));
          this.#at = length;
          break;
        default:
          throw new InvalidResponse('bytes arrived that belong to no request');
      }
      // `onEnd` may send the next request. Bytes after the end of this response must not count as the response to that.
      if (this.#state === DONE) return this.#sink.onEnd(this.#at < length);
    }
  }

  /**
   * The connection has ended.
   * @returns false when it ended in the middle of a response
   */
  close(): boolean {
    if (this.#state !== UNTIL_CLOSE) return false;
    this.#done();
    return true;
  }

  #done(): void {
    this.#state = DONE;
    this.#sink.onEnd(this.#at < this.#end);
  }

  /** The text before `mark`. Skips the mark too. Undefined while the mark has not arrived. */
  #until(mark: string, most: number): string | undefined {
    const from = this.#at;
    if (this.#held === '') {
      const found = this.#bytes.indexOf(mark, from, 'latin1');
      if (found >= 0 && found + mark.length <= this.#end && found - from <= most) {
        this.#at = found + mark.length;
        return this.#bytes.toString('latin1', from, found);
      }
    }
    const before = this.#held.length;
    const text =
      this.#held + this.#bytes.toString('latin1', from, Math.min(this.#end, from + most + mark.length - before));
    const found = text.indexOf(mark, Math.max(0, before - mark.length + 1));
    if (found >= 0) {
      this.#held = '';
      this.#at = from + found + mark.length - before;
      return text.slice(0, found);
    }
    if (text.length >= most + mark.length) throw new InvalidResponse(`more than ${most} bytes without an end`);
    if (BARE_LF.test(text)) throw new InvalidResponse('a line does not end with CR LF');
    this.#held = text;
    this.#at = this.#end;
    return undefined;
  }

  #readHead(): void {
    const head = this.#until('\r\n\r\n', MAX_HEAD);
    if (head === undefined) {
      // A peer that does not speak HTTP may never send an empty line, so check the start early.
      if (!'HTTP/1.'.startsWith(this.#held.slice(0, 7))) throw new InvalidResponse('no HTTP/1.1 response');
      return;
    }
    const lineEnd = head.indexOf('\r\n');
    const status = STATUS_LINE.exec(lineEnd < 0 ? head : head.slice(0, lineEnd));
    if (status === null) throw new InvalidResponse('no status line of HTTP/1.1');
    const code = Number(status[2]);
    const fields = readFields(lineEnd < 0 ? '' : `${head.slice(lineEnd + 2)}\r\n`);
    if (code < 200) {
      if (code === 101) throw new InvalidResponse('status 101, although no other protocol was requested');
      // An interim response never has a body (RFC 9112, 6.3) and is never the last response. Refuse one whose header
      // says otherwise, because other parsers may follow the header. HTTP/1.0 has no interim responses.
      if (status[1] === '0' || fields.length !== undefined || fields.coding !== undefined || closes(fields))
        throw new InvalidResponse('an interim response in HTTP/1.0, with a body or with "connection: close"');
      if (++this.#interim > MAX_INTERIM) throw new InvalidResponse(`more than ${MAX_INTERIM} interim responses`);
      return;
    }
    this.#frame(code, status[1] === '1', fields);
  }

  /** Determines the length of the body (RFC 9112, 6.3). */
  #frame(status: number, http11: boolean, fields: Fields): void {
    const { headers, length, coding, keepAlive } = fields;
    if (coding !== undefined) {
      if (length !== undefined) throw new InvalidResponse('both Content-Length and Transfer-Encoding');
      if (!http11) throw new InvalidResponse('Transfer-Encoding in HTTP/1.0');
      if (coding.toLowerCase() !== 'chunked') throw new InvalidResponse('a transfer coding other than chunked');
    }
    if (length !== undefined && !SIZE.test(length)) throw new InvalidResponse('no valid Content-Length');
    if (status === 204 && (coding !== undefined || (length !== undefined && Number(length) > 0)))
      throw new InvalidResponse('204 with a body');
    this.#persistent = http11 && !closes(fields);
    const seconds =
      keepAlive === undefined ? undefined : /(?:^|,)[ \t]*timeout=(\d{1,9})[ \t]*(?:,|$)/i.exec(keepAlive)?.[1];
    this.#keepAliveMs = seconds === undefined ? undefined : Number(seconds) * 1_000;
    if (status === 204 || status === 304) this.#state = DONE;
    else if (coding !== undefined) {
      this.#state = CHUNK_LINE;
      this.#trailers = 0;
    } else if (length !== undefined) {
      this.#left = Number(length);
      this.#state = this.#left === 0 ? DONE : LENGTH;
    } else {
      this.#state = UNTIL_CLOSE;
      this.#persistent = false;
    }
    this.#sink.onHead(status, headers);
  }

  /**
   * Passes on body bytes.
   * @returns whether the body or chunk is complete
   */
  #readBody(): boolean {
    const from = this.#at;
    const to = Math.min(this.#end, from + this.#left);
    this.#at = to;
    this.#left -= to - from;
    this.#sink.onBody(this.#bytes.toString('latin1', from, to));
    return this.#left === 0;
  }

  #readChunkLine(): void {
    const line = this.#until('\r\n', MAX_CHUNK_LINE);
    if (line === undefined) return;
    const size = CHUNK_SIZE.exec(line);
    if (size === null) throw new InvalidResponse('no valid chunk size');
    this.#left = parseInt(size[1] ?? '', 16);
    this.#state = this.#left === 0 ? TRAILERS : CHUNK;
  }

  #readChunkEnd(): void {
    const rest = this.#until('\r\n', 0);
    if (rest !== undefined) this.#state = CHUNK_LINE;
  }

  #readTrailer(): void {
    const line = this.#until('\r\n', MAX_HEAD - this.#trailers);
    if (line === undefined) return;
    this.#trailers += line.length;
    if (line === '') {
      this.#state = DONE;
      return;
    }
    const { length, coding } = readFields(`${line}\r\n`);
    // A trailer must not have these fields (RFC 9110, 6.5.1).
    if (length !== undefined || coding !== undefined)
      throw new InvalidResponse('Content-Length or Transfer-Encoding in the trailers');
  }
}

interface Fields {
  readonly headers: ResponseHeaders;
  length: string | undefined;
  coding: string | undefined;
  connection: string | undefined;
  keepAlive: string | undefined;
}

/**
 * Reads header fields. It compares names by length first, because most fields of a response are none of these.
 * @param text whole lines
 */
function readFields(text: string): Fields {
  if (!FIELDS.test(text)) throw new InvalidResponse('no valid header fields');
  const headers: ResponseHeaders = {};
  const fields: Fields = { headers, length: undefined, coding: undefined, connection: undefined, keepAlive: undefined };
  let count = 0;
  for (let at = 0; at < text.length;) {
    if (++count > MAX_FIELDS) throw new InvalidResponse(`more than ${MAX_FIELDS} header fields`);
    const colon = text.indexOf(':', at);
    const end = text.indexOf('\r\n', colon);
    switch (colon - at) {
      case 10: {
        const name = text.slice(at, colon).toLowerCase();
        if (name === 'connection') fields.connection = joined(fields.connection, valueOf(text, colon, end));
        else if (name === 'keep-alive') fields.keepAlive = joined(fields.keepAlive, valueOf(text, colon, end));
        break;
      }
      case 11:
        if (text.slice(at, colon).toLowerCase() === 'retry-after')
          headers['retry-after'] = joined(headers['retry-after'], valueOf(text, colon, end));
        break;
      case 12:
        if (text.slice(at, colon).toLowerCase() === 'content-type')
          headers['content-type'] = joined(headers['content-type'], valueOf(text, colon, end));
        break;
      case 14:
        // A parser may accept two equal Content-Length fields or refuse them (RFC 9110, 8.6). This one refuses them.
        if (text.slice(at, colon).toLowerCase() === 'content-length')
          fields.length = joined(fields.length, valueOf(text, colon, end));
        break;
      case 16:
        if (text.slice(at, colon).toLowerCase() === 'content-encoding')
          headers['content-encoding'] = joined(headers['content-encoding'], valueOf(text, colon, end));
        break;
      case 17:
        if (text.slice(at, colon).toLowerCase() === 'transfer-encoding')
          fields.coding = joined(fields.coding, valueOf(text, colon, end));
        break;
    }
    at = end + 2;
  }
  return fields;
}

const closes = ({ connection }: Fields): boolean =>
  connection !== undefined && /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i.test(connection);

const joined = (before: string | undefined, value: string): string =>
  before === undefined ? value : `${before}, ${value}`;

/**
 * The value without the blanks and tabs around it, which are not part of it. String.prototype.trim would remove other
 * characters too.
 */
function valueOf(text: string, colon: number, end: number): string {
  let from = colon + 1;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

const isBlank = (code: number): boolean => code === 32 || code === 9;
