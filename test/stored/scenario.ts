// The events in an installation before it is recorded: a small league, and everything that can wait.
import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { PASSWORD } from '../network/accounts.ts';
import type { Client } from '../network/client.ts';
import { until } from '../network/until.ts';
import type { Person, Question } from './lines.ts';
import type { Installation } from './installation.ts';

type Fields = Record<string, never>;

/**
 * How long to wait after the leases were taken, in milliseconds: longer than the lease of an outbox. Then the relay
 * that held a lease has noticed the loss.
 */
const LEASE_GONE_MS = 6000;
const MATCH = `id sport state kickoffAt competition round group venue lastSeq homeTeam { id name } awayTeam { id name } organizer { id displayName } referee { id }
  score { home away periods { period home away } shootout { home away } }
  events { __typename id seq recordedAt score { home away }
    ... on MatchStateChanged { state } ... on PeriodStarted { period }
    ... on GoalScored { kind points period voided team { id } player { name user { id } } clock { minute stoppage } }
    ... on CardShown { card voided team { id } player { name user { id } } clock { minute stoppage } }
    ... on MatchEventVoided { voids reason voidedEvent { seq } } }
  room { id kind lastSeq messages(first: 50) { edges { node { id seq text sentAt author { id } } } } }`;
const TEAM = `id name sport city createdAt memberCount members(first: 50) { edges { node { id role squadNumber joinedAt user { id displayName handle } } } }
  room { id kind lastSeq messages(first: 50) { edges { node { id seq text sentAt author { id displayName } } } } }`;
const ME = '{ me { id handle displayName visibleTo city sports createdAt } }';

/** Runs one mutation through the API. @throws Error with the refusal */
async function mutate(client: Client, field: string, input: object, selection: string): Promise<Fields> {
  const { data, errors } = await client.execute<Record<string, Fields & { userErrors: unknown[] }>>(
    mutation(field, selection),
    { input },
  );
  const payload = data?.[field];
  if (!payload || payload.userErrors.length > 0)
    throw new Error(`${field}: ${JSON.stringify(errors ?? payload?.userErrors)}`);
  return payload;
}

function mutation(field: string, selection: string): string {
  const input = `${(field[0] ?? '').toUpperCase()}${field.slice(1)}Input`;
  return `mutation ($input: ${input}!) { ${field}(input: $input) { ${selection} userErrors { code message } } }`;
}

/** The operations and keys that the rest of a recording needs. */
export interface Played {
  readonly people: readonly Person[];
  /** Questions with the same answer before and after the waiting messages are handled. */
  readonly questions: readonly Question[];
  /** Operations that run after the waiting messages were handled, on objects that existed before. */
  readonly laterQuestions: readonly Question[];
  readonly afterQuestions: readonly Question[];
  /** Keys of the messages that wait in the outboxes, by their planned state: see `unfinished.ts`. */
  readonly waiting: Waiting;
}

/** The messages that a recording leaves unfinished. An event is named by its key, a job by the id of its person. */
export interface Waiting {
  /** Messages that were published, but that no consumer has handled. */
  readonly unhandled: readonly string[];
  /** Messages that were published, but that the outbox does not mark as published. */
  readonly unmarked: readonly string[];
  /** The first event of this key is parked in the outbox. Another event waits behind it. */
  readonly parked: string;
}

/** Matches the addresses for which the recording's mail server refuses the mail, is busy, or is slow. */
export const MAIL = { gone: /^gone@/, busy: /^busy@/, slow: /^slow@/ } as const;

