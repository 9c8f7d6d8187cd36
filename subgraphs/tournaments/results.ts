// Turns rows of results and rulings into the input of the pure functions.
import { matchScore } from '../../schema/messages/matches.ts';
import { profileOf } from '../../schema/sports.ts';
import type { StageResult } from './course.ts';
import type { Result, Ruling } from './generated/prisma/client.ts';
import type { Rulings } from './standings/table.ts';

/**
 * The result of a slot's match, in a list. The list is empty until the match is over: a match in play changes no table.
 * @param slot its key in the plan
 */
export function resultOf(sport: string, slot: string, row: Result): StageResult[] {
  if (row.score === null || !(row.counts || row.state === 'FINISHED')) return [];
  const { home, away, periods, shootout } = matchScore.parse(row.score);
  const { sets, periods: regular } = profileOf(sport);
  return [
    {
      slot,
      home: row.homeEntryId,
      away: row.awayEntryId,
      replay: row.number,
      score: { home, away },
      shootout,
      winner: row.winner,
      how: row.how,
      counts: row.counts,
      ...(sets ? { sets: periods } : { overtime: periods.length > regular }),
    },
  ];
}

/**
 * The decisions about a stage, and those about all stages. Deductions add up. The newest lots, and for each entry its
 * newest fair-play points and its newest play-off, replace earlier ones. So does the newest ranking with the same
 * reason. Rankings with other reasons stay in order: a later one decides only where the earlier ones do not.
 * @param rows in the order in which they were made
 */
export function rulingsOf(rows: readonly Ruling[], stage: number): Omit<Rulings, 'out'> {
  const here = rows.filter((row) => row.stage === null || row.stage === stage);
  const of = (kind: Ruling['kind']): Ruling[] => here.filter((row) => row.kind === kind);
  const lots = of('LOTS').at(-1)?.entryIds;
  const playOffs = of('PLAY_OFF').flatMap(({ entryIds }) => entryIds);
  return {
    deductions: of('DEDUCTION').flatMap(({ entryId, value, reason, madeAt }) =>
      entryId === null ? [] : [{ entrant: entryId, points: value ?? 0, reason, at: madeAt.toISOString() }],
    ),
    fairPlay: new Map(
      of('FAIR_PLAY').flatMap(({ entryId, value }) => (entryId === null ? [] : [[entryId, value ?? 0]])),
    ),
    rankings: [...new Map(of('RANKING').map(({ reason, entryIds }) => [reason, entryIds])).values()],
    ...(lots ? { lots } : {}),
    ...(playOffs.length > 0 ? { playOffs } : {}),
  };
}
