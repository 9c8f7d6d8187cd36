import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { messages } from '../../product/messages/messages.fixture.ts';
import { events } from '../../schema/messages/index.ts';
import { type Mailbox, smtpMailbox } from '../network/mailbox.ts';
import { until } from '../network/until.ts';
import { dumpKafka, loadKafka, loadRabbitMq } from './brokers.ts';
import { ask, install, type Installation, type Mode, positionsOf } from './installation.ts';
import { type Answer, type Line, linesOf, type Person, type Position, readLines } from './lines.ts';
import { loadPostgres } from './postgres.ts';

/** How long the test waits for mails. It is longer than the longest pause before a job is retried. Milliseconds. */
const MAILS_MS = 90_000;

/** Loads each recording of the mode into empty stores, and starts the current program on it. */
export function describeInstallations(mode: Mode): void {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  for (const folder of folders) {
    const file = path.join(import.meta.dirname, folder, `${mode}.jsonl`);
    if (existsSync(file))
      describe(`the installation recorded in ${folder}, in ${mode} mode`, () => describeInstallation(mode, file));
  }
}

function describeInstallation(mode: Mode, file: string): void {
  let mailbox: Mailbox;
  let at: Installation;
  let lines: readonly Line[];
  let people: readonly Person[];
  beforeAll(async () => {
    mailbox = await smtpMailbox();
    at = await install(mode, mailbox.url ?? '');
    lines = await readLines(file, { prefix: at.prefix });
    people = linesOf(lines, 'person').map(({ person }) => person);
  });
  afterAll(async () => {
    await at?.close();
    await mailbox?.close();
  });

  const answers = async (expected: readonly Answer[]): Promise<void> => {
    // The operations run one after the other, because one of them may change what a later one reads.
    for (const answer of expected)
      assert.deepEqual(
        await ask(at, people, answer),
        answer,
        `${answer.as ?? 'a guest'}: ${answer.query.slice(0, 100)}`,
      );
  };
  const listed = async (what: 'parked' | 'dead'): Promise<Parked[]> => {
    const { code, out, err } = await messages([what, '--json', '--limit', '1000'], { env: at.environment });
    assert.equal(code, 0, err);
    return JSON.parse(out) as Parked[];
  };
  const sameAnswers = (): Promise<void> => answers(linesOf(lines, 'answer').map(({ answer }) => answer));
  /** The consumers of the recorded version. A consumer that is new holds back the same unreadable events once more. */
  const isRecorded = (consumer: string | undefined): boolean =>
    linesOf(lines, 'position').some(({ position }) => position.consumer === consumer);
  const isOfNewConsumer = (line: string): boolean => {
    const consumer = /"message":"(\S+) (?:holds back|parked) /.exec(line)?.[1];
    return consumer !== undefined && !isRecorded(consumer);
  };
  const noAlarm = (): void =>
    assert.deepEqual(
      at.log().filter((line) => isAlarm(line) && !isOfNewConsumer(line)),
      [],
    );

  let failed = false;
  /**
   * Each step needs the steps before it. After a failed step the following steps fail without waiting.
   */
  const step = (name: string, work: () => Promise<void>): void =>
    void it(name, async () => {
      if (failed) throw new Error('a step before failed');
      failed = true;
      await work();
      failed = false;
    });

  step('is loaded, and becomes ready', async () => {
    await load(at, lines);
    await at.start();
  });

  step('answers as it did', sameAnswers);

  step('lets the people sign in, and continue their sessions', async () => {
    for (const person of people) {
      const client = await at.client(person);
      assert.equal(
        (await client.execute<{ me: { handle: string } }>('{ me { handle } }')).data?.me.handle,
        person.name,
      );
      if (!person.refreshToken) continue;
      const form = new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: 'prodvor-test',
        refresh_token: person.refreshToken,
      });
      assert.equal((await fetch(`${at.origin()}/identity/token`, { method: 'POST', body: form })).status, 200);
    }
  });

  step('delivers what waited, and handles nothing twice', async () => {
    await at.settled();
    const expected = linesOf(lines, 'mail').map(({ mail }) => mail);
    const sent = async (): Promise<string[]> =>
      (await mailbox.all()).map(({ raw, messageId }) => `${/^To: (\S+)/m.exec(raw)?.[1]} ${messageId}`);
    const wanted = expected.map(({ to, messageId }) => `${to} ${messageId}`);
    await until(
      'the e-mails that waited',
      async () => {
        const arrived = await sent();
        return wanted.every((mail) => arrived.includes(mail));
      },
      MAILS_MS,
    );
    // RabbitMQ does not deduplicate: a job that was published twice may send its mail twice, with the same Message-ID.
    const mails = await sent();
    assert.deepEqual(new Set(mails), new Set(wanted));
    if (mode === 'embedded') assert.equal(mails.length, wanted.length);
    const now = await positionsOf(at);
    for (const { position } of linesOf(lines, 'position')) {
      const { lastSeq, parked, ...place } = position;
      const found = now.find((each) => isSame(each, position));
      assert.equal(found?.parked, parked, JSON.stringify(place));
      // A later version may emit more events about old data.
      assert.ok(
        found && (parked ? found.lastSeq === lastSeq : found.lastSeq >= lastSeq || wasReset(place)),
        `${JSON.stringify(place)} is at ${found?.lastSeq}, and was to be at ${lastSeq}`,
      );
    }
    await answers(linesOf(lines, 'later').map(({ later }) => later));
  });

  step('answers as it did after that', async () => {
    await at.settled();
    await answers(linesOf(lines, 'after').map(({ after: answer }) => answer));
  });

  it('logs no alarm', noAlarm); // also after a failed step, because the log shows the cause

  step('redrives what was parked and dead', async () => {
    const [parked, dead, mails] = [await listed('parked'), await listed('dead'), (await mailbox.all()).length];
    assert.deepEqual(
      [
        parked.filter(({ place, consumer }) => place === 'inbox' && isRecorded(consumer)).length,
        parked.filter(({ place }) => place === 'outbox').length > 0,
        dead.length > 0,
      ],
      [rowsOf(lines, /\.inbox_parked$/), rowsOf(lines, /\.outbox$/, 'parked_at') > 0, true],
    );
    const { code, err } = await messages(['redrive', '--all'], { env: at.environment });
    assert.equal(code, 0, err);
    const isUnknown = ({ topic, type, version }: Parked): boolean =>
      (events.find((event) => event.topic.name === topic && event.type === type)?.version ?? 0) < version;
    const left = await until('what can be read is handled', async () => {
      const now = await listed('parked');
      return (
        now.every(({ consumer, key }) =>
          now.some((each) => each.consumer === consumer && each.key === key && isUnknown(each)),
        ) && now
      );
    });
    assert.equal(
      left.length,
      parked.filter(({ consumer, key }) =>
        parked.some((each) => each.consumer === consumer && each.key === key && isUnknown(each)),
      ).length,
    );
    await at.settled();
    assert.deepEqual(await listed('dead'), []);
    await until('the e-mails that were dead', async () => (await mailbox.all()).length === mails + dead.length);
    const positions = (await positionsOf(at)).filter((position) => !position.parked);
    for (const [key, consumers] of Map.groupBy(positions, ({ topic, key }) => `${topic} ${key}`)) {
      assert.equal(
        new Set(consumers.map(({ lastSeq }) => lastSeq)).size,
        1,
        `all consumers are equally far: ${key} ${JSON.stringify(consumers)}`,
      );
    }
  });

  step('writes the events of a key to the partition of its older events', async () => {
    const places = Map.groupBy(await placesOf(at), ({ topic, key }) => `${topic} ${key}`);
    assert.deepEqual(
      [...places].filter(([, found]) => new Set(found.map(({ partition }) => partition)).size > 1),
      [],
    );
  });

  step('stops cleanly, and starts again with nothing left to do', async () => {
    const [mails, positions] = [(await mailbox.all()).length, await positionsOf(at)];
    await at.stop('SIGTERM');
    await at.start();
    await at.settled();
    assert.deepEqual([(await mailbox.all()).length, await positionsOf(at)], [mails, positions]);
    await answers(linesOf(lines, 'after').map(({ after: answer }) => answer));
    noAlarm();
  });
}

