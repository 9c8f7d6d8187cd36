// How good the schedules of tournaments are, and how long they take: npm run bench:schedule.
import { exact } from '../subgraphs/tournaments/schedule/exact.fixture.ts';
import type { ScheduleInput } from '../subgraphs/tournaments/schedule/input.ts';
import {
  at,
  bracketOf8,
  groupsThenPlayoff,
  inputOf,
  pitch,
  roundRobin,
} from '../subgraphs/tournaments/schedule/schedule.fixture.ts';
import { schedule } from '../subgraphs/tournaments/schedule/schedule.ts';

const STEPS = 20_000;
const BRANCHES = Number(process.argv[2] ?? 1_000_000);
const names = (count: number, prefix = '') => Array.from({ length: count }, (_, index) => `${prefix}team${index}`);

console.log(
  `Up to 8 teams, matches of 30 minutes; the best of all schedules, if ${BRANCHES} branches are enough to know it`,
);
const small = { 'knock-out of 8': bracketOf8(), 'two groups of 4, then a play-off': groupsThenPlayoff() };
const robins = Object.fromEntries(
  [3, 4, 5, 6, 7, 8].map((count) => [`round robin of ${count}`, roundRobin(names(count))]),
);
for (const [name, matches] of Object.entries({ ...small, ...robins }))
  for (const courts of [1, 2])
    for (const restMinutes of [0, 30]) {
      const pitches = Array.from({ length: courts }, (_, index) => pitch(`court${index}`, '06:00', '23:00'));
      const input = inputOf({ matches, pitches, restMinutes, stepMinutes: 15 });
      const { quality } = await schedule(input, { seed: 1, steps: STEPS });
      const best = exact(input, quality.cost, BRANCHES);
      const gap = `${(100 * (quality.cost / best.cost - 1)).toFixed(2)} %`;
      const least = best.proven
        ? `least ${best.cost.toFixed(1)}, gap ${gap}`
        : `not known: no better one in ${best.tried}, at least ${best.atLeast.toFixed(1)}`;
      console.log(`${name}, courts ${courts}, rest ${restMinutes}: ${quality.cost.toFixed(1)}; ${least}`);
    }

console.log('\n2,000 matches, 8 pitches in 4 venues, 12 hours a day');
const days = Array.from({ length: 40 }, (_, day) => new Date(Date.UTC(2026, 5, 6 + day)).toISOString().slice(0, 10));
const pitches = Array.from({ length: 8 }, (_, index) => ({
  id: `pitch${index}`,
  venue: `venue${index >> 1}`,
  windows: days.map((day) => ({ from: at('09:00', day), to: at('21:00', day) })),
}));
const referees = names(20).map((id, index) => ({ id, entries: index < 10 ? [`${index}-team0`] : [], windows: null }));
const groups = Array.from({ length: 72 }, (_, group) => roundRobin(names(8, `${group}-`), `group${group}`)).flat();
const large: Record<string, Partial<ScheduleInput>> = {
  '72 groups of 8': { matches: groups.slice(0, 2_000) },
  '72 groups of 8, 20 referees': { matches: groups.slice(0, 2_000), referees },
  'round robin of 63': { matches: roundRobin(names(63)) },
};
for (const [name, rest] of Object.entries(large))
  for (const steps of [0, STEPS, 10 * STEPS]) {
    const started = performance.now();
    const { quality, conflicts } = await schedule(inputOf({ pitches, pauseMinutes: 5, restMinutes: 30, ...rest }), {
      seed: 1,
      steps,
    });
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    console.log(
      `${name}, ${steps} steps: ${seconds} s, cost ${quality.cost.toFixed(0)}, ${conflicts.length} conflicts`,
    );
  }
