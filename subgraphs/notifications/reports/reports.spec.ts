import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { Principal } from '../../../platform/identity/principal.ts';
import { NoAnswer } from '../../../platform/questions/definition.ts';
import { type Storage, StorageError } from '../../../platform/storage/storage.ts';
import { person, refused } from '../../../platform/testing/service.testing.ts';
import { ReportQueue } from '../../../schema/messages/notifications.ts';
import {
  MatchExists,
  MatchInFull,
  MatchInList,
  PlayerExists,
  PlayerName,
  SeasonOf,
} from '../../../schema/questions/matches.ts';
import { TeamExists, TeamName } from '../../../schema/questions/teams.ts';
import { TournamentExists, TournamentInFull } from '../../../schema/questions/tournaments.ts';
import { openNotifications } from '../notifications.fixture.ts';
import { FILE_MS, REPORT_MS } from './report-work.ts';
import { MOST_A_DAY, OVERDUE_MS, REUSED_MS } from './reports.service.ts';

type Open = Awaited<ReturnType<typeof openNotifications>>;

const MATCH = {
  sport: 'FOOTBALL',
  state: 'CONFIRMED',
  homeTeam: { id: toGlobalId('Team', randomUUID()) },
  awayTeam: { id: toGlobalId('Team', randomUUID()) },
  kickoffAt: '2026-05-01T10:00:00.000Z',
  kickoffIsEstimate: false,
  venue: null,
  round: null,
  score: { home: 2, away: 1, shootout: null },
  result: { how: 'PLAYED', winner: 'HOME', counts: true },
};
const SUMS = { played: 1, won: 1, drawn: 0, lost: 0, scored: 2, conceded: 1 };

