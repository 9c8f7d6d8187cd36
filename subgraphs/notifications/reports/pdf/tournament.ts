import type { Ranked, Stage, TableRow, TournamentContent } from '../content.ts';
import { capital } from '../moments.ts';
import type { Texts } from '../texts.ts';
import { drawBracket } from './bracket.ts';
import { matchColumns, matchRow } from './matches.ts';
import { COLOURS, type Column, type Row, type Sheet } from './sheet.ts';

export async function drawTournament(sheet: Sheet, tournament: TournamentContent, texts: Texts): Promise<void> {
  const { words } = texts;
  sheet.addPage();
  sheet.title(tournament.name, words.tournamentReport);
  sheet.facts([
    [words.sport, texts.value(tournament.sport)],
    [words.state, capital(texts.value(tournament.state))],
    [words.starts, texts.moment(tournament.startsAt)],
    [words.city, tournament.city],
    [words.teams, String(tournament.teamCount)],
    [words.organizers, tournament.organizers.filter((name) => name !== null).join(', ') || null],
    [words.champion, tournament.champion],
    [words.bestPlayer, tournament.bestPlayer],
  ]);
  if (tournament.stages.length === 0) sheet.text(words.noStages, { size: 9, colour: COLOURS.grey });
  for (const stage of tournament.stages) {
    for (const { name, rows } of stage.groups)
      if (rows.length > 0) {
        // A group's table moves to a new page if it does not fit on this one. A table higher than 300 points may break.
        sheet.heading(`${texts.name(stage.name)}: ${texts.name(name)}`, 1, Math.min(300, 20 + rows.length * 24));
        await sheet.table(
          tableColumns(texts),
          rows.map((row) => tableRow(row, texts)),
        );
      }
    if (stage.ties.length > 0) await drawBracket(sheet, stage, texts);
  }
  await drawAwards(sheet, tournament, texts);
  for (const stage of tournament.stages) await drawResults(sheet, stage, texts);
}

const tableColumns = ({ words }: Texts): Column[] => [
  { title: words.rank, width: 6, align: 'right' },
  { title: words.team, width: 44 },
  { title: words.played, width: 6, align: 'right' },
  { title: words.won, width: 6, align: 'right' },
  { title: words.drawn, width: 6, align: 'right' },
  { title: words.lost, width: 6, align: 'right' },
  { title: words.goals, width: 12, align: 'centre' },
  { title: words.difference, width: 8, align: 'right' },
  { title: words.points, width: 8, align: 'right' },
];

function tableRow(row: TableRow, texts: Texts): Row {
  const { words } = texts;
  const difference = row.scoreFor - row.scoreAgainst;
  const notes = [
    row.decidedBy === null ? null : `${words.decidedBy}: ${texts.value(row.decidedBy)}`,
    row.tied ? words.tied : null,
    row.provisional ? words.unconfirmed : null,
    ...row.deductions.map(
      ({ points, reason, madeAt }) => `${words.deduction} ${signed(points)}: ${reason} (${texts.day(madeAt)})`,
    ),
  ].filter((note) => note !== null);
  return {
    cells: [
      `${row.rank}${row.tied ? '=' : ''}`,
      row.team ?? words.unavailable,
      String(row.played),
      String(row.won),
      String(row.drawn),
      String(row.lost),
      `${row.scoreFor}:${row.scoreAgainst}`,
      signed(difference),
      `${row.points}${row.deductions.length > 0 ? '*' : ''}`,
    ],
    ...(notes.length > 0 && { note: notes.join('. ') }),
  };
}

/** "+3", "−2", "0", with the sign for minus. */
const signed = (value: number): string => (value > 0 ? `+${value}` : value < 0 ? `−${-value}` : '0');

async function drawAwards(sheet: Sheet, tournament: TournamentContent, texts: Texts): Promise<void> {
  const { words } = texts;
  const { scorers, assists, fairPlay } = tournament;
  if (scorers.length + assists.length + fairPlay.length > 0) sheet.portrait();
  if (scorers.length > 0) {
    sheet.heading(words.scorers);
    // Basketball counts baskets and their points. In football both are the same.
    const hasPoints = scorers.some(({ count, points }) => count !== points);
    await sheet.table(
      [
        ...rankedColumns(words.count, texts),
        ...(hasPoints ? [{ title: words.pointsLong, width: 12, align: 'right' as const }] : []),
      ],
      scorers.map((row) => ({ cells: [...rankedCells(row, texts), ...(hasPoints ? [String(row.points)] : [])] })),
    );
  }
  if (assists.length > 0) {
    sheet.heading(words.assists);
    await sheet.table(
      rankedColumns(words.assists, texts),
      assists.map((row) => ({ cells: rankedCells(row, texts) })),
    );
  }
  if (fairPlay.length > 0) {
    sheet.heading(words.fairPlay);
    await sheet.table(
      [
        { title: words.rank, width: 6, align: 'right' },
        { title: words.team, width: 46 },
        { title: words.pointsLong, width: 12, align: 'right' },
        { title: words.yellow, width: 12, align: 'right' },
        { title: words.secondYellow, width: 16, align: 'right' },
        { title: words.red, width: 12, align: 'right' },
      ],
      fairPlay.map((row) => ({
        cells: [
          String(row.rank),
          row.team ?? words.unavailable,
          signed(row.points),
          String(row.yellow),
          String(row.secondYellow),
          String(row.red),
        ],
      })),
    );
  }
}

const rankedColumns = (title: string, { words }: Texts): Column[] => [
  { title: words.rank, width: 6, align: 'right' },
  { title: words.player, width: 40 },
  { title: words.team, width: 40 },
  { title, width: 12, align: 'right' },
];

const rankedCells = ({ rank, player, team, count }: Ranked, { words }: Texts): string[] => [
  String(rank),
  player ?? words.unavailable,
  team ?? words.unavailable,
  String(count),
];

async function drawResults(sheet: Sheet, stage: Stage, texts: Texts): Promise<void> {
  const rounds = stage.rounds.filter(({ matches }) => matches.length > 0);
  if (rounds.length === 0) return;
  sheet.portrait();
  sheet.heading(`${texts.words.results}: ${texts.name(stage.name)}`);
  for (const [group, of] of Map.groupBy(rounds, (round) => round.group)) {
    if (group !== null) sheet.heading(texts.name(group), 2);
    await sheet.table(
      matchColumns(texts),
      of.flatMap(({ name, matches }): Row[] => [
        { cells: [texts.name(name)], face: 'bold' },
        ...matches.map((match) => matchRow(match, texts)),
      ]),
    );
  }
}
