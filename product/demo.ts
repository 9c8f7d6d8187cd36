import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryResultRow } from 'pg';
import { openPool } from '../platform/postgres/pool.ts';
import { toGlobalId } from '../platform/graphql/global-id.ts';
import { CLIENTS } from '../platform/identity/identity-provider.ts';
import type { Principal } from '../platform/identity/principal.ts';
import type { ExplorerOptions } from '../router/index.ts';
import { MessagesService } from '../subgraphs/chat/messages.service.ts';
import { roomIdOf } from '../subgraphs/chat/rooms.service.ts';
import { MatchEventsService } from '../subgraphs/matches/match-events.service.ts';
import { MatchMovesService } from '../subgraphs/matches/match-moves.service.ts';
import { MatchesService } from '../subgraphs/matches/matches.service.ts';
import { InvitationsService } from '../subgraphs/teams/invitations.service.ts';
import { TeamsService } from '../subgraphs/teams/teams.service.ts';
import { UsersService } from '../subgraphs/users/users.service.ts';
import type { Product } from './product.ts';

/** A small league in which a match is always being played, so that a visitor has something to look at. */
export interface DemoLeague {
  /** The people to sign in as: name and role. */
  readonly people: readonly string[];
}

const PEOPLE = [
  { username: 'olga', roles: ['player', 'organizer', 'referee'], is: 'organizer' },
  { username: 'anna', roles: ['player', 'captain'], is: 'owner of the Yard Foxes' },
  { username: 'boris', roles: ['player', 'captain'], is: 'owner of the Brick Rovers' },
  { username: 'dina', roles: ['player'], is: 'player of the Yard Foxes' },
] as const;
const TEAMS = [
  { name: 'Yard Foxes', owner: 'anna' },
  { name: 'Brick Rovers', owner: 'boris' },
] as const;
const PLAYERS = {
  HOME: ['Dina Reyes', 'Mika Stone', 'Jo Brandt'],
  AWAY: ['Sam Okoro', 'Lev Haas', 'Tess Moreau'],
} as const;
const CHEERS = [
  'what a ball!',
  'run, run, run',
  'never a foul',
  'that keeper is a wall',
  'who brought the drums?',
  'come on, reds!',
];
export const COMPETITION = 'Yard League';
/**
 * Real milliseconds between two events of a match, and the minutes of play that pass between them. A match takes about
 * two minutes.
 */
const STEP_MS = 2500;
const STEP_MINUTES = 2;
/** How many finished matches are kept. */
const KEPT = 12;

const SUBSCRIPTION = `# Press play: this follows a match that is being played.
# The page finds its id when the stream begins,
# unless the variables below set $matchId.
subscription Live($matchId: ID!, $afterSeq: Int) {
  matchEvents(matchId: $matchId, afterSeq: $afterSeq) {
    __typename
    seq
    score { home away }
    ... on GoalScored { team { name } player { name } clock { minute } }
    ... on MatchStateChanged { state }
  }
}`;

/** The explorer's settings: a sign-in button per person, and the live match in the first tab. */
export const explorer: ExplorerOptions = {
  title: 'ProDvor',
  signIn: PEOPLE.map(({ username, is }) => ({
    label: `${username} (${is})`,
    tokenUrl: `/identity/demo-token?user=${username}`,
    refresh: { tokenUrl: '/identity/token', clientId: CLIENTS.explorer },
  })),
  defaultQuery: SUBSCRIPTION,
  variables: {
    matchId: {
      query: `{ matches(state: LIVE, competition: ${JSON.stringify(COMPETITION)}, first: 1) { edges { node { id } } } }`,
      path: ['matches', 'edges', 0, 'node', 'id'],
      absent: 'No match is being played. Try again in some seconds, or set $matchId.',
    },
  },
};

