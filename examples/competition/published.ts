import { z } from 'zod';

const count = z.int().min(0);
const row = z
  .object({
    rank: z.int().min(1).optional(),
    pos: z.int().min(1).optional(),
    team: z.union([z.string(), z.object({ name: z.string() })]),
    ...{ played: count, won: count, drawn: count, lost: count },
    scoreFor: count.optional(),
    goals_for: count.optional(),
    scoreAgainst: count.optional(),
    goals_against: count.optional(),
    points: z.int().optional(),
    pts: z.int().optional(),
  })
  .transform((given, context): PublishedRow => {
    const sums = [
      ...[given.rank ?? given.pos, given.played, given.won, given.drawn, given.lost],
      ...[given.scoreFor ?? given.goals_for, given.scoreAgainst ?? given.goals_against, given.points ?? given.pts],
    ];
    if (!sums.every((sum) => sum !== undefined)) {
      context.addIssue('a row needs rank, scoreFor, scoreAgainst and points, or pos, goals_for, goals_against and pts');
      return z.NEVER;
    }
    const [rank = 0, played = 0, won = 0, drawn = 0, lost = 0, scoreFor = 0, scoreAgainst = 0, points = 0] = sums;
    const team = typeof given.team === 'string' ? given.team : given.team.name;
    return { rank, team, played, won, drawn, lost, scoreFor, scoreAgainst, points };
  });
const rows = z.array(row).min(1).max(1_024);
const published = z.union([
  z
    .object({ standings: rows, adjustments: z.record(z.string(), z.int()).optional() })
    .transform(({ standings, adjustments }) => ({ tables: [{ name: null, rows: standings }], adjustments })),
  z
    .object({
      groups: z
        .array(
          z
            .object({ name: z.string().optional(), group: z.string().optional(), standings: rows })
            .transform(({ name, group, standings }) => ({ name: name ?? group ?? null, rows: standings })),
        )
        .min(1)
        .max(256),
    })
    .transform(({ groups }) => ({ tables: groups, adjustments: undefined })),
]);

/** A row of a table as it was published. */
export interface PublishedRow {
  readonly rank: number;
  readonly team: string;
  readonly played: number;
  readonly won: number;
  readonly drawn: number;
  readonly lost: number;
  readonly scoreFor: number;
  readonly scoreAgainst: number;
  readonly points: number;
}

/** The tables that were published of a competition. */
export interface Published {
  readonly tables: readonly { readonly name: string | null; readonly rows: readonly PublishedRow[] }[];
  /** Points that were given or taken away, by team. */
  readonly adjustments?: Readonly<Record<string, number>> | undefined;
}

/**
 * Reads `{ standings: [row], adjustments }` of a league, or `{ groups: [{ name, standings: [row] }] }` of a cup. A row
 * has rank, team, played, won, drawn, lost, scoreFor, scoreAgainst and points; or pos, goals_for, goals_against, pts.
 * @throws Error in one line when the text is something else
 */
export function readPublished(text: string): Published {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error('the published tables are not JSON');
  }
  const parsed = published.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Error('the published tables need standings or groups, with rows of rank, team, played, won, drawn, …');
}

/** A table of the API. */
export interface Computed {
  readonly name: string;
  readonly standings: readonly (Omit<PublishedRow, 'team'> & { readonly team: { readonly name: string } | null })[];
}

const COLUMNS = ['rank', 'played', 'won', 'drawn', 'lost', 'scoreFor', 'scoreAgainst', 'points'] as const;

/**
 * Compares the tables of a tournament with the published ones. The order of teams that share a rank has no meaning. The
 * only table of a league may have any name.
 * @returns the number of rows that are equal, and a line for each column that differs
 */
export function compareTables(
  computed: readonly Computed[],
  { tables }: Published,
): { readonly equal: number; readonly rows: number; readonly differences: readonly string[] } {
  const differences: string[] = [];
  let [equal, total] = [0, 0];
  for (const { name, rows } of tables) {
    total += rows.length;
    const own = computed.find((table) => table.name === name) ?? (tables.length === 1 ? computed[0] : undefined);
    if (!own || (tables.length === 1 && computed.length > 1)) {
      differences.push(`${name ?? 'the table'} is not in the tournament`);
      continue;
    }
    const teams = new Map(own.standings.map((row) => [row.team?.name, row]));
    for (const row of rows) {
      const of = teams.get(row.team);
      teams.delete(row.team);
      if (!of) {
        differences.push(`${row.team} is not in ${own.name}`);
        continue;
      }
      const columns = COLUMNS.filter((column) => of[column] !== row[column]);
      if (columns.length === 0) equal++;
      for (const column of columns)
        differences.push(`${row.team}: ${column} is ${of[column]}, published is ${row[column]}`);
    }
    for (const team of teams.keys()) differences.push(`${team} has a row that was not published`);
  }
  return { equal, rows: total, differences };
}
