import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { checkPages } from '../../platform/graphql/connection.testing.ts';
import { ANONYMOUS, type Principal } from '../../platform/identity/principal.ts';
import { person, rateLimits, refused } from '../../platform/testing/service.testing.ts';
import { NotificationEventRecorded } from '../../schema/messages/notifications.ts';
import { TournamentCompleted } from '../../schema/messages/tournaments.ts';
import { KEPT_MS, MOST_EVENTS, MOST_KEPT, withdraw } from './inbox.ts';
import type { InboxEvent } from './generated/prisma/client.ts';
import { openNotifications } from './notifications.fixture.ts';
import { MOST_UNREAD } from './notifications.service.ts';

let t: Awaited<ReturnType<typeof openNotifications>>;
beforeAll(async () => {
  t = await openNotifications(rateLimits({ markNotificationsRead: { count: 50, seconds: 3_600 } }));
});
afterAll(() => t.close());

const codeIs =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof GraphQLError && error.extensions.code === code;
const MINUTE = 60_000;

/** Makes a person with `count` notifications, each a minute after the one before it. */
async function someone(count: number): Promise<Principal & { userId: string }> {
  const who = person();
  await notify(count, who);
  return who;
}
async function notify(count: number, ...people: { userId: string }[]): Promise<void> {
  const users = people.map(({ userId }) => userId);
  for (let n = 0; n < count; n++) {
    t.clock.now += MINUTE;
    await t.outbox.transaction(t.prisma, (tx, emit) =>
      t.notices.give(tx, emit, {
        kind: 'CUP_WON',
        cause: randomUUID(),
        subject: { type: 'Tournament', id: randomUUID() },
        facts: { tournament: `Cup ${n}`, team: 'Foxes' },
        occurredAt: new Date(t.clock.now).toISOString(),
        to: { users },
      }),
    );
  }
}
const mark = (who: Principal, input: object): Promise<number | null> => t.service.markRead(who, input);
const eventsOf = ({ userId }: { userId: string }) =>
  t.prisma.inboxEvent.findMany({ where: { userId }, orderBy: { seq: 'asc' } });
async function take(stream: AsyncIterableIterator<InboxEvent>, count: number): Promise<InboxEvent[]> {
  const seen: InboxEvent[] = [];
  while (seen.length < count) {
    const { value, done } = (await stream.next()) as IteratorResult<InboxEvent, undefined>;
    if (done) break;
    seen.push(value);
  }
  return seen;
}

describe('the list', () => {
  it('is sorted by time, the newest first, in pages from either end', async () => {
    const who = await someone(5);
    await checkPages((args) => t.service.page(who, args).then((page) => page ?? assert.fail()));
    const page = await t.service.page(who, { first: 10 });
    const times = page?.edges.map(({ node }) => node.occurredAt.getTime());
    assert.deepEqual(
      times,
      times?.toSorted((a, b) => b - a),
    );
    assert.deepEqual([times?.length, page?.seq, await page?.totalCount()], [5, 5, 5]);
  });

  it('is of its person alone, also by id; a guest has none, and an audience no viewer', async () => {
    const [anna, boris] = [await someone(2), await someone(1)];
    const ids = (await t.inboxOf(anna)).map(({ id }) => id);
    for (const stranger of [boris, person('admin'), ANONYMOUS])
      assert.equal((await t.service.byIds(stranger, ids)).size, 0);
    assert.equal((await t.service.byIds(anna, ids)).size, 2);
    assert.deepEqual([await t.service.page(ANONYMOUS, {}), await t.service.unreadCount(ANONYMOUS)], [null, null]);
    const audience = { audience: 'notifications:x', roles: [] };
    for (const asking of [
      () => t.service.page(audience, {}),
      () => t.service.unreadCount(audience),
      () => t.service.events(audience, 0),
      () => t.service.byIds(audience, ids),
    ])
      await assert.rejects(asking(), codeIs('AUDIENCE_HAS_NO_VIEWER'));
    const cursor = (await t.service.page(anna, { first: 1 }))?.pageInfo.endCursor ?? '';
    await assert.rejects(t.service.page(boris, { after: cursor }), codeIs('INVALID_CURSOR'));
    await assert.rejects(t.service.page(anna, { after: cursor, unreadOnly: true }), codeIs('INVALID_CURSOR'));
  });

  it('and the count of unread ones use an index that has only those rows', async () => {
    const who = await someone(MOST_UNREAD + 3);
    assert.equal(await t.service.unreadCount(who), MOST_UNREAD);
    const plan = await t.prisma.$transaction(async (tx) => {
      await tx.$executeRawUnsafe('SET LOCAL enable_seqscan = off');
      return tx.$queryRawUnsafe<Record<string, string>[]>(
        `EXPLAIN SELECT count(*) FROM (SELECT 1 FROM notifications.notifications WHERE user_id = '${who.userId}' AND is_shown AND read_at IS NULL LIMIT 100) x`,
      );
    });
    assert.match(JSON.stringify(plan), /notifications_unread_idx/);
  });
});

