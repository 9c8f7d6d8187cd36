// npm run record -- NAME: writes test/stored/NAME. See README.md in this folder.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Logger } from '@nestjs/common';
import { smtpMailbox } from '../network/mailbox.ts';
import { until } from '../network/until.ts';
import { dumpKafka, dumpRabbitMq, loadRabbitMq, unprefixed } from './brokers.ts';
import { type Installation, install, ask, type Mode, positionsOf } from './installation.ts';
import type { Answer, Line, Question } from './lines.ts';
import { dumpPostgres } from './postgres.ts';
import { releaseLeases, MAIL, play } from './scenario.ts';
import { leaveUnfinished } from './unfinished.ts';

const ROOT = path.join(import.meta.dirname, '../..');
/** The recording's servers run next to the tests' servers, on other ports. */
const PORT_OFFSET = 400;
const DATA = path.join(ROOT, '.prodvor/record-services');

async function services(...args: string[]): Promise<string> {
  const running = promisify(execFile)(
    process.execPath,
    [
      '--import',
      './loader.mjs',
      'test/services/cli.ts',
      ...args,
      '--native',
      '--data',
      DATA,
      '--offset',
      String(PORT_OFFSET),
    ],
    { cwd: ROOT },
  );
  running.child.stderr?.pipe(process.stderr);
  return (await running).stdout;
}

/** The environment in which rabbitmqctl finds the broker that {@link services} started. */
function rabbitControl(): NodeJS.ProcessEnv {
  const home = path.join(DATA, 'rabbitmq/home');
  return {
    PATH: process.env.PATH,
    HOME: home,
    RABBITMQ_NODENAME: 'prodvor@localhost',
    ERL_EPMD_PORT: String(5676 + PORT_OFFSET),
  };
}

async function record(mode: Mode): Promise<Line[]> {
  const recordedAt = new Date().toISOString();
  let [recording, busyAttempts, slow] = [true, 0, 0];
  const mailbox = await smtpMailbox((address) => {
    if (!recording) return undefined;
    if (MAIL.gone.test(address)) return 550;
    if (MAIL.busy.test(address)) return ++busyAttempts && 451;
    if (MAIL.slow.test(address)) return ++slow && new Promise<undefined>(() => undefined);
    return undefined;
  });
  const at = await install(mode, mailbox.url ?? '');
  try {
    await at.start();
    const played = await play(at, { busyAttempts: () => busyAttempts, slowWaits: () => slow > 0 });
    const askAll = async (questions: readonly Question[]): Promise<Answer[]> => {
      const answers: Answer[] = [];
      for (const question of questions) answers.push(await ask(at, played.people, question));
      return answers;
    };
    const answers = await askAll(played.questions);
    await at.stop('SIGKILL');
    recording = false;
    await leaveUnfinished(at, played.waiting);
    await releaseLeases(at);
    const rows = await dumpPostgres(at.databaseUrl);
    const messages = mode === 'full' ? await messagesOf(at) : [];
    const before = [
      ...rows,
      ...unprefixed(messages, at.prefix),
      ...played.people.map((person) => ({ person })),
      ...answers.map((answer) => ({ answer })),
    ];
    // The dump removed the messages from the queues of RabbitMQ, so they are put back.
    if (mode === 'full') await loadRabbitMq(process.env.RABBITMQ_URL ?? '', messages);

    const mails = await mailbox.all();
    await at.start();
    await at.settled();
    const sent = await until(
      'the mails that waited are sent',
      async () => {
        const now = (await mailbox.all()).slice(mails.length);
        return (
          ['slow', 'busy', 'ivan', 'jana', 'kira'].every((name) =>
            now.some(({ raw }) => raw.includes(`To: ${name}@`)),
          ) && now
        );
      },
      90_000,
    );
    const positions = await positionsOf(at);
    const later = await askAll(played.laterQuestions);
    await at.settled();
    const after = await askAll(played.afterQuestions);
    return [
      { recordedAt },
      ...before,
      ...later.map((answer) => ({ later: answer })),
      ...after.map((answer) => ({ after: answer })),
      ...positions.map((position) => ({ position })),
      ...sent
        .map(({ raw, messageId }) => ({ mail: { to: /^To: (\S+)/m.exec(raw)?.[1] ?? '', messageId } }))
        .sort((a, b) => (a.mail.to < b.mail.to ? -1 : 1)),
    ];
  } finally {
    await at.close();
    await mailbox.close();
  }
}

const messagesOf = async ({ prefix }: Installation): Promise<Line[]> => {
  const { KAFKA_BROKERS: brokers = '', RABBITMQ_URL: url = '' } = process.env;
  return [...(await dumpRabbitMq(url, prefix, rabbitControl())), ...(await dumpKafka(brokers.split(','), prefix))];
};

const [name] = process.argv.slice(2);
if (!name || !/^[\w.-]+$/.test(name)) throw new Error('npm run record -- NAME: the folder to make in test/stored');
const folder = path.join(import.meta.dirname, name);
if (existsSync(folder))
  throw new Error(`${folder} is there: a recording is made once, and a later one gets a name of its own`);
Logger.overrideLogger(false);
try {
  const started = await services('start', 'postgres', 'redis', 'rabbitmq', 'kafka', '--env');
  for (const [, variable = '', value] of started.matchAll(/^([A-Z0-9_]+)=(.*)$/gm)) process.env[variable] = value;
  process.env.TEST_DATABASE_URL = process.env.DATABASE_URL;
  const recordings = { embedded: await record('embedded'), full: await record('full') };
  await mkdir(folder);
  for (const [mode, lines] of Object.entries(recordings))
    await writeFile(path.join(folder, `${mode}.jsonl`), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
} finally {
  await services('stop');
  await rm(DATA, { recursive: true, force: true });
}
