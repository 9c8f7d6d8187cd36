import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { person } from '../../platform/testing/service.testing.ts';
import { ChatCaughtUp, ChatMissed, MissedChat } from '../../schema/messages/chat.ts';
import { InvitationClosed, InvitationSent, MemberLeftTeam, MemberRoleChanged } from '../../schema/messages/teams.ts';
import {
  TeamInvitedToTournament,
  TournamentCompleted,
  TournamentPublished,
} from '../../schema/messages/tournaments.ts';
import { MOST_KEPT } from './inbox.ts';
import { HOUR, openNotifications } from './notifications.fixture.ts';
import { notifications, NotificationsRebuild } from './rebuild.ts';
import { REPLAYED } from './replay.ts';

type Opened = Awaited<ReturnType<typeof openNotifications>>;
let t: Opened;
beforeAll(async () => {
  t = await openNotifications();
  // Each event gets its own time, because only the times order events of different topics.
  t.clock.step = 1;
});
afterAll(() => t.close());

/** Rebuilds from all events of the fixture. `meanwhile` runs after the first reading, and may add events. */
async function rebuild(meanwhile: () => Promise<void> = async () => undefined): Promise<Record<string, number>> {
  const run = new NotificationsRebuild(t.prisma);
  run.now = () => new Date(t.clock.now);
  // The topics are read one after the other, and an event may come twice.
  const read = (): void => {
    const events = notifications.topics.flatMap((topic) => t.happened.filter((event) => event.topic === topic));
    for (const event of [...events, ...events.slice(-3)]) run.handle(event);
  };
  read();
  return run.finish(async () => {
    await meanwhile();
    read();
  });
}
const rows = () => t.prisma.notification.findMany({ orderBy: { id: 'asc' } });
const state = async () => ({
  rows: await rows(),
  inboxes: await t.prisma.inbox.findMany({ orderBy: { userId: 'asc' } }),
  events: await t.prisma.inboxEvent.findMany({ orderBy: [{ userId: 'asc' }, { seq: 'asc' }] }),
  deliveries: await t.prisma.delivery.findMany({ orderBy: [{ notificationId: 'asc' }, { channel: 'asc' }] }),
  handed: t.handed.length,
});
/** Deletes these rows as a fault of the disk would, with the count of their inboxes. */
async function lose(ids: readonly string[], withEvents = false): Promise<void> {
  for (const id of ids) {
    const { userId, seq } = await t.prisma.notification.delete({ where: { id } });
    await t.prisma.inbox.update({ where: { userId }, data: { kept: { decrement: 1 } } });
    if (withEvents && seq !== null) await t.prisma.inboxEvent.deleteMany({ where: { userId } });
  }
}

