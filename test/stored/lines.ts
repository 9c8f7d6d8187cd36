import { readFile } from 'node:fs/promises';

/** Somebody of the recording. */
export interface Person {
  readonly name: string;
  readonly userId: string;
  readonly email: string;
  readonly roles: readonly string[];
  /** Of the local issuer, in embedded mode. */
  readonly password?: string;
  readonly refreshToken?: string;
}

/** What somebody, or a guest, asks the API. */
export interface Question {
  readonly as: string | null;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Of a subscription, how many events are read. */
  readonly events?: number;
}

/** The first events of a subscription, or the one answer of a query or a mutation. */
export interface Answer extends Question {
  readonly data: readonly unknown[];
}

/** One line of a recording. Lines are in the order in which a load needs them. */
export type Line =
  /** When it was made: the times of all other lines belong to this one. */
  | { readonly recordedAt: string }
  /** A statement that makes or completes the tables. */
  | { readonly sql: string }
  | { readonly table: string; readonly columns: readonly string[] }
  /** Of the table that was named last. */
  | { readonly row: readonly unknown[] }
  /** Of Kafka. `config` is what was set for this topic. */
  | { readonly topic: string; readonly partitions: number; readonly config: Readonly<Record<string, string>> }
  | { readonly event: StoredEvent }
  | { readonly group: string; readonly topic: string; readonly offsets: Readonly<Record<string, string>> }
  /** Of RabbitMQ, as its own export of definitions says it. */
  | { readonly exchange: string; readonly type: string; readonly durable: boolean; readonly arguments: Arguments }
  | { readonly queue: string; readonly durable: boolean; readonly arguments: Arguments }
  | {
      readonly binding: {
        readonly source: string;
        readonly destination: string;
        readonly routingKey: string;
        readonly arguments: Arguments;
      };
    }
  | { readonly job: StoredJob }
  | { readonly person: Person }
  /** What the program answered when it was recorded. */
  | { readonly answer: Answer }
  /**
   * What the same program answered after it was started again on what is recorded here, and had done what waited;
   * changes among them.
   */
  | { readonly later: Answer }
  /** What it answered when that was handled too. */
  | { readonly after: Answer }
  /** How far a consumer was when all that waited was done. */
  | { readonly position: Position }
  /** An e-mail that it sent then. */
  | { readonly mail: { readonly to: string; readonly messageId: string } };

type Arguments = Readonly<Record<string, unknown>>;

export interface StoredEvent {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly at: string;
  readonly value: unknown;
}

/** A message of RabbitMQ, by the exchange and the routing key that brought it to its queue. */
export interface StoredJob {
  readonly exchange: string;
  readonly routingKey: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

export interface Position {
  readonly service: string;
  readonly consumer: string;
  readonly topic: string;
  readonly key: string;
  readonly lastSeq: number;
  readonly parked: boolean;
}

const TIME = /\b(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d)(?=(\.\d+)?(Z|\+00:00))/g;
/** How long the installation was off, as the loaded times say it: longer than every lease and heartbeat. */
const OFF_MS = 120_000;
/** Stands for the prefix of names in the brokers. */
export const PREFIX = '{prefix}';

/**
 * A recording as if it had been made two minutes ago: the test must not depend on how old it is, and what is kept for
 * some days is there. Whole seconds are added to all times, in payloads and answers too, so that they still belong
 * together.
 */
export async function readLines(file: string, { prefix = '' }: { prefix?: string } = {}): Promise<Line[]> {
  const text = await readFile(file, 'utf8');
  const { recordedAt } = JSON.parse(text.slice(0, text.indexOf('\n'))) as { recordedAt: string };
  const seconds = Math.floor((Date.now() - OFF_MS - Date.parse(recordedAt)) / 1000);
  const shifted = text.replace(TIME, (time) =>
    new Date(Date.parse(`${time}Z`) + seconds * 1000).toISOString().slice(0, 19),
  );
  return shifted
    .replaceAll(PREFIX, prefix)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

/** The lines of one kind, by the property that tells it. */
export function linesOf<K extends string>(lines: readonly Line[], kind: K): Extract<Line, Record<K, unknown>>[] {
  return lines.filter((line): line is Extract<Line, Record<K, unknown>> => kind in line);
}
