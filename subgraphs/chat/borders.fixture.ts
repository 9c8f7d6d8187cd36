import { randomUUID } from 'node:crypto';
import { toGlobalId } from '../../platform/graphql/global-id.ts';

/** What product/borders.spec.ts asks the subgraph for: as a guest, and what wants somebody who is signed in. */
export const borders = {
  guest: '{ room(id: "x") { id } }',
  viewer: [
    `{ roomAudience(roomId: "${toGlobalId('Room', randomUUID())}") { key } }`,
    'mutation { sendMessage(input: { roomId: "x", clientMessageId: "1", text: "x" }) { message { id } } }',
  ],
};
