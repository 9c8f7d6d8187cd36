// npm run messages -- status | parked | dead | show ID | redrive … | drop ID | announce TOPIC
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { ConfigError, readConfig } from '../../platform/config/config.ts';
import { DataDirectoryError } from '../../platform/embedded-database/data-directory.ts';
import { snapshotOf } from '../../platform/messaging/definitions.ts';
import { JobQueueError } from '../../platform/messaging/job-queue/envelope.ts';
import { MigrationError } from '../../platform/postgres/migrate.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { topics } from '../../schema/messages/index.ts';
import { announceTopic } from './announce.ts';
import { dead, drop, find, notSearched, parked, redrive, status } from './messages.ts';
import { deadText, effectOfDrop, messageText, parkedText, printable, statusText, whereOf } from './print.ts';
import { type MessageStores, openMessages, Refusal } from './stores.ts';

/** Topics whose owner can announce the current state of each key. */
const ANNOUNCED = Object.values(subgraphs).flatMap(({ name: owner, topics: own }) =>
  topics.filter((topic) => own.includes(topic) && snapshotOf(topic)).map((topic) => ({ owner, topic: topic.name })),
);

const HELP = `npm run messages -- COMMAND [FLAGS]

Shows, retries or drops events, jobs and timers that could not be handled. In embedded mode it uses the data
directory, whether the product runs or not. In full mode it uses the servers of the configuration.

  status              how many messages wait where, since when; the positions of the consumers
  parked              events and jobs that could not be published, events that could not be handled, timers that
                      could not be fired
  dead                jobs that used up their deliveries
  show ID             everything about one message. The payload may contain personal data
  redrive ID          retries. For an event: all parked events of its key, to keep their order
  redrive --type T    the same for all keys with an event of this type, and for jobs of this kind
  redrive --all       everything that is parked or dead
  drop ID             removes a message for good, after a confirmation. Later events of its key continue
  announce TOPIC      the owner publishes the state of every key of the topic, for consumers that missed older
                      events. Consumers that are up to date skip it. Topics: ${ANNOUNCED.map(({ topic }) => topic).join(', ')}

  --service NAME      only parked messages of this service (${Object.keys(subgraphs).join(', ')})
  --type T            parked, dead: only messages of this type
  --limit N           parked, dead: at most N messages, 1 to 1000 (default 50)
  --data DIR          embedded mode's data directory (PRODVOR_DATA, or .prodvor/data)
  --yes               drop: without the confirmation
  --json              JSON instead of text
  --help              shows this text

Exit codes: 0 done; 1 nothing found or nothing done (a line says why), or a server is unreachable; 2 wrong usage.
docs/messages.md says what to do.`;

/** The error for a mistake in the command line. The exit code is 2. */
class UsageError extends Error {}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

interface Invocation {
  readonly command: string;
  readonly id?: string;
  readonly topic?: string;
  readonly type?: string;
  readonly service?: string;
  readonly limit: number;
  readonly data?: string;
  readonly yes: boolean;
  readonly json: boolean;
}

