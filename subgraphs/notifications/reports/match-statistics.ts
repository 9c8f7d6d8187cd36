import type { MatchContent, MatchMoment, Side } from './content.ts';
import type { Texts } from './texts.ts';

/** Counts what the events of a match say about each side. Lines in which both sides have nothing are left out. */
export function matchStatistics(
  { score, moments }: MatchContent,
  { words, value }: Texts,
): readonly (readonly [name: string, home: number, away: number])[] {
  const count = (of: (moment: MatchMoment) => boolean): [number, number] => {
    const on = (side: Side): number => moments.filter((moment) => moment.side === side && of(moment)).length;
    return [on('HOME'), on('AWAY')];
  };
  const goal = (detail: string) =>
    count(({ kind, detail: of, inShootout }) => kind === 'GOAL' && of === detail && !inShootout);
  const card = (detail: string) => count(({ kind, detail: of }) => kind === 'CARD' && of === detail);
  // The side of an own goal is the one that it counts for. The statistics list it for the other side, whose player shot
  // it.
  const [own, others] = goal('OWN_GOAL');
  const lines: [string, number, number][] = [
    [words.penalties, ...goal('PENALTY')],
    [words.ownGoals, others, own],
    [value('YELLOW'), ...card('YELLOW')],
    [value('SECOND_YELLOW'), ...card('SECOND_YELLOW')],
    [value('RED'), ...card('RED')],
    [words.substitutions, ...count(({ kind }) => kind === 'SUBSTITUTION')],
  ];
  return [[words.score, score.home, score.away], ...lines.filter(([, home, away]) => home + away > 0)];
}
