import { randomUUID } from 'node:crypto';
import type { Cases } from '../../test/cases.ts';

const picture = { kind: 'AVATAR', contentType: 'image/png', bytes: 1_000, checksum: `${'A'.repeat(43)}=` };

export const cases: Cases = {
  borders: {
    guest: '{ __typename }',
    viewer: [
      `mutation { createUpload(input: { clientId: "x", kind: AVATAR, contentType: "image/png", bytes: 1, checksum: "x" }) { file { id } } }`,
      'mutation { completeUpload(input: { fileId: "x" }) { file { id } } }',
      'mutation { deleteMediaFile(input: { fileId: "x" }) { fileId } }',
      'mutation { setAvatar(input: {}) { user { id } } }',
      'mutation { setTeamLogo(input: { teamId: "x" }) { team { id } } }',
      'mutation { addMatchPhotos(input: { matchId: "x", fileIds: ["x"] }) { match { id } } }',
      'mutation { removeMatchPhoto(input: { matchId: "x", fileId: "x" }) { match { id } } }',
      '{ mediaQuota { files } }',
    ],
  },
  async nodes(owner) {
    const create = 'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } } }';
    const { data } = await owner.execute<{ createUpload: { file: { id: string } } }>(create, {
      input: { clientId: randomUUID(), ...picture },
    });
    const id = data?.createUpload.file.id ?? '';
    return { MediaFile: { id, field: 'state', says: 'UPLOADING', root: 'mediaFile', seenBy: 'owner' } };
  },
  async lists(owner) {
    const create = 'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } } }';
    for (let n = 0; n < 2; n++) await owner.execute(create, { input: { clientId: randomUUID(), ...picture } });
    return [['Query.myMediaFiles', 'myMediaFiles(PAGE) { edges { cursor } }']];
  },
  texts: {
    'CreateUploadInput.clientId': 'for the client alone',
    'CreateUploadInput.contentType': 'the name of a content type that there is',
    'CreateUploadInput.checksum': 'a checksum',
  },
  writes: {
    createUpload: {
      clientId: 'clientId',
      input: picture,
      within: [],
      others: { kind: 'ATTACHMENT', contentType: 'image/jpeg', bytes: 1_001, checksum: `${'B'.repeat(42)}A=` },
      object: 'file { id }',
    },
  },
};
