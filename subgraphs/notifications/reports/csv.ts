import type { Content, Edition, MatchContent, MatchLine, SeasonContent, TournamentContent } from './content.ts';
import { matchStatistics } from './match-statistics.ts';
import { momentText } from './moments.ts';
import { type Texts, textsOf } from './texts.ts';
import { MOST_BYTES, TooLarge } from './too-large.ts';

/** A number stays a number; null is an empty cell. */
type Cell = string | number | null;

/** Excel reads a file as UTF-8 only with this mark at its begin. */
const BOM = '\u{feff}';

/**
 * A spreadsheet runs a cell that begins with one of these characters as a formula. Some spreadsheets ignore spaces
 * before the character, or treat its full-width form like the character itself.
 */
const FORMULA = /^[\s\u200b\u{feff}]*[=+\-@＝＋－＠\t\r]/u;

/**
 * Writes a cell. A text that a spreadsheet would run as a formula gets an apostrophe before it. As RFC 4180 demands, a
 * text with a comma, a quote or a line break is quoted.
 */
export function cellOf(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) || /^[\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Writes a report as CSV (RFC 4180, UTF-8 with a byte order mark, comma). One file has all tables: the first cell of a
 * line names the table, and the first line of each table has the titles of its columns. All lines have the same number
 * of cells.
 * @throws TooLarge
 */
export function csvOf(content: Content, edition: Edition): Uint8Array {
  const texts = textsOf(edition);
  const tables = tablesOf(content, texts);
  const width = Math.max(...tables.flatMap(({ rows }) => rows.map((row) => row.length)));
  const lines = tables.flatMap(({ name, rows }) =>
    rows.map((row) =>
      [name, ...row, ...Array.from({ length: width - row.length }, () => null)].map((cell) => cellOf(cell)).join(','),
    ),
  );
  const body = Buffer.from(`${BOM}${lines.join('\r\n')}\r\n`);
  if (body.byteLength > MOST_BYTES) throw new TooLarge();
  return body;
}

interface Table {
  readonly name: string;
  /** The first row has the titles of the columns. */
  readonly rows: readonly (readonly Cell[])[];
}

function tablesOf(content: Content, texts: Texts): readonly Table[] {
  switch (content.kind) {
    case 'MATCH':
      return matchTables(content, texts);
    case 'TOURNAMENT':
      return tournamentTables(content, texts);
    case 'SEASON_STATISTICS':
      return seasonTables(content, texts);
  }
}

function matchTables(match: MatchContent, texts: Texts): Table[] {
  const { words } = texts;
  const nameOf = (side: 'HOME' | 'AWAY' | null): string | null =>
    side === null ? null : side === 'HOME' ? match.home.name : match.away.name;
  const score = match.how === null ? null : match.score;
  const facts: Cell[][] = [
    [words.home, match.home.name],
    [words.away, match.away.name],
    // Two cells, because spreadsheets read "2:1" as a time.
    [words.score, score?.home ?? null, score?.away ?? null],
    [words.shootout, score?.shootout?.home ?? null, score?.shootout?.away ?? null],
    [words.winner, nameOf(match.winner)],
    [words.state, texts.value(match.state)],
    [words.kickoff, texts.sortable(match.kickoffAt)],
    [words.venue, match.venue],
    [words.competition, match.competition],
    [words.round, match.round && texts.name(match.round)],
    [words.group, match.group && texts.name(match.group)],
    [words.referee, match.referee],
    [words.sport, texts.value(match.sport)],
  ];
  const members = [match.home, match.away].flatMap((side) =>
    (['starters', 'bench'] as const).flatMap((part) =>
      (side.lineup?.[part] ?? []).map((member): Cell[] => [side.name, words[part], member.number, member.name]),
    ),
  );
  return [
    { name: words.matchReport, rows: facts },
    {
      name: words.events,
      rows: [
        [words.minute, words.event, words.team, words.home, words.away],
        ...match.moments.map((moment): Cell[] => [
          moment.minute,
          momentText(moment, texts),
          nameOf(moment.side),
          moment.score.home,
          moment.score.away,
        ]),
      ],
    },
    { name: words.statistics, rows: [['', words.home, words.away], ...matchStatistics(match, texts)] },
    { name: words.lineups, rows: [[words.team, words.lineups, '№', words.player], ...members] },
  ];
}

function matchesTable(matches: readonly (MatchLine & { readonly of?: string })[], { words, ...texts }: Texts): Table {
  return {
    name: words.results,
    rows: [
      [
        words.round,
        words.date,
        words.home,
        words.away,
        ...[words.score, words.shootout].flatMap((of) => [`${of}: ${words.home}`, `${of}: ${words.away}`]),
        words.state,
        words.venue,
      ],
      ...matches.map((match): Cell[] => [
        match.of ?? (match.round && texts.name(match.round)),
        texts.sortable(match.kickoffAt),
        match.home,
        match.away,
        match.score?.home ?? null,
        match.score?.away ?? null,
        match.score?.shootout?.home ?? null,
        match.score?.shootout?.away ?? null,
        texts.value(match.state),
        match.venue,
      ]),
    ],
  };
}

function tournamentTables(tournament: TournamentContent, texts: Texts): Table[] {
  const { words } = texts;
  const groups = tournament.stages.flatMap(({ name: stage, groups: of }) =>
    of.flatMap(({ name, rows }) => rows.map((row) => ({ ...row, stage: texts.name(stage), group: texts.name(name) }))),
  );
  const matches = tournament.stages.flatMap((stage) =>
    stage.rounds.flatMap(({ name, group, matches: of }) =>
      of.map((match) => ({
        ...match,
        of: [stage.name, group, name]
          .filter((one) => one !== null)
          .map(texts.name)
          .join(', '),
      })),
    ),
  );
  return [
    {
      name: words.tournamentReport,
      rows: [
        [words.tournamentReport, tournament.name],
        [words.sport, texts.value(tournament.sport)],
        [words.state, texts.value(tournament.state)],
        [words.starts, texts.sortable(tournament.startsAt)],
        [words.city, tournament.city],
        [words.teams, tournament.teamCount],
        [words.champion, tournament.champion],
        [words.bestPlayer, tournament.bestPlayer],
      ],
    },
    {
      name: words.tables,
      rows: [
        [
          words.stage,
          words.group,
          words.rank,
          words.team,
          words.played,
          words.won,
          words.drawn,
          words.lost,
          words.scored,
          words.conceded,
          words.difference,
          words.pointsLong,
          words.decidedBy,
          words.changes,
        ],
        ...groups.map((row): Cell[] => [
          row.stage,
          row.group,
          row.rank,
          row.team,
          row.played,
          row.won,
          row.drawn,
          row.lost,
          row.scoreFor,
          row.scoreAgainst,
          row.scoreFor - row.scoreAgainst,
          row.points,
          row.decidedBy && texts.value(row.decidedBy),
          row.deductions.map(({ points, reason }) => `${points}: ${reason}`).join('; ') || null,
        ]),
      ],
    },
    matchesTable(matches, texts),
    {
      name: words.scorers,
      rows: [
        [words.rank, words.player, words.team, words.count, words.pointsLong],
        ...tournament.scorers.map(({ rank, player, team, count, points }): Cell[] => [
          rank,
          player,
          team,
          count,
          points,
        ]),
      ],
    },
    {
      name: words.assists,
      rows: [
        [words.rank, words.player, words.team, words.assists],
        ...tournament.assists.map(({ rank, player, team, count }): Cell[] => [rank, player, team, count]),
      ],
    },
    {
      name: words.fairPlay,
      rows: [
        [words.rank, words.team, words.pointsLong, words.yellow, words.secondYellow, words.red],
        ...tournament.fairPlay.map(({ rank, team, points, yellow, secondYellow, red }): Cell[] => [
          rank,
          team,
          points,
          yellow,
          secondYellow,
          red,
        ]),
      ],
    },
  ];
}

function seasonTables(season: SeasonContent, texts: Texts): Table[] {
  const { words } = texts;
  const { sums } = season;
  return [
    {
      name: words.seasonReport,
      rows: [
        [season.of === 'TEAM' ? words.team : words.player, season.name],
        ...(season.of === 'PLAYER' ? [[words.team, season.team]] : []),
        [words.sport, texts.value(season.sport)],
        [words.season, texts.sortable(season.from), texts.sortable(season.to)],
      ],
    },
    ...(sums
      ? [
          {
            name: words.statistics,
            rows: [
              [words.games, words.won, words.drawn, words.lost, words.scored, words.conceded, words.difference],
              [sums.played, sums.won, sums.drawn, sums.lost, sums.scored, sums.conceded, sums.scored - sums.conceded],
            ],
          },
        ]
      : []),
    {
      name: words.players,
      rows: [
        [
          words.player,
          words.games,
          words.count,
          words.pointsLong,
          words.penalties,
          words.ownGoals,
          words.assists,
          words.yellow,
          words.secondYellow,
          words.red,
        ],
        ...season.players.map((of): Cell[] => [
          of.name,
          of.played,
          of.goals,
          of.points,
          of.penalties,
          of.ownGoals,
          of.assists,
          of.yellow,
          of.secondYellow,
          of.red,
        ]),
      ],
    },
    matchesTable(season.matches, texts),
  ];
}
