import { CHAT_TOPIC } from './chat.ts';
import { MATCHES_TOPIC } from './matches.ts';
import { TEAMS_TOPIC } from './teams.ts';
import { USERS_TOPIC } from './users.ts';

/** Every topic of the event log, and for how many days its events are kept; null for ever. */
export const TOPICS: readonly { readonly name: string; readonly retentionDays: number | null }[] = [
  { name: USERS_TOPIC, retentionDays: 30 },
  { name: TEAMS_TOPIC, retentionDays: 30 },
  { name: MATCHES_TOPIC, retentionDays: null },
  { name: CHAT_TOPIC, retentionDays: 90 },
];