/** A year in the life of two teams, with notifications of many kinds, some of them read and withdrawn. */
async function life() {
  const [anna, boris, clara] = [await t.named('Anna'), await t.named('Boris'), await t.named('Clara')];
  const team = await t.team('Foxes', { [anna.userId]: 'OWNER' });
  const invitation = { invitationId: randomUUID(), userId: boris.userId, inviterId: anna.userId };
  await team.tell(InvitationSent.type, { ...invitation, role: 'CAPTAIN', expiresAt: '2026-07-01T00:00:00.000Z' });
  await team.tell(InvitationClosed.type, { ...invitation, state: 'ACCEPTED', byUserId: boris.userId });
  await team.join(boris.userId, 'CAPTAIN');
  t.clock.now += HOUR;
  const away = await t.team('Wolves');
  const cup = await t.tournament('Yard Cup', { organizerIds: [clara.userId] });
  await cup.tell(TeamInvitedToTournament.type, { teamId: team.id });
  const entryId = await cup.entry(team.id, 'WAITING');
  for (const then of ['ACCEPTED', 'WITHDRAWN', 'PENDING', 'ACCEPTED']) await cup.entry(team.id, then, entryId);
  await t.service.markRead(boris, { allUntilSeq: 2 });
  const { userId } = boris;
  await team.tell(MemberRoleChanged.type, { userId, role: 'PLAYER', previousRole: 'CAPTAIN', byUserId: anna.userId });
  t.clock.now += HOUR;
  const game = await t.match(team, away, 3 * HOUR, { tournamentId: cup.id });
  await t.passes(2 * HOUR);
  await game.tell({ kind: 'STATE', state: 'FINISHED', reason: null }, { state: 'FINISHED' });
  // The same result again after a replay, then a correction, and back.
  await game.tell({ kind: 'REPLAY', reason: null }, { state: 'SCHEDULED' });
  await game.tell({ kind: 'STATE', state: 'FINISHED', reason: null }, { state: 'FINISHED' });
  for (const home of [1, 0]) {
    const score = { home, away: 0, periods: [], shootout: null };
    await game.tell({ kind: 'RESULT', score, how: 'PLAYED', winner: null, reason: null }, {}, score);
  }
  await game.tell({ kind: 'PROTEST', side: 'AWAY' });
  await team.leaves(boris.userId);
  await team.join(clara.userId);
  for (const { id } of [team, away, team]) await cup.tell(TournamentCompleted.type, { championTeamId: id });
  const roomId = randomUUID();
  const tell = (type: string, who: { userId: string }, readSeq: number, more: object = {}) =>
    t.happens(MissedChat.name, who.userId, type, { userId: who.userId, roomId, readSeq, ...more });
  for (const who of [anna, clara]) await tell(ChatMissed.type, who, 3, { teamId: team.id, count: 12 });
  await tell(ChatCaughtUp.type, anna, 3);
  const [newest] = await t.inboxOf(anna);
  await t.service.markRead(anna, { ids: [toGlobalId('Notification', newest?.id ?? '')] });
  return { anna, boris, clara, team, cup, tell };
}

