import { randomUUID } from 'node:crypto';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import type { Cases } from '../../test/cases.ts';

export const cases: Cases = {
  borders: {
    guest: '{ room(id: "x") { id } }',
    viewer: [
      `{ roomAudience(roomId: "${toGlobalId('Room', randomUUID())}") { key } }`,
      'mutation { sendMessage(input: { roomId: "x", clientMessageId: "1", text: "x" }) { message { id } } }',
      'mutation { markRoomRead(input: { roomId: "x", seq: 1 }) { room { id } } }',
    ],
  },
};
