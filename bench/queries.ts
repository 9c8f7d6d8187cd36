// The heaviest SQL statements on a seeded installation, with their plans: npm run bench:queries [-- --size SIZE]
//
// It seeds a new database, starts the product on it, reads pages as clients do, and enters results. PostgreSQL explains
// every statement of all services with the real parameters (auto_explain). Standard output is Markdown.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { openProduct } from '../product/product.fixture.ts';
import { LIST_PAGES } from '../product/seed/list-pages.fixture.ts';
import { command, withClient } from '../product/seed/seed.fixture.ts';

const HELP = `npm run bench:queries -- [--size street|district|city] [--rounds N] [--top N]

  --size SIZE  what is seeded (default: city)
  --rounds N   how often each page is read (default: 3)
  --top N      how many statements are printed (default: 10)`;

/** A sequential scan of a table with at least this number of rows is reported with its statement. */
const LARGE = 1_000;

/**
 * Pages that show one object, or what belongs to the viewer. `$id` is a tournament, `$match` a match, `$team` a team.
 */
const PAGES: Readonly<Record<string, string>> = {
  'a tournament': `query ($id: ID!) { tournament(id: $id) {
    name state champion { team { name } } entries(first: 100) { totalCount edges { node { seed state team { name } } } }
    stages(first: 2) { name groups(first: 8) { name standings { rank points played team { name } deductions { points reason } } }
      rounds { name matches(first: 16) { kickoffAt state homeTeam { name } awayTeam { name } score { home away } } }
      bracket { slots(first: 64) { label home { label score team { name } } away { label score team { name } } winnerTo } } }
    topScorers { goals player { name } team { name } } topAssists { assists player { name } } fairPlay { points team { name } }
  } }`,
  'matches of a tournament': `query ($id: ID!) { matches(tournamentId: $id, first: 100) { totalCount edges { node {
    kickoffAt state homeTeam { name } awayTeam { name } score { home away } } } } }`,
  'a match': `query ($match: ID!) { match(id: $match) {
    state score { home away periods { home away } } confirmations homeTeam { name members(first: 50) { edges { node { user { displayName } } } } }
    homeLineup { starters { number player { name } } }
    events(first: 100) { seq recordedAt ... on GoalScored { player { name } } }
    room { messages(last: 50) { edges { node { text author { displayName } } } } } } }`,
  'a team': `query ($team: ID!) { team(id: $team) {
    name rating(sport: MINI_FOOTBALL) { ordinal } ratingHistory(sport: MINI_FOOTBALL, first: 100) { kickoffAt match { state } }
    statistics(sport: MINI_FOOTBALL) { played won } members(first: 100) { edges { node { role user { displayName } } } }
    room { messages(last: 50) { edges { node { text } } } } } }`,
  'what belongs to the viewer': `query { me { displayName city }
    notifications(first: 50) { edges { node { id } } } unreadNotificationCount }`,
  'who plays when': `query { matches(first: 100, from: "2020-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z") { totalCount edges { node { id } } }
    live: matches(first: 100, state: LIVE) { totalCount edges { node { score { home } } } } }`,
};
const RUNNING = `query { tournaments(first: 100, state: RUNNING) { edges { node { id } } } }`;
const SCHEDULED = `query ($id: ID!) { matches(tournamentId: $id, state: SCHEDULED, first: 20) { edges { node {
  id homeTeam { id } tournament { id } } } } }`;
const ENTER = `mutation ($score: RecordFinalScoreInput!, $confirm: ConfirmResultInput!) {
  recordFinalScore(input: $score) { match { state } userErrors { code } }
  confirmResult(input: $confirm) { match { state } userErrors { code } } }`;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Schema?: string;
  readonly Filter?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}
interface Explained {
  readonly 'Query Text': string;
  readonly Plan: PlanNode;
}
interface Sum {
  calls: number;
  total: number;
  slowest: number;
  plan: PlanNode;
}

