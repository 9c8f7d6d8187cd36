import type { Type } from '@nestjs/common';
import type { Use } from '../platform/config.ts';

export interface Subgraph {
  /** Modules load on demand: a process pays only for what it hosts. */
  load(): Promise<Type>;
  /** Beside what every subgraph uses: its database, the event log, signatures. In full mode a process is given the secrets of what it uses only. */
  readonly uses: readonly Use[];
}

/** The one list of subgraphs. */
export const subgraphs: Readonly<Record<string, Subgraph>> = {
  users: { load: async () => (await import('./users/users.module.ts')).UsersModule, uses: ['jobQueue', 'accounts'] },
  teams: { load: async () => (await import('./teams/teams.module.ts')).TeamsModule, uses: ['cache'] },
  matches: { load: async () => (await import('./matches/matches.module.ts')).MatchesModule, uses: [] },
  chat: { load: async () => (await import('./chat/chat.module.ts')).ChatModule, uses: [] },
};
