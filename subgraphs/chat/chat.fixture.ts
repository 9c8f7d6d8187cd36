import { randomUUID } from 'node:crypto';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import type { Principal } from '../../platform/identity/principal.ts';
import { Timers } from '../../platform/messaging/timers/timers.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import { questionsTo } from '../../platform/testing/questions.testing.ts';
import { delivered, openService, rateLimits } from '../../platform/testing/service.testing.ts';
import { Matches, MatchEventRecorded } from '../../schema/messages/matches.ts';
import { MemberJoinedTeam, MemberLeftTeam, Teams, TeamCreated } from '../../schema/messages/teams.ts';
import { IsOnline } from '../../schema/questions/users.ts';
import { ChatConsumers } from './consumers.ts';
import { PrismaClient, type RoomEvent } from './generated/prisma/client.ts';
import { MessagesService } from './messages.service.ts';
import { MissedService } from './missed.service.ts';
import { ReadMarksService } from './read-marks.service.ts';
import { roomIdOf, RoomsService } from './rooms.service.ts';

/** How long a message stays unread before a ChatMissed reports it, in milliseconds. */
export const MISSED_AFTER_MS = 600_000;

/** Creates the services on a new database. `deliver` gives them an event, as the event log would. */
export async function openChat(limits = rateLimits()) {
  const service = await openService('chat', PrismaClient);
  /**
   * Fakes the answers of teams and users. `members` has the members of each team, as UUIDs. `online` has the users who
   * are online; `beforeOnline` runs before the question about that is answered. While `away` is true, no question is
   * answered. `asked` records each question: the viewer and the number of teams.
   */
  const elsewhere = {
    members: new Map<string, Set<string>>(),
    online: new Set<string>(),
    beforeOnline: async (): Promise<void> => undefined,
    away: false,
    asked: [] as [string | undefined, number][],
  };
  const questions = questionsTo(async ({ to, field }, ids, viewer) => {
    elsewhere.asked.push([viewer?.userId, ids.length]);
    if (elsewhere.away) throw new NoAnswer(`${to} is away`);
    if (field === IsOnline.field) {
      await elsewhere.beforeOnline();
      return ids.map((id) => elsewhere.online.has(fromGlobalId('User', String(id)) ?? ''));
    }
    return ids.map(
      (id) => elsewhere.members.get(fromGlobalId('Team', String(id)) ?? '')?.has(viewer?.userId ?? '') ?? false,
    );
  });
  const rooms = new RoomsService(service.prisma, questions);
  const clock = { now: Date.now() };
  const timers = new Timers({ url: service.url, outbox: service.outbox, clock: () => clock.now });
  const missed = new MissedService(service.prisma, timers, questions, {
    presenceMs: 60_000,
    chatMissedMs: MISSED_AFTER_MS,
  });
  missed.now = () => new Date(clock.now);
  const runner = missed.runner();
  const messages = new MessagesService(service.prisma, rooms, missed, service.outbox, service.live, limits);
  const readMarks = new ReadMarksService(service.prisma, rooms, service.outbox, limits);
  new ChatConsumers(service.consumers, service.prisma, rooms, messages);
  await service.consumers.onApplicationBootstrap();
  const { deliver } = service;
  const send = (
    viewer: Principal,
    roomId: string,
    text: string,
    clientMessageId: string = randomUUID(),
  ): Promise<RoomEvent> => messages.send(viewer, { roomId: toGlobalId('Room', roomId), clientMessageId, text });

  /** Makes a new team with functions that make its events. */
  function team() {
    const teamId = randomUUID();
    let seq = 0;
    const event = (type: string, payload: object): LoggedEvent =>
      delivered({ topic: Teams.name, key: teamId, seq: ++seq, type, payload: { teamId, ...payload } });
    return {
      teamId,
      roomId: roomIdOf('TEAM', teamId),
      created: () => event(TeamCreated.type, { name: 'Foxes', sport: 'FOOTBALL', city: null }),
      joined: (userId: string) => event(MemberJoinedTeam.type, { userId, role: 'PLAYER' }),
      left: (userId: string) => event(MemberLeftTeam.type, { userId, role: 'PLAYER' }),
    };
  }
  const scheduled = (matchId: string): LoggedEvent =>
    delivered({
      topic: Matches.name,
      key: matchId,
      seq: 1,
      type: MatchEventRecorded.type,
      payload: {
        matchId,
        eventId: randomUUID(),
        recordedAt: '2026-05-01T18:30:00.000Z',
        detail: { kind: 'STATE', state: 'SCHEDULED' },
        score: { home: 0, away: 0, periods: [], shootout: null },
      },
    });
  return {
    ...service,
    rooms,
    messages,
    readMarks,
    missed,
    timers,
    clock,
    /** Advances the clock by `ms` milliseconds and fires the timers that are then due. */
    async passes(ms: number): Promise<void> {
      clock.now += ms;
      await runner.fireDue();
    },
    send,
    team,
    scheduled,
    elsewhere,
    questions,
    async close(): Promise<void> {
      await timers.close();
      await service.close();
    },
    /** Creates the room of a team with these members. */
    async teamRoom(...members: { userId: string }[]) {
      const it = team();
      await deliver(it.created());
      for (const { userId } of members) await deliver(it.joined(userId));
      return it;
    },
    async matchRoom(): Promise<string> {
      const matchId = randomUUID();
      await deliver(scheduled(matchId));
      return roomIdOf('MATCH', matchId);
    },
  };
}

/** Reads a stream until it ends or is stopped. @param from the cursor with which the stream was opened */
export function follow(stream: AsyncIterableIterator<RoomEvent>, from = 0) {
  const seen: RoomEvent[] = [];
  let failure: unknown;
  let ended = false;
  let told = Promise.withResolvers<void>();
  const reading = (async () => {
    try {
      for await (const event of stream) {
        seen.push(event);
        told.resolve();
        told = Promise.withResolvers();
      }
    } catch (error) {
      failure = error;
    }
    ended = true;
    told.resolve();
  })();
  return {
    seen,
    seqs: () => seen.map(({ seq }) => seq),
    async until(seq: number): Promise<void> {
      while (!ended && (seen.at(-1)?.seq ?? from) < seq) await told.promise;
    },
    async end(): Promise<unknown> {
      await reading;
      return failure;
    },
    async stop(): Promise<void> {
      await stream.return?.();
      await reading;
    },
  };
}

/** The numbers `from`, `from + 1` … `to`. Empty if `to` is smaller than `from`. */
export const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, n) => from + n);
