import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { OnDeletion } from '../platform/manifest/manifest.ts';
import { defineSubgraph } from '../platform/manifest/manifest.ts';
import { subgraphs } from '../subgraphs/registry.ts';
import { checkPersonalData, columnsIn, errorsIn } from './personal-data.ts';

const THINGS = new Set(['team', 'match', 'event']);
const NOTHING = { personalData: {}, notPersonal: {} };
/** The fields of a model that the check reports as undeclared. */
const undeclared = (
  fields: string,
  declared: { personalData: Record<string, OnDeletion>; notPersonal: Record<string, string> } = NOTHING,
  more = '',
): string[] =>
  errorsIn('polls', columnsIn(`model Poll {\n${fields}\n}\n${more}`), declared, THINGS).map(
    (line) => /column Poll\.(\w+)/.exec(line)?.[1] ?? line,
  );

describe('a column that is not listed', () => {
  it("is refused when it is named like a person's id, whatever its type", () => {
    const ids = [
      'userId',
      'authorId',
      'organizerId',
      'refereeId',
      'recordedBy',
      'createdById',
      'deletedBy',
      'captainId',
      'coachId',
      'memberIds',
      'invitedUserId',
      'participantId',
      'accountId',
      'personId',
      'sub',
      'guardianId',
    ];
    assert.deepEqual(undeclared(ids.map((id) => `  ${id} String`).join('\n')), ids);
    assert.deepEqual(undeclared(ids.map((id) => `  ${id} String[] @db.Uuid`).join('\n')), ids);
  });

  it('is refused when it is an id of no known entity', () => {
    assert.deepEqual(
      undeclared(
        '  id String @id @default(uuid(7)) @db.Uuid\n  teamId String @db.Uuid\n  homeTeamId String? @map("home") @db.Uuid\n  eventId String @db.Uuid',
      ),
      [],
    );
    assert.deepEqual(undeclared('  id String @id @db.Uuid\n  winner String @db.Uuid\n  subjectId String @db.Uuid'), [
      'id',
      'winner',
      'subjectId',
    ]);
  });

  it("is refused when it refers to a person's row of the same schema", () => {
    const guests = 'model Guest {\n  id String @id @default(uuid(7)) @db.Uuid\n}\n';
    const fields = '  placeId String @db.Uuid\n  place Guest @relation(fields: [placeId], references: [id])';
    assert.deepEqual(undeclared(fields, { personalData: { 'Guest.id': 'deleted' }, notPersonal: {} }, guests), [
      'placeId',
    ]);
    assert.deepEqual(undeclared(fields, { personalData: {}, notPersonal: { 'Guest.id': 'a table' } }, guests), []);
  });

  it("is refused when its name is one of a person's attributes, or its text is written by a person", () => {
    const texts = [
      'email',
      'displayName',
      'name',
      'text',
      'ipAddress',
      'userAgent',
      'bio',
      'messageText',
      'photoUrl',
      'reason',
    ];
    assert.deepEqual(undeclared(texts.map((field) => `  ${field} String?`).join('\n')), texts);
    assert.deepEqual(
      undeclared(
        '  birthDate DateTime @db.Date\n  gender Gender\n  phoneNumber Int\n  anything Json?\n  file Bytes\n  at String @db.Inet',
      ),
      ['birthDate', 'gender', 'phoneNumber', 'anything', 'file', 'at'],
    );
    assert.deepEqual(
      undeclared(
        '  // email String\n  noteCount Int\n  clientMessageId String\n  round String\n  kickoffAt DateTime\n  page Int\n\n  @@index([round])',
      ),
      [],
    );
  });
});

describe('a listed column', () => {
  it('has to exist, once, with a reason', () => {
    const fields = '  userId String\n  folderId String';
    assert.deepEqual(
      undeclared(fields, {
        personalData: { 'Poll.userId': { kept: 'the law' } },
        notPersonal: { 'Poll.folderId': 'a folder' },
      }),
      [],
    );
    assert.deepEqual(
      undeclared(fields, {
        personalData: { 'Poll.userId': 'deleted', 'Poll.gone': 'deleted' },
        notPersonal: { 'Poll.folderId': 'a folder', 'Other.userId': 'x' },
      }),
      ['polls lists Poll.gone, and there is no such column', 'polls lists Other.userId, and there is no such column'],
    );
    assert.deepEqual(
      undeclared(fields, {
        personalData: { 'Poll.userId': { kept: ' ' } },
        notPersonal: { 'Poll.folderId': '', 'Poll.userId': 'x' },
      }),
      ['polls lists Poll.userId as personal and as not personal', 'polls does not say why of Poll.folderId'],
    );
  });
});

describe('the manifests', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'personal-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('list what the schemas have', () => assert.deepEqual(checkPersonalData(Object.values(subgraphs)), []));

  it("must list a new column, in the subgraph's own models only", async () => {
    await cp(path.join(import.meta.dirname, '../prisma'), directory, { recursive: true });
    await mkdir(path.join(directory, 'polls'));
    await writeFile(
      path.join(directory, 'polls/schema.prisma'),
      'model Vote {\n  voterId String @db.Uuid\n  roomId String @db.Uuid\n}\n',
    );
    await writeFile(path.join(directory, 'common.prisma'), 'model Common {\n  userId String\n}\n');
    await symlink('../common.prisma', path.join(directory, 'polls/common.prisma'));
    const polls = defineSubgraph({ name: 'polls', port: 4009, module: async () => class {}, personalData: {} });
    const outcome = checkPersonalData([...Object.values(subgraphs), polls], directory).filter((line) =>
      line.startsWith('subgraphs/polls/'),
    );
    assert.deepEqual(outcome, [
      'subgraphs/polls/subgraph.ts: column Vote.voterId is named like somebody’s id: list it in personalData with what happens to it when the person is deleted, or list it in notPersonal with its meaning',
    ]);
  });
});
