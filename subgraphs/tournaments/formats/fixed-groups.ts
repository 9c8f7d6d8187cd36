import { type GivenGroups, LIMITS, type RoundRobinConfig } from './config.ts';
import { type PlannedGroup, type PlannedRound, PlanRefused, type Slot, type Source, type StagePlan } from './plan.ts';

const FIELD = 'config.roundRobin.given';

/**
 * The plan of groups whose matches somebody else drew, with their rounds, home sides and times. Groups may have
 * different sizes.
 *
 * @throws PlanRefused if the number of entrants does not fill the groups, if a side does not exist, and if a pair meets
 *   more or less often than `legs` says and `uneven` is false.
 */
export function drawGivenGroups(
  config: RoundRobinConfig,
  { groups, uneven }: GivenGroups,
  entrants: readonly Source[],
): StagePlan {
  const needed = groups.reduce((sum, { size }) => sum + size, 0);
  if (needed !== entrants.length)
    throw new PlanRefused('WRONG_NUMBER_OF_ENTRANTS', 'entrants', `The groups take ${needed} entrants`, {
      needed,
      entrants: entrants.length,
    });
  const matches = groups.reduce(
    (sum, group) => sum + group.rounds.reduce((all, round) => all + round.matches.length, 0),
    0,
  );
  if (matches > LIMITS.matches)
    throw new PlanRefused('TOO_MANY_MATCHES', FIELD, `A stage has at most ${LIMITS.matches} matches, not ${matches}`, {
      matches,
      most: LIMITS.matches,
    });
  const plan = { groups: [] as PlannedGroup[], rounds: [] as PlannedRound[], slots: [] as Slot[] };
  let next = 0;
  for (const [index, { name, size, rounds }] of groups.entries()) {
    const group = { number: index + 1, name, entrants: entrants.slice(next, (next += size)) };
    plan.groups.push(group);
    const field = `${FIELD}.groups.${index}`;
    if (!uneven) refuseWrongMeetings(config.legs, groups[index]!, field);
    for (const [at, round] of rounds.entries()) {
      const number = at + 1;
      plan.rounds.push({ group: group.number, bracket: 'TABLE', number, name: round.name });
      for (const [position, match] of round.matches.entries())
        plan.slots.push(slotOf(group, number, position + 1, match, `${field}.rounds.${at}.matches.${position}`));
    }
  }
  const { given: _given, ...plain } = config;
  return { config: { ...plain, groups: groups.length, spread: 'BLOCKS' }, ...plan };
}

type Given = GivenGroups['groups'][number];
type GivenMatch = Given['rounds'][number]['matches'][number];

function slotOf(group: PlannedGroup, round: number, position: number, match: GivenMatch, field: string): Slot {
  const { home, away, ...appointment } = match;
  const side = (entrant: number, name: string): Source => {
    const found = group.entrants[entrant - 1];
    if (found) return found;
    throw new PlanRefused('UNKNOWN_ENTRANT', `${field}.${name}`, `${group.name} has no entrant ${entrant}`, {
      entrant,
    });
  };
  if (home === away) throw new PlanRefused('PLAYS_ITSELF', `${field}.away`, `Entrant ${home} would play itself`);
  return {
    key: `G${group.number}-R${round}-M${position}`,
    bracket: 'TABLE',
    group: group.number,
    round,
    position,
    leg: null,
    home: side(home, 'home'),
    away: side(away, 'away'),
    winnerTo: null,
    loserTo: null,
    needsWinner: false,
    onlyIfNeeded: false,
    appointment,
  };
}

function refuseWrongMeetings(legs: number, { size, rounds }: Given, field: string): void {
  const pair = (a: number, b: number): string => `${Math.min(a, b)} ${Math.max(a, b)}`;
  const met = new Map<string, number>();
  for (const { home, away } of rounds.flatMap(({ matches }) => matches))
    met.set(pair(home, away), 1 + (met.get(pair(home, away)) ?? 0));
  for (let home = 1; home < size; home++)
    for (let away = home + 1; away <= size; away++) {
      const meetings = met.get(pair(home, away)) ?? 0;
      if (meetings !== legs)
        throw new PlanRefused(
          'WRONG_MEETINGS',
          field,
          `Entrants ${home} and ${away} meet ${meetings} times, not ${legs}`,
          { home, away, meetings, legs },
        );
    }
}
