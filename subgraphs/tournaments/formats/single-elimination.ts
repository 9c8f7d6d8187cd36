import { linked, loserOf, positions, type Side, tie, winnerOf } from './bracket.ts';
import type { SingleEliminationConfig } from './config.ts';
import { knockoutRounds } from './names.ts';
import type { Source, StagePlan } from './plan.ts';

/**
 * The plan of a single elimination: the loser of a tie is out. n entrants play n-1 ties. With `thirdPlace`, the two
 * losers of the semi-finals play one more.
 */
export function drawSingleElimination(config: SingleEliminationConfig, entrants: readonly Source[]): StagePlan {
  let sides = positions(config.order, entrants);
  const last = Math.log2(sides.length);
  const slots: ReturnType<typeof tie> = [];
  let losers: Source[] = [];
  for (let round = 1; round <= last; round++) {
    const final = round === last;
    if (final && config.thirdPlace && losers.length === 2)
      slots.push(
        ...tie(
          { key: 'THIRD', bracket: 'THIRD_PLACE', round: 1, position: 1 },
          losers[0]!,
          losers[1]!,
          config.finalLegs,
        ),
      );
    losers = [];
    const next: Side[] = [];
    for (let position = 1; position <= sides.length / 2; position++) {
      const home = sides[2 * position - 2]!;
      const away = sides[2 * position - 1]!;
      if (!home || !away) {
        next.push(home ?? away);
        continue;
      }
      const key = `W${round}-${position}`;
      slots.push(
        ...tie({ key, bracket: 'WINNERS', round, position }, home, away, final ? config.finalLegs : config.legs),
      );
      next.push(winnerOf(key));
      losers.push(loserOf(key));
    }
    sides = next;
  }
  return { config, groups: [], rounds: knockoutRounds(slots, last), slots: linked(slots) };
}
