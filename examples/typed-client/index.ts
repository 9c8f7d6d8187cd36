// npm run example -- [--match ID] [--url URL] [--token TOKEN]: a live ticker in which all types are generated.
import { parseArgs } from 'node:util';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type ExecutionResult, print } from 'graphql';
import type { TickerSubscription } from './generated/graphql.ts';
import { LiveMatches, MatchHeader, Ticker } from './operations.ts';
import { createLiveClient, isPassing, resumable } from './resumable.ts';

const HELP = `npm run example -- [--match ID] [--url URL] [--token TOKEN]

Follows a match until its end, and resumes after a lost connection.

  --match ID     the match; default: one that is being played
  --url URL      the API (default http://127.0.0.1:4000)
  --token TOKEN  optional, because guests may read matches`;

const options = {
  match: { type: 'string' },
  url: { type: 'string', default: 'http://127.0.0.1:4000' },
  token: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Reads the command line. @throws Error with one line about the mistake */
function readFlags() {
  const { values } = parseArgs({ options });
  // Without a scheme, `localhost:4000` parses as a URL with the scheme `localhost`.
  if (!URL.canParse(values.url) || !/^https?:/i.test(values.url))
    throw new Error(`--url ${values.url} is not a URL such as http://127.0.0.1:4000`);
  const url = new URL(values.url);
  if (url.pathname === '/') url.pathname = '/graphql';
  return { ...values, url: url.href };
}

function flagsOrEnd(): ReturnType<typeof readFlags> {
  try {
    return readFlags();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

const flags = flagsOrEnd();
const authorization: Record<string, string> = flags.token ? { authorization: `Bearer ${flags.token}` } : {};

/**
 * The number of attempts while the API is unavailable, and the pause after the first. Each next pause is twice as long.
 */
const ATTEMPTS = 6;
const PAUSE_MS = 250;

/**
 * Sends a query. The document has the types of the variables and the result. While the API is unavailable, this repeats
 * the query, up to {@link ATTEMPTS} times in total.
 */
async function request<R, V>(document: TypedDocumentNode<R, V>, variables: V, attempt = 1): Promise<R> {
  const body = JSON.stringify({ query: print(document), variables });
  const response = await fetch(flags.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body,
  }).catch((cause: unknown) => {
    throw new Error(`no ProDvor at ${flags.url} (start it with: npm start)`, { cause });
  });
  const { data, errors } = (await response.json()) as ExecutionResult<R>;
  if (attempt < ATTEMPTS && isPassing(errors)) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt));
    return request(document, variables, attempt + 1);
  }
  if (!data)
    throw new Error(errors?.map(({ message, extensions }) => `${String(extensions.code)}: ${message}`).join('\n'));
  return data;
}

type Event = TickerSubscription['matchEvents'];

/** A line of the ticker; null for an event that readers do not need. */
function lineOf(event: Event): string | null {
  const score = `${event.score.home}:${event.score.away}`;
  switch (event.__typename) {
    case 'GoalScored':
      return `${clock(event.clock)} ${score}  ${event.team?.name ?? '?'}${event.player ? `, ${event.player.name}` : ''}${event.kind === 'GOAL' ? '' : ` (${event.kind.toLowerCase().replace('_', ' ')})`}`;
    case 'CardShown':
      return `${clock(event.clock)} ${score}  ${event.card.toLowerCase().replace('_', ' ')} card${event.player ? `, ${event.player.name}` : ''}`;
    case 'MatchEventVoided':
      return `       ${score}  event ${event.voids} does not count${event.reason ? `: ${event.reason}` : ''}`;
    case 'PeriodStarted':
      return event.period === null ? `       ${score}  shoot-out` : `       ${score}  period ${event.period}`;
    case 'MatchStateChanged':
      return `       ${score}  ${event.state.toLowerCase()}`;
    default:
      return null;
  }
}

const clock = (time: { minute: number; stoppage?: number | null } | null | undefined): string =>
  (time ? `${time.minute}${time.stoppage ? `+${time.stoppage}` : ''}'` : '').padEnd(6);

async function main(): Promise<void> {
  if (flags.help) return console.log(HELP);
  const matchId = flags.match ?? (await request(LiveMatches, {})).matches?.edges[0]?.node.id;
  if (!matchId) throw new Error('no match is being played; choose one with --match');
  const { match } = await request(MatchHeader, { id: matchId });
  if (!match) throw new Error(`there is no match ${matchId}`);
  console.log(
    [match.competition, match.round].filter(Boolean).join(', ') +
      `\n${match.homeTeam?.name ?? '?'} – ${match.awayTeam?.name ?? '?'}\n`,
  );

  const client = createLiveClient({
    url: flags.url.replace(/^http/, 'ws'),
    token: flags.token ? () => flags.token ?? '' : undefined,
  });
  try {
    for await (const { matchEvents: event } of resumable({
      client,
      document: Ticker,
      variables: { matchId },
      seqOf: ({ matchEvents }) => matchEvents.seq,
    })) {
      const line = lineOf(event);
      if (line) console.log(line);
      if (event.__typename === 'MatchStateChanged' && ['FINISHED', 'CANCELLED'].includes(event.state)) return;
    }
  } finally {
    await client.dispose();
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
