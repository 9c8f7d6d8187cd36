import { Inject, Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { consume, type Handling, work } from '../../platform/messaging/consumers/declare.ts';
import { Rebuilds } from '../../platform/messaging/rebuilds/rebuilds.ts';
import type { EventDefinition } from '../../platform/messaging/definitions.ts';
import { TIMERS } from '../../platform/injection/tokens.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { ChatCaughtUp, ChatMissed } from '../../schema/messages/chat.ts';
import { MatchEventRecorded, type MatchFacts, MatchSnapshot } from '../../schema/messages/matches.ts';
import {
  InvitationClosed,
  InvitationSent,
  JoinRequestClosed,
  JoinRequested,
  MemberJoinedTeam,
  MemberLeftTeam,
  MemberRoleChanged,
  TeamCreated,
  TeamSnapshot,
} from '../../schema/messages/teams.ts';
import {
  EntryChanged,
  OrganizersChanged,
  TeamInvitedToTournament,
  TournamentCancelled,
  TournamentChanged,
  TournamentCompleted,
  TournamentCreated,
  TournamentDeleted,
  TournamentDrawn,
  TournamentPublished,
  TournamentSnapshot,
} from '../../schema/messages/tournaments.ts';
import { UserProfileUpdated, UserRegistered, UserSnapshot } from '../../schema/messages/users.ts';
import {
  Emails,
  MailingStep,
  MassMailing,
  NotificationComputations,
  NotificationsEmail,
  NotificationsPush,
  Pushes,
  RebuildNotifications,
  ReportQueue,
  ReportRequested,
  VerificationEmail,
  WelcomeEmail,
} from '../../schema/messages/notifications.ts';
import { EmailsService } from './emails/emails.service.ts';
import { type KnownMatch, type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { withdraw } from './inbox.ts';
import { KINDS, type Source } from './kinds.ts';
import {
  ArrivedKnown,
  dropMember,
  dropTournament,
  keepChampion,
  keepEntry,
  keepMatch,
  keepMember,
  keepTeam,
  keepTournament,
  keepUser,
  requireTeams,
  restoreTeam,
  StoredKnown,
} from './known.ts';
import { awaitKickoff } from './kickoffs.ts';
import { MailingWork } from './mailings/mailing-work.service.ts';
import { NoticesService } from './notices.service.ts';
import { PushService } from './push/push.service.ts';
import { notifications } from './rebuild.ts';
import { resultOf } from './results.ts';
import { ReportWork } from './reports/report-work.ts';

type Tx = Prisma.TransactionClient;

/**
 * Handles the events of other services: keeps the data that texts and audiences need, and notifies people. It also
 * handles the jobs of e-mails and mailings.
 */
@Injectable()
export class NotificationsConsumers {
  constructor(
    consumers: Consumers,
    prisma: PrismaClient,
    emails: EmailsService,
    pushes: PushService,
    mailings: MailingWork,
    reports: ReportWork,
    private readonly notices: NoticesService,
    @Inject(TIMERS) private readonly timers: Timers,
  ) {
    const follow = this.#follow(UserRegistered, keepUser);
    consumers.group('notifications', prisma, [
      consume(UserRegistered, async (user, handling) => {
        await follow(user, handling);
        // An older version of the subgraph users emitted this job for the same event. `because` gives both jobs the
        // same id, so the person gets one e-mail.
        handling.emit(WelcomeEmail, { because: handling.eventId, payload: { userId: user.userId } });
      }),
      consume(UserProfileUpdated, this.#follow(UserProfileUpdated, keepUser)),
      consume(UserSnapshot, this.#follow(UserSnapshot, keepUser)),
      consume(TeamCreated, this.#follow(TeamCreated, keepTeam)),
      consume(MemberJoinedTeam, this.#follow(MemberJoinedTeam, keepMember)),
      consume(MemberRoleChanged, this.#follow(MemberRoleChanged, keepMember)),
      consume(InvitationSent, this.#follow(InvitationSent)),
      consume(InvitationClosed, this.#follow(InvitationClosed)),
      consume(JoinRequested, this.#follow(JoinRequested)),
      consume(JoinRequestClosed, this.#follow(JoinRequestClosed)),
      consume(MemberLeftTeam, this.#follow(MemberLeftTeam, dropMember)),
      consume(TeamSnapshot, this.#follow(TeamSnapshot, restoreTeam)),
      consume(TournamentCreated, this.#follow(TournamentCreated, keepTournament)),
      consume(TournamentPublished, this.#follow(TournamentPublished, keepTournament)),
      consume(TournamentChanged, this.#follow(TournamentChanged, keepTournament)),
      consume(OrganizersChanged, this.#follow(OrganizersChanged, keepTournament)),
      consume(TournamentDeleted, this.#follow(TournamentDeleted, dropTournament)),
      consume(TournamentSnapshot, this.#follow(TournamentSnapshot, keepTournament)),
      consume(EntryChanged, this.#follow(EntryChanged, keepEntry)),
      consume(TeamInvitedToTournament, this.#follow(TeamInvitedToTournament)),
      consume(TournamentDrawn, this.#follow(TournamentDrawn)),
      consume(TournamentCancelled, this.#follow(TournamentCancelled)),
      consume(TournamentCompleted, this.#follow(TournamentCompleted, keepChampion)),
      consume(ChatMissed, this.#follow(ChatMissed)),
      consume(ChatCaughtUp, this.#follow(ChatCaughtUp)),
      consume(
        MatchEventRecorded,
        this.#follow(MatchEventRecorded, async (tx, event) => {
          const { matchId, match, detail } = event;
          if (!match) return;
          const kickoffIsEstimate = detail.kind === 'PLAN' ? detail.kickoffIsEstimate : match.kickoffIsEstimate;
          await this.#keepMatch(tx, matchId, { ...match, kickoffIsEstimate }, (before) => resultOf(event, before));
        }),
      ),
      consume(
        MatchSnapshot,
        this.#follow(MatchSnapshot, (tx, match) => this.#keepMatch(tx, match.matchId, match)),
      ),
    ]);
    consumers.worker(Emails, 5, [
      work(WelcomeEmail, (payload, job) => emails.sendWelcome(payload, job)),
      work(VerificationEmail, (payload, job) => emails.sendVerification(payload, job)),
      work(NotificationsEmail, (payload, job) => emails.sendNotifications(payload, job)),
    ]);
    // Ten jobs at the same time, because a job waits for push services most of its time.
    consumers.worker(Pushes, 10, [work(NotificationsPush, (payload, job) => pushes.send(payload, job))]);
    // One job at a time: the steps of several mailings take turns, and share the rate and the connections of the
    // process.
    consumers.worker(MassMailing, 1, [work(MailingStep, (payload) => mailings.run(payload))]);
    // One job at a time, because writing a report keeps the CPU busy. To write more, run more processes: `main.ts
    // worker`.
    consumers.worker(ReportQueue, 1, [work(ReportRequested, (payload, job) => reports.write(payload, job))]);
  }

  async #keepMatch(
    tx: Tx,
    id: string,
    match: MatchFacts,
    resultAfter: (before: KnownMatch | null) => string | null = () => null,
  ): Promise<void> {
    await awaitKickoff(tx, this.timers, await keepMatch(tx, id, match, resultAfter), this.notices.now());
  }

  /**
   * Makes the handler of an event. First the sources in kinds.ts decide which people to notify and what ends; they see
   * the stored data as they were before the event. Then `keep` stores the event's data. Then notifications that the event
   * ends are withdrawn. At last the people are notified: the members of a team are read here, so they are those after
   * the event.
   */
  #follow<T>(
    event: EventDefinition<T>,
    keep?: (tx: Tx, payload: T) => Promise<unknown>,
  ): (payload: T, handling: Handling<Tx>) => Promise<void> {
    const sources: [kind: string, source: Source][] = Object.entries(KINDS).flatMap(([kind, { sources: of }]) =>
      of.filter((source) => source.event === event).map((source): [string, Source] => [kind, source]),
    );
    const ends = Object.entries(KINDS).flatMap(([kind, { ends: of }]) =>
      of.filter((end) => end.event === event).map((end) => [kind, end] as const),
    );
    return async (payload, { tx, emit, eventId, occurredAt, isOld }) => {
      // Old events do not wait: the log may not have the teams of that time any more.
      const known = isOld ? new StoredKnown(tx) : new ArrivedKnown(tx);
      const notices = [];
      for (const [kind, source] of sources) {
        const told = await source.notice(payload, { known, eventId });
        for (const one of [told].flat()) notices.push({ ...one, kind, occurredAt: occurredAt.toISOString() });
      }
      const ended = [];
      for (const [kind, { cause: causeOf }] of ends) {
        const cause = await causeOf(payload, known);
        if (cause !== null) ended.push({ kind, cause });
      }
      if (!isOld) await requireTeams(tx, [...new Set(notices.flatMap(({ to }) => ('teams' in to ? to.teams : [])))]);
      await keep?.(tx, payload);
      for (const end of ended) await withdraw(tx, emit, end, this.notices.now());
      for (const notice of notices) await this.notices.give(tx, emit, notice);
    };
  }
}

/** Does the long computations of notifications. */
@Injectable()
export class NotificationsComputations {
  constructor(consumers: Consumers, rebuilds: Rebuilds) {
    // One job at a time in a process: a computation uses the CPU for seconds or minutes.
    consumers.worker(NotificationComputations, 1, [
      work(
        RebuildNotifications,
        (run, job) => rebuilds.run(RebuildNotifications, { notifications }, run, job),
        (run) => rebuilds.lost(run),
      ),
    ]);
  }
}
