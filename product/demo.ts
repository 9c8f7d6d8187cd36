import { join } from 'node:path';
import type { Config } from '../platform/config/config.ts';
import { CLIENTS } from '../platform/identity/identity-provider.ts';
import type { Principal } from '../platform/identity/principal.ts';
import type { ExplorerOptions } from '../router/index.ts';
import { KIND_NAMES } from '../subgraphs/notifications/kinds.ts';
import { PreferencesService } from '../subgraphs/notifications/preferences.service.ts';
import { UsersService } from '../subgraphs/users/users.service.ts';
import { CITY, CUP, DemoCup, PACE, type Pace } from './demo-cup.ts';
import { createDemoPage, DEMO_PATH } from './demo-page/demo-page.ts';
import { DEMO_DOMAIN } from './demo-page/mails.ts';
import type { Product, ProductOptions } from './product.ts';

/** The running demo: a cup whose matches are played one after the other, so that a visitor has something to look at. */
export interface Demo {
  /** The people that a visitor can sign in as, with their roles. */
  readonly people: readonly string[];
  /** The path of the page that shows notifications, push messages, reports, mailings, texts and e-mails. */
  readonly path: string;
  /** Stops playing. The product calls this when it stops. */
  stop(): Promise<void>;
}

/** The people of the demo. A person without a description only leads teams, and the explorer has no button for them. */
const PEOPLE = [
  { username: 'olga', roles: ['player', 'organizer', 'referee'], is: 'organizer' },
  { username: 'anna', roles: ['player', 'captain'], is: 'owner of the Yard Foxes' },
  { username: 'boris', roles: ['player', 'captain'], is: 'owner of the Brick Rovers' },
  { username: 'dina', roles: ['player'], is: 'player of the Yard Foxes' },
  { username: 'vera', roles: ['player', 'captain'], is: null },
  { username: 'emil', roles: ['player', 'captain'], is: null },
] as const;
const SHOWN = PEOPLE.flatMap(({ username, is }) => (is === null ? [] : [{ username, label: `${username} (${is})` }]));

const SIGN_IN = SHOWN.map(({ username, label }) => ({
  label,
  tokenUrl: `/identity/demo-token?user=${username}`,
  refresh: { tokenUrl: '/identity/token', clientId: CLIENTS.explorer },
}));

const MATCH = `# Press play: this follows a match that is being played.
# The page finds its id when the stream begins,
# unless the variables below set $matchId.
# The next tabs have the table and bracket of the cup.
subscription Live($matchId: ID!, $afterSeq: Int) {
  matchEvents(matchId: $matchId, afterSeq: $afterSeq) {
    __typename
    seq
    score { home away }
    ... on GoalScored { team { name } player { name } clock { minute } }
    ... on MatchStateChanged { state }
  }
}`;

const TABLES = `# The tables of the newest cup, with the goals of live matches.
query Tables($tournamentId: ID!) {
  tournament(id: $tournamentId) {
    name
    description
    state
    stages {
      name
      state
      groups {
        name
        standings {
          rank
          team { name }
          played
          won
          drawn
          lost
          scoreFor
          scoreAgainst
          points
          provisional
        }
      }
    }
    topScorers(first: 3) { goals player { name } team { name } }
  }
}`;

const BRACKET = `# The bracket of the newest cup.
query Bracket($tournamentId: ID!) {
  tournament(id: $tournamentId) {
    stages {
      name
      bracket {
        slots(first: 16) {
          label
          state
          home { label team { name } score won }
          away { label team { name } score won }
          match { state }
        }
      }
    }
  }
}`;

const NEWS = `# Everything that happens in the newest cup, from its first event on.
subscription Cup($tournamentId: ID!, $afterSeq: Int) {
  tournamentEvents(tournamentId: $tournamentId, afterSeq: $afterSeq) {
    __typename
    seq
    ... on TournamentUpdated { state }
    ... on EntryUpdated { entry { team { name } } state }
    ... on TournamentMatchUpdated { change match { round homeTeam { name } awayTeam { name } } }
    ... on StageUpdated { stage { name state } }
    ... on TournamentCompleted { champion { name } }
  }
}`;

const INBOX = `# What happened to the person who is signed in: sign in as anna first.
query Inbox {
  unreadNotificationCount
  notifications(first: 10) {
    edges {
      node {
        createdAt
        text
        readAt
        subject {
          __typename
          ... on Tournament { name }
        }
      }
    }
  }
}`;

/** The explorer's settings: a sign-in button for each person with a description, and a tab for each example. */
export const explorer: ExplorerOptions = {
  title: 'ProDvor',
  signIn: SIGN_IN,
  links: [{ label: 'Notifications, push, reports, mailings, texts', href: DEMO_PATH }],
  defaultQuery: MATCH,
  examples: [TABLES, BRACKET, NEWS, INBOX],
  variables: {
    matchId: {
      query: `{ matches(state: LIVE, competition: ${JSON.stringify(CUP)}, first: 1) { edges { node { id } } } }`,
      path: ['matches', 'edges', 0, 'node', 'id'],
      absent: 'No match is being played. Try again in a minute, or set $matchId.',
    },
    tournamentId: {
      query: `{ tournaments(city: ${JSON.stringify(CITY)}, last: 1) { edges { node { id } } } }`,
      path: ['tournaments', 'edges', 0, 'node', 'id'],
      absent: 'The cup begins in a moment. Try again, or set $tournamentId.',
    },
  },
};

/** The page that shows what the explorer cannot: push messages, files and e-mails. */
export function pagesOf(config: Config): NonNullable<ProductOptions['pages']> {
  return createDemoPage({ signIn: SIGN_IN, city: CITY, competition: CUP, mails: mailsOf(config) });
}

/** The folder in which e-mails are stored; undefined when a mail server sends them. */
const mailsOf = (config: Config): string | undefined =>
  'PRODVOR_DATA' in config && !config.SMTP_URL ? join(config.PRODVOR_DATA, 'mail') : undefined;

// The demo accounts get e-mails only for mailings, which visitors send. The cup never ends, so e-mails about the cup
// would fill the folder of e-mails.
const ONLY_MAILINGS = KIND_NAMES.map((kind) => ({ kind, email: kind === 'MAILING' }));

/** Creates the people that do not exist yet, and starts a cup. The cup is played until the product stops. */
export async function startDemo(
  product: Product,
  onProgress?: (step: string) => void,
  pace: Partial<Pace> = {},
): Promise<Demo | undefined> {
  const { platform, apps } = product;
  if (!platform?.seedDemoAccounts) return undefined;
  onProgress?.('demo');
  const accounts = PEOPLE.map(({ username, roles }) => ({ username, roles, email: `${username}@${DEMO_DOMAIN}` }));
  const ids = await platform.seedDemoAccounts(accounts);
  const people = new Map<string, Principal>(
    PEOPLE.map(({ username, roles }, index) => [username, { userId: ids[index], username, roles }]),
  );
  const users = apps.get('users')?.get<UsersService>(UsersService);
  const preferences = apps.get('notifications')?.get<PreferencesService>(PreferencesService);
  for (const [username, principal] of people) {
    await users?.me(principal);
    // Only anna gets e-mails about the cup, one a day, as an example.
    await preferences?.set(principal, username === 'anna' ? { digest: true } : { kinds: ONLY_MAILINGS });
  }
  const cup = new DemoCup(product, people, { ...PACE, ...pace });
  cup.start();
  product.beforeStop(() => cup.stop());
  return { people: SHOWN.map(({ label }) => label), path: DEMO_PATH, stop: () => cup.stop() };
}
