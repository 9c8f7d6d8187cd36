import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { changelogReleased, changelogWith, changesText, checkAccepted, notesIn, versionsIn } from './changelog.ts';
import { changesBetween } from './changes.ts';
import { refusal } from './version.ts';
import { afterTest } from '../../test/after-test.ts';

const ROOT = path.join(import.meta.dirname, '../..');

const BEFORE = buildSchema(`
  type Query { team(id: ID): Team, teams(first: Int = 20, after: String): [Team], old: Int }
  type Team { id: ID!, name: String, sport: Sport!, city: String! }
  enum Sport { FOOTBALL, HOCKEY }
  input TeamInput { name: String!, size: Int = 5 }
`);
const AFTER = buildSchema(`
  directive @defer on FIELD
  type Query { team(id: ID!): Team, teams(first: Int = 10, after: String, sport: Sport): [Team], old: Int @deprecated(reason: "Ask for team."), venue: Venue }
  type Team { id: ID!, name: String!, sport: Sport!, city: String, motto: String }
  enum Sport { FOOTBALL, HOCKEY, PADEL }
  input TeamInput { name: String, size: Int = 6, motto: String }
  type Venue { id: ID! }
`);
const NONE = changesBetween(BEFORE, BEFORE);
const CHANGELOG =
  'Title\n\n## Unreleased\n\n<!-- generated: unreleased -->\n<!-- end of unreleased -->\n\nNotes, by hand.\n\n## 0.1.0 - 2026-01-01\n\nFirst.\n';

describe('the changes between two versions of the API', () => {
  it('are listed, each once, harmless ones included', () => {
    assert.deepEqual(changesBetween(BEFORE, AFTER), {
      breaking: [
        'Query.team arg id has changed type from ID to ID!.',
        'Team.city changed type from String! to String.',
      ],
      dangerous: [
        'An optional arg sport on Query.teams was added.',
        'An optional field motto on input type TeamInput was added.',
        'PADEL was added to enum type Sport.',
        'Query.teams arg first has changed defaultValue from 20 to 10.',
      ],
      added: ['@defer was added.', 'Query.venue was added.', 'Team.motto was added.', 'Venue was added.'],
      changed: [
        'Team.name changed type from String to String!.',
        'TeamInput.name changed type from String! to String.',
        'TeamInput.size has changed defaultValue from 5 to 6.',
      ],
      deprecated: ['Query.old is deprecated: Ask for team.'],
    });
    assert.deepEqual(changesBetween(AFTER, BEFORE).deprecated, ['Query.old is no longer deprecated.']);
    assert.equal(changesText(NONE), '');
  });
});

