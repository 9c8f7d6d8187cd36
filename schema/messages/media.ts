import { z } from 'zod';
import { defineEvent, defineJob, defineQueue, defineTopic } from '../../platform/messaging/definitions.ts';

/** Changes of people's files. The key is the owner's id, so that `seq` counts the events of one person. */
export const Media = defineTopic({ name: 'media.v1', partitions: 8, retentionHours: 30 * 24, cleanup: 'delete' });

/** A file was created, changed its state, or was deleted. `state` is the new state; null for a deleted file. */
export const MediaFileChanged = defineEvent({
  topic: Media,
  type: 'MediaFileChanged',
  version: 1,
  key: 'ownerId',
  payload: z.object({
    ownerId: z.uuid(),
    fileId: z.uuid(),
    kind: z.string(),
    state: z.enum(['UPLOADING', 'PROCESSING', 'READY', 'REJECTED']).nullable(),
    at: z.iso.datetime(),
  }),
});

/** The queue of uploaded files to check and to make pictures of. */
export const MediaProcessor = defineQueue({ name: 'media-processor', maxDeliveries: 6, retryDelayMs: 2000 });

/** Checks an uploaded file by its content and makes its pictures. Does nothing for a finished or deleted file. */
export const ProcessMedia = defineJob({
  queue: MediaProcessor,
  kind: 'ProcessMedia',
  reachesPeople: false,
  version: 1,
  payload: z.object({ fileId: z.uuid() }),
});
