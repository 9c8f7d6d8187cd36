import type {
  BracketSide,
  Edition,
  MatchContent,
  MatchLine,
  MatchMoment,
  SeasonContent,
  Stage,
  Tie,
  TournamentContent,
} from './content.ts';

/** A name of 80 characters, the longest that the product accepts. */
export const LONG_NAME = 'Объединённая дворовая спортивная команда «Щёлковский ёж и друзья» имени 50-летия';
/** One word of 80 wide letters, which is longer than a line of a report. */
export const LONG_WORD = 'Ж'.repeat(80);

const NAMES = ['Лисы двора', 'Ёжики', 'Спартак-2', 'Yard Wolves', 'Ракета', 'Çelik Spor', 'Зенит Юг', 'Метеор'];
export const teamName = (index: number): string =>
  index % 16 === 5 ? LONG_NAME : index % 16 === 11 ? LONG_WORD : `${NAMES[index % NAMES.length]} ${index + 1}`;

export const edition = (more: Partial<Edition> = {}): Edition => ({
  language: 'RU',
  timeZone: 'Europe/Moscow',
  madeAt: new Date('2026-06-01T12:00:00.000Z'),
  ...more,
});

export const line = (index: number, more: Partial<MatchLine> = {}): MatchLine => ({
  home: teamName(index),
  away: teamName(index + 1),
  kickoffAt: new Date(Date.UTC(2026, 5, 6, 8) + index * 3_600_000).toISOString(),
  isEstimate: index % 7 === 6,
  state: 'CONFIRMED',
  score: { home: index % 4, away: (index + 1) % 3, shootout: index % 12 === 4 ? { home: 4, away: 3 } : null },
  how: 'PLAYED',
  counts: true,
  venue: index % 3 === 0 ? 'Коробка во дворе дома 7' : null,
  round: null,
  ...more,
});

const side = (index: number, more: Partial<BracketSide> = {}): BracketSide => ({
  team: teamName(index),
  seed: index + 1,
  label: null,
  scores: [2],
  shootout: null,
  won: false,
  ...more,
});

const tieName = (ties: number, number: number): string =>
  ties === 2 ? `Semi-final ${number}` : ties === 4 ? `Quarter-final ${number}` : `Round of ${2 * ties} match ${number}`;

/**
 * The ties of a knock-out, played up to the middle of its rounds. With more than three teams, also a match for third
 * place.
 */
export function knockout(teams: number, legs = 1): Tie[] {
  const rounds = Math.ceil(Math.log2(teams));
  const ties: Tie[] = [];
  for (let round = 1; round <= rounds; round++) {
    const count = 2 ** (rounds - round);
    for (let position = 1; position <= count; position++) {
      const first = (position - 1) * 2 ** round;
      const isKnown = round <= rounds / 2 + 1;
      const unknown = (of: number): BracketSide =>
        side(0, { team: null, seed: null, scores: [], label: `Winner of ${tieName(2 * count, of)}` });
      const scores = Array.from({ length: legs }, (_, leg) => 2 + leg);
      ties.push({
        key: `${round} ${position}`,
        part: 'WINNERS',
        round,
        position,
        winnerTo: round === rounds ? null : `${round + 1} ${Math.ceil(position / 2)}`,
        home: isKnown ? side(first, { won: true, scores }) : unknown(position * 2 - 1),
        away: isKnown
          ? side(first + 2 ** (round - 1), { scores: scores.map(() => 2), shootout: position % 5 === 0 ? 3 : null })
          : unknown(position * 2),
      });
    }
  }
  if (teams > 3)
    ties.push({
      key: 'third',
      part: 'THIRD_PLACE',
      round: 1,
      position: 1,
      winnerTo: null,
      home: side(3),
      away: side(5, { won: true }),
    });
  return ties;
}

