import type { LoggerService, LogLevel as NestLogLevel } from '@nestjs/common';
import { currentContext } from './request-context.ts';
import { errorFields, redactFields, redactText } from './redaction.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface JsonLoggerOptions {
  /** The service in lines outside of requests. */
  readonly service: string;
  /** Lines below this level are dropped. Default `info`. */
  readonly level?: LogLevel;
  /** `json`: one object per line. `text`: one line for a human. Default `json`. */
  readonly format?: 'json' | 'text';
  /** Writes one whole line, including the line feed. Default: stdout. */
  readonly write?: (line: string) => void;
}

const RANK: Record<LogLevel | 'fatal', number> = { debug: 0, info: 1, warn: 2, error: 3, fatal: 4 };
const CONTROL_CHARACTERS = /[\p{Cc}\u2028\u2029]+/gu;

/**
 * Nest's logger and ours. Each entry is one line with `time` (RFC 3339), `level`, `service`, `context` and `message`,
 * and within a request also `requestId` and `userId`. Further arguments: objects become fields of the line, an Error
 * becomes the field `error`, and a last string is the context. Passwords, tokens and similar secrets are redacted: in
 * fields by their name, in text by their shape. Never throws. pino is not used: decision 0025.
 */
export class JsonLogger implements LoggerService {
  readonly #service: string;
  readonly #text: boolean;
  readonly #write: (line: string) => void;
  #rank: number;

  constructor({
    service,
    level = 'info',
    format = 'json',
    write = (line) => void process.stdout.write(line),
  }: JsonLoggerOptions) {
    this.#service = service;
    this.#rank = RANK[level];
    this.#text = format === 'text';
    this.#write = write;
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#log('debug', message, rest);
  }
  /** Nest's name for a level below debug. */
  verbose(message: unknown, ...rest: unknown[]): void {
    this.#log('debug', message, rest);
  }
  log(message: unknown, ...rest: unknown[]): void {
    this.#log('info', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.#log('warn', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.#log('error', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.#log('fatal', message, rest);
  }

  /** Nest passes the wanted levels. The lowest of them applies. */
  setLogLevels(levels: NestLogLevel[]): void {
    const finest = levels
      .map((level) => (level === 'verbose' ? 'debug' : level === 'log' ? 'info' : level))
      .map((level) => RANK[level]);
    this.#rank = Math.min(RANK.fatal, ...finest);
  }

  /** Whether lines of this level are logged. Callers check it before they compute expensive fields. */
  isEnabled(level: LogLevel): boolean {
    return RANK[level] >= this.#rank;
  }

  #log(level: LogLevel | 'fatal', message: unknown, rest: readonly unknown[]): void {
    if (RANK[level] < this.#rank) return;
    const entry: Record<string, unknown> = { time: new Date().toISOString(), level };
    const request = currentContext();
    entry.service = request?.service ?? this.#service;
    try {
      const { context, fields } = readArguments(message, rest, level);
      if (context !== undefined) entry.context = context;
      entry.message = messageOf(message);
      if (request) {
        entry.requestId = request.requestId;
        if (request.userId !== undefined) entry.userId = request.userId;
      }
      for (const [name, value] of Object.entries(fields)) if (!(name in entry)) entry[name] = value;
      this.#write(this.#text ? textLine(entry) : `${JSON.stringify(entry)}\n`);
    } catch {
      // A field that cannot be printed (a BigInt, a getter that throws) must not end the request.
      this.#write(
        `${JSON.stringify({ time: entry.time, level, service: entry.service, message: 'a log entry could not be printed' })}\n`,
      );
    }
  }
}

function messageOf(message: unknown): string {
  if (typeof message === 'string') return redactText(message);
  if (message instanceof Error) return redactText(message.message);
  return JSON.stringify(redactFields(message)) ?? String(message);
}

/**
 * Nest calls error(message, stack?, context?) and the others (message, …, context?). An Error may be at any position.
 */
function readArguments(
  message: unknown,
  rest: readonly unknown[],
  level: string,
): { context: string | undefined; fields: Record<string, unknown> } {
  const fields: Record<string, unknown> = message instanceof Error ? { error: errorFields(message) } : {};
  let context: string | undefined;
  rest.forEach((argument, index) => {
    if (argument instanceof Error) fields.error = errorFields(argument);
    else if (typeof argument === 'object' && argument !== null) Object.assign(fields, redactFields(argument));
    else if (typeof argument === 'string' && index === rest.length - 1 && !looksLikeStack(argument)) context = argument;
    else if (typeof argument === 'string' && looksLikeStack(argument) && level !== 'info')
      fields.stack = redactText(argument);
    else if (argument !== undefined) fields.detail = redactFields(argument);
  });
  return { context, fields };
}

const looksLikeStack = (text: string): boolean => text.includes('\n    at ');

function textLine({
  time,
  level,
  service,
  context,
  message,
  requestId,
  error,
  stack,
  ...fields
}: Record<string, unknown>): string {
  const rest = Object.entries(fields).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  // The router logs the stack of an error as text.
  const failure = error as { name?: string; message?: string; stack?: string } | string | undefined;
  const cause =
    typeof failure === 'string' ? failure : failure && (failure.stack ?? `${failure.name}: ${failure.message}`);
  const head = `${String(time).slice(11, 23)} ${String(level).toUpperCase().padEnd(5)} ${String(service)}${context === undefined ? '' : `/${String(context)}`}: ${String(message)}`;
  const tail = `${rest.join('')}${requestId === undefined ? '' : ` [${String(requestId)}]`}${cause ? ` ${cause}` : ''}${stack === undefined ? '' : ` ${String(stack)}`}`;
  // Control characters become spaces, so that an entry is always one line and users' text cannot create lines of its
  // own.
  return `${`${head}${tail}`.replace(CONTROL_CHARACTERS, ' ')}\n`;
}
