import type { OnDeletion } from './manifest.ts';

/** Personal data in the tables that all services have in common (`models.prisma` of the platform). */
export const PLATFORM_DATA: Readonly<Record<string, OnDeletion>> = {
  'OutboxMessage.payload': {
    kept: 'until a day after it was published; what cannot be published waits for an operator',
  },
  'InboxParked.event': { kept: 'until an operator hands it over again or drops it' },
  'Timer.payload': { kept: 'until it fires or is cancelled; its handler looks at the state first' },
};
export const PLATFORM_NOT_PERSONAL: Readonly<Record<string, string>> = {
  'OutboxMessage.eventId': 'an event',
  'OutboxLease.name': 'a task',
  'OutboxLease.holder': 'a process',
  'Timer.name': 'a kind of timer',
  'Timer.id': 'one setting of it',
  'RebuildRun.id': 'a run',
  'RebuildRun.name': 'a projection',
  'RebuildRun.figures': 'numbers',
};
