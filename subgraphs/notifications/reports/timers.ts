import { z } from 'zod';
import { defineTimer } from '../../../platform/messaging/timers/definition.ts';

/**
 * Fails a report that was not written in time, deletes the file of a report 7 days after it was written, and the report
 * 30 days after its request. The key of the timer is the report's id.
 */
export const ReportAges = defineTimer({
  name: 'report-ages',
  version: 1,
  payload: z.object({ userId: z.uuid(), reportId: z.uuid() }),
});
