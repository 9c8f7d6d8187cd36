// The rules of real competitions.
import { type TableRules, tableRules } from './rules.ts';
import type { z } from 'zod';

type Preset = z.input<typeof tableRules>;

const football = {
  points: { win: 3, draw: 1, loss: 0 },
  again: 'NEVER',
  level: 'OPEN',
  walkover: { won: 3, lost: 0 },
  withdrawn: { results: 'ANNUL_UNDER_HALF', place: 'LAST' },
} as const;
const HEAD_TO_HEAD = ['HEAD_TO_HEAD_POINTS', 'HEAD_TO_HEAD_DIFFERENCE', 'HEAD_TO_HEAD_GOALS'] as const;
const OVERALL = ['DIFFERENCE', 'GOALS'] as const;

const fifa2018 = {
  ...football,
  name: 'fifa-2018',
  season: '2018',
  version: 1,
  criteria: ['POINTS', ...OVERALL, ...HEAD_TO_HEAD, 'FAIR_PLAY', 'LOTS'],
  across: { criteria: ['POINTS', ...OVERALL, 'FAIR_PLAY', 'LOTS'], unequal: 'DROP_LAST' },
} as const satisfies Preset;

const PRESETS: readonly Preset[] = [fifa2018];

/** The rules with this name; undefined when there are none. */
export function preset(name: string): TableRules | undefined {
  const found = PRESETS.find((each) => each.name === name);
  return found && tableRules.parse(found);
}
