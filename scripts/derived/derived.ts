import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Subgraph } from '../../platform/manifest/manifest.ts';
import { subgraphs as registry } from '../../subgraphs/registry.ts';
import { changelogWith, changesSinceRelease } from '../release/changelog.ts';
import { composeFileWith, developmentWith } from './compose-file.ts';
import { architectureWith, configurationWith, fullModeWith, personalDataWith, targetsWith } from './docs.ts';
import { kongWith } from './kong-routes.ts';
import { eventsWith } from './messages.ts';

const ROOT = path.join(import.meta.dirname, '../..');

type Rewrite = (text: string, subgraphs: readonly Subgraph[]) => string;

/**
 * Committed files with sections generated from the manifests, the messages and the composed API. The rest of each file
 * is written by hand.
 */
const FILES: Readonly<Record<string, Rewrite>> = {
  'docker-compose.yml': composeFileWith,
  '.env.development': developmentWith,
  'kong.yml': (text) => kongWith(text, registry),
  'CHANGELOG.md': (text) => changelogWith(text, changesSinceRelease()),
  'docs/architecture.md': architectureWith,
  'docs/configuration.md': configurationWith,
  'docs/events.md': eventsWith,
  'docs/full-mode.md': fullModeWith,
  'docs/personal-data.md': personalDataWith,
  'docs/observability.md': targetsWith,
  'deploy/prometheus/prometheus.yml': targetsWith,
};

export const derivedFiles: readonly string[] = Object.keys(FILES);

/** The files whose generated sections are out of date, each with the text that the file should have. */
function stale(files = Object.keys(FILES)): [file: string, text: string][] {
  return Object.entries(FILES)
    .filter(([file]) => files.includes(file))
    .flatMap(([file, rewrite]): [string, string][] => {
      const before = readFileSync(path.join(ROOT, file), 'utf8');
      const after = rewrite(before, Object.values(registry));
      return after === before ? [] : [[file, after]];
    });
}

/** Updates the generated sections of the files that are present. A container image does not have all files. */
export function writeDerived(): void {
  const present = Object.keys(FILES).filter((file) => existsSync(path.join(ROOT, file)));
  for (const [file, text] of stale(present)) writeFileSync(path.join(ROOT, file), text);
}

/** Finds files whose generated sections are out of date. @returns a line for each */
export const checkDerived = (): string[] =>
  stale().map(([file]) => `DRIFT: ${file} differs from the output of npm run generate; run it and commit the file`);
