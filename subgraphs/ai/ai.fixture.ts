import { randomUUID } from 'node:crypto';
import { startAiProvider } from '../../test/ai-provider/server.ts';
import type { ModelSettings } from '../../platform/model/settings.ts';
import { Timers } from '../../platform/messaging/timers/timers.ts';
import { Metrics } from '../../platform/observability/metrics.ts';
import { questionsTo } from '../../platform/testing/questions.testing.ts';
import { openService, type person, rateLimits } from '../../platform/testing/service.testing.ts';
import type { MatchAsFacts } from '../../schema/questions/matches.ts';
import type { TournamentAsFacts } from '../../schema/questions/tournaments.ts';
import { type Generation, PrismaClient } from './generated/prisma/client.ts';
import type { FlowName } from './flows/flows.ts';
import { GenerationsService } from './generations.service.ts';
import { AiMetrics } from './metrics.ts';
import { GeminiModel } from './model/gemini.ts';
import { LIMITS, Runs } from './runs.ts';
import { AiTimers } from './timers.ts';

type Person = ReturnType<typeof person>;

const goal = (side: 'HOME' | 'AWAY', minute: number, player: string, assist: string | null = null) => ({
  ...{ kind: 'GOAL' as const, side, minute, stoppage: null, player, assist, points: 1 },
});

/** A football match that the home team Лисы won 2:1 against Волки, with its three goals. */
export const MATCH: MatchAsFacts = {
  ...{ sport: 'FOOTBALL', state: 'CONFIRMED', competition: 'Кубок двора', venue: null },
  tournamentId: null,
  kickoffAt: '2026-05-01T18:30:00.000Z',
  ...{ home: 'Лисы', away: 'Волки', homeScore: 2, awayScore: 1, homeShootout: null, awayShootout: null },
  deeds: [
    goal('HOME', 12, 'Иван Петров', 'Лев Соколов'),
    goal('AWAY', 40, 'Олег Сидоров'),
    goal('HOME', 78, 'Иван Петров'),
  ],
};
const TOURNAMENT: TournamentAsFacts = {
  state: 'REGISTRATION',
  ...{ name: 'Yard Cup', description: 'A friendly cup.', sport: 'FOOTBALL', city: 'Berlin', timeZone: 'Europe/Berlin' },
  startsAt: '2026-06-06T08:00:00.000Z',
  registrationClosesAt: '2026-06-01T20:00:00.000Z',
  ...{ minTeams: 4, maxTeams: 16, minAge: 18, maxAge: null, venues: ['North Park'] },
};

/** The answers of the other subgraphs to questions. Null: there is no such object, or the viewer may not see it. */
export interface Known {
  match: MatchAsFacts | null;
  tournament: TournamentAsFacts | null;
  message: string | null;
}

/** The service with its own test database and a local provider, which the real plugin of Genkit asks. */
export async function openAi({
  limits = {},
  settings = {},
  rates = rateLimits(),
}: {
  readonly limits?: Partial<typeof LIMITS>;
  readonly settings?: Partial<ModelSettings>;
  readonly rates?: ReturnType<typeof rateLimits>;
} = {}) {
  const [opened, provider] = await Promise.all([openService('ai', PrismaClient), startAiProvider()]);
  const known: Known = { match: MATCH, tournament: TOURNAMENT, message: 'Well played!' };
  const asked: { readonly field: string; readonly viewer: unknown }[] = [];
  const questions = questionsTo(({ field }, items, viewer) => {
    asked.push({ field, viewer });
    const answer =
      field === 'matchesAsFacts' ? known.match : field === 'tournamentsAsFacts' ? known.tournament : known.message;
    return items.map(() => answer);
  });
  const all: ModelSettings & { apiKey: string } = {
    ...{ apiKey: 'local', url: provider.url, model: 'gemini-2.5-flash', flowsOff: [], dailyQuota: 1000 },
    prices: new Map([
      ['input', 1],
      ['output', 10],
    ]),
    ...settings,
  };
  const metrics = new Metrics('ai');
  const clock = { offset: 0, now: () => Date.now() + clock.offset };
  const timers = new Timers({ url: opened.url, outbox: opened.outbox, clock: clock.now });
  const aiMetrics = new AiMetrics(metrics, all);
  const runs = new Runs(opened.prisma, aiMetrics, new GeminiModel(all), opened.outbox, timers, {
    ...LIMITS,
    pauseMs: 5,
    ...limits,
  });
  const service = new GenerationsService(
    ...([opened.prisma, runs, aiMetrics, opened.outbox, timers, opened.live, questions, rates, all] as const),
  );
  const firing = new AiTimers(timers, opened.prisma, service).runner();
  return {
    ...opened,
    provider,
    known,
    asked,
    runs,
    service,
    timers: firing,
    clock,
    metrics,
    settings: all,
    start: (owner: Person, flow: FlowName, input: object = {}): Promise<Generation> =>
      service.start(owner, flow, { clientId: randomUUID(), language: 'EN', ...input }),
    report: (owner: Person, input: object = {}): Promise<Generation> =>
      service.start(owner, 'matchReport', { clientId: randomUUID(), language: 'RU', matchId: 'x', ...input }),
    async close(): Promise<void> {
      await runs.onModuleDestroy();
      await timers.close();
      await provider.close();
      metrics.close();
      await opened.close();
    },
  };
}
