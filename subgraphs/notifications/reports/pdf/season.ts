import type { SeasonContent } from '../content.ts';
import type { Texts } from '../texts.ts';
import { matchColumns, matchRow } from './matches.ts';
import { COLOURS, type Sheet } from './sheet.ts';

export async function drawSeason(sheet: Sheet, season: SeasonContent, texts: Texts): Promise<void> {
  const { words } = texts;
  const { sums } = season;
  sheet.addPage();
  sheet.title(season.name ?? words.unavailable, words.seasonReport);
  sheet.facts([
    [words.season, `${texts.moment(season.from)} – ${texts.moment(season.to)}`],
    [words.sport, texts.value(season.sport)],
    [words.team, season.of === 'PLAYER' ? season.team : null],
  ]);
  if (sums) {
    sheet.heading(words.statistics);
    await sheet.table(
      [words.games, words.won, words.drawn, words.lost, words.scored, words.conceded, words.difference].map(
        (title) => ({ title, width: 1, align: 'right' }),
      ),
      [
        {
          cells: [
            sums.played,
            sums.won,
            sums.drawn,
            sums.lost,
            sums.scored,
            sums.conceded,
            sums.scored - sums.conceded,
          ].map((value) => String(value).replace('-', '−')),
        },
      ],
    );
  }
  if (season.players.length > 0) {
    sheet.heading(words.players);
    const hasPoints = season.players.some(({ goals, points }) => goals !== points);
    await sheet.table(
      [
        { title: words.player, width: 36 },
        ...[
          words.games,
          words.count,
          ...(hasPoints ? [words.pointsLong] : []),
          words.penalties,
          words.ownGoals,
          words.assists,
          words.yellow,
          words.secondYellow,
          words.red,
        ].map((title) => ({ title, width: 11, align: 'right' as const })),
      ],
      season.players.map(({ name, ...of }) => ({
        cells: [
          name,
          ...[
            of.played,
            of.goals,
            ...(hasPoints ? [of.points] : []),
            of.penalties,
            of.ownGoals,
            of.assists,
            of.yellow,
            of.secondYellow,
            of.red,
          ].map(String),
        ],
      })),
      7,
    );
  }
  sheet.heading(words.results);
  if (season.matches.length === 0) sheet.text(words.noMatches, { size: 9, colour: COLOURS.grey });
  else
    await sheet.table(
      matchColumns(texts),
      season.matches.map((match) => matchRow(match, texts)),
    );
  if (season.isCut) sheet.text(words.isCut, { size: 8, colour: COLOURS.grey });
}