describe('npm run rebuild -- notifications', () => {
  it('puts back what is missing as it was: seq, read marks, withdrawals; it sends nothing and makes no event', async () => {
    await life();
    await t.passes(5 * 60_000);
    const before = await state();
    const kinds = new Set(before.rows.map(({ kind }) => kind));
    assert.deepEqual(
      [
        'INVITED',
        'TEAM_INVITED',
        'ENTRY_REQUESTED',
        'ENTRY_ACCEPTED',
        'MATCH_STARTS_SOON',
        'RESULT',
        'PROTEST',
        'CUP_WON',
        'CHAT_MISSED',
      ].filter((kind) => !kinds.has(kind)),
      [],
    );
    assert.ok(before.rows.some(({ readAt }) => readAt) && before.rows.some(({ isShown }) => !isShown));
    assert.deepEqual((await rebuild())['restored'], 0, 'nothing is missing');
    assert.deepEqual(await state(), before);
    // Only notifications that inboxes show are compared: a rebuild does not restore withdrawn ones.
    const shown = before.rows.filter(({ isShown }) => isShown);
    await t.prisma.delivery.deleteMany();
    const { deliveries: _deliveries, ...rest } = before;
    await lose(shown.map(({ id }) => id));
    const figures = await rebuild();
    const there = new Set((await rows()).map(({ id }) => id));
    assert.deepEqual(
      shown.filter(({ id }) => !there.has(id)).map(({ kind }) => kind),
      [],
    );
    assert.deepEqual([figures['restored'], figures['added']], [shown.length, 0]);
    const { deliveries, ...after } = await state();
    assert.deepEqual(after, rest);
    assert.deepEqual(deliveries, [], 'nothing is sent');
  });

  it('adds what the inbox has no event of as new, unread, to the people of that time only', async () => {
    const { anna, boris, clara } = await life();
    await t.passes(5 * 60_000);
    const of = (who: { userId: string }) => t.kindsOf(who);
    const kinds = await Promise.all([anna, boris, clara].map(of));
    const handed = t.handed.length;
    const mine = await t.prisma.notification.findMany({
      where: { userId: { in: [anna, boris, clara].map(({ userId }) => userId) }, isShown: true },
    });
    await t.prisma.delivery.deleteMany();
    await lose(
      mine.map(({ id }) => id),
      true,
    );
    assert.deepEqual(await Promise.all([anna, boris, clara].map(of)), [[], [], []]);
    const before = await t.told();
    const figures = await rebuild();
    assert.deepEqual([figures['restored'], figures['added']], [0, mine.length]);
    const again = await Promise.all([anna, boris, clara].map(of));
    assert.deepEqual(
      again.map((list) => list.toSorted()),
      kinds.map((list) => list.toSorted()),
    );
    const events = (await t.told()).events.slice(before.events.length);
    assert.equal(events.length, mine.length);
    assert.ok((await t.inboxOf(anna)).every(({ readAt }) => readAt === null));
    await t.passes(48 * HOUR);
    assert.deepEqual([await t.prisma.delivery.count(), t.handed.length], [0, handed]);
  });

  it('withdraws what ended while it ran', async () => {
    const { clara, tell } = await life();
    const missed = (await t.inboxOf(clara)).filter(({ kind }) => kind === 'CHAT_MISSED');
    await lose(missed.map(({ id }) => id));
    await rebuild(async () => void (await tell(ChatCaughtUp.type, clara, 3)));
    assert.deepEqual(
      (await t.kindsOf(clara)).filter((kind) => kind === 'CHAT_MISSED'),
      [],
    );
  });

  it('knows members from before the log, and counts announcements as unknown', async () => {
    const [olga, pavel, late] = [person(), person(), person()];
    const team = await t.team('Owls', { [olga.userId]: 'OWNER', [pavel.userId]: 'CAPTAIN' });
    const isOld = (event: LoggedEvent): boolean => event.key === team.id;
    t.happened.splice(0, t.happened.length, ...t.happened.filter((event) => !isOld(event)));
    const cup = await t.tournament('Owl Cup', { city: 'Kazan' });
    await cup.tell(TournamentPublished.type, { ...cup.facts });
    await cup.entry(team.id, 'ACCEPTED');
    await team.tell(MemberLeftTeam.type, { userId: pavel.userId, role: 'CAPTAIN' });
    await team.join(late.userId, 'CAPTAIN');
    const lost = await t.prisma.notification.findMany({
      where: { kind: 'ENTRY_ACCEPTED', userId: { in: [olga.userId, pavel.userId] } },
    });
    assert.equal(lost.length, 2);
    await lose(
      lost.map(({ id }) => id),
      true,
    );
    assert.ok(((await rebuild())['unknown'] ?? 0) > 0);
    assert.deepEqual(await Promise.all([olga, pavel, late].map((who) => t.kindsOf(who))), [
      ['ENTRY_ACCEPTED'],
      ['ENTRY_ACCEPTED'],
      [],
    ]);
  });

  it('adds nothing that was deleted because it is old, or because there were too many', async () => {
    const ivan = await t.named('Ivan');
    const team = await t.team('Crows', { [ivan.userId]: 'OWNER' });
    const cup = await t.tournament('Crow Cup');
    await cup.entry(team.id, 'ACCEPTED');
    const [first] = await t.inboxOf(ivan);
    await lose([first?.id ?? '']);
    await t.prisma.inbox.update({
      where: { userId: ivan.userId },
      data: { forgottenUntil: new Date(t.clock.now), kept: MOST_KEPT },
    });
    await rebuild();
    assert.deepEqual(await t.kindsOf(ivan), []);
    await t.prisma.inbox.update({ where: { userId: ivan.userId }, data: { forgottenUntil: null, kept: 0 } });
    t.clock.now += 91 * 24 * HOUR;
    await rebuild();
    assert.deepEqual(await t.kindsOf(ivan), []);
  });

  it('handles every event that the live consumer follows', async () => {
    assert.deepEqual(
      notifications.topics.toSorted(),
      [...new Set([...REPLAYED.values()].map(({ topic }) => topic.name))].toSorted(),
    );
    const followed = t.followed.filter((name) => !REPLAYED.has(name));
    assert.deepEqual(followed, []);
    assert.ok(t.followed.length > 20);
    assert.equal(notifications.service, 'notifications');
  });
});
