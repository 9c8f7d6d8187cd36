import { z } from 'zod';
import { from } from '../../platform/messaging/definitions.ts';
import { defineTimer } from '../../platform/messaging/timers/definition.ts';

/** Deletes an upload that was not completed in time. The key of the timer is the file's id. */
export const UploadExpires = defineTimer({
  name: 'upload-expires',
  version: 1,
  payload: z.object({ fileId: z.uuid() }),
});

const objects = z.object({
  /** The key of the uploaded object. */
  uploadKey: z.string(),
  /** The storage's id of an upload in parts; null for an upload with one request. */
  uploadId: z.string().nullable(),
  /** The folder of the pictures and the video. */
  folder: z.string().nullable(),
});

/**
 * Deletes the objects of a file that no row names: its upload, and everything in its folder except its pictures and its
 * video. If the storage fails, the timer is tried again. It fires twice: at once, and when no link to the upload is
 * valid any more and no worker can still write pictures. The key of the timer is the id of the file.
 */
export const ObjectsGo = defineTimer({
  name: 'objects-go',
  version: 2,
  payload: objects.extend({ isLast: z.boolean() }),
  // A null folder of version 1 means that the pictures stay. In version 2 the pictures of a file always stay.
  upcast: { 1: from(objects, (old) => ({ ...old, isLast: false })) },
});

/** Deletes uploads in parts that no row names. The service has one such timer, with the key `all`. */
export const PartsExpire = defineTimer({ name: 'parts-expire', version: 1, payload: z.object({}) });

/** Deletes events older than 30 days. The service has one such timer, with the key `all`. */
export const EventsExpire = defineTimer({ name: 'events-expire', version: 1, payload: z.object({}) });
