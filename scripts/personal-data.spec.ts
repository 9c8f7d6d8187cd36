import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { OnDeletion } from '../platform/manifest/manifest.ts';
import { defineSubgraph } from '../platform/manifest/manifest.ts';
import { subgraphs } from '../subgraphs/registry.ts';
import { checkPersonalData, columnsIn, faultsOf } from './personal-data.ts';

const THINGS = new Set(['team', 'match', 'event']);
const NOTHING = { personalData: {}, notPersonal: {} };
/** The fields of a model that are not let pass undeclared. */
const found = (
  fields: string,
  declared: { personalData: Record<string, OnDeletion>; notPersonal: Record<string, string> } = NOTHING,
  more = '',
): string[] =>
  faultsOf('polls', columnsIn(`model Poll {\n${fields}\n}\n${more}`), declared, THINGS).map(
    (line) => /column Poll\.(\w+)/.exec(line)?.[1] ?? line,
  );

describe('a column that is not listed', () => {
  it('is refused when it is named like somebody’s id, whatever its type', () => {
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
    assert.deepEqual(found(ids.map((id) => `  ${id} String`).join('\n')), ids);
    assert.deepEqual(found(ids.map((id) => `  ${id} String[] @db.Uuid`).join('\n')), ids);
  });

  it('is refused when it is an id of nothing that is known', () => {
    assert.deepEqual(
      found(
        '  id String @id @default(uuid(7)) @db.Uuid\n  teamId String @db.Uuid\n  homeTeamId String? @map("home") @db.Uuid\n  eventId String @db.Uuid',
      ),
      [],
    );
    assert.deepEqual(found('  id String @id @db.Uuid\n  winner String @db.Uuid\n  subjectId String @db.Uuid'), [
      'id',
      'winner',
      'subjectId',
    ]);
  });

  it('is refused when it points to a person’s row of the same schema', () => {
    const guests = 'model Guest {\n  id String @id @default(uuid(7)) @db.Uuid\n}\n';
    const fields = '  placeId String @db.Uuid\n  place Guest @relation(fields: [placeId], references: [id])';
    assert.deepEqual(found(fields, { personalData: { 'Guest.id': 'deleted' }, notPersonal: {} }, guests), ['placeId']);
    assert.deepEqual(found(fields, { personalData: {}, notPersonal: { 'Guest.id': 'a table' } }, guests), []);
  });

  it('is refused when it is named like what people are told apart by, or is text of theirs', () => {
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
    assert.deepEqual(found(texts.map((field) => `  ${field} String?`).join('\n')), texts);
    assert.deepEqual(
      found(
        '  birthDate DateTime @db.Date\n  gender Gender\n  phoneNumber Int\n  anything Json?\n  file Bytes\n  at String @db.Inet',
      ),
      ['birthDate', 'gender', 'phoneNumber', 'anything', 'file', 'at'],
    );
    assert.deepEqual(
      found(
        '  // email String\n  noteCount Int\n  clientMessageId String\n  round String\n  kickoffAt DateTime\n  page Int\n\n  @@index([round])',
      ),
      [],
    );
  });
});

describe('what is listed', () => {
  it('has to be there, once, with a reason', () => {
    const fields = '  userId String\n  folderId String';
    assert.deepEqual(
      found(fields, {
        personalData: { 'Poll.userId': { kept: 'the law' } },
        notPersonal: { 'Poll.folderId': 'a folder' },
      }),
      [],
    );
    assert.deepEqual(
      found(fields, {
        personalData: { 'Poll.userId': 'deleted', 'Poll.gone': 'deleted' },
        notPersonal: { 'Poll.folderId': 'a folder', 'Other.userId': 'x' },
      }),
      ['polls lists Poll.gone, and there is no such column', 'polls lists Other.userId, and there is no such column'],
    );
    assert.deepEqual(
      found(fields, {
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

  it('are asked for what a new column needs, in the models of their own only', async () => {
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
      'subgraphs/polls/subgraph.ts: column Vote.voterId is named like somebody’s id: list it in personalData with what happens to it when the person is deleted, or in notPersonal with what it holds',
    ]);
  });
});
