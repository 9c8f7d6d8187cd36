import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { VARIABLES } from '../platform/config/config.ts';

const ROOT = path.join(import.meta.dirname, '..');
const PAGE = 'docs/configuration.md';
const EXAMPLE = '.env.example';

/**
 * Compares the variables of platform/config/config.ts with docs/configuration.md and .env.example, which describe them.
 * @returns a line for each variable that is missing, unknown or has a value in the example
 */
export function checkVariables(): string[] {
  const page = readFileSync(path.join(ROOT, PAGE), 'utf8');
  const example = parseEnv(readFileSync(path.join(ROOT, EXAMPLE), 'utf8'));
  // The first cell of each row of the tables names variables.
  const rows = page.split('\n').flatMap((line) => /^\| (`[A-Z].*?) \|/.exec(line)?.[1] ?? []);
  const described = rows.flatMap((cell) => [...cell.matchAll(/`([A-Z0-9_]+)`/g)].map(([, name = '']) => name));
  return [
    ...differences(PAGE, described),
    ...differences(EXAMPLE, Object.keys(example)),
    ...Object.entries(example).flatMap(([name, value]) =>
      value ? [`${EXAMPLE}: ${name} has a value; the file changes nothing as it is`] : [],
    ),
  ];
}

const differences = (file: string, names: readonly string[]): string[] => [
  ...VARIABLES.filter((name) => !names.includes(name)).map((name) => `${file}: ${name} is missing`),
  ...names
    .filter((name) => !VARIABLES.includes(name))
    .map((name) => `${file}: platform/config/config.ts knows no ${name}`),
];