interface Running {
  readonly tournaments: { readonly edges: readonly { readonly node: { readonly id: string } }[] };
}
interface Found {
  readonly id: string;
  readonly homeTeam: { readonly id: string } | null;
  readonly tournament: { readonly id: string } | null;
}

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'city' },
    rounds: { type: 'string', default: '3' },
    top: { type: 'string', default: '10' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const [rounds, top] = [Number(values.rounds), Number(values.top)];

const sums = new Map<string, Sum>();
let isMeasuring = false;
/** PostgreSQL sends a plan as a notice, to the connection that sent the statement. */
const emit = pg.Client.prototype.emit;
pg.Client.prototype.emit = function (this: pg.Client, event: string | symbol, ...args: unknown[]): boolean {
  if (event === 'notice' && isMeasuring) keep(String((args[0] as { message?: string } | undefined)?.message));
  return emit.call(this, event, ...args);
} as typeof emit;

function keep(notice: string): void {
  const [, ms, json] = /^duration: ([\d.]+) ms {2}plan:\n(.*)$/s.exec(notice) ?? [];
  if (ms === undefined || json === undefined) return;
  const { 'Query Text': text, Plan: plan } = JSON.parse(json) as Explained;
  // Statements that differ only in the length of a list of parameters count as one.
  const kind = text
    .replaceAll(/\(\$\d+(?:,\$\d+)*\)/g, '($…)')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const sum = sums.get(kind) ?? { calls: 0, total: 0, slowest: -1, plan };
  sum.calls++;
  sum.total += Number(ms);
  if (Number(ms) > sum.slowest) [sum.slowest, sum.plan] = [Number(ms), plan];
  sums.set(kind, sum);
}

/** The scans of a plan, the first one read first. */
function scansOf(node: PlanNode): PlanNode[] {
  const own = node['Relation Name'] === undefined ? [] : [node];
  return [...(node.Plans ?? []).flatMap(scansOf), ...own];
}
const tableOf = (node: PlanNode): string => `${node.Schema ?? ''}.${node['Relation Name']}`;

function planLine(plan: PlanNode): string {
  return scansOf(plan)
    .map((node) => {
      const rows = Math.round(node['Actual Rows'] * node['Actual Loops']);
      const removed = Math.round((node['Rows Removed by Filter'] ?? 0) * node['Actual Loops']);
      const index = node['Index Name'] ?? node.Plans?.map((one) => one['Index Name']).find(Boolean);
      return `${node['Node Type']} ${index ?? node['Relation Name']}: ${rows} rows${removed > 0 ? `, ${removed} filtered` : ''}`;
    })
    .join('; ');
}

/** The name of a statement in the output: its verb and its tables. */
function nameOf(sql: string, plan: PlanNode): string {
  const tables = [...new Set(scansOf(plan).map(tableOf))];
  const verb = /^(?:WITH\b.*?\b)?(SELECT|INSERT|UPDATE|DELETE)/is.exec(sql)?.[1] ?? sql.slice(0, 6);
  return `${verb} ${tables.join(', ') || sql.slice(0, 60)}`;
}

const data = await mkdtemp(join(tmpdir(), 'queries-'));
const password = 'a password of ten';
const product = await openProduct({}, async (url) => {
  console.error(`seeding ${values.size} …`);
  const ran = await command(
    ['--size', values.size, '--password', password],
    { DATABASE_URL: url, PRODVOR_DATA: data },
    900_000,
  );
  if (ran.code !== 0) throw new Error(ran.err);
  console.error(ran.out.trim());
  await withClient(url, async (client) => {
    // An administrator may enter the result of each match.
    await client.query("UPDATE identity.accounts SET roles = array_append(roles, 'admin') WHERE username = 'olga'");
    const database = pg.escapeIdentifier(decodeURIComponent(new URL(url).pathname.slice(1)));
    for (const setting of [
      "session_preload_libraries = 'auto_explain'",
      'auto_explain.log_min_duration = 0',
      'auto_explain.log_analyze = on',
      'auto_explain.log_verbose = on',
      'auto_explain.log_timing = off',
      "auto_explain.log_format = 'json'",
      "auto_explain.log_level = 'notice'",
      "client_min_messages = 'notice'",
    ])
      await client.query(`ALTER DATABASE ${database} SET ${setting}`);
  });
});
try {
  const olga = await product.signIn('olga', password);
  const ask = async (query: string, variables: object): Promise<Record<string, unknown>> => {
    const { body } = await product.post(`${product.origin}/graphql`, { query, variables }, olga);
    if (body.errors) throw new Error(`${JSON.stringify(body.errors)}: ${query}`);
    return body.data ?? {};
  };
  const running = (await ask(RUNNING, {})) as unknown as Running;
  const matches: Found[] = [];
  for (const { node } of running.tournaments.edges) {
    const found = (await ask(SCHEDULED, { id: node.id })) as { matches: { edges: { node: Found }[] } };
    matches.push(...found.matches.edges.map((edge) => edge.node));
  }
  const [first] = matches;
  const ids = { id: first?.tournament?.id, match: first?.id, team: first?.homeTeam?.id };
  console.error('reading pages …');
  isMeasuring = true;
  for (let round = 0; round < rounds; round++) {
    for (const query of Object.values(LIST_PAGES)) for (const n of [20, 50]) await ask(query, { n });
    for (const query of Object.values(PAGES)) await ask(query, ids);
  }
  console.error('entering results …');
  let entered = 0;
  for (const [index, { id: matchId }] of matches.slice(0, 100).entries()) {
    const { recordFinalScore, confirmResult } = (await ask(ENTER, {
      score: { matchId, score: { home: index % 4, away: (index % 3) + 1 } },
      confirm: { matchId, overrule: true },
    })) as Record<string, { match: object | null }>;
    if (recordFinalScore?.match && confirmResult?.match) entered++;
  }
  // Tables, rooms, ratings and notifications follow.
  await sleep(10_000);
  isMeasuring = false;

  const sizes = await withClient(product.database.url, async (client) => {
    const { rows } = await client.query<{ name: string; rows: string }>(
      `SELECT format('%s.%s', schemaname, relname) AS name, n_live_tup AS rows FROM pg_stat_user_tables`,
    );
    return new Map(rows.map(({ name, rows: count }) => [name, Number(count)]));
  });
  const heaviest = [...sums].sort(([, a], [, b]) => b.slowest - a.slowest).slice(0, top);
  console.log(
    `${sums.size} statements in ${[...sums.values()].reduce((n, { calls }) => n + calls, 0)} calls; ${entered} results entered.\n`,
  );
  console.log(
    '| statement | calls | slowest, ms | mean, ms | how PostgreSQL reads it |\n| --- | ---: | ---: | ---: | --- |',
  );
  for (const [sql, { calls, total, slowest, plan }] of heaviest)
    console.log(
      `| ${nameOf(sql, plan)} | ${calls} | ${slowest.toFixed(1)} | ${(total / calls).toFixed(1)} | ${planLine(plan)} |`,
    );
  const scanned = new Map<string, Set<string>>();
  for (const [sql, { plan }] of sums)
    for (const node of scansOf(plan))
      if (node['Node Type'] === 'Seq Scan')
        scanned.set(tableOf(node), (scanned.get(tableOf(node)) ?? new Set()).add(sql.slice(0, 300)));
  const rowsOf = (table: string): number => sizes.get(table) ?? 0;
  const [large, small] = [[...scanned.keys()].filter((table) => rowsOf(table) >= LARGE), [...scanned.keys()]].map(
    (tables) => tables.toSorted((one, other) => rowsOf(other) - rowsOf(one)),
  ) as [string[], string[]];
  console.log(`\nSequential scans of tables of ${LARGE} rows and more: ${large.length === 0 ? 'none.' : ''}`);
  for (const table of large)
    for (const sql of scanned.get(table) ?? []) console.log(`- ${table}, ${rowsOf(table)} rows: \`${sql}\``);
  const named = small.filter((table) => rowsOf(table) < LARGE).map((table) => `${table} (${rowsOf(table)})`);
  console.log(`\nSmaller tables that were scanned, with their rows: ${named.join(', ')}.`);
} finally {
  isMeasuring = false;
  await product.close();
  await rm(data, { recursive: true, force: true });
}
