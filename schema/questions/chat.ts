import { z } from 'zod';
import { defineQuestion, defineWhich } from '../../platform/questions/definition.ts';

/**
 * Asks by a message's global id for its text. Null when there is no such message, or the viewer may not read its room
 * as a member.
 */
export const TextOfMessage = defineQuestion({
  to: 'chat',
  field: 'messageTextsOfViewer',
  argument: 'ids',
  type: 'ID!',
  item: z.string(),
  answer: z.string().nullable(),
});

/** Asks by a file's global id whether a message that the viewer may read has the file as an attachment. */
export const AttachmentReadable = defineWhich({ to: 'chat', field: 'attachmentsReadable', argument: 'among' });
