import type { Lag } from '../../platform/messaging/event-log/lag.ts';
import type { ParkedMessage } from '../../platform/messaging/parked/parked-message.ts';
import type { FoundJob, FoundMessage, Status } from './messages.ts';

/**
 * Characters that are replaced in the output, because they could control the terminal, or change how the text next to
 * them looks. Errors and payloads can contain text of strangers.
 */
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const LONGEST_CELL = 80;

export const printable = (text: string): string => text.replaceAll(UNPRINTABLE, '�');

/** The time since `since` in one unit, such as `4 d`, `3 h`, `12 min` or `8 s`. `-` when there is no time. */
function age(since: string | undefined, now = Date.now()): string {
  if (since === undefined) return '-';
  const seconds = Math.max(0, Math.round((now - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** A table whose columns are as wide as their widest cell. Numbers are right-aligned. */
function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => oneLine(String(cell))));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const isNumber = head.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'));
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function oneLine(text: string): string {
  const line = printable(text.replaceAll(/\s+/g, ' '));
  return line.length > LONGEST_CELL ? `${line.slice(0, LONGEST_CELL - 1)}…` : line;
}

export function statusText({ outbox, inbox, timers, dead, lag }: Status): string {
  const part = (title: string, none: string, text: string, rows: readonly unknown[]): string =>
    rows.length === 0 ? `${title}: ${none}.` : `${title}\n${indented(text)}`;
  return [
    part(
      'Outboxes',
      'everything is published',
      table(
        ['service', 'topic or queue', 'waiting', 'parked', 'behind', 'oldest'],
        outbox.map((row) => [row.service, row.topic, row.waiting, row.parked, row.behind, age(row.oldest)]),
      ),
      outbox,
    ),
    part(
      'Inboxes',
      'nothing is parked',
      table(
        ['service', 'consumer', 'topic', 'parked', 'behind', 'oldest'],
        inbox.map((row) => [row.service, row.consumer ?? '', row.topic, row.parked, row.behind, age(row.oldest)]),
      ),
      inbox,
    ),
    ...(timers.length === 0
      ? []
      : [
          part(
            'Timers',
            '',
            table(
              ['service', 'timer', 'due', 'parked', 'oldest'],
              timers.map((row) => [row.service, row.topic, row.waiting, row.parked, age(row.oldest)]),
            ),
            timers,
          ),
        ]),
    part(
      'Dead jobs',
      'no queue was read',
      table(
        ['queue', 'dead', 'oldest'],
        dead.map((row) => [row.queue, row.dead, age(row.oldest)]),
      ),
      dead,
    ),
    ...(lag ? [part('Events not handled yet', 'there are no consumers', lagText(lag), lag)] : []),
  ].join('\n\n');
}

const lagText = (lag: readonly Lag[]): string =>
  table(
    ['group', 'topic', 'events'],
    lag.map(({ group, topic, events }) => [group, topic, events]),
  );
const indented = (text: string): string => text.replaceAll(/^/gm, '  ');

export function parkedText(messages: readonly ParkedMessage[]): string {
  if (messages.length === 0) return 'Nothing is parked.';
  return table(
    ['id', 'where', 'topic or queue', 'key', 'seq', 'type', 'since', 'why'],
    messages.map((message) => [
      message.id,
      whereOf(message),
      message.topic,
      message.key,
      message.seq,
      `${message.type} ${message.version}`,
      age(message.parkedAt),
      message.error ?? 'waits for an earlier message of its key',
    ]),
  );
}

export function deadText(jobs: readonly FoundJob[]): string {
  if (jobs.length === 0) return 'No job is dead.';
  return table(
    ['id', 'queue', 'kind', 'since', 'why'],
    jobs.map((job) => [job.id, job.queue, `${job.kind} ${job.version}`, age(job.diedAt), job.reason]),
  );
}

/** Where a message is: `outbox of teams`, `inbox of users`, `dead jobs of users`. */
export function whereOf(message: FoundMessage): string {
  if (message.place === 'dead') return `dead jobs of ${message.queue}`;
  if (message.place === 'timers') return `timers of ${message.service}`;
  return message.consumer === undefined ? `outbox of ${message.service}` : `inbox of ${message.consumer}`;
}

/** All fields of a message, including its payload. */
export function messageText(message: FoundMessage): string {
  const { payload, ...rest } = message;
  const fields = Object.entries(rest)
    .filter(([name]) => name !== 'place')
    .map(([name, value]) => `  ${name.padEnd(12)} ${printable(String(value))}`);
  return [
    whereOf(message),
    ...fields,
    '  payload',
    indented(indented(printable(JSON.stringify(payload, undefined, 2) ?? 'none'))),
  ].join('\n');
}

/** The irreversible effect of dropping the message, for the person who must confirm it. */
export function effectOfDrop(message: FoundMessage): string {
  if (message.place === 'dead') return `The job ${message.id} (${printable(message.kind)}) will never be done.`;
  if (message.place === 'timers')
    return `The timer ${printable(message.type)} of ${printable(message.key)} will never fire.`;
  const what = `${message.kind} ${message.id} (${printable(message.type)}, ${printable(message.topic)} ${printable(message.key)}, ${message.seq})`;
  if (message.kind === 'job') return `The ${what} will never be done.`;
  const effect = message.consumer === undefined ? 'No consumer will ever see' : `${message.consumer} will never handle`;
  return `${effect} the ${what}.\nLater events of this key are handled as if it had not existed. Data derived from it stays wrong until a later event, or an announcement of the topic, corrects it.`;
}
