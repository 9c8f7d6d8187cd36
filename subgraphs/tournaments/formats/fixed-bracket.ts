import { type Appointment, type GivenBracket, LIMITS, type SingleEliminationConfig } from './config.ts';
import { linked, tie } from './bracket.ts';
import { PlanRefused, type PlannedRound, type Source, type StagePlan } from './plan.ts';

/** A round of a knock-out that is given match by match. */
export interface GivenRound {
  readonly name: string;
  readonly thirdPlace: boolean;
  readonly ties: readonly {
    readonly key: string;
    readonly home: Source;
    readonly away: Source;
    readonly legs: 1 | 2;
    /** Time and venue of each leg, if they are known. */
    readonly appointments?: readonly Appointment[];
    readonly replays?: boolean;
  }[];
}

const FIELD = 'config.singleElimination.given';

/**
 * The plan of a single elimination whose config has the bracket. Each entrant must have exactly one place in it.
 *
 * @throws PlanRefused as {@link drawGiven}, and for entrants that do not exist, have no place, or have two.
 */
export function drawGivenBracket(
  config: SingleEliminationConfig,
  { rounds }: GivenBracket,
  entrants: readonly Source[],
): StagePlan {
  const placed = new Set<number>();
  const sourceOf = (side: GivenBracket['rounds'][number]['ties'][number]['home'], field: string): Source => {
    if (side.kind !== 'ENTRANT') return { kind: side.kind, slot: side.tie };
    const { entrant } = side;
    const source = entrants[entrant - 1];
    if (!source) throw new PlanRefused('UNKNOWN_ENTRANT', field, `There is no entrant ${entrant}`, { entrant });
    if (placed.has(entrant)) throw new PlanRefused('DUPLICATE_ENTRANT', field, `Entrant ${entrant} has two places`);
    placed.add(entrant);
    return source;
  };
  const given = rounds.map(({ name, thirdPlace, ties }, index) => ({
    name,
    thirdPlace,
    ties: ties.map(({ key, home, away, legs, replays }, at) => ({
      key,
      home: sourceOf(home, `${FIELD}.rounds.${index}.ties.${at}.home`),
      away: sourceOf(away, `${FIELD}.rounds.${index}.ties.${at}.away`),
      legs: legs.length === 2 ? (2 as const) : (1 as const),
      appointments: legs,
      replays,
    })),
  }));
  const without = entrants.findIndex((_source, index) => !placed.has(index + 1));
  if (without !== -1)
    throw new PlanRefused('UNPLACED_ENTRANT', FIELD, `Entrant ${without + 1} is in no tie`, { entrant: without + 1 });
  const { given: _given, ...plain } = config;
  return drawGiven(plain, given);
}

type Ordered = { readonly round: number; readonly thirdPlace: boolean } & GivenRound['ties'][number];

/**
 * The plan of a single elimination that somebody else drew. Each tie has the sources of its sides: entrants, places, or
 * winners and losers of other ties.
 *
 * @param rounds the first one first
 * @throws PlanRefused for too many ties, a repeated or unknown key, ties that wait for each other, and a winner or
 *   loser that two ties take.
 */
