// npm run seed -- --size SIZE
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { ConfigError, readConfig } from '../../platform/config/config.ts';
import { DataDirectoryError } from '../../platform/embedded-database/data-directory.ts';
import { MigrationError } from '../../platform/postgres/migrate.ts';
import { Refusal } from './refusal.ts';
import { SIZES } from './sizes.ts';

const NAMES = Object.entries(SIZES)
  .map(([name, { describe }]) => `  ${name.padEnd(19)} ${describe}`)
  .join('\n');

const HELP = `npm run seed -- --size SIZE [FLAGS]

Fills an installation that nobody has used yet with a city that plays: people, teams, tournaments, matches and messages,
as if all of it had come through the API. Ten of the people have accounts. Run it before the product starts.

${NAMES}

  --data DIR          data directory of embedded mode (PRODVOR_DATA, or .prodvor/data)
  --now TIME          the present of the city, RFC 3339 (default: now)
  --seed TEXT         the same text, size and time give the same city (default: the size)
  --password TEXT     the password of the accounts, 8 characters or more (default: a new one, which is printed)
  --json              JSON instead of text
  --help              this

Exit codes: 0 done; 1 a server cannot be reached, or the installation is in use or not empty; 2 wrong usage.`;

/** The error when the arguments of the command are wrong. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      size: { type: 'string' },
      data: { type: 'string' },
      now: { type: 'string' },
      seed: { type: 'string' },
      password: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const { size } = values;
  if (size === undefined) throw new UsageError('--size is missing');
  if (!Object.hasOwn(SIZES, size)) throw new UsageError(`there is no size ${size}`);
  const now = values.now === undefined ? new Date() : new Date(values.now);
  if (Number.isNaN(now.getTime())) throw new UsageError('--now is a time, for example 2026-11-29T12:00:00Z');
  const password = values.password ?? randomBytes(9).toString('base64url');
  if (password.length < 8 || password.length > 128) throw new UsageError('--password has 8 to 128 characters');
  const config = readConfig({ overrides: { PRODVOR_DATA: values.data }, uses: ['database', 'accounts'] });
  // seed.ts loads all services, which takes a second. So it is loaded only after the arguments have been checked.
  const { seed } = await import('./seed.ts');
  const { rows, events, took, accounts } = await seed(config, {
    size,
    seed: values.seed ?? size,
    now,
    password,
    onProgress: (step) => console.error(`${step} …`),
  });
  if (values.json) return console.log(JSON.stringify({ size, rows, events, took, accounts, password }));
  console.log(`${size}: ${rows} rows, ${events} events; ${Math.round(took / 1000)} s`);
  console.log(`Sign in as ${accounts.map(({ username }) => username).join(', ')}; the password of all is ${password}`);
}

Logger.overrideLogger(false);
try {
  await main();
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS')) {
    console.error(`${message}\n\n${HELP}`);
    process.exitCode = 2;
  } else {
    const isExpected =
      error instanceof Refusal ||
      error instanceof ConfigError ||
      error instanceof DataDirectoryError ||
      error instanceof MigrationError ||
      /^(ECONN|EHOST|ENOTFOUND|ETIMEDOUT)/.test(String(code));
    console.error(isExpected ? message || code : error);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}