function invocation(): Invocation | 'help' {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      service: { type: 'string' },
      type: { type: 'string' },
      all: { type: 'boolean', default: false },
      limit: { type: 'string', default: '50' },
      data: { type: 'string' },
      yes: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const { service, type, all, data, yes, json } = values;
  const [command = '', ...rest] = positionals;
  const [first] = rest;
  const takesId = ['show', 'redrive', 'drop'].includes(command);
  const announces = command === 'announce';
  const id = takesId ? first : undefined;
  if (!takesId && !announces && !['status', 'parked', 'dead'].includes(command))
    throw new UsageError(command === '' ? 'a command is missing' : `there is no command ${command}`);
  if (rest.length > (takesId || announces ? 1 : 0)) throw new UsageError(`${command} does not take ${rest.at(-1)}`);
  if (id !== undefined && !UUID.test(id))
    throw new UsageError(`${id} is no id. An id is a UUID: parked and dead show it`);
  if (service !== undefined && !Object.hasOwn(subgraphs, service))
    throw new UsageError(`there is no service ${service}`);
  if (!/^\d{1,4}$/.test(values.limit) || Number(values.limit) < 1 || Number(values.limit) > 1000)
    throw new UsageError('--limit is a number from 1 to 1000');
  const given = [id !== undefined, type !== undefined, all].filter(Boolean).length;
  if (command === 'redrive' && given !== 1) throw new UsageError('redrive takes one of: an id, --type, --all');
  if ((command === 'show' || command === 'drop') && id === undefined) throw new UsageError(`${command} needs an id`);
  if (announces && !ANNOUNCED.some(({ topic }) => topic === first))
    throw new UsageError(first === undefined ? 'announce needs a topic' : `${first} cannot be announced`);
  if (announces && service !== undefined)
    throw new UsageError('announce does not take --service: a topic has one owner');
  if (command !== 'redrive' && all) throw new UsageError(`${command} does not take --all`);
  if (['status', 'show', 'drop', 'announce'].includes(command) && type !== undefined)
    throw new UsageError(`${command} does not take --type`);
  if (command === 'dead' && service !== undefined)
    throw new UsageError('dead does not take --service: a queue belongs to no service');
  return {
    command,
    id: id?.toLowerCase(),
    topic: announces ? first : undefined,
    type,
    service,
    limit: Number(values.limit),
    data,
    yes,
    json,
  };
}

async function main(): Promise<number> {
  const asked = invocation();
  if (asked === 'help') {
    console.log(HELP);
    return 0;
  }
  const config = readConfig({ overrides: { PRODVOR_DATA: asked.data }, uses: ['database'] });
  const owner = ANNOUNCED.find(({ topic }) => topic === asked.topic)?.owner;
  const stores = await openMessages(config, {
    service: asked.service ?? owner,
    onProgress: (step) => console.error(`${step} …`),
  });
  try {
    for (const note of stores.notes) console.error(note);
    return await run(stores, asked);
  } finally {
    await stores.close();
  }
}

async function run(stores: MessageStores, asked: Invocation): Promise<number> {
  const { command, id = '', type, limit, json } = asked;
  const say = (value: unknown, text: string): void => console.log(json ? JSON.stringify(value, undefined, 2) : text);
  switch (command) {
    case 'status': {
      const found = await status(stores);
      say(found, statusText(found));
      return 0;
    }
    case 'parked': {
      const found = await parked(stores, { type, limit });
      say(found, parkedText(found));
      if (found.length === limit) console.error(`These are the oldest ${limit}: --limit shows more.`);
      return 0;
    }
    case 'dead': {
      const found = await dead(stores, limit, type);
      say(found, deadText(found));
      if (type !== undefined) for (const line of await notSearched(stores)) console.error(line);
      if (found.length === limit) console.error(`These are the oldest ${limit}: --limit shows more.`);
      return 0;
    }
    case 'show': {
      const found = await find(stores, id);
      if (found.length === 0) return notFound(id);
      say(found, found.map(messageText).join('\n\n'));
      return 0;
    }
    case 'redrive': {
      const moved = await redrive(stores, { ...(asked.id === undefined ? {} : { id }), type });
      if (type !== undefined) for (const line of await notSearched(stores)) console.error(line);
      if (moved.outbox + moved.inbox + moved.timers + moved.dead === 0) return notFound(asked.id ?? type);
      say(
        moved,
        [
          ...(moved.outbox > 0
            ? [`${moved.outbox} of outboxes: the relay publishes them, at once or at the next start.`]
            : []),
          ...(moved.inbox > 0
            ? [`${moved.inbox} of inboxes: their consumers handle them again, within seconds or at the next start.`]
            : []),
          ...(moved.timers > 0
            ? [`${moved.timers} timers: they are due again, within a second or at the next start.`]
            : []),
          ...(moved.dead > 0 ? [`${moved.dead} dead jobs: they are in their queues again.`] : []),
        ].join('\n'),
      );
      return 0;
    }
    case 'announce':
      return announce(stores, asked.topic ?? '', json);
    default:
      return dropOne(stores, asked, id);
  }
}