describe('marking as read', () => {
  it('by ids or up to a seq withdraws the mark on all devices by one event, and repeats nothing', async () => {
    const who = await someone(5);
    const rows = await t.inboxOf(who);
    const ids = rows.slice(0, 2).map((row) => t.idOf(row));
    const other = (await t.inboxOf(await someone(1))).map((row) => t.idOf(row));
    assert.equal(await mark(who, { ids: [...ids, ...other, 'x'] }), 3);
    assert.equal(await mark(who, { ids }), 3);
    assert.equal(await mark(who, { allUntilSeq: 4 }), 1);
    assert.equal(await mark(who, { allUntilSeq: 4 }), 1);
    assert.deepEqual(
      (await eventsOf(who))
        .slice(5)
        .map(({ seq, kind, notificationIds, untilSeq }) => [seq, kind, notificationIds.length, untilSeq]),
      [
        [6, 'READ', 2, null],
        [7, 'READ', 0, 4],
      ],
    );
    const unread = await t.service.page(who, { unreadOnly: true });
    assert.deepEqual(
      unread?.edges.map(({ node }) => node.id),
      [rows[4]?.id],
    );
    const told = (await t.told()).events.filter(({ key }) => key === who.userId);
    assert.deepEqual(
      told.map(({ seq }) => seq),
      [1, 2, 3, 4, 5, 6, 7],
    );
    for (const { payload } of told) NotificationEventRecorded.payload.parse(payload);
  });

  it('at the same time on two devices gives one event', async () => {
    const who = await someone(3);
    await Promise.all(Array.from({ length: 6 }, () => mark(who, { allUntilSeq: 3 })));
    assert.deepEqual(
      (await eventsOf(who)).map(({ kind }) => kind),
      ['ADDED', 'ADDED', 'ADDED', 'READ'],
    );
  });

  it('is refused for guests, for both or none of the fields, and above the limit', async () => {
    await assert.rejects(mark(ANONYMOUS, { allUntilSeq: 1 }), codeIs('UNAUTHENTICATED'));
    const who = await someone(1);
    for (const input of [{}, { ids: ['x'], allUntilSeq: 1 }, { ids: null }])
      await refused(mark(who, input), 'INVALID', null);
    await refused(mark(who, { ids: [] }), 'INVALID', 'ids');
    await refused(mark(who, { ids: Array.from({ length: 101 }, () => 'x') }), 'INVALID', 'ids');
    for (let n = 0; n < 50; n++) await mark(who, { allUntilSeq: 1 });
    await assert.rejects(mark(who, { allUntilSeq: 1 }), codeIs('RATE_LIMITED'));
  });
});