/** Creates the league, idempotently, and plays matches until the product stops. */
export async function startDemo(
  product: Product,
  onProgress?: (step: string) => void,
): Promise<DemoLeague | undefined> {
  const { platform, apps, logger } = product;
  if (!platform?.seedDemoAccounts) return undefined;
  onProgress?.('demo league');
  const service = <T>(subgraph: string, type: new (...args: never[]) => T): T => {
    const app = apps.get(subgraph);
    if (!app) throw new Error(`the demo needs the subgraph ${subgraph}`);
    return app.get<T>(type);
  };
  const users = service('users', UsersService);
  const teams = service('teams', TeamsService);
  const invitations = service('teams', InvitationsService);
  const matches = service('matches', MatchesService);
  const moves = service('matches', MatchMovesService);
  const events = service('matches', MatchEventsService);
  const messages = service('chat', MessagesService);

  const accounts = PEOPLE.map(({ username, roles }) => ({
    username,
    roles,
    email: `${username}@demo.prodvor.example`,
  }));
  const ids = await platform.seedDemoAccounts(accounts);
  const people = new Map<string, Principal>(
    PEOPLE.map(({ username, roles }, index) => [username, { userId: ids[index], username, roles }]),
  );
  const person = (name: string): Principal => people.get(name) ?? { roles: [] };
  for (const principal of people.values()) await users.me(principal);
  const [home = '', away = ''] = await Promise.all(
    TEAMS.map(async ({ name, owner }) => {
      const team = await teams.create(person(owner), {
        clientId: `demo:${name}`,
        name,
        sport: 'MINI_FOOTBALL',
        city: 'Kassel',
      });
      return toGlobalId('Team', team.id);
    }),
  );
  await invitations
    .invite(person('anna'), {
      teamId: home,
      userId: toGlobalId('User', person('dina').userId ?? ''),
      role: 'PLAYER',
      squadNumber: 9,
    })
    .then(({ token }) => invitations.accept(person('dina'), { token }))
    .catch(() => undefined); // already a member, since an earlier start

  // Each database role may read and write its own schema only.
  const pools = new Map(
    ['matches', 'chat', 'event_log'].map((schema) => [
      schema,
      openPool(platform.databaseUrlOf(schema), 'demo league', 1, (error, doing) =>
        logger.warn(`${doing}: ${error.message}`, 'Demo'),
      ),
    ]),
  );
  const query = async <R extends QueryResultRow>(schema: string, sql: string, values: unknown[]): Promise<R[]> =>
    (await pools.get(schema)?.query<R>(sql, values))?.rows ?? [];
  const olga = person('olga');
  const stopping = new AbortController();

  const kickOff = async (): Promise<{ id: string; matchId: string }> => {
    // `matches` may not know the team yet: the team was just created, or announced again after an upgrade.
    const match = await retryUnavailable(() =>
      matches.schedule(olga, {
        clientId: `demo:${randomUUID()}`,
        sport: 'MINI_FOOTBALL',
        homeTeamId: home,
        awayTeamId: away,
        kickoffAt: new Date(),
        competition: COMPETITION,
        round: 'Friendly',
        venue: 'The yard',
      }),
    );
    const matchId = toGlobalId('Match', match.id);
    await moves.start(olga, { matchId });
    return { id: match.id, matchId };
  };

  /**
   * Ends the matches that an earlier process left unfinished. Deletes matches beyond the newest ones, with their rooms
   * and log records. So the history stays bounded.
   */
  const cleanUp = async (): Promise<void> => {
    const ours = `competition = $1 AND organizer_id = $2::uuid AND client_id LIKE 'demo:%'`;
    const league = [COMPETITION, olga.userId];
    const left = await query<{ id: string; state: string }>(
      'matches',
      `SELECT id, state::text FROM matches.matches WHERE ${ours} AND state IN ('SCHEDULED', 'LIVE') LIMIT 100`,
      league,
    );
    for (const { id, state } of left) {
      const matchId = toGlobalId('Match', id);
      if (state === 'SCHEDULED') await moves.start(olga, { matchId });
      await moves.finish(olga, { matchId });
    }
    const old = await query<{ id: string }>(
      'matches',
      `SELECT id FROM matches.matches WHERE ${ours} AND state = 'FINISHED' ORDER BY kickoff_at DESC, id DESC OFFSET $3`,
      [...league, KEPT],
    );
    const gone = old.map(({ id }) => id);
    if (gone.length === 0) return;
    const rooms = gone.map((id) => roomIdOf('MATCH', id));
    for (const [table, column, keys] of [
      ['matches.match_events', 'match_id', gone],
      ['matches.timers', 'key', gone],
      ['matches.matches', 'id', gone],
      ['chat.room_events', 'room_id', rooms],
      ['chat.rooms', 'id', rooms],
      ['chat.inbox', 'key', gone],
      ['event_log.events', 'key', [...gone, ...rooms]],
    ] as const) {
      await query(table.split('.')[0] ?? '', `DELETE FROM ${table} WHERE ${column}::text = ANY ($1::text[])`, [keys]);
    }
  };

  const pause = (): Promise<void> => sleep(STEP_MS, undefined, { signal: stopping.signal });
  const play = async ({ id, matchId }: { id: string; matchId: string }): Promise<void> => {
    const record = (event: object): Promise<unknown> =>
      events.record(olga, { matchId, clientEventId: randomUUID(), event });
    for (const [period, end] of [
      [1, 20],
      [2, 40],
    ] as const) {
      if (period === 2) await record({ period: { shootout: false } });
      for (let minute = end - 20 + 1; minute <= end; minute += STEP_MINUTES) {
        await pause();
        const side = Math.random() < 0.5 ? 'HOME' : 'AWAY';
        const player = { name: pick(PLAYERS[side]) };
        const clock = { minute };
        const luck = Math.random();
        if (luck < 0.35) await record({ goal: { side, kind: luck < 0.05 ? 'PENALTY' : 'GOAL', player, clock } });
        else if (luck < 0.45) await record({ card: { side, card: 'YELLOW', player, clock } });
        else {
          const fan = person(pick(['anna', 'boris', 'dina']));
          const text = pick(CHEERS);
          await messages.send(fan, {
            roomId: toGlobalId('Room', roomIdOf('MATCH', id)),
            clientMessageId: randomUUID(),
            text,
          });
        }
      }
    }
    await moves.finish(olga, { matchId });
  };

  await cleanUp();
  let playing = await kickOff();
  const season = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await play(playing);
      } catch (error) {
        if (stopping.signal.aborted) return;
        logger.warn('the demo league stumbled', error, 'Demo');
        await pause().catch(() => undefined);
      }
      if (stopping.signal.aborted) return;
      try {
        await cleanUp();
        playing = await kickOff();
      } catch (error) {
        logger.warn('the demo league could not kick off', error, 'Demo');
      }
    }
  })();
  product.beforeStop(async () => {
    stopping.abort();
    await season;
    for (const pool of pools.values()) await pool.end();
  });
  return { people: PEOPLE.map(({ username, is }) => `${username} (${is})`) };
}

/** Repeats the work while it fails with UNAVAILABLE: six attempts, about 15 s at most. */
async function retryUnavailable<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 6 || (error as { code?: unknown }).code !== 'UNAVAILABLE') throw error;
      await sleep(500);
    }
  }
}

function pick<T>(from: readonly T[]): T {
  const picked = from[Math.floor(Math.random() * from.length)];
  if (picked === undefined) throw new Error('nothing to pick from');
  return picked;
}
