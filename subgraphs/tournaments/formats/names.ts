// English names of rounds and slots, and the labels of sides that are not known yet.
import type { BracketName, PlannedRound, Slot, Source, StagePlan } from './plan.ts';

/** The rounds of these slots with their names, in the order of the slots. @param last the last round of WINNERS */
export function knockoutRounds(
  slots: readonly { bracket: BracketName; round: number }[],
  last: number,
  isDouble = false,
): PlannedRound[] {
  const rounds = new Map<string, PlannedRound>();
  const lastOfLosers = Math.max(0, ...slots.map(({ bracket, round }) => (bracket === 'LOSERS' ? round : 0)));
  const nameOf = (bracket: BracketName, number: number): string => {
    if (bracket === 'THIRD_PLACE') return 'Third place';
    if (bracket === 'FINAL') return number === 1 ? 'Final' : 'Second final';
    if (bracket === 'LOSERS') return number === lastOfLosers ? 'Losers final' : `Losers round ${number}`;
    const name = ['Final', 'Semi-finals', 'Quarter-finals'][last - number] ?? `Round of ${2 ** (last - number + 1)}`;
    return isDouble ? `Winners ${name[0]!.toLowerCase()}${name.slice(1)}` : name;
  };
  for (const { bracket, round: number } of slots)
    if (!rounds.has(`${bracket} ${number}`))
      rounds.set(`${bracket} ${number}`, { group: null, bracket, number, name: nameOf(bracket, number) });
  return [...rounds.values()];
}

/** A stage that labels can refer to. */
export interface NamedStage {
  readonly name: string;
  readonly plan: StagePlan;
}

export interface Names {
  /**
   * The name of a slot, for example "Quarter-final 2", "Final", "Round of 16 match 3", "Semi-final 1, second leg" or
   * "Group A, round 2".
   */
  slot(slot: Slot): string;
  /**
   * The label of a side that is not known yet, for example "Winner of Group A", "Runner-up of League", "Loser of
   * Semi-final 1", "3rd of A/B/C/D", "Best 3rd" or "Bye". Null for a source that names an entrant, because clients show
   * its team's name.
   */
  label(source: Source): string | null;
}

/**
 * The names of slots and sources in a plan. Use one object for many names: it indexes the plan once.
 *
 * @param stages all stages by their number.
 */
export function namesIn(plan: StagePlan, stages: ReadonlyMap<number, NamedStage>): Names {
  const rounds = new Map(plan.rounds.map((round) => [`${round.bracket} ${round.group} ${round.number}`, round.name]));
  const groups = new Map(plan.groups.map(({ number, name }) => [number, name]));
  const slots = new Map(plan.slots.map((slot) => [slot.key, slot]));
  /** The number of each tie in its round. It differs from the position, because byes have positions and no tie. */
  const ties = new Map<string, { count: number; numbers: Map<number, number> }>();
  const tiesOf = ({ bracket, round }: Slot) => {
    const key = `${bracket} ${round}`;
    const found = ties.get(key) ?? { count: 0, numbers: new Map<number, number>() };
    ties.set(key, found);
    return found;
  };
  for (const slot of plan.slots) if (slot.leg !== 2) tiesOf(slot).numbers.set(slot.position, (tiesOf(slot).count += 1));

  const tieName = (slot: Slot): string => {
    const round = rounds.get(`${slot.bracket} ${slot.group} ${slot.round}`) ?? `Round ${slot.round}`;
    if (slot.bracket === 'TABLE')
      return groups.size > 1 ? `${groups.get(slot.group ?? 0)}, ${round.toLowerCase()}` : round;
    const single = round.endsWith('finals') ? round.slice(0, -1) : round;
    const { count, numbers } = tiesOf(slot);
    if (count === 1) return single;
    return `${single === round ? `${round} match` : single} ${numbers.get(slot.position)}`;
  };

  return {
    slot: (slot) => tieName(slot) + (slot.leg === null ? '' : slot.leg === 1 ? ', first leg' : ', second leg'),
    label: (source) => {
      switch (source.kind) {
        case 'ENTRANT':
          return null;
        case 'BYE':
          return 'Bye';
        case 'WINNER':
        case 'LOSER': {
          const slot = slots.get(source.slot);
          return `${source.kind === 'WINNER' ? 'Winner' : 'Loser'} of ${slot ? tieName(slot) : source.slot}`;
        }
        case 'PLACE':
          return placeLabel(source, stages.get(source.stage));
        case 'BEST':
          return bestLabel(source, stages.get(source.stage));
      }
    },
  };
}

function placeLabel(
  { stage, group, place }: Extract<Source, { kind: 'PLACE' }>,
  named: NamedStage | undefined,
): string {
  const groups = named?.plan.groups ?? [];
  const of = groups.length > 1 ? groups.find(({ number }) => number === group)?.name : named?.name;
  return `${['Winner', 'Runner-up'][place - 1] ?? ordinal(place)} of ${of ?? `stage ${stage}`}`;
}

function bestLabel({ place, rank, groups }: Extract<Source, { kind: 'BEST' }>, named: NamedStage | undefined): string {
  if (groups === null) return rank === 1 ? `Best ${ordinal(place)}` : `${ordinal(rank)} best ${ordinal(place)}`;
  const names = groups.map((of) => named?.plan.groups.find(({ number }) => number === of)?.name ?? String(of));
  return `${ordinal(place)} of ${names.map((name) => name.replace(/^Group /, '')).join('/')}`;
}

/** 1st, 2nd, 3rd, 4th, 11th, 21st … */
function ordinal(number: number): string {
  const teen = number % 100 >= 11 && number % 100 <= 13;
  return `${number}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th')}`;
}
