// Runs the real services of all subgraphs in one process, on tables in memory. They write rows, publish and consume
// events, and ask each other questions, as in the product.
import { randomUUID } from 'node:crypto';
import type { Cache } from 'cache-manager';
import { fromGlobalId, fromGlobalIds } from '../../platform/graphql/global-id.ts';
import { RateLimits } from '../../platform/http/rate-limits.ts';
import type { IdentityProvider } from '../../platform/identity/identity-provider.ts';
import type { Principal } from '../../platform/identity/principal.ts';
import type { LiveEvents } from '../../platform/live/live-events.ts';
import { Consumers, type ConsumersOptions } from '../../platform/messaging/consumers/consumers.ts';
import type { Consumption } from '../../platform/messaging/consumers/declare.ts';
import type { DomainEvent, LoggedEvent, Topic } from '../../platform/messaging/event-log/event-log.ts';
import { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { StoredTimer, TimerHandler } from '../../platform/messaging/timers/definition.ts';
import type { TimerRunner } from '../../platform/messaging/timers/runner.ts';
import { Timers } from '../../platform/messaging/timers/timers.ts';
import type { RawTransaction, Transactional } from '../../platform/postgres/transactions.ts';
import { NoAnswer, type Question } from '../../platform/questions/definition.ts';
import { Questions } from '../../platform/questions/questions.ts';
import { IsMember, TeamExists, TeamOfViewer, ViewerIsMember, ViewerRole } from '../../schema/questions/teams.ts';
import { PlayerFits, UserExists } from '../../schema/questions/users.ts';
import { ChatConsumers } from '../../subgraphs/chat/consumers.ts';
import type { PrismaClient as ChatClient } from '../../subgraphs/chat/generated/prisma/client.ts';
import { MessagesService } from '../../subgraphs/chat/messages.service.ts';
import type { MissedService } from '../../subgraphs/chat/missed.service.ts';
import { RoomsService } from '../../subgraphs/chat/rooms.service.ts';
import { MatchesConsumers, RATINGS_GROUP } from '../../subgraphs/matches/consumers.ts';
import type { PrismaClient as MatchesClient } from '../../subgraphs/matches/generated/prisma/client.ts';
import { KnownTeamsService } from '../../subgraphs/matches/known-teams.service.ts';
import { LineupsService } from '../../subgraphs/matches/lineups.service.ts';
import { MatchEventsService } from '../../subgraphs/matches/match-events.service.ts';
import { MatchMovesService } from '../../subgraphs/matches/match-moves.service.ts';
import { MatchesService } from '../../subgraphs/matches/matches.service.ts';
import { ResultsService as MatchResultsService } from '../../subgraphs/matches/results.service.ts';
import { MatchesTimers } from '../../subgraphs/matches/timers.ts';
import { TournamentMatchesService } from '../../subgraphs/matches/tournament-matches.service.ts';
import type { EmailsService } from '../../subgraphs/notifications/emails/emails.service.ts';
import { NotificationsConsumers } from '../../subgraphs/notifications/consumers.ts';
import type { PrismaClient as NotificationsClient } from '../../subgraphs/notifications/generated/prisma/client.ts';
import type { MailingWork } from '../../subgraphs/notifications/mailings/mailing-work.service.ts';
import type { NoticesService } from '../../subgraphs/notifications/notices.service.ts';
import type { PushService } from '../../subgraphs/notifications/push/push.service.ts';
import type { ReportWork } from '../../subgraphs/notifications/reports/report-work.ts';
import { TeamsConsumers } from '../../subgraphs/teams/consumers.ts';
import type { PrismaClient as TeamsClient } from '../../subgraphs/teams/generated/prisma/client.ts';
import { InvitationsService } from '../../subgraphs/teams/invitations.service.ts';
import { MembersService } from '../../subgraphs/teams/members.service.ts';
import { TeamsService } from '../../subgraphs/teams/teams.service.ts';
import { TeamsTimers } from '../../subgraphs/teams/timers.ts';
import { TournamentsConsumers } from '../../subgraphs/tournaments/consumers.ts';
import { DisbandedTeamsService } from '../../subgraphs/tournaments/disbanded-teams.service.ts';
import { EnteringService } from '../../subgraphs/tournaments/entering.service.ts';
import type { PrismaClient as TournamentsClient } from '../../subgraphs/tournaments/generated/prisma/client.ts';
import { LifeService } from '../../subgraphs/tournaments/life.service.ts';
import { OrganizersService } from '../../subgraphs/tournaments/organizers.service.ts';
import { ResultsService } from '../../subgraphs/tournaments/results.service.ts';
import { RulingsService } from '../../subgraphs/tournaments/rulings.service.ts';
import { StagesService } from '../../subgraphs/tournaments/stages.service.ts';
import { TournamentsService } from '../../subgraphs/tournaments/tournaments.service.ts';
import { UsersConsumers } from '../../subgraphs/users/consumers.ts';
import type { PrismaClient as UsersClient } from '../../subgraphs/users/generated/prisma/client.ts';
import { UsersService } from '../../subgraphs/users/users.service.ts';
import { MemoryDatabase, type Statement } from './memory-client.ts';
import type { MemoryTable, Row } from './memory-table.ts';
import type { Random } from './random.ts';
import { type Clock, uuidAt } from './virtual-time.ts';

/** A consumer group of a service, as the service declared it. */
export interface Group {
  readonly service: string;
  readonly name: string;
  readonly topics: readonly string[];
  /** Whether the group stores in the inbox table which events it has handled. */
  readonly hasInbox: boolean;
  handle(event: LoggedEvent): Promise<void>;
}

/** A database that does not exist. The constructor of Timers needs a URL, but a seed opens no connection. */
const NOWHERE = 'postgresql://127.0.0.1:1/none';
/** An argument that constructors need but that a seed must not use. Reading a property throws. */
const UNUSED = new Proxy({}, { get: () => fail('a seed does not use this') });
const NO_CACHE = { get: async () => undefined, set: async () => undefined } as unknown as Cache;

function fail(text: string): never {
  throw new Error(text);
}

export class Services {
  readonly databases: ReadonlyMap<string, MemoryDatabase>;
  readonly groups: Group[] = [];
  /** All events that were published, in their order. */
  readonly log: DomainEvent[] = [];
  /** The newest event of each key that each group has handled: by group, then by `topic/key`. */
  readonly positions = new Map<string, Map<string, DomainEvent>>();
  readonly users;
  readonly teams;
  readonly invitations;
  readonly members;
  readonly matches;
  readonly moves;
  readonly events;
  readonly results;
  readonly lineups;
  readonly messages;
  readonly tournaments;
  readonly stages;
  readonly entering;
  readonly life;
  readonly organizers;
  readonly rulings;
  readonly #clock: Clock;
  readonly #timers: readonly SeedTimers[];
  /** The id of the user whom the service users registers next. */
  #nextIdentity: string | undefined;
  #delivered = 0;

  /** @param onTimer is called when a timer is set, with the time at which {@link fireTimers} must be called */
  constructor(clock: Clock, random: Random, onTimer: (at: number) => void) {
    this.#clock = clock;
    const newId = (): string => uuidAt(clock.now, random);
    const databases = new Map<string, MemoryDatabase>();
    this.databases = databases;
    const open = <Client>(service: string) => {
      const database = new MemoryDatabase({ service, newId, statements: [...STATEMENTS, this.#published()] });
      databases.set(service, database);
      const outbox = new Outbox({ schema: service });
      const questions = new SeedQuestions((question, item, viewer) => this.#answer(question, item, viewer));
      const consumers = new SeedConsumers(service, outbox, this.groups);
      return { database, client: database.client as Client, outbox, questions, consumers };
    };
    const limits = new RateLimits({
      limits: {},
      otherwise: { count: Infinity, seconds: 1 },
      loopbackFactor: 1,
      maxKeys: 1,
    });

    const u = open<UsersClient>('users');
    const identities: Pick<IdentityProvider, 'createIdentity' | 'deleteIdentity'> = {
      createIdentity: async () => ({ userId: this.#nextIdentity ?? newId() }),
      deleteIdentity: async () => undefined,
    };
    this.users = new UsersService(u.client, u.outbox, identities as IdentityProvider, limits);
    new UsersConsumers(u.consumers, u.client, this.users);

    const t = open<TeamsClient>('teams');
    this.teams = new TeamsService(t.client, t.outbox, NO_CACHE, limits, t.questions);
    const teamTimers = new SeedTimers(t.outbox, t.database.table('Timer'), onTimer);
    this.invitations = new InvitationsService(t.client, t.outbox, limits, t.questions, teamTimers);
    this.members = new MembersService(t.client, t.outbox, limits);
    new TeamsTimers(teamTimers, t.client, this.invitations).runner();
    new TeamsConsumers(t.consumers, this.teams);

    const m = open<MatchesClient>('matches');
    const matchTimers = new SeedTimers(m.outbox, m.database.table('Timer'), onTimer);
    const known = new KnownTeamsService(m.client, m.questions, matchTimers);
    this.matches = new MatchesService(m.client, m.outbox, known, m.questions);
    this.moves = new MatchMovesService(m.client, m.outbox, matchTimers, m.questions);
    this.events = new MatchEventsService(m.client, m.outbox, UNUSED as LiveEvents, m.questions, matchTimers);
    this.results = new MatchResultsService(m.client, m.outbox, matchTimers, m.questions);
    this.lineups = new LineupsService(m.client, m.outbox, m.questions);
    new MatchesConsumers(m.consumers, m.client, known, new TournamentMatchesService(matchTimers));
    new MatchesTimers(matchTimers, m.client, this.results).runner();

    const c = open<ChatClient>('chat');
    const rooms = new RoomsService(c.client, c.questions);
    // No timers of unread messages are set: nobody needs a notification of old messages.
    const nothing = { watch: async () => undefined } as unknown as MissedService;
    this.messages = new MessagesService(c.client, rooms, nothing, c.outbox, UNUSED as LiveEvents, limits);
    new ChatConsumers(c.consumers, c.client, rooms, this.messages);

    const o = open<TournamentsClient>('tournaments');
    const tournamentTimers = new SeedTimers(o.outbox, o.database.table('Timer'), onTimer);
    this.tournaments = new TournamentsService(o.client, o.outbox, limits);
    this.stages = new StagesService(o.client, o.outbox);
    this.entering = new EnteringService(o.client, o.outbox, o.questions, limits);
    this.life = new LifeService(o.client, o.outbox, tournamentTimers, o.questions);
    this.organizers = new OrganizersService(o.client, o.outbox, o.questions);
    this.rulings = new RulingsService(o.client, o.outbox);
    this.life.runner();
    new TournamentsConsumers(
      o.consumers,
      o.client,
      new ResultsService(tournamentTimers),
      new DisbandedTeamsService(tournamentTimers),
    );

    const n = open<NotificationsClient>('notifications');
    const noticeTimers = new SeedTimers(n.outbox, n.database.table('Timer'), onTimer);
    // Notifications keeps its copies of other services' data and sets its timers, but notifies nobody: all events are
    // in the past.
    const silent = { give: async () => undefined, now: () => new Date() } as unknown as NoticesService;
    new NotificationsConsumers(
      n.consumers,
      n.client,
      UNUSED as EmailsService,
      UNUSED as PushService,
      UNUSED as MailingWork,
      UNUSED as ReportWork,
      silent,
      noticeTimers,
    );
    this.#timers = [teamTimers, matchTimers, tournamentTimers, noticeTimers];
  }

  database(service: string): MemoryDatabase {
    return this.databases.get(service) ?? fail(`there is no service ${service}`);
  }

  /** Registers a user with this id. */
  async register(userId: string, input: object): Promise<void> {
    this.#nextIdentity = userId;
    await this.users.register({ roles: [] }, { password: 'is kept by nobody', ...input });
  }

  /** Delivers the published events to the consumer groups, and the events that these publish, until none is left. */
  async settle(onEvent: (event: DomainEvent) => void = () => undefined): Promise<void> {
    for (let event = this.log[this.#delivered]; event; event = this.log[this.#delivered]) {
      this.#delivered++;
      const logged: LoggedEvent = { ...event, partition: 0, offset: String(this.#delivered) };
      for (const group of this.groups) {
        if (!group.hasInbox || !group.topics.includes(event.topic)) continue;
        await group.handle(logged);
        const positions = this.positions.get(group.name) ?? new Map<string, DomainEvent>();
        this.positions.set(group.name, positions.set(`${event.topic}/${event.key}`, event));
      }
      onEvent(event);
    }
  }

  /** Fires the timers that are due at the simulated time. */
  async fireTimers(): Promise<void> {
    for (const timers of this.#timers) await timers.fireDue(this.#clock.now);
  }

  #published(): Statement {
    return {
      part: '"outbox" (kind, topic',
      run: (_tables, [rows]) => {
        for (const row of JSON.parse(String(rows)) as OutboxRow[]) {
          // Jobs are dropped: all e-mails of the city would be in the past.
          if (row.kind === 'JOB') continue;
          const { topic, key, seq, event_id: eventId, type, version, occurred_at: occurredAt, payload } = row;
          this.log.push({ topic, key, seq, eventId, type, version, occurredAt, payload: payload[0] });
        }
      },
    };
  }

  /** Answers a question with the service that it is for, as the resolver of that service does. */
  async #answer(
    { to, field }: Pick<Question<unknown, unknown>, 'to' | 'field'>,
    item: unknown,
    viewer: Principal,
  ): Promise<unknown> {
    const id = (type: string): string => fromGlobalId(type, String(item)) ?? fail(`${String(item)} is no id`);
    switch (`${to} ${field}`) {
      case `teams ${TeamExists.field}`:
        return (
          this.database('teams')
            .table('Team')
            .first({ id: id('Team') }) !== undefined
        );
      case `users ${UserExists.field}`:
        return (await this.users.byIds([id('User')])).size === 1;
      case `teams ${ViewerIsMember.field}`:
        return (await this.teams.teamsOfViewer(viewer, [id('Team')])).length === 1;
      case `teams ${ViewerRole.field}`:
        return (await this.teams.rolesOfViewer(viewer, [id('Team')])).get(id('Team')) ?? null;
      case `teams ${TeamOfViewer.field}`:
        return (await this.teams.asViewer(viewer, [id('Team')])).get(id('Team')) ?? null;
      case `teams ${IsMember.field}`: {
        const { teamId, userId } = item as { teamId: string; userId: string };
        const of = { teamId: fromGlobalId('Team', teamId), userId: fromGlobalIds('User', [userId])[0] ?? null };
        return (await this.teams.membersAmong([of]))[0];
      }
      case `users ${PlayerFits.field}`:
        return (await this.users.playersFit([item as Parameters<UsersService['playersFit']>[0][number]]))[0];
      default:
        return fail(`a seed cannot answer ${to}.${field}`);
    }
  }
}

interface OutboxRow {
  readonly kind: 'EVENT' | 'JOB';
  readonly topic: string;
  readonly key: string;
  readonly seq: number;
  readonly event_id: string;
  readonly type: string;
  readonly version: number;
  readonly occurred_at: string;
  readonly payload: readonly [unknown];
}

/** The raw SQL statements that the services send when they write. The client in memory throws for all others. */
const STATEMENTS: readonly Statement[] = [
  {
    part: 'FROM tournaments.results r',
    run(tables, [matchIds]) {
      return (matchIds as string[]).flatMap((matchId) => {
        let row = tables.get('Result')?.first({ matchId });
        for (const [model, id] of [
          ['Slot', 'slotId'],
          ['Stage', 'stageId'],
          ['Tournament', 'tournamentId'],
        ] as const)
          row = row && tables.get(model)?.first({ id: row[id] });
        return row ? [{ matchId, tournament: { id: row['id'], state: row['state'] } }] : [];
      });
    },
  },
  {
    part: 'UPDATE tournaments.results r SET',
    run(tables, [changed]) {
      const results = tables.get('Result') ?? fail('tournaments has no results');
      for (const { matchId, state, score, counts, seq, how, winner } of JSON.parse(String(changed)) as Row[])
        results.update(results.first({ matchId }) ?? fail(`there is no result of ${String(matchId)}`), {
          ...{ state, score, counts, seq, how, winner },
        });
    },
  },
  {
    part: 'INSERT INTO tournaments.deeds',
    run(tables, [added]) {
      const deeds = tables.get('Deed') ?? fail('tournaments has no deeds');
      for (const row of JSON.parse(String(added)) as Row[]) {
        const { match_id: matchId, player_id: playerId, team_id: teamId, tournament_id: tournamentId, ...rest } = row;
        const { own_goals: ownGoals, second_yellow: secondYellow, ...same } = rest;
        const counts: Row = { ownGoals, secondYellow, ...same };
        const there = deeds.first({ matchId, playerId, teamId });
        if (!there) deeds.insert({ matchId, playerId, teamId, tournamentId, ...counts });
        else
          deeds.update(
            there,
            Object.fromEntries(Object.entries(counts).map(([name, by]) => [name, Number(there[name]) + Number(by)])),
          );
      }
    },
  },
  // Locks are not needed, because changes happen one after the other.
  { part: 'FOR NO KEY UPDATE', run: () => [] },
  { part: 'FOR SHARE', run: () => [] },
  { part: 'pg_advisory_xact_lock', run: () => [] },
  {
    part: 'UPDATE tournaments.slots SET',
    run(tables, [moved]) {
      const slots = tables.get('Slot') ?? fail('tournaments has no slots');
      for (const { id, ...data } of JSON.parse(String(moved)) as { id: string }[])
        slots.update(slots.first({ id }) ?? fail(`there is no slot ${id}`), data);
    },
  },
  {
    part: 'INSERT INTO chat.read_marks',
    run(tables, [roomId, userId, seq]) {
      const marks = tables.get('ReadMark') ?? fail('chat has no read marks');
      const mark = marks.first({ roomId, userId });
      if (!mark) marks.insert({ roomId, userId, seq });
      else if (Number(mark['seq']) < Number(seq)) marks.update(mark, { seq });
    },
  },
];

/** Collects the consumer groups of a service. {@link Services.settle} delivers events to them. */
class SeedConsumers extends Consumers {
  readonly #service: string;
  readonly #outbox: Outbox;
  readonly #groups: Group[];

  constructor(service: string, outbox: Outbox, groups: Group[]) {
    super({ service } as ConsumersOptions);
    this.#service = service;
    this.#outbox = outbox;
    this.#groups = groups;
  }

  override group<Tx extends RawTransaction>(
    name: string,
    prisma: Transactional<Tx>,
    consumptions: readonly Consumption<NoInfer<Tx>>[],
  ): void {
    const handlers = new Map(consumptions.map((one) => [`${one.event.topic.name} ${one.event.type}`, one]));
    const topics = [...new Set(consumptions.map(({ event }) => event.topic.name))];
    this.#groups.push({
      service: this.#service,
      name,
      topics,
      hasInbox: true,
      handle: async (event) => {
        const handler = handlers.get(`${event.topic} ${event.type}`);
        // Ratings and statistics are not computed for each event. load.ts computes all of them after the simulation.
        if (!handler || name === RATINGS_GROUP) return;
        await this.#outbox.transaction(
          prisma,
          (tx, emit) => handler.handle(event, { tx, emit, isOld: true }),
          undefined,
          [event.eventId],
        );
      },
    });
  }

  override notice(name: string, { name: topic }: Topic): void {
    const handle = async (): Promise<void> => undefined;
    this.#groups.push({ service: this.#service, name, topics: [topic], hasInbox: false, handle });
  }

  override worker(): void {
    // No job is delivered, because all of them would be in the past.
  }
}

class SeedQuestions extends Questions {
  readonly #answer: (question: Question<unknown, unknown>, item: unknown, viewer: Principal) => Promise<unknown>;

  constructor(answer: (question: Question<unknown, unknown>, item: unknown, viewer: Principal) => Promise<unknown>) {
    super({ service: 'seed', asks: [], calls: { call: () => fail('a seed calls nobody') } });
    this.#answer = answer;
  }

  override async ask<I, A>(question: Question<I, A>, item: I, viewer: Principal = { roles: [] }): Promise<A> {
    return (await this.#answer(question as Question<unknown, unknown>, item, viewer)) as A;
  }

  override async askAll<I, A>(
    question: Question<I, A>,
    items: readonly I[],
    viewer?: Principal,
  ): Promise<readonly (A | NoAnswer)[]> {
    const answers: A[] = [];
    for (const item of items) answers.push(await this.ask(question, item, viewer));
    return answers;
  }
}

/** Timers in a table in memory. They fire when {@link Services.fireTimers} is called, not by the real time. */
class SeedTimers extends Timers {
  readonly #outbox: Outbox;
  readonly #table: MemoryTable;
  readonly #onTimer: (at: number) => void;
  #fire: ((timer: StoredTimer) => Promise<void>) | undefined;

  constructor(outbox: Outbox, table: MemoryTable, onTimer: (at: number) => void) {
    super({ url: NOWHERE, outbox });
    this.#outbox = outbox;
    this.#table = table;
    this.#onTimer = onTimer;
  }

  override async setAll(...[, definition, timers]: Parameters<Timers['setAll']>): Promise<void> {
    const { name, version } = definition;
    for (const { key, at, after, payload, unlessSet } of timers) {
      const there = this.#table.first({ name, key });
      if (there && unlessSet) continue;
      if (there) this.#table.delete(there);
      const dueAt = at ?? new Date(Date.now() + after);
      this.#table.insert({ name, key, id: randomUUID(), version, dueAt, payload: definition.checked(payload) });
      this.#onTimer(dueAt.getTime());
    }
  }

  override async cancel(...[, { name }, key]: Parameters<Timers['cancel']>): Promise<boolean> {
    const there = this.#table.first({ name, key });
    if (there) this.#table.delete(there);
    return there !== undefined;
  }

  override runner<Tx extends RawTransaction>(
    prisma: Transactional<Tx>,
    handlers: readonly TimerHandler<Tx>[],
  ): TimerRunner<Tx> {
    this.#fire = async (timer) => {
      const handler = handlers.find(({ name }) => name === timer.name) ?? fail(`nobody handles ${timer.name}`);
      await this.#outbox.transaction(prisma, (tx, emit) => handler.fire(tx, emit, timer), undefined, [timer.id]);
    };
    return UNUSED as TimerRunner<Tx>;
  }

  async fireDue(now: number): Promise<void> {
    const due = ([...this.#table.rows] as unknown as (StoredTimer & Row)[]).filter(
      ({ dueAt }) => dueAt.getTime() <= now,
    );
    for (const timer of due) {
      this.#table.delete(timer);
      await this.#fire?.(timer);
    }
  }
}
