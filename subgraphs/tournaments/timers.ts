import { z } from 'zod';
import { defineTimer } from '../../platform/messaging/timers/definition.ts';

const payload = z.object({ tournamentId: z.uuid() });

/** Closes the registration of a tournament. */
export const RegistrationCloses = defineTimer({ name: 'registration-closes', version: 1, payload });
/** Ends the check-in of a tournament. */
export const CheckInCloses = defineTimer({ name: 'check-in-closes', version: 1, payload });
