// Applies one criterion to level entrants: each gets a number, and a higher number is better.
import type { Criterion } from './rules.ts';
import { type Field, at, haveMet } from './table.ts';
import { type Tally, addTally, emptyTally } from './tally.ts';

/** The entrants that a criterion looks at. */
export interface Level {
  /** The entrants that are level after the earlier criteria. */
  readonly entrants: readonly number[];
  /** The entrants that were level where the block of head-to-head criteria began. */
  readonly among: readonly number[];
  /** All entrants with the same points as these. */
  readonly onPoints: readonly number[];
}

/** A key for each of `level.entrants`; null when the criterion cannot be applied to them. */
export function keysOf(field: Field, by: Criterion, { entrants, among, onPoints }: Level): readonly number[] | null {
  switch (by) {
    case 'FAIR_PLAY':
      return entrants.map((entrant) => at(field.fairPlay, entrant));
    case 'RANKING':
      return field.rankings.map((ranking) => placesIn(ranking, entrants)).find((keys) => keys !== null) ?? null;
    case 'LOTS':
      return placesIn(field.lots, entrants);
    case 'SHOOTOUT': {
      const [one, other] = entrants;
      if (one === undefined || other === undefined || onPoints.length !== 2) return null;
      return [at(field.shootouts, one).get(other) ?? 0, at(field.shootouts, other).get(one) ?? 0];
    }
    case 'BUCHHOLZ':
    case 'MEDIAN_BUCHHOLZ':
    case 'SONNEBORN_BERGER':
    case 'OPPONENTS_DIFFERENCE':
    case 'OPPONENTS_GOALS':
      return entrants.map((entrant) => OPPONENTS[by](field, entrant));
    case 'HEAD_TO_HEAD_POINTS':
    case 'HEAD_TO_HEAD_WINS':
    case 'HEAD_TO_HEAD_LOSSES':
    case 'HEAD_TO_HEAD_DIFFERENCE':
    case 'HEAD_TO_HEAD_GOALS':
    case 'HEAD_TO_HEAD_AWAY_GOALS':
    case 'HEAD_TO_HEAD_SET_QUOTIENT':
    case 'HEAD_TO_HEAD_POINT_QUOTIENT': {
      if (field.rules.headToHeadWhenComplete && !haveMet(field, among)) return null;
      const read = READ[by.slice('HEAD_TO_HEAD_'.length) as keyof typeof READ];
      return entrants.map((entrant) => read(tallyAmong(field, entrant, among)));
    }
    default:
      return entrants.map((entrant) => READ[by](at(field.total, entrant)));
  }
}

/** The keys that a list of places gives. Null unless the list names all these entrants. */
function placesIn(places: readonly (number | undefined)[], entrants: readonly number[]): number[] | null {
  const keys = entrants.map((entrant) => places[entrant]);
  return keys.every((place) => place !== undefined) ? keys.map((place) => -place) : null;
}

/** `over / under`. If `under` is 0: Infinity, or 0 if both are 0. */
const quotient = (over: number, under: number): number => (under > 0 ? over / under : over > 0 ? Infinity : 0);

const READ = {
  POINTS: ({ points }: Tally) => points,
  WINS: ({ won }: Tally) => won,
  LOSSES: ({ lost }: Tally) => 0 - lost,
  WIN_RATIO: ({ won, played }: Tally) => quotient(won, played),
  DIFFERENCE: ({ scoreFor, scoreAgainst }: Tally) => scoreFor - scoreAgainst,
  GOALS: ({ scoreFor }: Tally) => scoreFor,
  AWAY_GOALS: ({ awayGoals }: Tally) => awayGoals,
  AWAY_WINS: ({ awayWins }: Tally) => awayWins,
  GOAL_AVERAGE: ({ scoreFor, scoreAgainst }: Tally) => quotient(scoreFor, scoreAgainst),
  SET_QUOTIENT: ({ scoreFor, scoreAgainst }: Tally) => quotient(scoreFor, scoreAgainst),
  POINT_QUOTIENT: ({ setPointsFor, setPointsAgainst }: Tally) => quotient(setPointsFor, setPointsAgainst),
  AVERAGE_SCORE: ({ earnedFor, earnedIn }: Tally) => quotient(earnedFor, earnedIn),
};

function tallyAmong({ against }: Field, entrant: number, among: readonly number[]): Tally {
  const sum = emptyTally();
  for (const other of among) {
    const tally = at(against, entrant).get(other);
    if (tally) addTally(sum, tally);
  }
  return sum;
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** The points of the opponents, the fewest first. An opponent that the entrant met twice is in the list twice. */
const pointsOfOpponents = ({ total, against }: Field, entrant: number): number[] =>
  [...at(against, entrant)]
    .flatMap(([other, { played }]) => Array<number>(played).fill(at(total, other).points))
    .sort((a, b) => a - b);

/** A sum over the opponents. An opponent that the entrant met twice counts twice. */
const ofOpponents = ({ total, against }: Field, entrant: number, read: (tally: Tally) => number): number =>
  sumOf([...at(against, entrant)].map(([other, { played }]) => played * read(at(total, other))));

const OPPONENTS = {
  BUCHHOLZ: (field: Field, entrant: number) => sumOf(pointsOfOpponents(field, entrant)),
  /** Leaves out the strongest and the weakest opponent when there are three or more. */
  MEDIAN_BUCHHOLZ: (field: Field, entrant: number) => {
    const points = pointsOfOpponents(field, entrant);
    return sumOf(points.length < 3 ? points : points.slice(1, -1));
  },
  /** The points of beaten opponents, and half of the points of opponents after a draw. */
  SONNEBORN_BERGER: ({ total, against }: Field, entrant: number) =>
    sumOf([...at(against, entrant)].map(([other, { won, drawn }]) => (won + drawn / 2) * at(total, other).points)),
  OPPONENTS_DIFFERENCE: (field: Field, entrant: number) => ofOpponents(field, entrant, READ.DIFFERENCE),
  OPPONENTS_GOALS: (field: Field, entrant: number) => ofOpponents(field, entrant, READ.GOALS),
};