async function announce(stores: MessageStores, topic: string, json: boolean): Promise<number> {
  const announced = await announceTopic(stores, topic, (keys) => console.error(`${topic}: ${keys} …`));
  const text = announced.finished
    ? `${topic}: all of ${announced.keys} are published. Consumers that are up to date skip them.`
    : `${topic}: it is requested, and ${announced.keys} are published so far. ${announced.error === undefined ? 'The owner continues when it runs.' : `The owner cannot continue: ${printable(announced.error)}`}`;
  console.log(json ? JSON.stringify(announced, undefined, 2) : text);
  return announced.error === undefined ? 0 : 1;
}

async function dropOne(stores: MessageStores, { yes, json }: Invocation, id: string): Promise<number> {
  const found = await find(stores, id);
  if (found.length === 0) return notFound(id);
  if (!yes) {
    console.error(found.map((message) => `${whereOf(message)}: ${effectOfDrop(message)}`).join('\n\n'));
    if (!(await askForConfirmation(`\nDrop ${found.length === 1 ? 'it' : 'all of them'}? Type yes: `))) {
      console.error('Nothing was dropped.');
      return 1;
    }
  }
  const outcomes: { where: string; dropped: boolean; why?: string }[] = [];
  for (const message of found) {
    const why = await drop(stores, message);
    outcomes.push({ where: whereOf(message), dropped: why === undefined, ...(why !== undefined && { why }) });
  }
  const lines = outcomes.map(({ where, why }) => `${where}: ${why ?? 'dropped'}`);
  console.log(json ? JSON.stringify(outcomes, undefined, 2) : lines.join('\n'));
  return outcomes.every(({ dropped }) => dropped) ? 0 : 1;
}

function notFound(what: string | undefined): number {
  console.error(
    what === undefined ? 'Nothing is parked or dead.' : `Nothing that is parked or dead is ${printable(what)}.`,
  );
  return 1;
}

/** Reads the answer from standard input, terminal or not, so that a script can answer. The end of input means no. */
async function askForConfirmation(question: string): Promise<boolean> {
  const input = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    process.stderr.write(question);
    for await (const line of input) return line.trim().toLowerCase() === 'yes';
    return false;
  } finally {
    input.close();
  }
}

/** Errors that are not bugs: wrong input, wrong configuration, or a server that refuses. */
const isExpected = (error: unknown): boolean =>
  error instanceof Refusal ||
  error instanceof ConfigError ||
  error instanceof DataDirectoryError ||
  error instanceof MigrationError;
/** Whether the error means that the database stopped during the command, or cannot be reached. */
const isUnreachable = (error: unknown): boolean =>
  /^(ECONN|EHOST|ENOTFOUND|ETIMEDOUT|57P0|08|28)/.test(String((error as { code?: unknown }).code)) ||
  /Connection terminated|timeout/i.test(String((error as Error).message));

// The log lines of the adapters belong in the product's log, so this command does not print them. It also drops a
// warning that Node 24 prints once per process, because kafkajs 2.2.4 computes negative timeouts.
Logger.overrideLogger(false);
process.removeAllListeners('warning').on('warning', (warning) => {
  if (warning.name !== 'TimeoutNegativeWarning') console.error(warning);
});
try {
  process.exitCode = await main();
} catch (error) {
  const code = (error as NodeJS.ErrnoException).code;
  if (error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS')) {
    console.error(`${printable((error as Error).message)}\n\n${HELP}`);
    process.exitCode = 2;
  } else {
    if (error instanceof JobQueueError) console.error(`${error.code}: ${error.message}`);
    else if (isExpected(error)) console.error((error as Error).message);
    else if (isUnreachable(error)) console.error(`The database cannot be reached: ${(error as Error).message || code}`);
    else console.error(error);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}
