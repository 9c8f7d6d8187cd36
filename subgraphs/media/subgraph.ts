import { defineSubgraph } from '../../platform/manifest/manifest.ts';
import { Media, MediaProcessor } from '../../schema/messages/media.ts';

/**
 * Pictures and videos that people upload. The storage has the content; this subgraph's database has everything else.
 */
export default defineSubgraph({
  name: 'media',
  port: 4007,
  module: async () => (await import('./media.module.ts')).MediaModule,
  uses: ['jobQueue', 'storage'],
  health: ['jobQueue'],
  rateLimits: {
    createUpload: { count: 300, seconds: 3_600, by: 'user' },
    changeMedia: { count: 300, seconds: 3_600, by: 'user; failed attempts count too' },
  },
  topics: [Media],
  queues: [MediaProcessor],
  asks: ['teams', 'matches', 'chat'],
  answersNode: true,
  nodes: { MediaFile: ['MediaFile'] },
  personalData: { 'Owner.userId': 'deleted', 'MediaFile.ownerId': 'deleted', 'MediaEvent.ownerId': 'deleted' },
  notPersonal: {
    'FileUse.subjectId': 'a user, a team or a match',
    'MediaFile.contentType': 'such as image/jpeg',
    'MediaFile.height': 'pixels',
  },
});
