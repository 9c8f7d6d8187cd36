import type { Type } from '@nestjs/common';

/** The one list of subgraphs. Modules load on demand: a process pays only for what it hosts. */
export const subgraphs: Readonly<Record<string, () => Promise<Type>>> = {
  users: async () => (await import('./users/users.module.ts')).UsersModule,
  teams: async () => (await import('./teams/teams.module.ts')).TeamsModule,
  matches: async () => (await import('./matches/matches.module.ts')).MatchesModule,
  chat: async () => (await import('./chat/chat.module.ts')).ChatModule,
};