async function load({ mode, databaseUrl }: Installation, lines: readonly Line[]): Promise<void> {
  await loadPostgres(databaseUrl, lines);
  if (mode === 'embedded') return;
  const { KAFKA_BROKERS: brokers = '', RABBITMQ_URL: url = '' } = process.env;
  await Promise.all([loadKafka(brokers.split(','), lines), loadRabbitMq(url, lines)]);
}

/**
 * Whether a migration has reset the position. chat's migration positions_in_matches did so for the topic of matches, so
 * the position may be behind the recorded one.
 */
const wasReset = ({ consumer, topic }: Omit<Position, 'lastSeq' | 'parked'>): boolean =>
  consumer === 'chat' && topic === 'matches.v1';

interface Parked {
  readonly place?: string;
  readonly consumer?: string;
  readonly topic: string;
  readonly key: string;
  readonly type: string;
  readonly version: number;
}

/** The number of recorded rows of these tables. With `column`, only rows where that column is not null count. */
function rowsOf(lines: readonly Line[], table: RegExp, column?: string): number {
  let [count, place]: [number, number | undefined] = [0, undefined];
  for (const line of lines) {
    if ('columns' in line) place = table.test(line.table) ? Math.max(0, line.columns.indexOf(column ?? '')) : undefined;
    else if ('row' in line && place !== undefined && line.row[place] !== null) count++;
  }
  return count;
}

/** The partition of every event in the log. */
async function placesOf({
  mode,
  database,
  prefix,
}: Installation): Promise<{ topic: string; key: string; partition: number }[]> {
  if (mode === 'full')
    return linesOf(await dumpKafka((process.env.KAFKA_BROKERS ?? '').split(','), prefix), 'event').map(
      ({ event }) => event,
    );
  const { rows } = await database.query<{ topic: string; key: string; partition: number }>(
    'SELECT p.topic, e.key, p.partition FROM event_log.events e JOIN event_log.partitions p ON p.id = e.partition_id',
  );
  return rows;
}

const isSame = (a: Position, b: Position): boolean =>
  (['service', 'consumer', 'topic', 'key'] as const).every((name) => a[name] === b[name]);

/** An alarm in the product's log, or in Nest's own before it uses the product's logger. */
const isAlarm = (line: string): boolean =>
  /"level":"(warn|error|fatal)"|\[Nest\].* (WARN|ERROR|FATAL) /.test(line) && !SLOW_SERVER.test(line);
/** Matches a warning that is no alarm: the product retries, and the warning is not about stored data. */
const SLOW_SERVER = /"message":"[^"]*(timeout expired|timed out|connection timeout|no answer within)/i;