export async function play(
  at: Installation,
  { busyAttempts, slowWaits }: { busyAttempts: () => number; slowWaits: () => boolean },
): Promise<Played> {
  const people = new Map<string, Person>();
  const clients = new Map<string, Client>();
  const as = (name: string): Client => clients.get(name) ?? fail(name);
  const idOf = (name: string): string => people.get(name)?.userId ?? fail(name);
  const join = async (name: string, roles: readonly string[] = []): Promise<void> => {
    const person = await createPerson(at, name, roles);
    people.set(name, person);
    clients.set(name, await at.client(person));
  };
  const globalIdOf = async (name: string): Promise<string> =>
    (await as(name).execute<{ me: { id: string } }>(ME)).data?.me.id ?? fail(name);
  const createTeam = async (owner: string, name: string, sport = 'FOOTBALL'): Promise<string> =>
    String(
      (await mutate(as(owner), 'createTeam', { clientId: `team ${name}`, name, sport, city: 'Kassel' }, 'team { id }'))
        .team?.['id'] ?? fail(name),
    );
  const invite = async (
    owner: string,
    teamId: string,
    name: string,
    role = 'PLAYER',
    squadNumber?: number,
  ): Promise<Fields> =>
    mutate(
      as(owner),
      'inviteToTeam',
      { teamId, userId: await globalIdOf(name), role, squadNumber },
      'invitation { id } token',
    );
  const addMember = async (
    owner: string,
    teamId: string,
    name: string,
    role?: string,
    squadNumber?: number,
  ): Promise<void> => {
    const { token } = await invite(owner, teamId, name, role, squadNumber);
    await mutate(as(name), 'acceptInvitation', { token }, 'team { id }');
  };
  const schedule = async (homeTeamId: string, awayTeamId: string, day: number, more: object = {}): Promise<string> => {
    const input = {
      clientId: `match ${day}`,
      sport: 'FOOTBALL',
      homeTeamId,
      awayTeamId,
      kickoffAt: new Date(Date.now() + day * 86_400_000).toISOString(),
      ...more,
    };
    return String((await mutate(as('olga'), 'scheduleMatch', input, 'match { id }')).match?.['id'] ?? fail('match'));
  };
  const record = async (matchId: string, event: object): Promise<number> =>
    Number(
      (await mutate(as('olga'), 'recordMatchEvent', { matchId, clientEventId: randomUUID(), event }, 'event { seq }'))
        .event?.['seq'],
    );
  const roomOf = (name: string, kind: 'team' | 'match', id: string): Promise<string> =>
    until(`the room of ${kind} ${id}`, async () => {
      const { data } = await as(name).execute<Record<string, { room: { id: string } | null } | null>>(
        `query ($id: ID!) { ${kind}(id: $id) { room { id } } }`,
        { id },
      );
      return data?.[kind]?.room?.id;
    });
  const say = async (name: string, roomId: string, text: string): Promise<void> =>
    void (await mutate(as(name), 'sendMessage', { roomId, clientMessageId: text, text }, 'message { seq }'));

  await join('busy');
  await join('gone');
  await join('olga', ['organizer', 'referee']);
  for (const name of ['anna', 'boris', 'dina', 'emil', 'fred', 'gina', 'hugo']) await join(name);
  await mutate(
    as('dina'),
    'updateProfile',
    { visibility: 'PRIVATE', city: 'Göttingen', sports: ['FOOTBALL', 'HOCKEY'] },
    'user { id }',
  );
  await mutate(as('emil'), 'updateProfile', { displayName: 'Emil “Wall” Ortiz' }, 'user { id }');

  const foxes = await createTeam('anna', 'Yard Foxes');
  const rovers = await createTeam('boris', 'Brick Rovers');
  await addMember('anna', foxes, 'dina', 'PLAYER', 9);
  await addMember('anna', foxes, 'emil', 'CAPTAIN');
  await addMember('boris', rovers, 'fred', 'COACH');
  await mutate(as('emil'), 'leaveTeam', { teamId: foxes }, 'team { id }');
  await invite('anna', foxes, 'hugo');
  const revoked = await invite('boris', rovers, 'gina');
  await mutate(
    as('boris'),
    'revokeInvitation',
    { invitationId: (revoked.invitation as unknown as { id: string }).id },
    'invitation { id }',
  );
  const held = await createTeam('anna', 'Held Foxes');
  await addMember('anna', held, 'dina');

  const coming = await schedule(foxes, rovers, 7, { competition: 'Yard League', round: '3', venue: 'The yard' });
  const finished = await schedule(foxes, rovers, -7, { competition: 'Yard League', round: '1', group: 'A' });
  await mutate(as('olga'), 'startMatch', { matchId: finished }, 'match { id }');
  await record(finished, {
    goal: {
      side: 'HOME',
      kind: 'PENALTY',
      player: { name: 'Dina Reyes', userId: await globalIdOf('dina') },
      clock: { minute: 12 },
    },
  });
  await record(finished, { period: {} });
  await record(finished, {
    goal: { side: 'HOME', kind: 'OWN_GOAL', player: { name: 'Lev Haas' }, clock: { minute: 45, stoppage: 2 } },
  });
  await mutate(as('olga'), 'finishMatch', { matchId: finished }, 'match { id }');
  const live = await schedule(rovers, foxes, 0, { competition: 'Yard League', round: '2' });
  await mutate(as('olga'), 'startMatch', { matchId: live }, 'match { id }');
  const offside = await record(live, { goal: { side: 'AWAY', player: { name: 'Mika Stone' }, clock: { minute: 3 } } });
  await record(live, { card: { side: 'HOME', card: 'YELLOW', player: { name: 'Sam Okoro' }, clock: { minute: 5 } } });
  await mutate(
    as('olga'),
    'voidMatchEvent',
    { matchId: live, clientEventId: randomUUID(), seq: offside, reason: 'offside' },
    'event { seq }',
  );

  const foxesRoom = await roomOf('anna', 'team', foxes);
  const liveRoom = await roomOf('fred', 'match', live);
  await until('dina is in the room', () => roomOf('dina', 'team', foxes));
  for (const [name, text] of [
    ['anna', 'Training is at six.'],
    ['dina', 'I bring the balls ⚽'],
    ['anna', 'See you there'],
  ] as const)
    await say(name, foxesRoom, text);
  await say('fred', liveRoom, 'never a foul');

  // Chat cannot handle the first of two events, so the second one waits behind it. The fault ends before the recording,
  // but both events still wait.
  await at.database
    .query(`CREATE FUNCTION public.fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk is full'; END $$;
    CREATE TRIGGER fault BEFORE INSERT ON chat.room_members FOR EACH ROW WHEN (NEW.user_id = '${idOf('gina')}') EXECUTE FUNCTION public.fault()`);
  const stuck = await createTeam('anna', 'Stuck Foxes');
  await addMember('anna', stuck, 'gina');
  await addMember('anna', stuck, 'hugo');
  const parkedInChat = (teamId: string, count: number): Promise<unknown> =>
    until(
      `chat has parked ${count} events`,
      async () =>
        (await at.database.query('SELECT 1 FROM chat.inbox_parked WHERE key = $1', [fromGlobalId('Team', teamId)]))
          .rowCount === count,
      90_000,
    );
  await parkedInChat(stuck, 2);
  await at.database.query('DROP TRIGGER fault ON chat.room_members; DROP FUNCTION public.fault()');

  // A later version of the program ran for a while, and emitted an event about a team that this version cannot read.
  const services = Object.keys(subgraphs);
  await takeLeases(at, services);
  const tomorrow = await createTeam('boris', 'Tomorrow Rovers');
  await at.database.query(
    `UPDATE teams.outbox SET version = 2, payload = payload || '{"badge": {"letters": "TR", "colours": ["red"]}}' WHERE key = $1 AND seq = 1`,
    [fromGlobalId('Team', tomorrow)],
  );
  await releaseLeases(at);
  await parkedInChat(tomorrow, 2);
  await at.settled();
  for (const service of services) await pruneOutbox(at, service);

  // Messages written from here on wait in the outboxes.
  await join('slow');
  await until('the mail to slow is under way', slowWaits, 30_000);
  await takeLeases(at, services);
  for (const name of ['ivan', 'jana', 'kira']) await join(name);
  await mutate(as('dina'), 'updateProfile', { city: 'Fulda' }, 'user { id }');
  const unhandled = await createTeam('boris', 'Late Rovers');
  const unmarked = await createTeam('anna', 'Twice Foxes');
  const waiting = await createTeam('olga', 'Waiting Foxes', 'HOCKEY');
  await addMember('olga', waiting, 'fred');
  await mutate(as('fred'), 'leaveTeam', { teamId: waiting }, 'team { id }');
  await mutate(as('dina'), 'leaveTeam', { teamId: held }, 'team { id }');
  await addMember('anna', held, 'emil');
  await say('dina', foxesRoom, 'who has the keys?');
  await say('boris', liveRoom, 'run, run, run');
  await record(live, { goal: { side: 'HOME', player: { name: 'Tess Moreau' }, clock: { minute: 31 } } });
  await record(live, { period: {} });
  const next = await schedule(rovers, foxes, 14, { competition: 'Yard League', round: '4' });

  const session = await refreshToken(at, people.get('anna') ?? fail('anna'));
  people.set('anna', { ...(people.get('anna') ?? fail('anna')), ...session });
  await until(
    'a mail is tried the sixth time and another is under way',
    () => busyAttempts() === 6 && slowWaits(),
    60_000,
  );

  const question = (who: string | null, query: string, variables: Record<string, unknown> = {}): Question => ({
    as: who,
    query: query.replaceAll(/\s+/g, ' '),
    variables,
  });
  const teamOf = (who: string, id: string): Question =>
    question(who, `query ($id: ID!) { team(id: $id) { ${TEAM} } }`, { id });
  const invitationsOf = (who: string, id: string): Question =>
    question(
      who,
      'query ($id: ID!) { invitations(teamId: $id) { edges { node { id state role expiresAt invitee { id } inviter { id } } } } }',
      { id },
    );
  const matchOf = (id: string): Question => question(null, `query ($id: ID!) { match(id: $id) { ${MATCH} } }`, { id });
  const mutationOf = (who: string, field: string, input: object, selection: string): Question =>
    question(who, mutation(field, selection), { input });
  const matchEvents = question(
    null,
    'subscription ($id: ID!) { matchEvents(matchId: $id, afterSeq: 0) { __typename seq score { home away } } }',
    { id: live },
  );
  const roomEvents = question(
    'dina',
    'subscription ($id: ID!) { messageEvents(roomId: $id, afterSeq: 0) { __typename seq ... on MessageSent { message { text } } } }',
    { id: foxesRoom },
  );
  const lists = [
    question(null, '{ teams(first: 50) { totalCount edges { node { id name sport city createdAt } } } }'),
    question(
      null,
      '{ matches(first: 50, competition: "Yard League") { totalCount edges { node { id state kickoffAt } } } }',
    ),
  ];
  const teamsOf = (teams: readonly (readonly [string, string])[]): Question[] =>
    teams.map(([who, id]) => teamOf(who, id));
  return {
    people: [...people.values()],
    questions: [
      ...['olga', 'anna', 'dina', 'emil', 'ivan'].map((who) => question(who, ME)),
      question(null, 'query ($id: ID!) { user(id: $id) { displayName handle city visibleTo } }', {
        id: await globalIdOf('dina'),
      }),
      ...lists,
      teamOf('anna', foxes),
      teamOf('fred', rovers),
      invitationsOf('anna', foxes),
      invitationsOf('boris', rovers),
      ...[coming, finished, live].map(matchOf),
      question('dina', 'query ($id: ID!) { room(id: $id) { kind lastSeq team { id } } node(id: $id) { __typename } }', {
        id: foxesRoom,
      }),
      { ...matchEvents, events: 8 },
      { ...roomEvents, events: 8 },
    ],
    laterQuestions: [
      ...teamsOf([
        ['boris', unhandled],
        ['anna', unmarked],
        ['olga', waiting],
      ]),
      matchOf(next),
      matchOf(live),
      mutationOf(
        'dina',
        'sendMessage',
        { roomId: foxesRoom, clientMessageId: 'who has the keys?', text: 'who has the keys?' },
        'message { seq }',
      ), // the same message as before
      mutationOf(
        'dina',
        'sendMessage',
        { roomId: foxesRoom, clientMessageId: 'found them', text: 'found them' },
        'message { seq text }',
      ),
      mutationOf(
        'olga',
        'recordMatchEvent',
        {
          matchId: live,
          clientEventId: 'late',
          event: { goal: { side: 'AWAY', player: { name: 'Jo Brandt' }, clock: { minute: 44 } } },
        },
        'event { seq score { home away } }',
      ),
      mutationOf('olga', 'startMatch', { matchId: coming }, 'match { state lastSeq }'),
      mutationOf('fred', 'leaveTeam', { teamId: rovers }, 'team { memberCount }'),
      mutationOf(
        'anna',
        'createTeam',
        { clientId: 'team Yard Foxes', name: 'Yard Foxes', sport: 'FOOTBALL', city: 'Kassel' },
        'team { id memberCount }',
      ), // the same team as before
      mutationOf('anna', 'updateProfile', { displayName: 'Anna F.' }, 'user { displayName }'),
    ],
    afterQuestions: [
      { ...matchEvents, events: 9 },
      { ...roomEvents, events: 9 },
      question('boris', 'query ($id: ID!) { team(id: $id) { memberCount room { lastSeq } } }', { id: rovers }),
      ...lists,
    ],
    waiting: {
      unhandled: [fromGlobalId('Team', unhandled) ?? '', fromGlobalId('Match', next) ?? '', idOf('jana')],
      unmarked: [fromGlobalId('Team', unmarked) ?? '', idOf('kira')],
      parked: fromGlobalId('Team', held) ?? '',
    },
  };
}

