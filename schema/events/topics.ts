import { CHAT_TOPIC } from './chat.ts';
import { MATCHES_TOPIC } from './matches.ts';
import { TEAMS_TOPIC } from './teams.ts';
import { USERS_TOPIC } from './users.ts';

/** Every topic of the event log. */
export const TOPICS: readonly string[] = [USERS_TOPIC, TEAMS_TOPIC, MATCHES_TOPIC, CHAT_TOPIC];
