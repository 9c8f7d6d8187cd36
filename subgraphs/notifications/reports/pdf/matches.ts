import type { MatchLine } from '../content.ts';
import type { Texts } from '../texts.ts';
import type { Column, Row } from './sheet.ts';

/** The columns of a list of matches. */
export const matchColumns = ({ words }: Texts): Column[] => [
  { title: words.date, width: 27 },
  { title: words.home, width: 28, align: 'right' },
  { title: words.score, width: 14, align: 'centre' },
  { title: words.away, width: 28 },
  { title: words.venue, width: 18 },
];

/** The states that a line of a match mentions, because a reader must know them to understand the score. */
const NOTEWORTHY = new Set(['WALKOVER', 'POSTPONED', 'SUSPENDED', 'ABANDONED', 'CANCELLED', 'LIVE', 'BREAK']);

export function matchRow(
  { home, away, kickoffAt, isEstimate, state, score, how, counts, venue }: MatchLine,
  texts: Texts,
): Row {
  const { words } = texts;
  const remarks = [
    NOTEWORTHY.has(state) ? texts.value(state) : how === 'AWARDED' ? texts.value(how) : null,
    state === 'FINISHED' && !counts ? words.provisional : null,
  ].filter((remark) => remark !== null);
  return {
    cells: [
      `${isEstimate ? `${words.earliest} ` : ''}${texts.moment(kickoffAt)}`,
      home ?? words.unavailable,
      [texts.score(score), ...remarks].join('\n'),
      away ?? words.unavailable,
      venue ?? '',
    ],
  };
}