describe('reports', () => {
  let n: Open;
  /** Whether the subject exists and the viewer may see it. */
  let visible: boolean | ((viewer?: Principal) => boolean | NoAnswer);
  let broken: Error | null;
  beforeAll(async () => {
    n = await openNotifications();
    n.elsewhere.answers = (question, items, viewer) => {
      const all = (answer: unknown): unknown[] => items.map(() => answer);
      if (broken) throw broken;
      const is = (...some: readonly unknown[]): boolean => some.includes(question);
      if (is(MatchExists, TournamentExists, TeamExists, PlayerExists))
        return all(typeof visible === 'function' ? visible(viewer) : visible);
      if (is(MatchInList)) return all(MATCH);
      if (is(TeamName)) return all({ name: 'Лисы двора', sport: 'FOOTBALL' });
      if (is(PlayerName)) return all({ name: 'Пётр', team: MATCH.homeTeam });
      if (is(MatchInFull))
        return all({
          ...MATCH,
          competition: null,
          group: null,
          lastSeq: 0,
          referee: null,
          homeLineup: null,
          awayLineup: null,
          sums: { periods: [] },
        });
      if (is(TournamentInFull))
        return all({
          name: 'Кубок',
          sport: 'FOOTBALL',
          state: 'DRAFT',
          city: null,
          startsAt: MATCH.kickoffAt,
          registration: { teamCount: 0 },
          organizers: [],
          stages: [],
          topScorers: [],
          topAssists: [],
          fairPlay: [],
          bestPlayer: null,
        });
      if (is(SeasonOf))
        return all({ matchIds: [toGlobalId('Match', randomUUID())], isCut: false, team: SUMS, players: [] });
      throw new NoAnswer(question.query);
    };
  });
  beforeEach(() => {
    visible = true;
    broken = null;
  });
  afterAll(() => n?.close());

  const asked = (more: object = {}) => ({
    clientId: randomUUID(),
    kind: 'MATCH',
    subjectId: toGlobalId('Match', randomUUID()),
    format: 'PDF',
    ...more,
  });
  const season = (more: object = {}) =>
    asked({
      kind: 'SEASON_STATISTICS',
      subjectId: toGlobalId('Team', randomUUID()),
      seasonFrom: new Date('2026-01-01T00:00:00Z'),
      seasonTo: new Date('2027-01-01T00:00:00Z'),
      ...more,
    });
  const stateOf = async (id: string) => {
    const report = await n.prisma.report.findUniqueOrThrow({ where: { id } });
    return report.failure ?? report.state;
  };
  const fileOf = async (id: string, extension = 'pdf') => n.storage.head(`reports/${id}.${extension}`);
  const eventsOf = ({ userId }: { userId: string }) =>
    n.prisma.reportEvent.findMany({ where: { userId }, orderBy: { seq: 'asc' } });
  const reportsOf = async (who: { userId: string }) =>
    (await n.inboxOf(who)).filter(({ kind }) => kind === 'REPORT_READY');
  const job = (attempt = 1) => ({ attempt });
  const refusedFor = (work: Promise<unknown>, [code, field]: readonly [string, string | null]) =>
    refused(work, code, field);
  /** Expects an error with this code in its extensions. */
  const failsWith = (work: Promise<unknown>, code: string) =>
    assert.rejects(work, (error: { extensions?: { code?: string } }) => error.extensions?.code === code);

  it('are queued, written, stored and notified of, with the progress as events', async () => {
    const anna = person();
    const report = await n.reports.request(anna, asked({ language: 'RU', timeZone: 'Europe/Moscow' }));
    assert.equal(report.state, 'QUEUED');
    const { jobs } = await n.told();
    assert.ok(
      jobs.some(
        ({ kind, payload }) => kind === 'ReportRequested' && (payload as { reportId: string }).reportId === report.id,
      ),
    );
    await n.reportWork.write({ reportId: report.id }, job());
    const done = await n.prisma.report.findUniqueOrThrow({ where: { id: report.id } });
    assert.deepEqual([done.state, done.percent, done.pages], ['DONE', 100, 1]);
    assert.equal((await fileOf(report.id))?.size, done.bytes);
    const events = await eventsOf(anna);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, index) => index + 1),
      'no gaps',
    );
    assert.deepEqual([events[0]?.state, events[1]?.state, events.at(-1)?.state], ['QUEUED', 'RUNNING', 'DONE']);
    assert.ok(events.every(({ percent }, index) => percent >= (events[index - 1]?.percent ?? 0)));
    const [notice] = await reportsOf(anna);
    assert.deepEqual([notice?.subjectType, notice?.subjectId], ['Report', report.id]);
    assert.deepEqual(notice?.facts, { report: 'MATCH', format: 'PDF', subject: 'Лисы двора – Лисы двора' });
  });

  it('are the same for the same client id, and for an equal request while they are new', async () => {
    const anna = person();
    const input = asked();
    const report = await n.reports.request(anna, input);
    assert.equal((await n.reports.request(anna, input)).id, report.id);
    await refusedFor(n.reports.request(anna, { ...input, format: 'CSV' }), ['CONFLICT', 'clientId']);
    const equal = { ...input, clientId: randomUUID() };
    assert.equal((await n.reports.request(anna, equal)).id, report.id, 'is being written');
    await n.reportWork.write({ reportId: report.id }, job());
    assert.equal((await n.reports.request(anna, { ...input, clientId: randomUUID() })).id, report.id, 'is new');
    await n.passes(REUSED_MS + 1);
    assert.equal((await n.reports.request(anna, equal)).id, report.id, 'the client id decides, also later');
    assert.notEqual((await n.reports.request(anna, { ...input, clientId: randomUUID() })).id, report.id);
    const other = await n.reports.request(person(), input);
    assert.notEqual(other.id, report.id, 'of another person');
  });

  it('are one for two equal requests at the same time', async () => {
    const anna = person();
    const input = asked();
    const [one, two, three] = await Promise.all([
      n.reports.request(anna, input),
      n.reports.request(anna, input),
      n.reports.request(anna, { ...input, clientId: randomUUID() }),
    ]);
    assert.deepEqual([two.id, three.id], [one.id, one.id]);
    assert.equal(
      (await n.told()).jobs.filter(({ payload }) => (payload as { reportId?: string }).reportId === one.id).length,
      1,
    );
  });

  it('need a user, a subject that the viewer may see, and a season where it belongs', async () => {
    await failsWith(n.reports.request({ roles: [] }, asked()), 'UNAUTHENTICATED');
    const anna = person();
    const none = ['NOT_FOUND', 'subjectId'] as const;
    await refusedFor(n.reports.request(anna, asked({ subjectId: toGlobalId('Team', randomUUID()) })), none);
    await refusedFor(n.reports.request(anna, asked({ subjectId: 'x' })), none);
    await refusedFor(n.reports.request(anna, asked({ kind: 'SEASON_STATISTICS' })), ['INVALID', 'seasonFrom']);
    await refusedFor(n.reports.request(anna, asked({ seasonFrom: new Date() })), ['INVALID', 'seasonFrom']);
    await refusedFor(n.reports.request(anna, season({ seasonTo: new Date('2026-01-01T00:00:00Z') })), [
      'INVALID',
      'seasonTo',
    ]);
    await refusedFor(n.reports.request(anna, asked({ timeZone: 'Mars/Base' })), ['INVALID', 'timeZone']);
    visible = false;
    await refusedFor(n.reports.request(anna, asked()), none);
    assert.equal(await n.prisma.report.count({ where: { userId: anna.userId } }), 0);
  });

  it('have a limit for each person and day, which equal requests do not use', async () => {
    const anna = person();
    const input = asked();
    for (let count = 0; count < MOST_A_DAY; count++) await n.reports.request(anna, count === 0 ? input : asked());
    await refusedFor(n.reports.request(anna, asked()), ['CONFLICT', null]);
    await n.reports.request(anna, { ...input, clientId: randomUUID() });
    await n.reports.request(person(), asked());
    await n.passes(86_400_001);
    await n.reports.request(anna, asked());
  });

  it('are not written for a person who has lost the right meanwhile: with the rights of the person alone', async () => {
    const anna = person('admin');
    const report = await n.reports.request(
      anna,
      asked({ kind: 'TOURNAMENT', subjectId: toGlobalId('Tournament', randomUUID()) }),
    );
    const viewers: (Principal | undefined)[] = [];
    visible = (viewer) => {
      viewers.push(viewer);
      return false;
    };
    await n.reportWork.write({ reportId: report.id }, job());
    assert.deepEqual(viewers, [{ userId: anna.userId, roles: [] }]);
    assert.equal(await stateOf(report.id), 'SUBJECT_NOT_FOUND');
    assert.equal(await fileOf(report.id), undefined);
    assert.deepEqual(await reportsOf(anna), []);
    await n.reportWork.write({ reportId: report.id }, job());
    assert.equal(await stateOf(report.id), 'SUBJECT_NOT_FOUND', 'a repeat changes nothing');
  });

  it('have a link for five minutes that asks for the right again', async () => {
    const anna = person();
    const report = await n.reports.request(anna, season({ format: 'CSV' }));
    assert.equal(await n.reports.url(anna, report), null, 'before it is written');
    await n.reportWork.write({ reportId: report.id }, job());
    const done = (await n.reports.byIds(anna, [report.id])).get(report.id) ?? assert.fail();
    const url = new URL((await n.reports.url(anna, done)) ?? assert.fail());
    assert.equal(Number(url.searchParams.get('expires')), Math.floor(n.clock.now / 1000) + 300);
    assert.ok(url.pathname.endsWith(`reports/${report.id}.csv`));
    assert.equal(await n.reports.url(person(), done), null, 'another person has no link');
    assert.equal((await n.reports.byIds(person(), [report.id])).size, 0);
    visible = false;
    await failsWith(n.reports.url(anna, done), 'NOT_FOUND');
  });

  it('fail after the last delivery, with a code, and can be redriven', async () => {
    const anna = person();
    const report = await n.reports.request(anna, asked());
    broken = new NoAnswer('matches is away');
    for (let attempt = 1; attempt < ReportQueue.maxDeliveries; attempt++) {
      await assert.rejects(n.reportWork.write({ reportId: report.id }, job(attempt)), NoAnswer);
      assert.equal(await stateOf(report.id), 'RUNNING');
    }
    await assert.rejects(n.reportWork.write({ reportId: report.id }, job(ReportQueue.maxDeliveries)), NoAnswer);
    assert.equal(await stateOf(report.id), 'UNAVAILABLE');
    broken = new TypeError('a fault of the program');
    await assert.rejects(n.reportWork.write({ reportId: report.id }, job(ReportQueue.maxDeliveries)), TypeError);
    assert.equal(await stateOf(report.id), 'INTERNAL');
    broken = null;
    await n.reportWork.write({ reportId: report.id }, job());
    assert.equal(await stateOf(report.id), 'DONE');
    assert.equal((await reportsOf(anna)).length, 1);
  });

  it('are written once when a worker dies at any step, and another one finishes', async () => {
    for (const dies of ['before the file', 'after the file'] as const) {
      const anna = person();
      const report = await n.reports.request(anna, asked());
      const dead: Storage = Object.assign(Object.create(n.storage) as Storage, {
        put: async (key: string, body: Uint8Array) => {
          if (dies === 'after the file') await n.storage.put(key, body);
          throw new StorageError('STORAGE_UNAVAILABLE', 'the process ends here');
        },
      });
      await assert.rejects(n.reportWorker(dead).write({ reportId: report.id }, job()), StorageError);
      assert.equal(await stateOf(report.id), 'RUNNING');
      await n.reportWorker().write({ reportId: report.id }, job(2));
      await n.reportWorker().write({ reportId: report.id }, job(3));
      assert.equal(await stateOf(report.id), 'DONE');
      assert.equal((await reportsOf(anna)).length, 1);
      assert.deepEqual(
        (await n.storage.list('reports/')).filter((key) => key.includes(report.id)),
        [`reports/${report.id}.pdf`],
      );
    }
  });

  it('are written by two workers at the same time as one', async () => {
    const anna = person();
    const report = await n.reports.request(anna, asked());
    await Promise.all([1, 2, 3].map((attempt) => n.reportWorker().write({ reportId: report.id }, job(attempt))));
    assert.equal(await stateOf(report.id), 'DONE');
    assert.equal((await reportsOf(anna)).length, 1);
    assert.ok(await fileOf(report.id), 'the slower worker leaves the file alone');
    const states = (await eventsOf(anna)).map(({ state }) => state);
    assert.equal(states.filter((state) => state === 'DONE').length, 1);
  });

  it('can be cancelled while they are queued, and while they are written: then no file stays', async () => {
    const anna = person();
    const queued = await n.reports.request(anna, asked());
    await refusedFor(n.reports.cancel(person(), { reportId: toGlobalId('Report', queued.id) }), [
      'NOT_FOUND',
      'reportId',
    ]);
    for (const _ of [1, 2])
      assert.equal((await n.reports.cancel(anna, { reportId: toGlobalId('Report', queued.id) })).state, 'CANCELLED');
    await n.reportWork.write({ reportId: queued.id }, job());
    assert.equal(await stateOf(queued.id), 'CANCELLED');

    const running = await n.reports.request(anna, asked());
    const late: Storage = Object.assign(Object.create(n.storage) as Storage, {
      put: async (key: string, body: Uint8Array) => {
        await n.storage.put(key, body);
        await n.reports.cancel(anna, { reportId: toGlobalId('Report', running.id) });
      },
      delete: (...keys: string[]) => n.storage.delete(...keys),
    });
    await n.reportWorker(late).write({ reportId: running.id }, job());
    assert.equal(await stateOf(running.id), 'CANCELLED');
    assert.equal(await fileOf(running.id), undefined);
    assert.deepEqual(await reportsOf(anna), []);
    const done = await n.reports.request(anna, asked());
    await n.reportWork.write({ reportId: done.id }, job());
    await refusedFor(n.reports.cancel(anna, { reportId: toGlobalId('Report', done.id) }), ['CONFLICT', 'reportId']);
  });

  it('fail when nobody writes them in time, expire after a week, and leave the list after a month', async () => {
    const anna = person();
    const forgotten = await n.reports.request(anna, asked());
    const kept = await n.reports.request(anna, asked());
    await n.reportWork.write({ reportId: kept.id }, job());
    await n.passes(OVERDUE_MS + 1);
    assert.equal(await stateOf(forgotten.id), 'TIMED_OUT');
    await n.passes(FILE_MS);
    assert.equal(await stateOf(kept.id), 'EXPIRED');
    assert.equal(await fileOf(kept.id), undefined);
    const expired = (await n.reports.byIds(anna, [kept.id])).get(kept.id) ?? assert.fail();
    assert.equal(await n.reports.url(anna, expired), null);
    const { lastSeq } = await n.prisma.reportFeed.findUniqueOrThrow({ where: { userId: anna.userId } });
    await n.passes(REPORT_MS);
    assert.deepEqual([await n.prisma.report.count({ where: { userId: anna.userId } }), await eventsOf(anna)], [0, []]);
    await failsWith(n.reports.events(anna, lastSeq - 1), 'RESYNC_REQUIRED');
  });

  it('are listed newest first, page by page, each person’s own', async () => {
    const anna = person();
    const made: string[] = [];
    for (let count = 0; count < 5; count++) {
      made.unshift((await n.reports.request(anna, asked())).id);
      await n.passes(1);
    }
    const first = (await n.reports.page(anna, { first: 2 })) ?? assert.fail();
    const next = (await n.reports.page(anna, { first: 5, after: first.pageInfo.endCursor })) ?? assert.fail();
    assert.deepEqual(
      [...first.edges, ...next.edges].map(({ node }) => node.id),
      made,
    );
    assert.equal(first.seq, 5);
    assert.equal((await n.reports.page(person(), {}))?.edges.length, 0);
    assert.equal(await n.reports.page({ roles: [] }, {}), null);
  });
});
