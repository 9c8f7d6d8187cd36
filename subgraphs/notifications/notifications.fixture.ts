import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { type Contact, type IdentityProvider, IdentityUnavailable } from '../../platform/identity/identity-provider.ts';
import { checkMail, type Mail } from '../../platform/mail/mail-sender.ts';
import { Metrics } from '../../platform/observability/metrics.ts';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { Timers } from '../../platform/messaging/timers/timers.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import { FolderStorage } from '../../platform/storage/folder.ts';
import type { Storage } from '../../platform/storage/storage.ts';
import { questionsTo } from '../../platform/testing/questions.testing.ts';
import { delivered, openService, person, rateLimits } from '../../platform/testing/service.testing.ts';
import { type MatchEventDetail, MatchEventRecorded, Matches, type MatchState } from '../../schema/messages/matches.ts';
import { MailingStep } from '../../schema/messages/notifications.ts';
import { MemberJoinedTeam, MemberLeftTeam, TeamCreated, Teams } from '../../schema/messages/teams.ts';
import { UserRegistered, Users } from '../../schema/messages/users.ts';
import { EntryChanged, TournamentCreated, Tournaments } from '../../schema/messages/tournaments.ts';
import { KeepOnline, type PersonRule, PersonFits } from '../../schema/questions/users.ts';
import type { PushAddress, PushMessage, PushSender } from '../../platform/push/push-sender.ts';
import { Contacts } from './emails/contacts.ts';
import { EmailsService } from './emails/emails.service.ts';
import { EmailLinks } from './emails/links.ts';
import { NotificationsConsumers } from './consumers.ts';
import { DeliveriesService } from './deliveries.service.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { MailingWork, type WorkOptions } from './mailings/mailing-work.service.ts';
import { MailingsService } from './mailings/mailings.service.ts';
import { MailingRights } from './mailings/rights.ts';
import { NoticesService } from './notices.service.ts';
import { NotificationsService } from './notifications.service.ts';
import { Presence } from './presence.ts';
import { PreferencesService } from './preferences.service.ts';
import { DevicesService } from './push/devices.service.ts';
import { PushKeys } from './push/keys.ts';
import { PushService } from './push/push.service.ts';
import { ReportWork } from './reports/report-work.ts';
import { ReportsService } from './reports/reports.service.ts';
import { ReportSources } from './reports/sources.ts';
import { type Handed, type Senders, senders as jobSenders } from './senders.ts';
import { WorkService } from './work.service.ts';

type Person = ReturnType<typeof person>;
type Role = 'OWNER' | 'CAPTAIN' | 'COACH' | 'PLAYER';

const HOUR_MS = 3_600_000;

/** A sender of push messages that accepts every device, and keeps the messages in `sent`. */
function takesAll(): PushSender & { readonly sent: [PushAddress, PushMessage][] } {
  const sent: [PushAddress, PushMessage][] = [];
  return {
    key: undefined,
    sent,
    accepts: () => true,
    send: async (to, message) => void sent.push([to, message]),
    close: async () => undefined,
  };
}

type Answers = Parameters<typeof questionsTo>[0];
const noAnswers: Answers = ({ to, field }) => {
  throw new NoAnswer(`${to} does not answer ${field} here`);
};

