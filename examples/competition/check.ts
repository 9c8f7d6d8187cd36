import type { FollowedFragment } from './generated/graphql.ts';
import type { FileMatch } from './match.ts';

export interface Delivery {
  readonly delivered: number;
  readonly duplicates: number;
  /** Events that arrived after one with a higher `seq`. */
  readonly outOfOrder: number;
  readonly missing: number;
}

/**
 * Compares the events that a subscriber received from the beginning with the recorded events, whose `seq` are 1 to
 * `lastSeq`.
 */
export function checkDelivery(seqs: readonly number[], lastSeq: number): Delivery {
  const seen = new Set<number>();
  let highest = 0;
  let duplicates = 0;
  let outOfOrder = 0;
  for (const seq of seqs) {
    if (seen.has(seq)) duplicates++;
    else if (seq < highest) outOfOrder++;
    seen.add(seq);
    highest = Math.max(highest, seq);
  }
  let missing = 0;
  for (let seq = 1; seq <= lastSeq; seq++) if (!seen.has(seq)) missing++;
  return { delivered: seqs.length, duplicates, outOfOrder, missing };
}

interface OnRecord {
  readonly score: { home: number; away: number; shootout?: { home: number; away: number } | null };
  readonly events: readonly FollowedFragment[];
}

/**
 * The differences between a finished match and the file, a line each: in the score, in the shoot-out, and in each
 * goal's team, kind, scorer and minute. Empty when the file has no result.
 */
export function checkResult({ home, away, result }: FileMatch, { score, events }: OnRecord): string[] {
  if (!result) return [];
  const differences: string[] = [];
  const compare = (what: string, got: unknown, wanted: unknown) => {
    if (JSON.stringify(got) !== JSON.stringify(wanted))
      differences.push(`${home} – ${away}: ${what} is ${JSON.stringify(got)}, the file says ${JSON.stringify(wanted)}`);
  };
  compare('the score', [score.home, score.away], result.score);
  compare('the shoot-out', score.shootout ? [score.shootout.home, score.shootout.away] : null, result.shootout);
  const goals = events.filter((event) => event.__typename === 'GoalScored');
  const got = goals.filter(({ period, voided }) => period !== null && !voided);
  const wanted = [...result.goals].sort((a, b) => a.period - b.period);
  compare('the number of goals', got.length, wanted.length);
  got.forEach((goal, index) => {
    const file = wanted[index];
    if (!file) return;
    compare(
      `goal ${index + 1}`,
      [
        goal.team?.name,
        goal.kind,
        goal.player?.name ?? null,
        goal.clock?.minute ?? null,
        goal.clock?.stoppage ?? null,
        goal.period,
      ],
      [
        file.side === 'HOME' ? home : away,
        file.kind,
        file.player,
        file.clock?.minute ?? null,
        file.clock?.stoppage ?? null,
        file.period,
      ],
    );
  });
  return differences;
}
