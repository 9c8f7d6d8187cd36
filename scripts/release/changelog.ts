import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema } from 'graphql';
import { withSection } from '../derived/section.ts';
import { type ApiChanges, changesBetween } from './changes.ts';

const ROOT = path.join(import.meta.dirname, '../..');
/** The API of the newest release. Only `npm run release` may write this file. */
export const RELEASED = 'schema/released.graphql';
export const API = 'schema/api.graphql';
/**
 * The file of the intended breaking changes since the release, one sentence per line. A line that begins with # is a
 * comment.
 */
export const ACCEPTED = 'schema/accepted-changes.txt';

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

const HEADINGS: Readonly<Record<keyof ApiChanges, string>> = {
  breaking: 'Breaking',
  dangerous: 'May surprise a client',
  added: 'Added',
  changed: 'Changed, and every valid operation stays valid',
  deprecated: 'Deprecated',
};

/** The changes of the API since the newest release. */
export const changesSinceRelease = (): ApiChanges =>
  changesBetween(buildSchema(read(RELEASED)), buildSchema(read(API)));

/** Markdown sections, one per kind of change; an empty text when nothing has changed. */
export function changesText(changes: ApiChanges): string {
  const kinds = Object.entries(HEADINGS) as [keyof ApiChanges, string][];
  return kinds
    .filter(([kind]) => changes[kind].length > 0)
    .map(([kind, heading]) => `### ${heading}\n\n${changes[kind].map((sentence) => `- ${sentence}\n`).join('')}`)
    .join('\n');
}

/** Puts these changes into the text of CHANGELOG.md, as the list of unreleased changes. */
export const changelogWith = (text: string, changes: ApiChanges): string =>
  withSection(text, 'unreleased', `\n${changesText(changes) || 'Nothing has changed.\n'}\n`);

/**
 * Divides CHANGELOG.md into the text up to the end of the generated list, the notes that somebody wrote below the list,
 * and the releases.
 * @throws Error when there is no such list
 */
function partsOf(text: string): { readonly head: string; readonly notes: string; readonly releases: string } {
  const end = /^.*\bend of unreleased\b.*\n/m.exec(text);
  if (!end) throw new Error('CHANGELOG.md has no line "end of unreleased"');
  const [head, rest] = [text.slice(0, end.index + end[0].length), text.slice(end.index + end[0].length)];
  const heading = rest.search(/^## /m);
  return {
    head,
    notes: (heading < 0 ? rest : rest.slice(0, heading)).trim(),
    releases: heading < 0 ? '' : rest.slice(heading),
  };
}

/**
 * CHANGELOG.md after a release: the unreleased changes and the notes below them get the version and the date.
 * @param date `YYYY-MM-DD`
 */
export function changelogReleased(text: string, version: string, date: string, changes: ApiChanges): string {
  const { head, notes, releases } = partsOf(text);
  const none: ApiChanges = { breaking: [], dangerous: [], added: [], changed: [], deprecated: [] };
  return [changelogWith(head, none), `## ${version} - ${date}\n`, notes && `${notes}\n`, changesText(changes), releases]
    .filter(Boolean)
    .join('\n');
}

/** The notes below the generated list of unreleased changes. */
export const notesIn = (text: string): string => partsOf(text).notes;

/** The versions in CHANGELOG.md, newest first. */
export const versionsIn = (text: string): string[] =>
  [...text.matchAll(/^## (\d+\.\d+\.\d+) - /gm)].map(([, version = '']) => version);

/**
 * Compares the breaking changes with the accepted ones.
 * @returns a line for each breaking change that nobody accepted, and for each accepted line that is not a breaking
 * change
 */
export function checkAccepted(changes = changesSinceRelease(), text = read(ACCEPTED)): string[] {
  const accepted = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return [
    ...changes.breaking
      .filter((sentence) => !accepted.includes(sentence))
      .map((sentence) => `${sentence} (if the change is intended, add it to ${ACCEPTED}, word for word)`),
    ...accepted
      .filter((sentence) => !changes.breaking.includes(sentence))
      .map((sentence) => `${ACCEPTED}: ${sentence} This is not a breaking change since the release; remove the line.`),
  ];
}