export function drawGiven(config: SingleEliminationConfig, rounds: readonly GivenRound[]): StagePlan {
  const ties: Ordered[] = [];
  for (const [index, { ties: own, thirdPlace }] of rounds.entries())
    // A round for the third place is a bracket of its own, with the part THIRD_PLACE and the number 1.
    for (const given of own)
      ties.push({ ...given, thirdPlace, round: thirdPlace ? 1 : index + 1 - earlier(rounds, index) });
  if (ties.length > LIMITS.knockout)
    throw new PlanRefused('TOO_MANY_MATCHES', FIELD, `A bracket has at most ${LIMITS.knockout} ties`, {
      matches: ties.length,
      most: LIMITS.knockout,
    });
  const byKey = new Map(ties.map((given) => [given.key, given]));
  if (byKey.size < ties.length) throw new PlanRefused('DUPLICATE_SLOT', FIELD, 'Two ties have the same key');
  const ordered = inOrder(ties, byKey);
  refuseTwice(ordered);
  const positions = positionsOf(ordered, byKey);
  const slots = ordered.flatMap(({ key, round, thirdPlace, home, away, legs, appointments, replays }) =>
    tie(
      { key, bracket: thirdPlace ? 'THIRD_PLACE' : 'WINNERS', round, position: positions.get(key)! },
      home,
      away,
      legs,
    ).map((slot, leg) => ({
      ...slot,
      ...(appointments?.[leg] && { appointment: appointments[leg] }),
      ...(replays && { needsWinner: false, replays }),
    })),
  );
  return {
    config,
    groups: [],
    rounds: rounds.map(({ name, thirdPlace }, index): PlannedRound => ({
      group: null,
      bracket: thirdPlace ? 'THIRD_PLACE' : 'WINNERS',
      number: thirdPlace ? 1 : index + 1 - earlier(rounds, index),
      name,
    })),
    slots: linked(slots),
  };
}

/** The number of third-place rounds before this one. They are not counted in the numbers of rounds. */
const earlier = (rounds: readonly GivenRound[], index: number): number =>
  rounds.slice(0, index).filter(({ thirdPlace }) => thirdPlace).length;

const feeders = ({ home, away }: Ordered): string[] =>
  [home, away].flatMap((source) => (source.kind === 'WINNER' || source.kind === 'LOSER' ? [source.slot] : []));

/** The ties, each after the ties whose winner or loser it takes. */
function inOrder(ties: readonly Ordered[], byKey: ReadonlyMap<string, Ordered>): Ordered[] {
  const done = new Set<Ordered>();
  const visit = (given: Ordered, above: ReadonlySet<Ordered>): void => {
    if (done.has(given)) return;
    if (above.has(given))
      throw new PlanRefused('PROGRESSION_CYCLE', FIELD, `Match ${given.key} waits for itself`, { slot: given.key });
    for (const key of feeders(given)) {
      const feeder = byKey.get(key);
      if (!feeder) throw new PlanRefused('UNKNOWN_SLOT', FIELD, `There is no match ${key}`, { slot: key });
      visit(feeder, new Set([...above, given]));
    }
    done.add(given);
  };
  for (const given of ties) visit(given, new Set());
  return [...done];
}

/** Refuses a winner or loser that two ties take. */
function refuseTwice(ties: readonly Ordered[]): void {
  const taken = new Set<string>();
  for (const source of ties.flatMap(({ home, away }) => [home, away])) {
    if (source.kind !== 'WINNER' && source.kind !== 'LOSER') continue;
    const outcome = `${source.kind} ${source.slot}`;
    if (taken.has(outcome))
      throw new PlanRefused('OUTCOME_TAKEN_TWICE', FIELD, `Two matches wait for one side of ${source.slot}`, {
        slot: source.slot,
      });
    taken.add(outcome);
  }
}

/**
 * Positions as in a full bracket, so that a picture of it has no crossing lines. It starts at the last match and goes
 * back: the ties that lead to position p have the positions 2p-1 and 2p, one round earlier.
 */
function positionsOf(ordered: readonly Ordered[], byKey: ReadonlyMap<string, Ordered>): Map<string, number> {
  const positions = new Map<string, number>();
  const used = new Map<string, number>();
  for (const given of ordered.toReversed()) {
    const row = `${given.thirdPlace} ${given.round}`;
    // No other tie takes its winner, so it gets the next free position of its round.
    if (!positions.has(given.key)) positions.set(given.key, 1 + (used.get(row) ?? 0));
    const own = positions.get(given.key)!;
    used.set(row, Math.max(own, used.get(row) ?? 0));
    if (given.thirdPlace) continue;
    for (const [index, source] of [given.home, given.away].entries())
      if (source.kind === 'WINNER') {
        const feeder = byKey.get(source.slot)!;
        const back = Math.max(1, given.round - feeder.round);
        positions.set(feeder.key, (2 * own - 1 + index - 1) * 2 ** (back - 1) + 1);
      }
  }
  return positions;
}