export function knockoutStage(teams: number, legs = 1): Stage {
  const ties = knockout(teams, legs);
  const last = Math.max(...ties.map(({ round }) => round));
  const nameOf = (round: number): string =>
    ['Final', 'Semi-finals', 'Quarter-finals'][last - round] ?? `Round of ${2 ** (last - round + 1)}`;
  return {
    name: 'Плей-офф',
    format: 'SINGLE_ELIMINATION',
    state: 'RUNNING',
    groups: [],
    rounds: [
      ...Array.from({ length: last }, (_, index) => ({
        name: nameOf(index + 1),
        part: 'WINNERS',
        number: index + 1,
        group: null,
        matches: ties
          .filter(({ part, round, home }) => part === 'WINNERS' && round === index + 1 && home.team !== null)
          .map((_tie, at) => line(at)),
      })),
      { name: 'Third place', part: 'THIRD_PLACE', number: 1, group: null, matches: [] },
    ],
    ties,
  };
}

export function groupStage(groups: number, teams: number): Stage {
  const name = (index: number): string => `Group ${String.fromCharCode(65 + index)}`;
  return {
    name: 'Групповой этап',
    format: 'ROUND_ROBIN',
    state: 'COMPLETED',
    groups: Array.from({ length: groups }, (_, group) => ({
      name: name(group),
      rows: Array.from({ length: teams }, (_row, index) => ({
        rank: index + 1,
        team: teamName(group * teams + index),
        played: teams - 1,
        won: teams - index - 1,
        drawn: 0,
        lost: index,
        scoreFor: 10 - index,
        scoreAgainst: 3 + index,
        points: 3 * (teams - index - 1) - (index === 1 ? 3 : 0),
        decidedBy: index === 2 ? 'HEAD_TO_HEAD_DIFFERENCE' : null,
        tied: index === 3,
        provisional: false,
        deductions:
          index === 1
            ? [{ points: -3, reason: 'Неявка на построение: решение оргкомитета', madeAt: '2026-05-30T10:00:00.000Z' }]
            : [],
      })),
    })),
    rounds: Array.from({ length: groups }, (_, group) =>
      Array.from({ length: teams - 1 }, (_round, round) => ({
        name: `Round ${round + 1}`,
        part: 'TABLE',
        number: round + 1,
        group: name(group),
        matches: Array.from({ length: Math.floor(teams / 2) }, (_match, index) =>
          line(group * teams + round * 3 + index),
        ),
      })),
    ).flat(),
    ties: [],
  };
}

export const tournament = (more: Partial<TournamentContent> = {}): TournamentContent => ({
  kind: 'TOURNAMENT',
  name: 'Кубок двора — «Золотой мяч» 2026',
  sport: 'FOOTBALL',
  state: 'RUNNING',
  city: 'Щёлково',
  startsAt: '2026-06-06T08:00:00.000Z',
  organizers: ['Анна Ёлкина', 'Борис'],
  teamCount: 32,
  champion: null,
  bestPlayer: 'Пётр Щербаков',
  stages: [groupStage(8, 4), knockoutStage(16)],
  scorers: Array.from({ length: 20 }, (_, index) => ({
    rank: index + 1,
    player: index === 3 ? LONG_NAME : `Игрок ${index + 1}`,
    team: teamName(index + 2),
    count: 20 - index,
    points: 20 - index,
  })),
  assists: [{ rank: 1, player: 'Пётр Щербаков', team: 'Лисы двора', count: 4, points: 4 }],
  fairPlay: [
    { rank: 1, team: 'Лисы двора', points: 0, yellow: 0, secondYellow: 0, red: 0 },
    { rank: 2, team: LONG_WORD, points: -5, yellow: 1, secondYellow: 0, red: 1 },
  ],
  ...more,
});

/** A tournament with about this many matches: a bracket of 64 teams, and as many groups of eight as are needed. */
export const tournamentOf = (matches: number): TournamentContent =>
  tournament({
    stages: [groupStage(Math.ceil((matches - 63) / 28), 8), knockoutStage(64)].map((stage) =>
      stage.ties.length === 0
        ? stage
        : {
            ...stage,
            rounds: stage.rounds.map((round) => ({
              ...round,
              matches: stage.ties
                .filter(({ part, round: number }) => part === round.part && number === round.number)
                .map((_tie, index) => line(index)),
            })),
          },
    ),
    teamCount: 264,
  });