describe('CHANGELOG.md', () => {
  it('lists the unreleased changes; a release gives them and the notes a version and a date', () => {
    const changes = changesBetween(BEFORE, AFTER);
    const text = changelogWith(CHANGELOG, changes);
    assert.match(text, /### Breaking\n\n- Query\.team arg id has changed/);
    assert.equal(notesIn(text), 'Notes, by hand.');
    const released = changelogReleased(text, '0.2.0', '2026-02-01', changes);
    assert.match(
      released,
      /^Title\n\n## Unreleased\n\n<!-- generated: unreleased -->\n\nNothing has changed\.\n\n<!-- end of unreleased -->\n\n## 0\.2\.0 - 2026-02-01\n\nNotes, by hand\.\n\n### Breaking\n\n- Query/,
    );
    assert.ok(
      released.endsWith('- Query.old is deprecated: Ask for team.\n\n## 0.1.0 - 2026-01-01\n\nFirst.\n'),
      released,
    );
    assert.deepEqual([versionsIn(released), notesIn(released)], [['0.2.0', '0.1.0'], '']);
    assert.equal(changelogWith(released, NONE), released, 'what a release writes is what npm run generate writes');
  });

  it('can have its first release', () => {
    const first = changelogReleased(
      '## Unreleased\n<!-- generated: unreleased -->\n<!-- end of unreleased -->\nNotes.\n',
      '1.0.0',
      '2026-02-01',
      NONE,
    );
    assert.deepEqual([versionsIn(first), notesIn(first)], [['1.0.0'], '']);
    assert.ok(first.endsWith('## 1.0.0 - 2026-02-01\n\nNotes.\n'), first);
  });
});

describe('a breaking change', () => {
  it('is refused until it is accepted word for word; an accepted change that does not exist is refused too', () => {
    const changes = changesBetween(BEFORE, AFTER);
    const [first = '', second = ''] = changes.breaking;
    assert.equal(checkAccepted(changes, `# why\n\n${first}\n${second}\n`).length, 0);
    const [missing, stale, ...more] = checkAccepted(changes, `${first}\nTeam was removed.\n`);
    assert.ok(
      missing?.startsWith(second) && stale?.includes('Team was removed.') && more.length === 0,
      `${missing} ${stale}`,
    );
  });

  it('raises the first number, or the second while the first is 0', () => {
    for (const [version, newest, isBreaking] of [
      ['0.2.0', '0.1.9', true],
      ['1.0.0', '0.1.9', true],
      ['2.0.0', '1.9.9', true],
      ['1.2.0', '1.1.5', false],
      ['1.1.6', '1.1.5', false],
      ['0.10.0', '0.9.0', true],
      ['0.1.0', undefined, true],
    ] as const) {
      assert.equal(refusal(version, newest, isBreaking), undefined, `${version} after ${newest}`);
    }
    for (const [version, newest, isBreaking] of [
      ['0.1.1', '0.1.0', true],
      ['1.2.0', '1.1.0', true],
      ['0.1.0', '0.1.0', false],
      ['0.9.0', '0.10.0', false],
      ['0.9.9', '1.0.0', false],
    ] as const) {
      assert.ok(refusal(version, newest, isBreaking), `${version} after ${newest}`);
    }
  });
});

/** A folder with the command's input files, and its own copy of the code. */
function project(): {
  root: string;
  read(file: string): string;
  release(...args: string[]): { status: number | null; said: string };
} {
  const root = mkdtempSync(path.join(tmpdir(), 'prodvor-release-'));
  afterTest(() => rmSync(root, { recursive: true, force: true }));
  for (const part of [
    'scripts/release',
    'scripts/derived/section.ts',
    'loader.mjs',
    'package.json',
    '.swcrc',
    'tsconfig.json',
  ])
    cpSync(path.join(ROOT, part), path.join(root, part), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(root, 'node_modules'));
  mkdirSync(path.join(root, 'schema'));
  writeFileSync(path.join(root, 'CHANGELOG.md'), CHANGELOG.replace('\nNotes, by hand.\n', ''));
  writeFileSync(path.join(root, 'schema/released.graphql'), 'type Query { a: Int, b: Int }\n');
  writeFileSync(path.join(root, 'schema/api.graphql'), 'type Query { a: Int, b: Int }\n');
  writeFileSync(path.join(root, 'schema/accepted-changes.txt'), '# Comment.\n');
  return {
    root,
    read: (file) => readFileSync(path.join(root, file), 'utf8'),
    release(...args) {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['--import', path.join(root, 'loader.mjs'), path.join(root, 'scripts/release/command.ts'), ...args],
        { cwd: root, encoding: 'utf8', timeout: 60_000 },
      );
      return { status, said: `${stdout}${stderr}`.trim() };
    },
  };
}

describe('npm run release', () => {
  it('updates the released API, and writes nothing when it refuses', () => {
    const { root, read, release } = project();
    for (const args of [[], ['1'], ['v1.0.0'], ['01.0.0'], ['1.0.0', '2.0.0'], ['--wrong']]) {
      const { status, said } = release(...args);
      assert.deepEqual([status, said.split('\n').length], [2, 1], said);
    }
    assert.deepEqual(release('0.2.0'), { status: 1, said: 'Nothing has changed since 0.1.0.' });

    const API = 'type Query { a: Int, c: Int }\n';
    writeFileSync(path.join(root, 'schema/api.graphql'), API);
    assert.match(release('0.1.1').said, /raise the second number/);
    assert.match(release('0.1.0').said, /not higher/);
    const unaccepted = release('0.2.0');
    assert.deepEqual(
      [unaccepted.status, unaccepted.said],
      [1, 'Query.b was removed. (if the change is intended, add it to schema/accepted-changes.txt, word for word)'],
    );
    assert.deepEqual(
      [read('CHANGELOG.md'), read('schema/released.graphql')],
      [CHANGELOG.replace('\nNotes, by hand.\n', ''), 'type Query { a: Int, b: Int }\n'],
    );

    writeFileSync(path.join(root, 'schema/accepted-changes.txt'), '# Comment.\nQuery.b was removed.\n');
    assert.equal(release('0.2.0').status, 0);
    assert.deepEqual([read('schema/released.graphql'), read('schema/accepted-changes.txt')], [API, '# Comment.\n']);
    assert.match(
      read('CHANGELOG.md'),
      /## 0\.2\.0 - \d{4}-\d\d-\d\d\n\n### Breaking\n\n- Query\.b was removed\.\n\n### Added\n\n- Query\.c was added\.\n\n## 0\.1\.0/,
    );
  });
});
