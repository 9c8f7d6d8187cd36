import { existsSync, readFileSync } from 'node:fs';

/**
 * The folder of real files, if they are next to the project: `../shared/data/openfootball`, seen from the project or
 * from a worktree of it. Undefined otherwise.
 */
const FOLDER = ['../../../shared', '../../../../shared']
  .map((shared) => new URL(`${shared}/data/openfootball/`, import.meta.url))
  .find((folder) => existsSync(folder));

export const hasRealFiles = FOLDER !== undefined;

/** @returns the text of a real file. @throws Error when there are no real files */
export function realFile(name: string): string {
  if (!FOLDER) throw new Error('there are no real files beside the project');
  return readFileSync(new URL(name, FOLDER), 'utf8');
}
