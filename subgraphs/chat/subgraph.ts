import { defineSubgraph } from '../../platform/manifest/manifest.ts';
import { Chat } from '../../schema/messages/chat.ts';

/** Chat rooms of teams and matches, and their messages. */
export default defineSubgraph({
  name: 'chat',
  port: 4004,
  module: async () => (await import('./chat.module.ts')).ChatModule,
  rateLimits: { sendMessage: { count: 300, seconds: 60, by: 'user, in all rooms together' } },
  topics: [Chat],
  asks: ['teams'],
  answersNode: true,
  nodes: { Room: ['Room'], Message: ['Message'], RoomEvent: ['MessageSent', 'MemberJoined', 'MemberLeft'] },
  personalData: { 'RoomMember.userId': 'deleted', 'RoomEvent.userId': 'anonymised', 'RoomEvent.text': 'deleted' },
  notPersonal: { 'Room.id': 'made from the id of a team or a match', 'Room.subjectId': 'a team or a match' },
});
