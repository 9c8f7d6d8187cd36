// Operations of clients that show lists, and the SQL statements that they cause.
import pg from 'pg';
import type { Line } from '../product.fixture.ts';

/** Operations by name. Their variable `$n` is the size of every page. */
export const LIST_PAGES: Readonly<Record<string, string>> = {
  tournaments: `query ($n: Int!) {
    tournaments(first: $n) { totalCount edges { node {
      name state sport city startsAt registration { teamCount maxTeams } draw { method } organizers(first: $n) { displayName }
      entries(first: $n) { totalCount edges { node { state seed team { name city } } } }
    } } }
  }`,
  'tournaments with tables': `query ($n: Int!) {
    tournaments(first: $n) { edges { node {
      stages(first: 2) { name state format groups(first: 4) { name standings { rank points entry { seed } team { name } } } }
    } } }
  }`,
  'tournaments with rounds': `query ($n: Int!) {
    tournaments(first: 2) { edges { node { stages(first: 2) { rounds { name matches(first: $n) {
      kickoffAt state homeTeam { name } awayTeam { name } score { home away }
    } } } } } }
  }`,
  'tournaments with brackets': `query ($n: Int!) {
    tournaments(first: 2) { edges { node { stages(first: 2) { bracket { slots(first: $n) {
      label state home { label team { name } } away { label team { name } } match { state } referee { displayName }
    } } } } } }
  }`,
  'tournaments with awards': `query ($n: Int!) {
    tournaments(first: $n) { edges { node {
      topScorers(first: $n) { rank goals player { name } team { name } }
      topAssists(first: $n) { rank player { name } } fairPlay(first: $n) { rank team { name } }
    } } }
  }`,
  'tournaments of a state': `query ($n: Int!) {
    tournaments(first: $n, state: RUNNING) { totalCount pageInfo { endCursor } edges { node { name } } }
  }`,
  'tournaments of a city and a sport': `query ($n: Int!) {
    tournaments(first: $n, city: "Заречье", sport: MINI_FOOTBALL) { totalCount edges { node { name } } }
  }`,
  'tournaments by name': `query ($n: Int!) {
    tournaments(first: $n, name: "куб лет") { totalCount edges { node { name champion { team { name } } } } }
  }`,
  'matches of a tournament': `query ($n: Int!) {
    tournaments(first: $n) { edges { node { bestPlayer { name } champion { seed team { name } } } } }
    matches(first: $n, from: "2020-01-01T00:00:00Z", to: "2040-01-01T00:00:00Z") { totalCount edges { node { kickoffAt } } }
  }`,
  matches: `query ($n: Int!) {
    matches(first: $n) { totalCount edges { node {
      state kickoffAt venue round group confirmations score { home away } result { winner counts }
      homeTeam { name } awayTeam { name } organizer { displayName } referee { displayName } room { lastSeq }
      tournament { name } tournamentRound { name } tournamentGroup { name } stage { name }
      homeLineup { starters { number player { name } } } awayLineup { bench { player { name user { displayName } } } }
      events(first: $n) { seq recordedAt ... on GoalScored { team { name } player { name } assist { name } } }
    } } }
  }`,
  'matches of a state': `query ($n: Int!) {
    matches(first: $n, state: CONFIRMED) { totalCount edges { node { kickoffAt homeTeam { name } awayTeam { name } } } }
  }`,
  'matches of a competition': `query ($n: Int!) {
    matches(last: $n, competition: "Дворовая лига") { totalCount edges { node { kickoffAt } } }
  }`,
  teams: `query ($n: Int!) {
    teams(first: $n, sport: MINI_FOOTBALL) { totalCount edges { node {
      name city memberCount rating(sport: MINI_FOOTBALL) { ordinal } ratingHistory(sport: MINI_FOOTBALL, first: $n) { kickoffAt match { state } }
      statistics(sport: MINI_FOOTBALL) { played won drawn lost }
      members(first: $n) { totalCount edges { node { role squadNumber user { displayName city } } } }
    } } }
  }`,
  'teams by name': 'query ($n: Int!) { teams(first: $n, name: "двор") { totalCount edges { node { name city } } } }',
  'all teams': 'query ($n: Int!) { teams(first: $n) { totalCount pageInfo { endCursor } edges { node { name } } } }',
};

export interface Statement {
  readonly service: string;
  readonly sql: string;
  readonly calls: number;
  /** The time of all calls together, in milliseconds. */
  readonly took: number;
}

/** Finds the SELECT statements in log lines of the level debug. */
export function statementsIn(lines: readonly Line[]): Statement[] {
  const found = new Map<string, Statement>();
  for (const { context, message, service, durationMs } of lines) {
    const sql = String(message);
    if (context !== 'SQL' || !/^\s*(SELECT|WITH)\b/i.test(sql)) continue;
    const key = `${String(service)} ${sql}`;
    const { calls = 0, took = 0 } = found.get(key) ?? {};
    found.set(key, { service: String(service), sql, calls: calls + 1, took: took + Number(durationMs ?? 0) });
  }
  return [...found.values()].sort((a, b) => b.took - a.took);
}

/** How often each kind of statement was sent. Statements that differ only in the number of parameters are one kind. */
export function kindsOf(statements: readonly Statement[]): Map<string, number> {
  const kinds = new Map<string, number>();
  for (const { service, sql, calls } of statements) {
    const kind = `${service} ${sql.replaceAll(/\(\$\d+(?:,\$\d+)*\)|\$\d+/g, '$')}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + calls);
  }
  return kinds;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Schema?: string;
  readonly Plans?: readonly PlanNode[];
}

/** A scan in a query plan: its node type (`way`), its table, and its index if it uses one. */
export interface Read {
  readonly way: string;
  readonly table: string;
  readonly index: string | undefined;
  /** Whether it can read the whole table or the whole index: it has no index condition, and no LIMIT stops it early. */
  readonly isFull: boolean;
}

/**
 * The scans in PostgreSQL's generic plan for a statement: the plan for unknown parameters.
 * @param withoutSeqScan makes PostgreSQL plan a sequential scan only where it can use no index, as for large tables
 */
export async function readsOf(
  client: pg.Client,
  { service, sql }: Statement,
  withoutSeqScan: boolean,
): Promise<Read[]> {
  await client.query(
    `SET search_path = ${pg.escapeIdentifier(service)}; SET enable_seqscan = ${withoutSeqScan ? 'off' : 'on'}`,
  );
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
    `EXPLAIN (GENERIC_PLAN, VERBOSE, FORMAT JSON) ${sql}`,
  );
  const plan = rows[0]?.['QUERY PLAN'][0].Plan;
  return plan ? readsIn(plan, false) : [];
}

function readsIn(node: PlanNode, isLimited: boolean): Read[] {
  const way = node['Node Type'];
  // A LIMIT stops the scans below it early, unless a node between must read everything first, such as a sort.
  const below = way === 'Limit' || (isLimited && !['Sort', 'Aggregate', 'WindowAgg', 'Hash'].includes(way));
  const table = node['Relation Name'];
  const own: Read[] =
    table !== undefined && way.endsWith('Scan') && way !== 'Bitmap Heap Scan'
      ? [
          {
            way,
            table,
            index: node['Index Name'],
            isFull: way === 'Seq Scan' || (node['Index Cond'] === undefined && !isLimited),
          },
        ]
      : [];
  return [...own, ...(node.Plans ?? []).flatMap((plan) => readsIn(plan, below))];
}
