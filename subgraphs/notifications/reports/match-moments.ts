import type { AskedMatchEvent } from '../../../schema/questions/matches.ts';
import type { MatchMoment, Side } from './content.ts';

/** The states of a match whose begin a report shows. */
const TOLD_STATES = new Set(['BREAK', 'FINISHED', 'POSTPONED', 'SUSPENDED', 'ABANDONED', 'WALKOVER', 'CANCELLED']);

/**
 * The events of a match that a report shows, in their order: without voided ones, and without those before the last
 * replay was ordered.
 * @param homeTeamId the global id of the home team
 */
export function momentsOf(events: readonly AskedMatchEvent[], homeTeamId: string | null): MatchMoment[] {
  const replay = events.findLastIndex(({ __typename }) => __typename === 'ReplayOrdered');
  const moments: MatchMoment[] = [];
  let inShootout = false;
  for (const event of events.slice(replay + 1)) {
    const { score } = event;
    const moment = (of: Pick<MatchMoment, 'kind' | 'detail'> & Partial<MatchMoment>): void =>
      void moments.push({
        minute: null,
        side: null,
        player: null,
        other: null,
        points: 1,
        reason: null,
        score,
        inShootout,
        ...of,
      });
    const sideOf = (team: { readonly id: string } | null): Side | null =>
      team === null || homeTeamId === null ? null : team.id === homeTeamId ? 'HOME' : 'AWAY';
    if ('voided' in event) {
      if (event.voided) continue;
      const { minute, side, player } = {
        minute: minuteOf(event.clock),
        side: sideOf(event.team),
        player: event.player?.name ?? null,
      };
      if (event.__typename === 'GoalScored') {
        const other = event.assist?.name ?? null;
        moment({ kind: 'GOAL', detail: event.kind, minute, side, player, other, points: event.points });
      } else if (event.__typename === 'CardShown') moment({ kind: 'CARD', detail: event.card, minute, side, player });
      else
        moment({
          kind: 'SUBSTITUTION',
          detail: 'SUBSTITUTION',
          minute,
          side,
          player,
          other: event.replaced?.name ?? null,
        });
    } else if ('period' in event) {
      inShootout = event.period === null;
      moment({ kind: 'PERIOD', detail: event.period === null ? 'SHOOTOUT' : String(event.period) });
    } else if ('state' in event) {
      if (TOLD_STATES.has(event.state)) moment({ kind: 'STATE', detail: event.state, reason: event.reason });
    } else if ('how' in event) moment({ kind: 'RESULT', detail: event.how, reason: event.reason });
  }
  return moments;
}

const minuteOf = (clock: { readonly minute: number; readonly stoppage: number | null } | null): string | null =>
  clock && `${clock.minute}${clock.stoppage === null ? '' : `+${clock.stoppage}`}`;
