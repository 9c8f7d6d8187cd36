import type { Mailing } from '../generated/prisma/client.ts';

const HOUR_MS = 3_600_000;

/** The largest number of recipients of a mailing. */
export const MOST_PEOPLE = 50_000;
/**
 * How often `startMailing` may succeed within {@link DAY_MS}: for one author, and about one tournament or team. A mailing
 * that starts later counts from the call.
 */
export const MOST_A_DAY = { author: 10, subject: 3 } as const;
export const DAY_MS = 24 * HOUR_MS;
/** An e-mail that is overdue for longer than this is not sent, because its text would be old news. Milliseconds. */
export const LATE_MS = 12 * HOUR_MS;

/** The states of entries that a value of the schema's enum `MailingEntries` means. */
export const ENTRY_STATES = { CONFIRMED: ['ACCEPTED', 'CHECKED_IN'], WAIT_LISTED: ['WAITING'] } as const;
export type Entries = keyof typeof ENTRY_STATES;
export const ENTRIES = Object.keys(ENTRY_STATES) as [Entries, ...Entries[]];

/** The tournament or team whose people are the recipients of a mailing. */
export interface About {
  readonly type: 'Tournament' | 'Team';
  readonly id: string;
}

/** What decides who the recipients of a mailing are. */
export interface Audience extends About {
  /** The states of entries whose teams belong to the audience of a tournament. Empty for a team. */
  readonly entryStates: readonly string[];
}

export const aboutOf = ({ subjectType, subjectId }: Pick<Mailing, 'subjectType' | 'subjectId'>): About => ({
  type: subjectType as About['type'],
  id: subjectId,
});
export const audienceOf = (mailing: Pick<Mailing, 'subjectType' | 'subjectId' | 'entryStates'>): Audience => ({
  ...aboutOf(mailing),
  entryStates: mailing.entryStates,
});

/** Why the service ends a mailing early. */
export type StopReason = 'RIGHT_LOST' | 'TOURNAMENT_CANCELLED' | 'TOO_LATE' | 'TOO_MANY_PEOPLE';
/** What a running mailing waits for. */
export type WaitReason = 'MAIL_AWAY' | 'ADDRESSES_AWAY' | 'RIGHTS_AWAY' | 'LATER';

/** The states of a mailing that has not ended. */
const OPEN = ['DRAFT', 'SCHEDULED', 'RUNNING', 'PAUSED'] as const satisfies readonly Mailing['state'][];
export const isOpen = ({ state }: Pick<Mailing, 'state'>): boolean => (OPEN as readonly string[]).includes(state);
