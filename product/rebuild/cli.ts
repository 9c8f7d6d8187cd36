// npm run rebuild -- NAME
import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { ConfigError, readConfig } from '../../platform/config/config.ts';
import { DataDirectoryError } from '../../platform/embedded-database/data-directory.ts';
import { PROJECTIONS } from './projections.ts';
import { rebuild, Refusal } from './rebuild.ts';

const NAMES = Object.entries(PROJECTIONS)
  .map(([name, { describe, topic }]) => `  ${name.padEnd(19)} ${describe}, from ${topic}`)
  .join('\n');

const HELP = `npm run rebuild -- NAME [FLAGS]

Makes a projection again from the events of its topic, from the first one on. The product may run: readers see the old
rows until all new ones replace them.

${NAMES}

  --data DIR          data directory of embedded mode (PRODVOR_DATA, or .prodvor/data)
  --json              JSON instead of text
  --help              this

Exit codes: 0 done; 1 a server cannot be reached, or there is nothing to work on; 2 wrong usage.`;

/** A mistake in the command that was typed. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) throw new UsageError('one name is needed');
  const projection = Object.hasOwn(PROJECTIONS, name) ? PROJECTIONS[name] : undefined;
  if (!projection) throw new UsageError(`there is no projection ${name}`);
  const config = readConfig({ overrides: { PRODVOR_DATA: values.data }, uses: ['database'] });
  const { events, took, figures } = await rebuild(config, projection, (step) => console.error(`${step} …`));
  const text = Object.entries(figures)
    .map(([figure, count]) => `${count} ${figure}`)
    .join(', ');
  console.log(
    values.json ? JSON.stringify({ name, events, took, ...figures }) : `${name}: ${events} events, ${text}; ${took} ms`,
  );
}

// The adapters' own lines are for the product's log. kafkajs 2.2.4 computes negative timeouts, which Node 24 reports
// once per process.
Logger.overrideLogger(false);
process.removeAllListeners('warning').on('warning', (warning) => {
  if (warning.name !== 'TimeoutNegativeWarning') console.error(warning);
});
try {
  await main();
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
