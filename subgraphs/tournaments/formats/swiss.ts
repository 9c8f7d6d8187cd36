import { type FormatConfig, LIMITS } from './config.ts';
import { PlanRefused, type Slot, type Source, type StagePlan } from './plan.ts';
import { isOver, type Outside, type Resolved } from './resolve.ts';
import { pairUp, type Player } from './swiss-pairing.ts';

/**
 * A plan with all rounds but no slots. {@link pairSwissRound} gives the slots of a round when the round before is over.
 */
export function drawSwiss(config: Extract<FormatConfig, { format: 'SWISS' }>, entrants: readonly Source[]): StagePlan {
  const size = entrants.length;
  if (size < 2)
    throw new PlanRefused('TOO_FEW_ENTRANTS', 'entrants', `A Swiss stage needs at least 2 entrants, not ${size}`, {
      entrants: size,
      least: 2,
    });
  if (size > LIMITS.swiss)
    throw new PlanRefused(
      'TOO_MANY_ENTRANTS',
      'entrants',
      `A Swiss stage has at most ${LIMITS.swiss} entrants, not ${size}`,
      { entrants: size, most: LIMITS.swiss },
    );
  // The largest number of rounds. In these rounds each entrant can meet all others, and has one bye if the number of
  // entrants is odd.
  const most = size % 2 === 0 ? size - 1 : size;
  const count = config.rounds ?? Math.ceil(Math.log2(size));
  if (count > most)
    throw new PlanRefused(
      'TOO_MANY_ROUNDS',
      'config.rounds',
      `${size} entrants can play at most ${most} rounds without meeting again, not ${count}`,
      { entrants: size, rounds: count, most },
    );
  const matches = count * Math.floor(size / 2);
  if (matches > LIMITS.matches)
    throw new PlanRefused(
      'TOO_MANY_MATCHES',
      'config.rounds',
      `This stage would have ${matches} matches; a stage has at most ${LIMITS.matches}`,
      { entrants: size, rounds: count, matches, most: LIMITS.matches },
    );
  return {
    config,
    groups: [{ number: 1, name: 'Table', entrants }],
    rounds: Array.from({ length: count }, (_, index) => ({
      group: 1,
      bracket: 'TABLE',
      number: index + 1,
      name: `Round ${index + 1}`,
    })),
    slots: [],
  };
}

/** The points for pairing: those of the stage's table. For pairing, a bye and a walkover count as won. */
export interface Scoring {
  readonly win: number;
  readonly draw: number;
  readonly loss: number;
}

/**
 * The slots of the next round, which the caller adds to the plan. A bye is the last slot, against BYE. A later
 * correction of an earlier result does not change the round, because its matches may already be in play.
 *
 * @param resolved the slots of the earlier rounds.
 * @throws PlanRefused if the round before is not over, an entrant is not known yet, or all rounds have been paired.
 */
export function pairSwissRound(plan: StagePlan, resolved: Resolved, outside: Outside, scoring: Scoring): Slot[] {
  const round = 1 + Math.max(0, ...plan.slots.map((slot) => slot.round));
  if (round > plan.rounds.length)
    throw new PlanRefused('TOO_MANY_ROUNDS', 'round', `The stage has ${plan.rounds.length} rounds`, {
      most: plan.rounds.length,
    });
  if (![...resolved.values()].every(isOver))
    throw new PlanRefused('ROUND_NOT_READY', 'round', `Round ${round - 1} is not over`, { round: round - 1 });
  const players = history(plan, resolved, outside, scoring);
  const present = [...players.values()].filter(({ name }) => !outside.out.has(name));
  return pairUp(present).map(([home, away], index) => ({
    key: `S${round}-${index + 1}`,
    bracket: 'TABLE',
    group: 1,
    round,
    position: index + 1,
    leg: null,
    home: { kind: 'ENTRANT', entrant: home },
    away: away === null ? { kind: 'BYE' } : { kind: 'ENTRANT', entrant: away },
    winnerTo: null,
    loserTo: null,
    needsWinner: false,
    onlyIfNeeded: false,
  }));
}

/** All entrants in the order of seeds, with their earlier rounds. */
function history(plan: StagePlan, resolved: Resolved, outside: Outside, scoring: Scoring): Map<string, Player> {
  const players = new Map<string, Player>();
  for (const [index, source] of plan.groups[0]!.entrants.entries()) {
    const known = source.kind === 'ENTRANT' ? source : 'stage' in source ? outside.placeOf(source) : null;
    if (known === 'NOBODY') continue;
    if (known === null || known === 'TIED')
      throw new PlanRefused('ROUND_NOT_READY', `entrants.${index}`, 'An entrant is not decided yet', { round: 1 });
    players.set(known.entrant, {
      name: known.entrant,
      seed: index,
      score: 0,
      met: new Map(),
      sides: [],
      byes: 0,
      floats: [],
    });
  }
  const rounds = [...Map.groupBy(plan.slots, ({ round }) => round)].sort(([a], [b]) => a - b);
  for (const [, slots] of rounds) {
    const before = new Map([...players].map(([name, { score }]) => [name, score]));
    for (const player of players.values()) player.floats.push(0);
    for (const { key } of slots) {
      const { home, away, state, winner, result } = resolved.get(key)!;
      const [a, b] = [home, away].map((side) => (side.kind === 'ENTRANT' ? players.get(side.entrant) : undefined));
      if (a && !b) a.byes++;
      for (const [own, other] of [
        [a, b],
        [b, a],
      ] as const) {
        if (!own) continue;
        if (winner === own.name) own.score += scoring.win;
        else if (winner === null && state === 'DECIDED' && result?.winner === null) own.score += scoring.draw;
        else own.score += scoring.loss;
        if (!other) continue;
        own.met.set(other.name, (own.met.get(other.name) ?? 0) + 1);
        // Only a match that was played counts for home and away.
        if (state === 'DECIDED' && result?.how === 'PLAYED') own.sides.push(result.home === own.name ? 1 : -1);
        own.floats[own.floats.length - 1] = Math.sign(before.get(other.name)! - before.get(own.name)!);
      }
    }
  }
  return players;
}
