import { describe, expect, it } from '@jest/globals';
import type { Questions } from '../../../platform/questions/questions.ts';
import { MATCH } from '../ai.fixture.ts';
import { matchReportFlow } from './match-report.ts';

/** 09:30 on Saturday in Vladivostok, and 23:30 on Friday in UTC. */
const kickoffAt = '2026-05-01T23:30:00.000Z';

function prepared({ timeZone, tournamentId }: { timeZone?: string; tournamentId: string | null }) {
  const questions = {
    ask: async ({ field }: { field: string }) =>
      field === 'matchesAsFacts' ? { ...MATCH, kickoffAt, tournamentId } : { timeZone: 'Asia/Vladivostok' },
  } as unknown as Questions;
  return matchReportFlow.prepare({ roles: [] }, { matchId: 'x', language: 'EN', timeZone } as never, questions);
}

describe('the day of a match in its report', () => {
  it.each([
    ['of its tournament', { tournamentId: 'x' }, '2026-05-02', 'Saturday, 2 May 2026', 'Friday, 1 May 2026'],
    [
      'of the request',
      { tournamentId: 'x', timeZone: 'UTC' },
      '2026-05-01',
      'Friday, 1 May 2026',
      'Saturday, 2 May 2026',
    ],
    ['UTC for a friendly', { tournamentId: null }, '2026-05-01', 'Friday, 1 May 2026', 'Saturday, 2 May 2026'],
  ])('is that in the time zone %s', async (_of, input, date, right, wrong) => {
    const { data, check } = await prepared(input);
    expect(data).toMatchObject({ date });
    expect(check(`They met on ${right}.`)).toEqual([]);
    expect(check(`They met on ${wrong}.`)).not.toEqual([]);
  });
});
