import { existsSync, readFileSync } from 'node:fs';

/** Real files beside the project: `../shared/data/openfootball`, from here or from a worktree of it. */
const FOLDER = ['../../../shared', '../../../../shared']
  .map((shared) => new URL(`${shared}/data/openfootball/`, import.meta.url))
  .find((folder) => existsSync(folder));

export const hasRealFiles = FOLDER !== undefined;

/** The text of a real file. @throws Error when there are none */
export function realFile(name: string): string {
  if (!FOLDER) throw new Error('there are no real files beside the project');
  return readFileSync(new URL(name, FOLDER), 'utf8');
}
