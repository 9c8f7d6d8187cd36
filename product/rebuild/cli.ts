// npm run rebuild -- NAME | --status [NAME] | --cancel NAME
import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { ConfigError, readConfig } from '../../platform/config/config.ts';
import { DataDirectoryError } from '../../platform/embedded-database/data-directory.ts';
import type { Run } from '../../platform/messaging/rebuilds/runs.ts';
import { PROJECTIONS } from './projections.ts';
import { cancel, projectionNamed, rebuild, Refusal, type RunsOfService, status } from './rebuild.ts';

const NAMES = Object.entries(PROJECTIONS)
  .map(([name, { describe, topics }]) => `  ${name.padEnd(19)} ${describe}, from ${topics.join(', ')}`)
  .join('\n');
const QUEUES = Object.entries(PROJECTIONS)
  .map(([name, { job }]) => `${name}: ${job.queue.name}`)
  .join(', ');

const HELP = `npm run rebuild -- NAME [FLAGS]

Makes a projection again from the events of its topic, from the first one on. The product may run: readers see the old
rows until all new ones replace them.

${NAMES}

A worker of the running product does it, and this command shows the progress. Ctrl-C cancels the rebuild. If the product
is stopped, this command does it itself. Queues: ${QUEUES}.

  --no-wait           ends as soon as the rebuild is enqueued. A stopped product does not do it before its next start
  --here              this command does it, also if the product runs
  --status            the runs of NAME, or of all projections: the 20 newest of each
  --cancel            cancels the run of NAME
  --data DIR          data directory of embedded mode (PRODVOR_DATA, or .prodvor/data)
  --json              JSON instead of text
  --help              this

Exit codes: 0 done; 1 it failed or was cancelled, a server cannot be reached, or there is nothing to work on; 2 wrong
usage. docs/rebuilds.md has more.`;

/** How long a run may wait for a worker before this command says what it waits for. */
const PATIENCE_MS = 10_000;

/** The error for a mistake in the command line. The exit code is 2. */
class UsageError extends Error {}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'no-wait': { type: 'boolean', default: false },
      here: { type: 'boolean', default: false },
      status: { type: 'boolean', default: false },
      cancel: { type: 'boolean', default: false },
      data: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const [name, ...rest] = positionals;
  if (rest.length > 0 || (name === undefined && !values.status)) throw new UsageError('one name is needed');
  if ([values.status, values.cancel, values.here, values['no-wait']].filter(Boolean).length > 1)
    throw new UsageError('--status, --cancel, --here and --no-wait exclude each other');
  if (name !== undefined) named(name);
  const config = readConfig({ overrides: { PRODVOR_DATA: values.data }, uses: ['database'] });
  const say = (value: unknown, text: string): void => console.log(values.json ? JSON.stringify(value) : text);
  const onProgress = (step: string): void => console.error(`${step} …`);
  if (values.status) {
    const found = await status(config, name, onProgress);
    for (const { note } of found) if (note !== undefined) console.error(note);
    say(
      found.flatMap(({ runs }) => runs),
      statusText(found),
    );
    return 0;
  }
  if (name === undefined) throw new UsageError('one name is needed');
  if (values.cancel) {
    const run = await cancel(config, name);
    if (!run) {
      console.error(`No rebuild of ${name} is queued or running.`);
      return 1;
    }
    say(run, `${name}: cancelled. If it was running, it stops within a second.`);
    return 0;
  }
  const cancelling = new AbortController();
  const onSignal = (): void => {
    console.error('cancelling …');
    cancelling.abort();
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const waits = setTimeout(
    () => console.error(`It waits for a worker of ${projectionNamed(name).job.queue.name}. Ctrl-C cancels it.`),
    PATIENCE_MS,
  );
  let shown = '';
  const run = await rebuild(config, name, {
    here: values.here,
    detached: values['no-wait'],
    signal: cancelling.signal,
    onProgress,
    onRun: (now) => {
      if (now.state !== 'QUEUED') clearTimeout(waits);
      const text = progressText(now);
      if (text !== shown && text !== '') console.error(`${text} …`);
      shown = text;
    },
  }).finally(() => clearTimeout(waits));
  return result(run, say);
}

function named(name: string): void {
  try {
    projectionNamed(name);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function result(run: Run, say: (value: unknown, text: string) => void): number {
  const { name, id, state, events, error } = run;
  if (state === 'DONE') {
    const took = tookOf(run);
    say({ name, events, took, ...run.figures }, `${name}: ${doneText(run)}`);
    return 0;
  }
  if (state === 'QUEUED' || state === 'RUNNING') {
    say({ name, id, state }, `${name}: enqueued. --status ${name} shows it.`);
    return 0;
  }
  if (state === 'CANCELLED') console.error(`${name}: cancelled`);
  else
    console.error(
      `${name}: it failed ${run.attempt} times. The last time: ${error ?? ''}\nThe job is dead: npm run messages -- dead`,
    );
  return 1;
}

const tookOf = ({ startedAt, finishedAt }: Run): number =>
  startedAt === null || finishedAt === null ? 0 : Date.parse(finishedAt) - Date.parse(startedAt);

function doneText(run: Run): string {
  const figures = Object.entries(run.figures ?? {}).map(([figure, count]) => `${count} ${figure}`);
  return `${[`${run.events} events`, ...figures].join(', ')}; ${tookOf(run)} ms`;
}

function progressText({ state, step, events, total, error, attempt }: Run): string {
  if (state === 'QUEUED') return error === null ? '' : `delivery ${attempt} failed (${error}), it is tried again`;
  if (state !== 'RUNNING' || step === null || total === 0) return '';
  return step === 'READING'
    ? `${events} of ${total} events`
    : `${events} events are read, their rows replace the old ones`;
}

function statusText(found: readonly RunsOfService[]): string {
  const lines = found.flatMap(({ runs }) =>
    runs.map((run) => {
      const { name, state, requestedAt, attempt, seenAt, byCommand, error } = run;
      const what =
        state === 'DONE'
          ? doneText(run)
          : [
              progressText(run),
              state === 'RUNNING' && `seen at ${seenAt}`,
              attempt > 1 && `delivery ${attempt}`,
              byCommand && 'by this command',
              state !== 'QUEUED' && error,
            ]
              .filter(Boolean)
              .join(', ');
      return `${requestedAt}  ${name.padEnd(13)}  ${state.padEnd(9)}  ${what}`.trimEnd();
    }),
  );
  return lines.length > 0 ? lines.join('\n') : 'There were no rebuilds.';
}

// The log lines of the adapters belong in the product's log, so this command does not print them. It also drops a
// warning that Node 24 prints once per process, because kafkajs 2.2.4 computes negative timeouts.
Logger.overrideLogger(false);
process.removeAllListeners('warning').on('warning', (warning) => {
  if (warning.name !== 'TimeoutNegativeWarning') console.error(warning);
});
try {
  process.exitCode = await main();
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS')) {
    console.error(`${message}\n\n${HELP}`);
    process.exitCode = 2;
  } else {
    const isExpected =
      error instanceof Refusal || error instanceof ConfigError || error instanceof DataDirectoryError || code;
    console.error(isExpected ? message || code : error);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}
