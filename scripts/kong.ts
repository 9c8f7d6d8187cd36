import { readFileSync, writeFileSync } from 'node:fs';
import { isOrigin, LOOPBACK } from '../platform/http/callers.ts';
import { ConfigError, readConfig } from '../platform/config/config.ts';
import { callersOf } from '../platform/platform.module.ts';

const FILE = new URL('../kong.yml', import.meta.url);

/**
 * A pattern for the origins that `loopback` means: see `isLoopbackName`. Kong compares a regular expression with the
 * whole origin.
 */
const LOOPBACK_PATTERN = String.raw`^https?://(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]+)?$`;
/** Matches texts that Kong compares literally. It reads other texts as regular expressions. */
const PLAIN = /^[A-Za-z0-9.:/-]+$/;
/** Matches the list of origins of the cors plugin: its indentation and its entries. */
const LIST = /^( *)origins:\n(?:\1 +- .*\n)+/m;

/**
 * kong.yml with these origins in its cors plugin. The rest of the text stays unchanged.
 * @param origins `loopback`, and origins such as https://app.example.org
 * @throws Error for a text without such a list, RangeError for an entry that Kong would not compare literally
 */
export function renderKong(text: string, origins: readonly string[]): string {
  const wrong = origins.find((origin) => origin !== LOOPBACK && !(isOrigin(origin) && PLAIN.test(origin)));
  if (wrong !== undefined) throw new RangeError(`"${wrong}" is not an origin that Kong compares as it is`);
  // With an empty list Kong would allow the pages of every origin.
  if (origins.length === 0) throw new RangeError('there is no origin');
  if (!LIST.test(text)) throw new Error('kong.yml has no list of origins');
  const entries = [...new Set(origins)].map((origin) => `'${origin === LOOPBACK ? LOOPBACK_PATTERN : origin}'`);
  return text.replace(LIST, (_, indent: string) =>
    [`${indent}origins:`, ...entries.map((entry) => `${indent}  - ${entry}`), ''].join('\n'),
  );
}

/**
 * The origins that a process in full mode allows with this configuration. Kong, which is in front of the process, must
 * allow the same ones.
 * @throws ConfigError
 */
export function kongOrigins(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { PUBLIC_URL, CORS_ORIGINS } = env;
  return callersOf({ ...readConfig({ env: { PUBLIC_URL, CORS_ORIGINS } }), PRODVOR_MODE: 'full' }).origins;
}

const HELP = `npm run kong:render

Writes the allowed origins into kong.yml, from the environment variables CORS_ORIGINS and PUBLIC_URL:
docs/configuration.md`;

if (import.meta.main && process.argv.length > 2) {
  const isHelp = ['--help', '-h'].includes(process.argv[2] ?? '');
  (isHelp ? console.log : console.error)(HELP);
  process.exitCode = isHelp ? 0 : 2;
} else if (import.meta.main) {
  try {
    const origins = kongOrigins(process.env);
    writeFileSync(FILE, renderKong(readFileSync(FILE, 'utf8'), origins));
    console.log(`kong.yml: pages of ${origins.join(', ')} may call`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