/** Opens the services of notifications with a database of their own. Only the test moves their clock. */
export async function openNotifications(
  limits = rateLimits(),
  push: PushSender = takesAll(),
  workOptions: WorkOptions = {},
) {
  const opened = await openService('notifications', PrismaClient);
  const { prisma, outbox } = opened;
  /** The clock of the services. Each event moves it forward by `step` milliseconds. */
  const clock = { now: Date.parse('2026-05-01T12:00:00.000Z'), step: 0 };
  const now = (): Date => new Date(clock.now);
  const timers = new Timers({ url: opened.url, outbox, clock: () => clock.now });
  /**
   * The answers of other subgraphs. The people in `fitting` fit every city and sport. If `away` is true, no subgraph
   * answers. `online` has everybody who was reported as online.
   */
  const elsewhere = {
    fitting: new Set<string>(),
    away: false,
    online: [] as string[],
    rules: [] as PersonRule[],
    calls: 0,
    /** Who organizes which tournament: `<tournament id> <user id>`. */
    organizers: new Set<string>(),
    /** Roles in teams by `<team id> <user id>`. */
    roles: new Map<string, string>(),
    /** The mail server calls this before it accepts a mail. If the function throws, the mail is not accepted. */
    onMail: (async () => undefined) as (mail: Mail) => Promise<void>,
    answers: noAnswers,
  };
  const questions = questionsTo((question, items, viewer) => {
    const { to, field } = question;
    if (elsewhere.away) throw new NoAnswer(`${to} is away`);
    if (field === KeepOnline.field) {
      elsewhere.online.push(...items.map((id) => fromGlobalId('User', String(id)) ?? ''));
      return items.map(() => true);
    }
    if (field === 'tournamentsOfOrganizer')
      return (items as string[]).map((id) =>
        elsewhere.organizers.has(`${fromGlobalId('Tournament', id)} ${viewer?.userId}`),
      );
    if (field === 'rolesOfViewer')
      return (items as string[]).map(
        (id) => elsewhere.roles.get(`${fromGlobalId('Team', id)} ${viewer?.userId}`) ?? null,
      );
    elsewhere.calls++;
    if (field !== PersonFits.field) return elsewhere.answers(question, items, viewer);
    const rules = items as PersonRule[];
    elsewhere.rules.push(...rules);
    return rules.map(({ userId }) => elsewhere.fitting.has(fromGlobalId('User', userId) ?? ''));
  });
  const handed: (Handed & { channel: string })[] = [];
  const senders: Senders = {
    EMAIL: (emit, one) => {
      handed.push({ channel: 'EMAIL', ...one });
      jobSenders.EMAIL?.(emit, one);
    },
    PUSH: (emit, one) => {
      handed.push({ channel: 'PUSH', ...one });
      jobSenders.PUSH?.(emit, one);
    },
  };
  const metrics = new Metrics('notifications');
  const deliveries = new DeliveriesService(timers, senders, metrics);
  const notices = new NoticesService(deliveries, timers, questions, metrics);
  const identities = new Identities();
  const mailbox: Mail[] = [];
  const settings = {
    publicUrl: 'https://prodvor.example',
    webUrl: 'https://web.example',
    webhookSecret: WEBHOOK,
    mailingsPerSecond: 1_000_000,
  };
  const preferences = new PreferencesService(prisma, deliveries, limits);
  const folder = await mkdtemp(join(tmpdir(), 'reports-'));
  const storage = new FolderStorage({ folder, origin: 'http://127.0.0.1:4000', now: () => clock.now });
  const sources = new ReportSources(questions);
  const reports = new ReportsService(prisma, sources, preferences, outbox, timers, opened.live, storage, limits);
  /** Makes a worker of reports. A test may make several, which behave like those of several processes. */
  const reportWorker = (store: Storage = storage): ReportWork => {
    const worker = new ReportWork(prisma, sources, notices, outbox, timers, store, metrics);
    worker.now = now;
    worker.tellMs = 0;
    return worker;
  };
  const reportWork = reportWorker();
  const contacts = new Contacts(prisma, identities);
  const links = new EmailLinks(prisma, settings);
  const mail = {
    async send(sent: Mail): Promise<void> {
      checkMail(sent);
      await elsewhere.onMail(sent);
      mailbox.push(sent);
    },
    close: async () => undefined,
  };
  const emails = new EmailsService(
    prisma,
    contacts,
    links,
    preferences,
    deliveries,
    metrics,
    mail,
    outbox,
    timers,
    limits,
    settings,
  );
  const rights = new MailingRights(questions);
  const mailings = new MailingsService(prisma, rights, outbox, timers, opened.live, limits, settings);
  /** Makes a worker of mailings. A test may make several, which behave like those of several processes. */
  const worker = (): MailingWork => {
    const made = new MailingWork(
      prisma,
      notices,
      contacts,
      links,
      rights,
      mail,
      settings,
      outbox,
      timers,
      metrics,
      workOptions,
    );
    made.now = now;
    return made;
  };
  const mailingWork = worker();
  const work = new WorkService(prisma, notices, deliveries, mailingWork, reportWork, timers);
  deliveries.now = emails.now = notices.now = work.now = mailings.now = reports.now = now;
  const runner = work.runner();
  const followed: string[] = [];
  const { group } = opened.consumers;
  opened.consumers.group = (name, client, consumptions) => {
    followed.push(...consumptions.map(({ event: { topic, type } }) => `${topic.name} ${type}`));
    return group.call(opened.consumers, name, client as never, consumptions as never);
  };
  const keys = new PushKeys(prisma, push);
  const pushes = new PushService(prisma, keys, preferences, metrics, push, outbox, timers, settings);
  new NotificationsConsumers(opened.consumers, prisma, emails, pushes, mailingWork, reportWork, notices, timers);
  await opened.consumers.onApplicationBootstrap();
  const devices = new DevicesService(prisma, keys, push, limits);
  pushes.now = now;
  let stepsDone = 0;
  const seqs = new Map<string, number>();
  /** Every event that was delivered, as the log keeps it. */
  const happened: LoggedEvent[] = [];
  const presence = new Presence(questions, { presenceMs: 60_000, chatMissedMs: 600_000 });
  const service = new NotificationsService(prisma, outbox, opened.live, presence, limits);

  /** Delivers the next event of an aggregate (`key`). The event has happened now. @returns the event */
  async function happens(topic: string, key: string, type: string, payload: object, eventId: string = randomUUID()) {
    clock.now += clock.step;
    const seq = (seqs.get(key) ?? 0) + 1;
    seqs.set(key, seq);
    const version = type === MatchEventRecorded.type ? MatchEventRecorded.version : 1;
    const event = {
      ...delivered({ topic, key, seq, type, payload }),
      version,
      eventId,
      occurredAt: now().toISOString(),
    };
    happened.push(structuredClone(event));
    await opened.deliver(event);
    return event;
  }

  /** Creates a team with these members; without members it is disbanded. */
  async function team(name: string, members: Readonly<Record<string, Role>> = {}) {
    const teamId = randomUUID();
    await happens(Teams.name, teamId, TeamCreated.type, { teamId, name, sport: 'FOOTBALL', city: null });
    const join = (userId: string, role: Role = 'PLAYER') =>
      happens(Teams.name, teamId, MemberJoinedTeam.type, { teamId, userId, role });
    const leaves = (userId: string) =>
      happens(Teams.name, teamId, MemberLeftTeam.type, { teamId, userId, role: 'PLAYER' });
    for (const [userId, role] of Object.entries(members)) await join(userId, role);
    if (Object.keys(members).length === 0) {
      const owner = randomUUID();
      await join(owner, 'OWNER');
      await leaves(owner);
    }
    return {
      id: teamId,
      join,
      tell: (type: string, payload: object) => happens(Teams.name, teamId, type, { teamId, ...payload }),
      leaves,
    };
  }

  async function tournament(name: string, more: object = {}) {
    const tournamentId = randomUUID();
    const facts = {
      tournamentId,
      name,
      sport: 'FOOTBALL',
      city: null,
      state: 'REGISTRATION',
      startsAt: '2026-06-01T10:00:00.000Z',
      organizerIds: [],
      protestHours: 48,
      ...more,
    };
    const tell = (type: string, payload: object, eventId?: string) =>
      happens(Tournaments.name, tournamentId, type, { tournamentId, ...payload }, eventId);
    await tell(TournamentCreated.type, facts);
    return {
      id: tournamentId,
      facts,
      tell,
      async entry(teamId: string, state: string, entryId: string = randomUUID()) {
        await tell(EntryChanged.type, { entryId, teamId, state, seed: null });
        return entryId;
      },
    };
  }

  /** Schedules a match of two teams that starts `inMs` milliseconds from now. */
  async function match(home: { id: string }, away: { id: string }, inMs = 24 * HOUR_MS, more: object = {}) {
    const matchId = randomUUID();
    const facts = {
      sport: 'FOOTBALL',
      homeTeamId: home.id,
      awayTeamId: away.id,
      tournamentId: null,
      kickoffAt: new Date(clock.now + inMs).toISOString(),
      kickoffIsEstimate: false,
      state: 'SCHEDULED' as MatchState,
      counts: false,
      how: 'PLAYED',
      winner: null,
      ...more,
    };
    const score = { home: 0, away: 0, periods: [], shootout: null };
    const tell = (detail: MatchEventDetail, after: object = {}, now: object = score) =>
      happens(Matches.name, matchId, MatchEventRecorded.type, {
        matchId,
        eventId: randomUUID(),
        recordedAt: new Date(clock.now).toISOString(),
        match: Object.assign(facts, after),
        detail,
        score: now,
      });
    await tell({ kind: 'STATE', state: 'SCHEDULED', reason: null });
    return { id: matchId, facts, tell };
  }

  return {
    ...opened,
    clock,
    timers,
    mailings,
    mailingWork,
    worker,
    /** Does the next waiting step of a mailing. @returns false when none waits */
    async step(): Promise<boolean> {
      const jobs = (await opened.told()).jobs.filter(({ kind }) => kind === MailingStep.kind);
      const job = jobs[stepsDone];
      if (!job) return false;
      stepsDone++;
      await mailingWork.run(MailingStep.payload.parse(job.payload));
      return true;
    },
    /** Does all waiting steps of mailings, and the steps that these add. */
    async mailed(): Promise<void> {
      while (await this.step());
    },
    elsewhere,
    handed,
    reports,
    reportWork,
    reportWorker,
    storage,
    work,
    notices,
    deliveries,
    service,
    presence,
    preferences,
    identities,
    emails,
    contacts,
    links,
    mailbox,
    devices,
    pushes,
    push,
    settings,
    metrics,
    happens,
    /** Registers an app as a device for each person who has no app, so that push messages have a destination. */
    async withApp(...people: readonly Pick<Person, 'userId'>[]): Promise<void> {
      const data = people.map(({ userId }) => ({
        userId,
        clientId: 'app',
        kind: 'FCM' as const,
        address: userId,
        addressHash: userId,
      }));
      await prisma.device.createMany({ data, skipDuplicates: true });
    },
    happened,
    /** The events that the consumer group follows: topic and type. */
    followed,
    /** Registers a person with this name. */
    async named(displayName: string): Promise<Person> {
      const who = person();
      const { userId } = who;
      await happens(Users.name, userId, UserRegistered.type, { userId, username: userId, displayName });
      return who;
    },
    team,
    tournament,
    match,
    /** Moves the clock forward by this many milliseconds, and fires the timers that are due then. */
    async passes(ms: number): Promise<void> {
      clock.now += ms;
      await runner.fireDue();
    },
    /** The notifications that a person's inbox shows, in the order in which they were added. */
    async inboxOf({ userId }: Pick<Person, 'userId'>) {
      return prisma.notification.findMany({ where: { userId, isShown: true }, orderBy: [{ seq: 'asc' }] });
    },
    async kindsOf(who: Pick<Person, 'userId'>): Promise<string[]> {
      return (await this.inboxOf(who)).map(({ kind }) => kind);
    },
    idOf: ({ id }: { readonly id: string }): string => toGlobalId('Notification', id),
    async close(): Promise<void> {
      presence.onModuleDestroy();
      await timers.close();
      metrics.close();
      await opened.close();
      await storage.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const HOUR = HOUR_MS;
export const WEBHOOK = 'a-secret-of-this-test';

/** Accounts in memory; `away` makes the identity provider refuse every call. */
class Identities implements Pick<IdentityProvider, 'contactOf' | 'markEmailVerified'> {
  readonly accounts = new Map<string, Contact>();
  away = false;
  calls = 0;

  async contactOf(userId: string): Promise<Contact | null> {
    this.#answer();
    return this.accounts.get(userId) ?? null;
  }

  async markEmailVerified(userId: string, email: string): Promise<boolean> {
    this.#answer();
    if (this.accounts.get(userId)?.email !== email) return false;
    this.accounts.set(userId, { email, emailVerified: true });
    return true;
  }

  #answer(): void {
    this.calls++;
    if (this.away) throw new IdentityUnavailable('connect ECONNREFUSED');
  }
}
