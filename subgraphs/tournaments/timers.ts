import { z } from 'zod';
import { defineTimer } from '../../platform/messaging/timers/definition.ts';

const payload = z.object({ tournamentId: z.uuid() });

/** Closes the registration of a tournament. */
export const RegistrationCloses = defineTimer({ name: 'registration-closes', version: 1, payload });
/** Ends the check-in of a tournament. */
export const CheckInCloses = defineTimer({ name: 'check-in-closes', version: 1, payload });
/** Withdraws an entry of a team that was disbanded. The key is the entry's id. */
export const WithdrawDisbanded = defineTimer({
  name: 'withdraw-disbanded',
  version: 1,
  payload: z.object({ entryId: z.uuid() }),
});
/**
 * Brings tables and brackets up to date with the stored results. Results that arrive while the timer waits are
 * included, and need no second timer.
 */
export const CourseIsDue = defineTimer({
  name: 'course-is-due',
  version: 1,
  /**
   * `since` is when the subgraph matches recorded the first of these results. Timers of older programs do not have it.
   */
  payload: payload.extend({ since: z.iso.datetime().optional() }),
});
