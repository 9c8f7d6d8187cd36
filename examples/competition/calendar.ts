import { type Api, ApiError } from './api.ts';
import { CompetitionMatches } from './operations.ts';

/** Reads all matches of a competition, in the order of kick-off. */
export async function calendar(api: Api, competition: string) {
  const matches = [];
  let after: string | null | undefined;
  do {
    const { matches: page } = await api.request(CompetitionMatches, { competition, after });
    if (!page) throw new ApiError('the calendar is unavailable');
    matches.push(...page.edges.map(({ node }) => node));
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after);
  return matches;
}
