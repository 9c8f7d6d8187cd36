import { LIMITS, type RoundRobinConfig } from './config.ts';
import { type PlannedGroup, type PlannedRound, PlanRefused, type Slot, type Source, type StagePlan } from './plan.ts';

/** A round robin: each entrant meets all others of its group, `legs` times. */
export function drawRoundRobin(config: RoundRobinConfig, entrants: readonly Source[]): StagePlan {
  refuseTooLarge(config, entrants.length);
  const groups = spread(config, entrants);
  const parts = groups.map((group) => drawGroup(config, group));
  return { config, groups, rounds: parts.flatMap(({ rounds }) => rounds), slots: parts.flatMap(({ slots }) => slots) };
}

function refuseTooLarge({ groups, legs }: RoundRobinConfig, entrants: number): void {
  if (entrants < 2 * groups)
    throw new PlanRefused(
      'TOO_FEW_ENTRANTS',
      'entrants',
      `${groups === 1 ? 'A round robin needs' : `${groups} groups need`} at least ${2 * groups} entrants, not ${entrants}`,
      { entrants, least: 2 * groups },
    );
  const matchesOf = (size: number): number => ((size * (size - 1)) / 2) * legs;
  const small = Math.floor(entrants / groups);
  const larger = entrants % groups;
  const matches = larger * matchesOf(small + 1) + (groups - larger) * matchesOf(small);
  const size = small + Math.sign(larger);
  if (size > LIMITS.roundRobinGroup)
    throw new PlanRefused(
      'TOO_MANY_ENTRANTS',
      'entrants',
      `A group of ${size} is one of ${matchesOf(size)} matches; a group has at most ${LIMITS.roundRobinGroup} entrants`,
      { entrants, size, matches, most: LIMITS.roundRobinGroup },
    );
  if (matches > LIMITS.matches)
    throw new PlanRefused(
      'TOO_MANY_MATCHES',
      'entrants',
      `This stage would have ${matches} matches; a stage has at most ${LIMITS.matches}`,
      { entrants, matches, most: LIMITS.matches },
    );
}

/** Spreads the entrants over the groups. The sizes of groups differ by at most one. */
function spread(config: RoundRobinConfig, entrants: readonly Source[]): PlannedGroup[] {
  const members = Array.from({ length: config.groups }, (): Source[] => []);
  if (config.spread === 'BLOCKS') {
    const small = Math.floor(entrants.length / config.groups);
    const larger = entrants.length % config.groups;
    let next = 0;
    for (const [index, group] of members.entries())
      group.push(...entrants.slice(next, (next += small + (index < larger ? 1 : 0))));
  } else
    for (const [index, entrant] of entrants.entries()) {
      const inRow = index % config.groups;
      const backwards = Math.floor(index / config.groups) % 2 === 1;
      members[backwards ? config.groups - 1 - inRow : inRow]!.push(entrant);
    }
  return members.map((group, index) => ({
    number: index + 1,
    name: config.groups === 1 ? 'Table' : `Group ${letters(index)}`,
    entrants: group,
  }));
}

/** The letters in the name of the group with this index: A, B … Z, AA, AB … */
const letters = (index: number): string =>
  (index >= 26 ? letters(Math.floor(index / 26) - 1) : '') + String.fromCharCode(65 + (index % 26));

function drawGroup({ legs }: RoundRobinConfig, group: PlannedGroup): { rounds: PlannedRound[]; slots: Slot[] } {
  const leg = ring(group.entrants.length);
  const rounds: PlannedRound[] = [];
  const slots: Slot[] = [];
  for (let number = 0; number < leg.length * legs; number++) {
    const round = number + 1;
    rounds.push({ group: group.number, bracket: 'TABLE', number: round, name: `Round ${round}` });
    const swapped = Math.floor(number / leg.length) % 2 === 1;
    for (const [index, [home, away]] of leg[number % leg.length]!.entries())
      slots.push({
        key: `G${group.number}-R${round}-M${index + 1}`,
        bracket: 'TABLE',
        group: group.number,
        round,
        position: index + 1,
        leg: null,
        home: group.entrants[swapped ? away : home]!,
        away: group.entrants[swapped ? home : away]!,
        winnerTo: null,
        loserTo: null,
        needsWinner: false,
        onlyIfNeeded: false,
      });
  }
  return { rounds, slots };
}

/**
 * The rounds of a single round robin, as pairs [home, away] of indexes below `size`. The first `places` indexes, an odd
 * number, form a ring. In round r, index r plays the index outside the ring, or rests if there is none. The two indexes
 * at the same distance before and after r play each other. Home and away follow de Werra (Scheduling in sports, 1981):
 * each entrant alternates between home and away, with at most one exception. So each entrant plays half of its matches
 * at home, rounded up or down.
 */
function ring(size: number): (readonly [number, number])[][] {
  const places = size % 2 === 0 ? size - 1 : size;
  return Array.from({ length: places }, (_, round) => {
    const pairs: (readonly [number, number])[] = [];
    if (size % 2 === 0) pairs.push(round % 2 === 0 ? [round, size - 1] : [size - 1, round]);
    for (let distance = 1; distance <= (places - 1) / 2; distance++) {
      const after = (round + distance) % places;
      const before = (round - distance + places) % places;
      pairs.push(distance % 2 === 1 ? [after, before] : [before, after]);
    }
    return pairs;
  });
}