describe('the stream', () => {
  it('replays the events after the cursor, and continues live, for its person only', async () => {
    const [anna, boris] = [await someone(3), await someone(1)];
    const stream = await t.service.events(anna, 1);
    assert.deepEqual(
      (await take(stream, 2)).map(({ seq }) => seq),
      [2, 3],
    );
    const live = take(stream, 2);
    await t.live.settled();
    await notify(1, anna, boris);
    await mark(anna, { allUntilSeq: 4 });
    await t.relay();
    const seen = await live;
    assert.deepEqual(
      seen.map(({ seq, kind, userId }) => [seq, kind, userId]),
      [
        [4, 'ADDED', anna.userId],
        [5, 'READ', anna.userId],
      ],
    );
    assert.deepEqual(seen, (await eventsOf(anna)).slice(3));
    await stream.return?.();
  });

  it('without a cursor has only what happens from now on', async () => {
    const who = await someone(2);
    const stream = await t.service.events(who, null);
    const live = take(stream, 1);
    await t.live.settled();
    await notify(1, who);
    await t.relay();
    assert.deepEqual(
      (await live).map(({ seq }) => seq),
      [3],
    );
    await stream.return?.();
  });

  it('is refused for guests, for a negative cursor, and for one ahead of the inbox', async () => {
    await assert.rejects(t.service.events(ANONYMOUS, null), codeIs('UNAUTHENTICATED'));
    const who = await someone(1);
    await assert.rejects(t.service.events(who, -1), codeIs('BAD_USER_INPUT'));
    await assert.rejects((await t.service.events(who, 2)).next(), codeIs('RESYNC_REQUIRED'));
    await assert.rejects((await t.service.events(person(), 1)).next(), codeIs('RESYNC_REQUIRED'));
  });

  it('is refused with RESYNC_REQUIRED for a cursor before what is kept, even when nothing is kept', async () => {
    const who = await someone(3);
    t.clock.now += KEPT_MS + MINUTE;
    await t.passes(0);
    await cleanAll();
    assert.equal(await t.prisma.inboxEvent.count({ where: { userId: who.userId } }), 0);
    for (const old of [0, 2]) await assert.rejects(t.service.events(who, old), codeIs('RESYNC_REQUIRED'));
    await notify(1, who);
    for (const old of [0, 2]) await assert.rejects(t.service.events(who, old), codeIs('RESYNC_REQUIRED'));
    const stream = await t.service.events(who, 3);
    assert.deepEqual(
      (await take(stream, 1)).map(({ seq }) => seq),
      [4],
    );
    await stream.return?.();
  });
});

/** Deletes old rows, batch by batch, until nothing is left to delete, as the timer does. */
async function cleanAll(): Promise<void> {
  const { clean } = await import('./cleaning.ts');
  while (!(await t.prisma.$transaction((tx) => clean(tx, new Date(t.clock.now)))));
}

