import { z } from 'zod';
import { defineTimer } from '../../platform/messaging/timers/definition.ts';

/**
 * Expires an invitation that nobody answered. The key of the timer is the invitation's id. The timer of an answered
 * invitation is not cancelled: it fires and changes nothing.
 */
export const ExpireInvitation = defineTimer({
  name: 'expire-invitation',
  version: 1,
  payload: z.object({ invitationId: z.uuid() }),
});
