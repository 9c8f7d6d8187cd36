import type { MatchContent, MatchMoment, MatchSide, SquadMember } from '../content.ts';
import { matchStatistics } from '../match-statistics.ts';
import { momentText } from '../moments.ts';
import type { Texts } from '../texts.ts';
import { COLOURS, MARGIN, type Sheet } from './sheet.ts';

export async function drawMatch(sheet: Sheet, match: MatchContent, texts: Texts): Promise<void> {
  const { words } = texts;
  const nameOf = ({ name }: MatchSide): string => name ?? words.unavailable;
  sheet.addPage();
  sheet.title(
    words.matchReport,
    [match.competition, match.round && texts.name(match.round)].filter(Boolean).join(', ') || texts.value(match.sport),
  );
  drawScore(sheet, match, texts, nameOf(match.home), nameOf(match.away));
  const periods = match.score.periods.map(({ home, away }) => `${home}:${away}`).join(', ');
  const { shootout } = match.score;
  const winner = match.winner && nameOf(match.winner === 'HOME' ? match.home : match.away);
  sheet.facts([
    [words.kickoff, `${match.isEstimate ? `${words.earliest} ` : ''}${texts.moment(match.kickoffAt)}`],
    [words.venue, match.venue],
    [words.sport, texts.value(match.sport)],
    [words.group, match.group && texts.name(match.group)],
    [words.referee, match.referee],
    [words.state, texts.value(match.state)],
    [words.result, match.how === null || match.how === 'PLAYED' ? null : texts.value(match.how)],
    [words.winner, winner],
    [words.periods, periods || null],
    [words.shootout, shootout && `${shootout.home}:${shootout.away}`],
  ]);

  sheet.heading(words.events);
  if (match.moments.length === 0) sheet.text(words.noEvents, { size: 9, colour: COLOURS.grey });
  else
    await sheet.table(
      [
        { title: words.minute, width: 8, align: 'right' },
        { title: words.score, width: 10, align: 'centre' },
        { title: words.event, width: 50 },
        { title: words.team, width: 32 },
      ],
      match.moments.map((moment) => ({
        cells: [
          moment.minute ?? '',
          showsScore(moment) ? `${moment.score.home}:${moment.score.away}` : '',
          momentText(moment, texts),
          moment.side === null ? '' : nameOf(moment.side === 'HOME' ? match.home : match.away),
        ],
        ...(moment.kind === 'PERIOD' || moment.kind === 'STATE' ? { face: 'bold' as const } : {}),
      })),
    );

  sheet.heading(words.statistics);
  await sheet.table(
    [
      { title: nameOf(match.home), width: 35, align: 'right' },
      { title: '', width: 30, align: 'centre' },
      { title: nameOf(match.away), width: 35 },
    ],
    matchStatistics(match, texts).map(([name, home, away]) => ({ cells: [String(home), name, String(away)] })),
  );

  sheet.heading(words.lineups);
  if (!match.home.lineup && !match.away.lineup) sheet.text(words.noLineup, { size: 9, colour: COLOURS.grey });
  else
    for (const [title, of] of [
      [words.starters, (side: MatchSide) => side.lineup?.starters ?? []],
      [words.bench, (side: MatchSide) => side.lineup?.bench ?? []],
    ] as const) {
      const [home, away] = [of(match.home), of(match.away)];
      const length = Math.max(home.length, away.length);
      if (length === 0) continue;
      sheet.heading(title, 2, 30);
      await sheet.table(
        [
          { title: nameOf(match.home), width: 50 },
          { title: nameOf(match.away), width: 50 },
        ],
        Array.from({ length }, (_, index) => ({ cells: [memberText(home[index]), memberText(away[index])] })),
      );
    }
}

const showsScore = ({ kind, inShootout }: MatchMoment): boolean =>
  (kind === 'GOAL' && !inShootout) || kind === 'RESULT';

const memberText = (member: SquadMember | undefined): string =>
  member ? `${member.number === null ? '' : `${member.number}  `}${member.name}` : '';

/** The names of both teams with the score between them. */
function drawScore(sheet: Sheet, match: MatchContent, texts: Texts, home: string, away: string): void {
  const hasScore = match.how !== null || ['LIVE', 'BREAK', 'SUSPENDED', 'ABANDONED'].includes(match.state);
  const score = hasScore ? `${match.score.home}:${match.score.away}` : '–:–';
  const style = { size: 24, face: 'bold' as const };
  const middle = Math.max(90, sheet.widthOf(score, style) + 24);
  const width = (sheet.width - middle) / 2;
  const names = [home, away].map((name) => sheet.fitInto(name, width - 8, 60, [15, 13, 11, 9, 8], { face: 'bold' }));
  const below = [
    match.score.shootout
      ? `${match.score.shootout.home}:${match.score.shootout.away} ${texts.words.afterShootout}`
      : null,
    hasScore && !match.counts ? texts.words.provisional : null,
  ].filter((one) => one !== null);
  const heights = names.map(({ lines, size }) => sheet.heightOf(lines.length, size));
  const scoreHeight = sheet.heightOf(1, style.size) + sheet.heightOf(below.length, 9);
  const height = Math.max(...heights, scoreHeight);
  sheet.ensure(height + 14);
  const { y } = sheet;
  for (const [index, { lines, size }] of names.entries())
    sheet.lines(
      lines,
      index === 0 ? MARGIN : MARGIN + width + middle + 8,
      y + (height - (heights[index] ?? 0)) / 2,
      width - 8,
      { size, face: 'bold', align: index === 0 ? 'right' : 'left' },
    );
  const top = y + (height - scoreHeight) / 2;
  const used = sheet.lines([score], MARGIN + width, top, middle, { ...style, align: 'centre' });
  sheet.lines(below, MARGIN + width, top + used, middle, { size: 9, colour: COLOURS.grey, align: 'centre' });
  sheet.y = y + height + 14;
}
