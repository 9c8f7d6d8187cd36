import type { FormatConfig } from './config.ts';
import { drawDoubleElimination } from './double-elimination.ts';
import { PlanRefused, type Source, sourceKey, type StagePlan } from './plan.ts';
import { drawRoundRobin } from './round-robin.ts';
import { drawGivenBracket } from './fixed-bracket.ts';
import { drawGivenGroups } from './fixed-groups.ts';
import { drawSingleElimination } from './single-elimination.ts';
import { drawSwiss } from './swiss.ts';

/**
 * The plan of a stage. It takes milliseconds for 1,024 entrants.
 *
 * @param entrants in the order of seeds, the best first, or in the order that the config's `order`, `spread` or `given`
 *   describes.
 * @throws PlanRefused for too few or too many entrants, a repeated entrant, and an impossible `given`.
 */
export function drawPlan(config: FormatConfig, entrants: readonly Source[]): StagePlan {
  const seen = new Set<string>();
  for (const [index, source] of entrants.entries()) {
    const key = sourceKey(source);
    if (source.kind !== 'BYE' && seen.has(key))
      throw new PlanRefused('DUPLICATE_ENTRANT', `entrants.${index}`, 'An entrant is in the list twice');
    seen.add(key);
  }
  switch (config.format) {
    case 'ROUND_ROBIN':
      return config.given ? drawGivenGroups(config, config.given, entrants) : drawRoundRobin(config, entrants);
    case 'SINGLE_ELIMINATION':
      return config.given ? drawGivenBracket(config, config.given, entrants) : drawSingleElimination(config, entrants);
    case 'DOUBLE_ELIMINATION':
      return drawDoubleElimination(config, entrants);
    case 'SWISS':
      return drawSwiss(config, entrants);
  }
}
