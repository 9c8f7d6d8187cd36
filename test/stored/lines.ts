import { readFile } from 'node:fs/promises';

/** A person in the recording. */
export interface Person {
  readonly name: string;
  readonly userId: string;
  readonly email: string;
  readonly roles: readonly string[];
  /** The password at the local issuer, in embedded mode. */
  readonly password?: string;
  readonly refreshToken?: string;
}

/** An operation that a person, or a guest, sends to the API. */
export interface Question {
  readonly as: string | null;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** For a subscription: how many events are read. */
  readonly events?: number;
}

/** The first events of a subscription, or the result of a query or a mutation. */
export interface Answer extends Question {
  readonly data: readonly unknown[];
}

/** One line of a recording. Lines are in the order in which a load needs them. */
export type Line =
  /** The time of the recording. The times of all other lines are relative to it. */
  | { readonly recordedAt: string }
  /**
   * One or more statements on one line. Before the rows they create schemas, types, functions and tables. After the
   * rows they set sequences, and add indexes and constraints.
   */
  | { readonly sql: string }
  | { readonly table: string; readonly columns: readonly string[] }
  /** A row of the last named table. */
  | { readonly row: readonly unknown[] }
  /** A Kafka topic. `config` has the settings of this topic only. */
  | { readonly topic: string; readonly partitions: number; readonly config: Readonly<Record<string, string>> }
  | { readonly event: StoredEvent }
  | { readonly group: string; readonly topic: string; readonly offsets: Readonly<Record<string, string>> }
  /** An exchange of RabbitMQ, as in its own export of definitions. */
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
  /** The program's answer at the time of the recording. */
  | { readonly answer: Answer }
  /**
   * The same program's answer after a restart on the recorded data, when everything that waited was handled. The
   * operation may be a mutation.
   */
  | { readonly later: Answer }
  /** The same program's answer after the effects of the mutations among the `later` lines were handled too. */
  | { readonly after: Answer }
  /** A consumer's position when everything that waited was handled. */
  | { readonly position: Position }
  /** An e-mail that was sent after the restart. */
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

/** A message of RabbitMQ, with the exchange and the routing key that route it to its queue. */
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
/**
 * How long the installation was off, according to the loaded times. It is longer than every lease and heartbeat.
 * Milliseconds.
 */
const OFF_MS = 120_000;
/** A placeholder for the prefix of names in the brokers. */
export const PREFIX = '{prefix}';

/**
 * Reads a recording as if it had been made two minutes ago. So the test does not depend on the recording's age, and
 * data with a short retention are still present. The same number of whole seconds is added to all times, also in
 * payloads and answers, so that the times stay consistent.
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

/** The lines of one kind, selected by their property. */
export function linesOf<K extends string>(lines: readonly Line[], kind: K): Extract<Line, Record<K, unknown>>[] {
  return lines.filter((line): line is Extract<Line, Record<K, unknown>> => kind in line);
}