/**
 * Registers the person at the local issuer. In full mode nobody registers: Keycloak is replaced, and the person's first
 * request creates the profile.
 */
async function createPerson(at: Installation, name: string, roles: readonly string[]): Promise<Person> {
  const email = `${name}@stored.prodvor.example`;
  if (at.mode === 'full') {
    const person = { name, userId: randomUUID(), email, roles };
    const { errors } = await (await at.client(person)).execute(ME);
    if (errors) throw new Error(`${name} cannot arrive: ${JSON.stringify(errors)}`);
    return person;
  }
  const { user } = await mutate(at.guest(), 'register', { username: name, email, password: PASSWORD }, 'user { id }');
  const userId = fromGlobalId('User', (user as unknown as { id: string }).id) ?? '';
  await at.database.query('UPDATE identity.accounts SET roles = $2 WHERE user_id = $1', [userId, roles]);
  return { name, userId, email, roles, password: PASSWORD };
}

/** A refresh token of the local issuer. */
async function refreshToken(at: Installation, { name, password }: Person): Promise<{ refreshToken?: string }> {
  if (at.mode === 'full' || !password) return {};
  const form = new URLSearchParams({ grant_type: 'password', client_id: 'prodvor-test', username: name, password });
  const { refresh_token: token } = (await (
    await fetch(`${at.origin()}/identity/token`, { method: 'POST', body: form })
  ).json()) as { refresh_token: string };
  return { refreshToken: token };
}

/** Takes the relays' leases. Messages written from now on stay in the outboxes. */
async function takeLeases({ database }: Installation, services: readonly string[]): Promise<void> {
  for (const service of services) {
    await database.query(
      `INSERT INTO ${service}.outbox_lease (name, holder, expires_at) VALUES ('relay', $1, now() + interval '1 hour')
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at`,
      [randomUUID()],
    );
  }
  await sleep(LEASE_GONE_MS);
}

/** Deletes published rows, as the retention does a day later. Keeps the newest three rows. */
async function pruneOutbox({ database }: Installation, service: string): Promise<void> {
  await database.query(
    `DELETE FROM ${service}.outbox WHERE published_at IS NOT NULL AND id NOT IN (SELECT id FROM ${service}.outbox ORDER BY id DESC LIMIT 3)`,
  );
}

export async function releaseLeases({ database }: Installation): Promise<void> {
  for (const service of Object.keys(subgraphs)) await database.query(`DELETE FROM ${service}.outbox_lease`);
}

function fail(what: string): never {
  throw new Error(`there is no ${what}`);
}
