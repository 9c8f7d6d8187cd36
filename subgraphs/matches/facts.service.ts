import { Injectable } from '@nestjs/common';
import { fromGlobalId, fromGlobalIds, toGlobalId } from '../../platform/graphql/global-id.ts';
import { matchScore } from '../../schema/messages/matches.ts';
import type { MatchAsFacts } from '../../schema/questions/matches.ts';
import { type Match, PrismaClient } from './generated/prisma/client.ts';
import type { MatchEvent } from './mappers.ts';
import { KnownTeamsService } from './known-teams.service.ts';
import { toEvent } from './record.ts';

/** The largest number of goals and cards of a match in the answer. Later ones are left out. */
const MOST_DEEDS = 200;

/** The facts of a match for other subgraphs, with the names that everybody may see. */
@Injectable()
export class FactsService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly teams: KnownTeamsService,
  ) {}

  /**
   * The facts of these matches, which everybody may read, in the order of the global ids. Null where there is no such
   * match, or one of its teams does not exist.
   * @throws NoAnswer when teams does not answer, or when the event of a new team does not arrive in time
   */
  async of(ids: readonly string[]): Promise<(MatchAsFacts | null)[]> {
    const matchIds = fromGlobalIds('Match', ids);
    const matches = await this.prisma.match.findMany({ where: { id: { in: matchIds } } });
    const rows = await this.prisma.matchEvent.findMany({
      where: { matchId: { in: matchIds }, kind: { in: ['GOAL', 'CARD', 'VOID', 'REPLAY'] } },
      orderBy: [{ matchId: 'asc' }, { seq: 'asc' }],
    });
    const events = Map.groupBy(rows.map(toEvent), ({ matchId }) => matchId);
    const deeds = new Map(matches.map(({ id }) => [id, thatCount(events.get(id) ?? []).slice(0, MOST_DEEDS)]));
    const playerIds = [...deeds.values()].flat().flatMap(({ detail }) => playersOf(detail));
    const [teams, players] = await Promise.all([
      this.teams.byIds([...new Set(matches.flatMap(({ homeTeamId, awayTeamId }) => [homeTeamId, awayTeamId]))]),
      this.prisma.player.findMany({ where: { id: { in: [...new Set(playerIds)] } } }),
    ]);
    const playerNames = new Map(players.map(({ id, name }) => [id, name]));
    const nameOf = (id: string | null): string | null => (id === null ? null : (playerNames.get(id) ?? null));
    const facts = new Map<string, MatchAsFacts>();
    for (const match of matches) {
      const [home, away] = [teams.get(match.homeTeamId)?.name, teams.get(match.awayTeamId)?.name];
      if (home === undefined || away === undefined) continue;
      facts.set(match.id, {
        ...heading(match),
        home,
        away,
        deeds: (deeds.get(match.id) ?? []).flatMap(({ detail, sheet }) => {
          if (detail.kind !== 'GOAL' && detail.kind !== 'CARD') return [];
          const { side, clock } = detail;
          const common = {
            side,
            minute: clock?.minute ?? null,
            stoppage: clock?.stoppage ?? null,
            player: sheet?.name ?? nameOf(detail.player),
          };
          return detail.kind === 'GOAL'
            ? { ...common, kind: detail.goal, assist: nameOf(detail.assist), points: detail.points }
            : { ...common, kind: detail.card, assist: null, points: 0 };
        }),
      });
    }
    return ids.map((id) => facts.get(fromGlobalId('Match', id) ?? '') ?? null);
  }
}

function heading(match: Match) {
  const { home: homeScore, away: awayScore, shootout } = matchScore.parse(match.score);
  return {
    sport: match.sport,
    state: match.state,
    competition: match.competition,
    venue: match.venue,
    tournamentId: match.tournamentId === null ? null : toGlobalId('Tournament', match.tournamentId),
    kickoffAt: match.kickoffAt.toISOString(),
    homeScore,
    awayScore,
    homeShootout: shootout?.home ?? null,
    awayShootout: shootout?.away ?? null,
  };
}

/** The goals and cards after the last order to replay that no event voids. Kicks of a shoot-out are left out. */
function thatCount(events: readonly MatchEvent[]): MatchEvent[] {
  const voided = new Set(events.flatMap(({ detail }) => (detail.kind === 'VOID' ? [detail.voids] : [])));
  return events
    .slice(events.findLastIndex(({ detail }) => detail.kind === 'REPLAY') + 1)
    .filter(
      ({ seq, detail }) =>
        !voided.has(seq) && (detail.kind === 'CARD' || (detail.kind === 'GOAL' && detail.period !== null)),
    );
}

const playersOf = (detail: MatchEvent['detail']): string[] =>
  (detail.kind === 'GOAL' ? [detail.player, detail.assist] : detail.kind === 'CARD' ? [detail.player] : []).filter(
    (id) => id !== null,
  );
