import { defineSubgraph } from '../../platform/manifest/manifest.ts';
import { Chat, MissedChat } from '../../schema/messages/chat.ts';

/** Chat rooms of teams and matches, and their messages. */
export default defineSubgraph({
  name: 'chat',
  port: 4004,
  module: async () => (await import('./chat.module.ts')).ChatModule,
  rateLimits: {
    sendMessage: { count: 300, seconds: 60, by: 'user, in all rooms together' },
    markRoomRead: { count: 600, seconds: 60, by: 'user, in all rooms together; failed attempts count too' },
  },
  topics: [Chat, MissedChat],
  asks: ['teams', 'users'],
  nodes: { Room: ['Room'], Message: ['Message'], RoomEvent: ['MessageSent', 'MemberJoined', 'MemberLeft'] },
  personalData: {
    'RoomMember.userId': 'deleted',
    'ReadMark.userId': 'deleted',
    'Reader.userId': 'deleted',
    'RoomEvent.userId': 'anonymised',
    'RoomEvent.text': 'deleted',
    'RoomEvent.attachmentIds': 'deleted',
    'KnownFile.ownerId': 'deleted',
  },
  notPersonal: {
    'KnownFile.id': 'a file',
    'Room.id': 'made from the id of a team or a match',
    'Room.subjectId': 'a team or a match',
  },
});
