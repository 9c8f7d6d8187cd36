// npm run release: see HELP.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  ACCEPTED,
  API,
  changelogReleased,
  changesSinceRelease,
  changesText,
  checkAccepted,
  notesIn,
  RELEASED,
  versionsIn,
} from './changelog.ts';
import { refusal } from './version.ts';

const HELP = `npm run release -- VERSION

Releases the public API. CHANGELOG.md gets a section with the version, today's date (UTC) and the changes since the
previous release. Notes below the list of unreleased changes move there too. ${RELEASED} becomes ${API}, and ${ACCEPTED} is emptied.
Commit the three files together.

  VERSION  such as 0.2.0: higher than the newest. A breaking change raises the first number, or the second while the
           first is 0.

Exit codes: 0 done, 1 refused and nothing written, 2 wrong usage.`;

const ROOT = path.join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const write = (file: string, text: string): void => writeFileSync(path.join(ROOT, file), text);

function end(code: 1 | 2, ...lines: readonly string[]): never {
  for (const line of lines) console.error(line);
  process.exit(code);
}

function versionAsked(): string {
  try {
    const {
      values,
      positionals: [version, ...more],
    } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean', short: 'h' } } });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    if (version === undefined || more.length > 0 || !/^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}$/.test(version))
      return end(2, 'npm run release -- VERSION, such as 0.2.0; --help says more');
    return version;
  } catch (error) {
    return end(2, error instanceof Error ? error.message : String(error));
  }
}

const version = versionAsked();
const changelog = read('CHANGELOG.md');
const changes = changesSinceRelease();
if (changesText(changes) === '' && notesIn(changelog) === '')
  end(1, `Nothing has changed since ${versionsIn(changelog)[0]}.`);
const why = refusal(version, versionsIn(changelog)[0], changes.breaking.length > 0);
if (why) end(1, why);
const problems = checkAccepted(changes);
if (problems.length > 0) end(1, ...problems);

const comments = read(ACCEPTED)
  .split('\n')
  .filter((line) => line.startsWith('#'))
  .map((line) => `${line}\n`)
  .join('');
write('CHANGELOG.md', changelogReleased(changelog, version, new Date().toISOString().slice(0, 10), changes));
write(RELEASED, read(API));
write(ACCEPTED, comments);
console.log(`Released ${version}. Commit CHANGELOG.md, ${RELEASED} and ${ACCEPTED} together.`);
