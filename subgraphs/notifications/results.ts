import type { z } from 'zod';
import type { MatchEventRecorded } from '../../schema/messages/matches.ts';
import type { KnownMatch } from './generated/prisma/client.ts';

const HAS_RESULT = new Set(['FINISHED', 'CONFIRMED', 'WALKOVER']);

/**
 * The result that an event gives to a match, as a text that is equal for equal results. Null if it gives none.
 * @param before the match before the event
 */
export function resultOf(
  { match, detail, score }: Pick<z.output<typeof MatchEventRecorded.payload>, 'match' | 'detail' | 'score'>,
  before: Pick<KnownMatch, 'state'> | null,
): string | null {
  const isResult =
    (detail.kind === 'STATE' && (detail.state === 'FINISHED' || detail.state === 'WALKOVER')) ||
    (detail.kind === 'RESULT' && HAS_RESULT.has(before?.state ?? ''));
  if (!match || !isResult) return null;
  const { home, away, shootout } = score;
  return JSON.stringify(['result', match.how, home, away, shootout?.home, shootout?.away]);
}
