// English names of rounds and slots, and the labels of sides that are not known yet.
import type { BracketName, PlannedRound, Slot, Source, StagePlan } from './plan.ts';

/** The rounds that have slots, in the order of the slots. `last` is the number of the last round of WINNERS. */
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

/** "Quarter-final 2", "Final", "Round of 16 match 3", "Semi-final 1, second leg", "Group A, round 2". */
export function slotName(plan: StagePlan, slot: Slot): string {
  const round = plan.rounds.find(
    ({ bracket, number, group }) => bracket === slot.bracket && number === slot.round && group === slot.group,
  );
  const name = round?.name ?? `Round ${slot.round}`;
  if (slot.bracket === 'TABLE') {
    const group = plan.groups.find(({ number }) => number === slot.group);
    return plan.groups.length > 1 && group ? `${group.name}, ${name.toLowerCase()}` : name;
  }
  return tieName(plan, slot, name) + (slot.leg === null ? '' : slot.leg === 1 ? ', first leg' : ', second leg');
}

function tieName(plan: StagePlan, slot: Slot, round: string): string {
  const ties = plan.slots.filter(
    ({ bracket, round: number, leg }) => bracket === slot.bracket && number === slot.round && leg !== 2,
  );
  const single = round.endsWith('finals') ? round.slice(0, -1) : round;
  if (ties.length === 1) return single;
  // Positions leave byes out; what people count are the matches.
  const number = 1 + ties.findIndex(({ position }) => position === slot.position);
  return single === round ? `${round} match ${number}` : `${single} ${number}`;
}

/** A stage as labels name it. */
export interface NamedStage {
  readonly name: string;
  readonly plan: StagePlan;
}

/**
 * A source in words: "Winner of Group A", "Runner-up of League", "Loser of Semi-final 1", "3rd of A/B/C/D", "Best 3rd".
 * An entrant has no label but its name, so null.
 *
 * @param own the plan of the stage that the source is in.
 * @param stages by their number.
 */
export function labelOf(source: Source, own: StagePlan, stages: ReadonlyMap<number, NamedStage>): string | null {
  switch (source.kind) {
    case 'ENTRANT':
      return null;
    case 'BYE':
      return 'Bye';
    case 'WINNER':
    case 'LOSER': {
      const slot = own.slots.find(({ key }) => key === source.slot);
      const tie = slot && slotName(own, slot).split(',')[0]!;
      return `${source.kind === 'WINNER' ? 'Winner' : 'Loser'} of ${tie ?? source.slot}`;
    }
    case 'PLACE': {
      const stage = stages.get(source.stage);
      const group = stage?.plan.groups.find(({ number }) => number === source.group);
      const of = stage && (stage.plan.groups.length > 1 && group ? group.name : stage.name);
      const place = ['Winner', 'Runner-up'][source.place - 1] ?? ordinal(source.place);
      return `${place} of ${of ?? `stage ${source.stage}`}`;
    }
    case 'BEST': {
      const groups = stages.get(source.stage)?.plan.groups ?? [];
      if (source.groups === null)
        return source.rank === 1
          ? `Best ${ordinal(source.place)}`
          : `${ordinal(source.rank)} best ${ordinal(source.place)}`;
      const names = source.groups.map((of) => groups.find(({ number }) => number === of)?.name ?? String(of));
      return `${ordinal(source.place)} of ${names.map((name) => name.replace(/^Group /, '')).join('/')}`;
    }
  }
}

/** 1st, 2nd, 3rd, 4th, 11th, 21st … */
function ordinal(number: number): string {
  const teen = number % 100 >= 11 && number % 100 <= 13;
  return `${number}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th')}`;
}
