import type { Goal, Result } from './goals.ts';
import type { GoalInput, MatchEventInput } from './generated/graphql.ts';

/** One event to record, at a minute of play. Stoppage time counts as play; breaks between periods do not. */
export interface Step {
  readonly minute: number;
  readonly event: MatchEventInput;
}

/** The minutes at which the four periods begin, and the minute at which the last one ends. */
const PERIODS = [0, 45, 90, 105, 120];

/** The events that the referee records between kick-off and the final whistle. Kick-off itself begins period 1. */
export function stepsOf({ goals, periods, shootout }: Result): Step[] {
  const steps: Step[] = [];
  for (let period = 1; period <= periods; period++) {
    const begin = PERIODS[period - 1] ?? 0;
    if (period > 1) steps.push({ minute: begin, event: { period: { shootout: false } } });
    const scored = goals.filter((goal) => goal.period === period);
    scored.forEach((goal, index) =>
      steps.push({
        minute: minuteOf(goal, begin, PERIODS[period] ?? begin, index, scored.length),
        event: { goal: input(goal) },
      }),
    );
  }
  if (shootout) {
    const end = PERIODS[periods] ?? 90;
    steps.push({ minute: end, event: { period: { shootout: true } } });
    const [home, away] = shootout;
    for (let kick = 0; kick < Math.max(home, away); kick++) {
      const goal = (side: 'HOME' | 'AWAY'): Step => ({
        minute: end + kick,
        event: { goal: { side, kind: 'PENALTY' } },
      });
      if (kick < home) steps.push(goal('HOME'));
      if (kick < away) steps.push(goal('AWAY'));
    }
  }
  return steps;
}

/** Goals without a minute are spread over their period. */
function minuteOf({ clock }: Goal, begin: number, end: number, index: number, count: number): number {
  return clock ? clock.minute + (clock.stoppage ?? 0) : begin + ((end - begin) * (index + 1)) / (count + 1);
}

function input({ side, kind, player, clock }: Goal): GoalInput {
  return { side, kind, player: player === null ? null : { name: player }, clock };
}
