import { z } from 'zod';
import { defineEvent, defineTopic } from '../../platform/messaging/definitions.ts';

/** The steps of generations. They have no texts, so the event log keeps neither prompts nor answers. */
export const Ai = defineTopic({ name: 'ai.v1', partitions: 8, retentionHours: 24, cleanup: 'delete' });

/** Text of a generation was added or discarded, or the generation has ended. */
export const GenerationEventRecorded = defineEvent({
  topic: Ai,
  type: 'GenerationEventRecorded',
  version: 1,
  key: 'generationId',
  payload: z.object({ generationId: z.uuid(), kind: z.enum(['TEXT', 'DISCARDED', 'DONE', 'FAILED']) }),
});