export const countMatches = ({ stages }: TournamentContent): number =>
  stages.flatMap(({ rounds }) => rounds.flatMap(({ matches }) => matches)).length;

const moment = (more: Partial<MatchMoment>): MatchMoment => ({
  kind: 'GOAL',
  minute: null,
  side: null,
  detail: 'GOAL',
  player: null,
  other: null,
  points: 1,
  score: { home: 0, away: 0, shootout: null },
  reason: null,
  inShootout: false,
  ...more,
});

export const match = (more: Partial<MatchContent> = {}): MatchContent => ({
  kind: 'MATCH',
  sport: 'FOOTBALL',
  competition: 'Кубок двора',
  round: 'Semi-final 1',
  group: null,
  venue: 'Стадион «Труд», поле № 2',
  kickoffAt: '2026-06-06T08:00:00.000Z',
  isEstimate: false,
  state: 'CONFIRMED',
  how: 'PLAYED',
  winner: 'HOME',
  counts: true,
  referee: 'Семён Ильич',
  score: {
    home: 2,
    away: 1,
    shootout: null,
    periods: [
      { home: 1, away: 0 },
      { home: 1, away: 1 },
    ],
  },
  home: {
    name: 'Лисы двора',
    lineup: {
      starters: Array.from({ length: 11 }, (_, index) => ({ name: `Игрок Ёлкин-${index + 1}`, number: index + 1 })),
      bench: [{ name: LONG_NAME, number: null }],
    },
  },
  away: { name: 'Ёжики', lineup: { starters: [{ name: 'Щукин', number: 9 }], bench: [] } },
  moments: [
    moment({ kind: 'PERIOD', detail: '1' }),
    moment({
      minute: '12',
      side: 'HOME',
      player: 'Пётр Щербаков',
      other: 'Игрок Ёлкин-7',
      score: { home: 1, away: 0, shootout: null },
    }),
    moment({ kind: 'CARD', minute: '45+2', side: 'AWAY', detail: 'YELLOW', player: 'Щукин' }),
    moment({ kind: 'PERIOD', detail: '2' }),
    moment({
      minute: '60',
      side: 'AWAY',
      detail: 'PENALTY',
      player: 'Щукин',
      score: { home: 1, away: 1, shootout: null },
    }),
    moment({
      minute: '75',
      side: 'HOME',
      detail: 'OWN_GOAL',
      player: 'Защитник гостей',
      score: { home: 2, away: 1, shootout: null },
    }),
    moment({ kind: 'SUBSTITUTION', minute: '80', side: 'HOME', player: 'Сидоров', other: 'Пётр Щербаков' }),
    moment({ kind: 'STATE', detail: 'FINISHED', score: { home: 2, away: 1, shootout: null } }),
  ],
  ...more,
});

export const season = (more: Partial<SeasonContent> = {}): SeasonContent => ({
  kind: 'SEASON_STATISTICS',
  of: 'TEAM',
  name: 'Лисы двора',
  team: null,
  sport: 'FOOTBALL',
  from: '2026-03-01T00:00:00.000Z',
  to: '2026-11-01T00:00:00.000Z',
  sums: { played: 20, won: 12, drawn: 3, lost: 5, scored: 40, conceded: 41 },
  players: Array.from({ length: 14 }, (_, index) => ({
    name: index === 2 ? LONG_WORD : index === 4 ? LONG_NAME : `Игрок Ёлкин-${index + 1}`,
    played: 20 - index,
    goals: 14 - index,
    penalties: 1,
    points: 14 - index,
    ownGoals: 0,
    assists: 2,
    yellow: 1,
    secondYellow: 0,
    red: 0,
  })),
  matches: Array.from({ length: 20 }, (_, index) => line(index)),
  isCut: false,
  ...more,
});
