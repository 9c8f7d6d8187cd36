import type { MatchMoment } from './content.ts';
import type { Texts } from './texts.ts';

/** An event of a match as one line: "Goal: Ivanov (assist: Petrov)". */
export function momentText({ kind, detail, player, other, points, reason }: MatchMoment, texts: Texts): string {
  const { words } = texts;
  const because = reason === null ? '' : `: ${reason}`;
  const who = player === null ? '' : `: ${player}`;
  switch (kind) {
    case 'GOAL':
      return (
        `${texts.value(detail)}${points > 1 ? ` (+${points})` : ''}${who}` +
        (other === null ? '' : ` (${words.assist}: ${other})`)
      );
    case 'CARD':
      return `${texts.value(detail)}${who}`;
    case 'SUBSTITUTION':
      return `${texts.value(kind)}${who}${other === null ? '' : ` (${words.off}: ${other})`}`;
    case 'PERIOD':
      return detail === 'SHOOTOUT' ? words.shootout : `${words.periodNumber} ${detail}`;
    case 'STATE':
      return `${capital(texts.value(detail))}${because}`;
    case 'RESULT':
      return `${words.result}: ${texts.value(detail)}${because}`;
  }
}

export const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