describe('what is kept', () => {
  it('is at most the newest notifications of a person; older ones never come back', async () => {
    const who = person();
    const at = (n: number): Date => new Date(t.clock.now + n * 1000);
    const rows = Array.from({ length: MOST_KEPT }, (_, n) => ({
      id: randomUUID(),
      userId: who.userId,
      seq: n + 1,
      kind: 'CUP_WON',
      cause: randomUUID(),
      subjectType: 'Tournament',
      subjectId: randomUUID(),
      facts: {},
      occurredAt: at(n),
      isShown: true,
    }));
    await t.prisma.inbox.create({ data: { userId: who.userId, lastSeq: MOST_KEPT, kept: MOST_KEPT } });
    await t.prisma.notification.createMany({ data: rows });
    t.clock.now += MOST_KEPT * 1000;
    await notify(2, who);
    const kept = await t.inboxOf(who);
    assert.deepEqual([kept.length, kept[0]?.seq, kept.at(-1)?.seq], [MOST_KEPT, 3, MOST_KEPT + 2]);
    const inbox = await t.prisma.inbox.findUniqueOrThrow({ where: { userId: who.userId } });
    assert.deepEqual([inbox.kept, inbox.forgottenUntil], [MOST_KEPT, rows[1]?.occurredAt]);
    await t.outbox.transaction(t.prisma, (tx, emit) =>
      t.notices.give(tx, emit, {
        kind: 'CUP_WON',
        cause: rows[1]?.cause ?? '',
        subject: { type: 'Tournament', id: randomUUID() },
        facts: {},
        occurredAt: rows[1]?.occurredAt.toISOString() ?? '',
        to: { users: [who.userId] },
      }),
    );
    assert.deepEqual((await t.inboxOf(who)).length, MOST_KEPT);
    assert.equal((await t.prisma.inbox.findUniqueOrThrow({ where: { userId: who.userId } })).lastSeq, inbox.lastSeq);
  });

  it('is not less because of withdrawn notifications; of those the newest are kept too', async () => {
    const who = await someone(2);
    const shown = await t.inboxOf(who);
    const hidden = Array.from({ length: MOST_KEPT }, (_, n) => ({
      id: randomUUID(),
      userId: who.userId,
      seq: n + 3,
      kind: 'INVITED',
      cause: randomUUID(),
      subjectType: 'Team',
      subjectId: randomUUID(),
      facts: {},
      occurredAt: new Date(t.clock.now + n + 1),
      isShown: false,
    }));
    await t.prisma.notification.createMany({ data: hidden });
    await t.prisma.inbox.update({
      where: { userId: who.userId },
      data: { kept: MOST_KEPT + 2, lastSeq: MOST_KEPT + 2 },
    });
    t.clock.now += MOST_KEPT + 1;
    const [cause, subjectId] = [randomUUID(), randomUUID()];
    const notice = { kind: 'INVITED', cause, subject: { type: 'Team' as const, id: subjectId }, facts: {} };
    const occurredAt = new Date(t.clock.now).toISOString();
    await t.outbox.transaction(t.prisma, async (tx, emit) => {
      await t.notices.give(tx, emit, { ...notice, occurredAt, to: { users: [who.userId] } });
      await withdraw(tx, emit, notice, new Date(t.clock.now));
    });
    await notify(1, who);
    assert.deepEqual((await t.inboxOf(who)).slice(0, 2), shown);
    const left = await t.prisma.notification.findMany({ where: { userId: who.userId, isShown: false } });
    assert.deepEqual(
      [left.length, left.some(({ id }) => id === hidden[0]?.id), left.some((one) => one.cause === cause)],
      [MOST_KEPT, false, true],
    );
    const { kept, forgottenUntil } = await t.prisma.inbox.findUniqueOrThrow({ where: { userId: who.userId } });
    assert.deepEqual([kept, forgottenUntil], [MOST_KEPT + 3, null]);
  });

  it('is bounded for events too, a tenth at once', async () => {
    const who = await someone(1);
    const lastSeq = MOST_EVENTS + MOST_EVENTS / 10;
    await t.prisma.inboxEvent.createMany({
      data: Array.from({ length: lastSeq - 1 }, (_, n) => ({
        userId: who.userId,
        seq: n + 2,
        kind: 'READ' as const,
        notificationIds: [],
        untilSeq: 1,
        at: new Date(t.clock.now),
      })),
    });
    await t.prisma.inbox.update({ where: { userId: who.userId }, data: { lastSeq } });
    await notify(1, who);
    const [first] = await eventsOf(who);
    assert.deepEqual(
      [first?.seq, await t.prisma.inboxEvent.count({ where: { userId: who.userId } })],
      [lastSeq - MOST_EVENTS + 2, MOST_EVENTS],
    );
    await assert.rejects(t.service.events(who, 1), codeIs('RESYNC_REQUIRED'));
  });

  it('is nothing older than 90 days: it is deleted in batches, and not stored again', async () => {
    const [who, other] = [await someone(2), await someone(1)];
    const [old] = await t.inboxOf(who);
    t.clock.now += KEPT_MS - MINUTE / 2;
    await notify(1, who);
    await cleanAll();
    assert.deepEqual(
      (await t.inboxOf(who)).map(({ seq }) => seq),
      [3],
    );
    assert.deepEqual(await t.prisma.inbox.findUnique({ where: { userId: who.userId } }), {
      userId: who.userId,
      lastSeq: 3,
      trimmedSeq: 2,
      kept: 1,
      forgottenUntil: null,
    });
    assert.equal((await t.prisma.inbox.findUniqueOrThrow({ where: { userId: other.userId } })).kept, 0);
    const cup = await t.tournament('Old Cup');
    const team = await t.team('Foxes', { [who.userId]: 'OWNER' });
    const won = await cup.tell(TournamentCompleted.type, { championTeamId: team.id });
    await t.prisma.$executeRawUnsafe('DELETE FROM notifications.inbox');
    await t.prisma.notification.deleteMany({ where: { userId: who.userId } });
    await t.deliver({ ...won, occurredAt: old?.occurredAt.toISOString() ?? '' });
    assert.deepEqual(await t.inboxOf(who), []);
  });
});

describe('withdrawing', () => {
  it('takes a notification out of every inbox by an event, and it does not come back', async () => {
    const [anna, boris] = [person(), person()];
    const notice = {
      kind: 'CUP_WON',
      cause: randomUUID(),
      subject: { type: 'Tournament' as const, id: randomUUID() },
      facts: {},
      occurredAt: new Date(t.clock.now).toISOString(),
      to: { users: [anna.userId, boris.userId] },
    };
    const give = () => t.outbox.transaction(t.prisma, (tx, emit) => t.notices.give(tx, emit, notice));
    await give();
    for (const _ of [1, 2])
      await t.outbox.transaction(t.prisma, (tx, emit) => withdraw(tx, emit, notice, new Date(t.clock.now)));
    await give();
    for (const who of [anna, boris]) {
      assert.deepEqual(await t.inboxOf(who), []);
      assert.deepEqual(
        (await eventsOf(who)).map(({ seq, kind }) => [seq, kind]),
        [
          [1, 'ADDED'],
          [2, 'WITHDRAWN'],
        ],
      );
      assert.equal(await t.service.unreadCount(who), 0);
    }
  });
});
