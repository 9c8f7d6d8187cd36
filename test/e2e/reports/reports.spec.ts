// Two people ask for reports on one router. The worker reads by questions to the real services, a real queue has the
// jobs, and the files are downloaded over HTTP.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parse } from 'graphql';
import { type Network, type Person, startNetwork, until } from '../../network.ts';
import { createTeam, kickOff, perform, record, schedule, type Fixture } from '../play.ts';
import { endOf, take } from '../reading.ts';
import { pagesOf } from '../../../subgraphs/notifications/reports/pdf/pdf-text.fixture.ts';

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly percent: number;
  readonly failure: string | null;
  readonly pages: number | null;
  readonly bytes: number | null;
  readonly url: string | null;
  readonly subject: { readonly __typename: string; readonly name?: string } | null;
}
type Events = TypedDocumentNode<
  { reportEvents: { seq: number; state: string; percent: number; reportId: string; report: { id: string } | null } },
  { after: number | null }
>;
const Events = parse(
  'subscription ($after: Int) { reportEvents(afterSeq: $after) { seq state percent reportId report { id } } }',
) as Events;
const FIELDS = `id state percent failure pages bytes url subject { __typename ... on Team { name } ... on Tournament { name } }`;

/** The longest time until a report is written. A service may just have been killed. Milliseconds. */
const WRITTEN_MS = 60_000;

describe('reports', () => {
  let network: Network;
  let olga: Person, anna: Person;
  let played: Fixture;
  let tournamentId: string;
  let teams: string[];

  beforeAll(async () => {
    network = await startNetwork({ killable: true });
    olga = await network.user('olga', { roles: ['organizer'] });
    anna = await network.user('anna');
    played = await schedule(olga);
    await kickOff(olga, played.matchId);
    await record(olga, played.matchId, {
      goal: { side: 'HOME', clock: { minute: 12 }, player: { name: 'Пётр Щербаков' }, assist: { name: 'Ёлкин' } },
    });
    await record(olga, played.matchId, { card: { side: 'AWAY', card: 'YELLOW', player: { name: 'Щукин' } } });
    await perform(olga, 'finishMatch', 'match', { matchId: played.matchId });
    await perform(olga, 'confirmResult', 'match', { matchId: played.matchId, overrule: true });
    tournamentId = await perform(olga, 'createTournament', 'tournament', {
      clientId: randomUUID(),
      name: 'Кубок двора',
      sport: 'FOOTBALL',
      timeZone: 'Europe/Moscow',
      startsAt: '2030-06-01T08:00:00.000Z',
      maxTeams: 4,
    });
    await perform(olga, 'setStages', 'tournament', {
      tournamentId,
      stages: [
        { name: 'Группы', format: { roundRobin: { groups: 2 } } },
        { name: 'Финал', format: { singleElimination: {} }, entrants: [{ top: { stage: 1, places: 1 } }] },
      ],
    });
    await perform(olga, 'publishTournament', 'tournament', { tournamentId });
    teams = [];
    for (const name of ['Лисы', 'Ёжики', 'Щуки', 'Яблоки']) {
      const teamId = await createTeam(olga, name);
      teams.push(teamId);
      await perform(olga, 'enterTournament', 'entry', { tournamentId, teamId });
    }
    for (const step of ['closeRegistration', 'drawTournament', 'startTournament'])
      await perform(olga, step, 'tournament', { tournamentId });
  });
  afterAll(() => network?.stop());

  const ask = (who: Person, more: object): Promise<string> =>
    perform(who, 'requestReport', 'report', {
      clientId: randomUUID(),
      language: 'RU',
      timeZone: 'Europe/Moscow',
      format: 'PDF',
      ...more,
    });
  async function shown(who: Pick<Person, 'execute'>, id: string): Promise<Shown | null> {
    const { data } = await who.execute<{ report: Shown | null }>(`query ($id: ID!) { report(id: $id) { ${FIELDS} } }`, {
      id,
    });
    return data?.report ?? null;
  }
  const ended = (who: Person, id: string): Promise<Shown> =>
    until(
      'the report is written',
      async () => {
        const report = await shown(who, id).catch(() => null);
        return report && !['QUEUED', 'RUNNING'].includes(report.state) && report;
      },
      WRITTEN_MS,
    );
  async function fileOf({ url }: Shown): Promise<{ body: Buffer; headers: Headers }> {
    const response = await fetch(url ?? assert.fail('no link'));
    assert.equal(response.status, 200);
    return { body: Buffer.from(await response.arrayBuffer()), headers: response.headers };
  }
  const textOf = async (report: Shown): Promise<string> =>
    (await pagesOf((await fileOf(report)).body)).map(({ text }) => text).join(' ');

  it('of a match are files with its events, which the person and nobody else can read', async () => {
    const events = olga.subscribe(Events, { after: 0 });
    const others = anna.subscribe(Events, { after: 0 });
    const first = take(events, 3);
    const id = await ask(olga, { kind: 'MATCH', subjectId: played.matchId });
    const report = await ended(olga, id);
    assert.deepEqual([report.state, report.percent, report.failure], ['DONE', 100, null]);
    const { body, headers } = await fileOf(report);
    assert.equal(headers.get('content-type'), 'application/pdf');
    assert.match(headers.get('content-disposition') ?? '', /^attachment; filename="?match-.*\.pdf/);
    assert.equal(body.byteLength, report.bytes);
    const text = await textOf(report);
    for (const part of ['Отчёт о матче', '1:0', 'Гол: Пётр Щербаков (передача: Ёлкин)', 'Жёлтая карточка: Щукин'])
      assert.ok(text.includes(part), `${part} in ${text}`);
    const told = (await first).map(({ reportEvents }) => reportEvents);
    assert.deepEqual([told[0]?.state, told[1]?.state, told[0]?.report?.id], ['QUEUED', 'RUNNING', id]);
    assert.equal(await shown(anna, id), null);
    assert.equal(await shown(network.guest, id), null);
    // The same operation on one router: the other person's stream has only that person's report.
    const own = await ask(anna, { kind: 'MATCH', subjectId: played.matchId });
    assert.notEqual(own, id);
    const [{ reportEvents: seen } = assert.fail()] = await take(others, 1);
    assert.deepEqual([seen.reportId, seen.seq], [own, 1]);
    await ended(anna, own);
    await Promise.all([events.return(), others.return()]);
  });

  it('of a tournament have its tables, its bracket and its matches', async () => {
    const report = await ended(olga, await ask(olga, { kind: 'TOURNAMENT', subjectId: tournamentId }));
    assert.deepEqual([report.state, report.subject], ['DONE', { __typename: 'Tournament', name: 'Кубок двора' }]);
    const text = await textOf(report);
    for (const part of [
      'Кубок двора',
      'Группы: Группа A',
      'Группы: Группа B',
      'Сетка: Финал',
      'Победитель: Группа A',
      'Матчи: Группы',
      'Ёжики',
    ])
      assert.ok(text.includes(part), `${part} in ${text}`);
  });

  it('of a season have the sums of the team, in both formats', async () => {
    const season = {
      kind: 'SEASON_STATISTICS',
      subjectId: played.home,
      seasonFrom: '1990-01-01T00:00:00.000Z',
      seasonTo: '2100-01-01T00:00:00.000Z',
    };
    const pdf = await ended(olga, await ask(olga, season));
    assert.ok((await textOf(pdf)).includes('Статистика сезона'));
    const csv = await ended(olga, await ask(olga, { ...season, format: 'CSV', language: 'EN' }));
    assert.equal(csv.pages, null);
    const { body } = await fileOf(csv);
    assert.equal(body.subarray(0, 3).toString('hex'), 'efbbbf');
    const text = body.toString('utf8');
    assert.match(text, /Statistics,1,1,0,0,1,0,1,/);
    assert.match(text, /Players,Пётр Щербаков,1,1,1,/);
  });

  it('of a draft are written for its organizer, and not after that right is lost', async () => {
    const draft = await perform(olga, 'createTournament', 'tournament', {
      clientId: randomUUID(),
      name: 'Draft Cup',
      sport: 'FOOTBALL',
      timeZone: 'UTC',
      startsAt: '2030-06-01T08:00:00.000Z',
    });
    const asked = { clientId: randomUUID(), kind: 'TOURNAMENT', subjectId: draft, format: 'PDF' };
    const query =
      'mutation ($input: RequestReportInput!) { requestReport(input: $input) { report { id } userErrors { code reason } } }';
    const { data } = await anna.execute<{ requestReport: { userErrors: unknown } }>(query, { input: asked });
    assert.deepEqual(data?.requestReport.userErrors, [{ code: 'NOT_FOUND', reason: 'SUBJECT_NOT_FOUND' }]);
    await perform(olga, 'appointOrganizer', 'tournament', { tournamentId: draft, userId: anna.id });
    const report = await ended(anna, await ask(anna, { kind: 'TOURNAMENT', subjectId: draft }));
    assert.equal(report.state, 'DONE');
    assert.ok(report.url);
    await perform(olga, 'removeOrganizer', 'tournament', { tournamentId: draft, userId: anna.id });
    const { data: later, errors } = await anna.execute<{ report: { url: string | null } }>(
      'query ($id: ID!) { report(id: $id) { url } }',
      { id: report.id },
    );
    assert.deepEqual([later?.report.url, errors?.[0]?.extensions?.['code']], [null, 'NOT_FOUND']);
  });

  it('are written once when the process is killed in the middle', async () => {
    const { data } = await olga.execute<{ myReports: { seq: number } }>('{ myReports { seq } }');
    const { seq = 0 } = data?.myReports ?? {};
    const ids: string[] = [];
    for (const format of ['PDF', 'CSV'])
      for (const subjectId of teams)
        ids.push(
          await ask(olga, {
            kind: 'SEASON_STATISTICS',
            subjectId,
            format,
            seasonFrom: '2030-01-01T00:00:00.000Z',
            seasonTo: '2031-01-01T00:00:00.000Z',
          }),
        );
    await network.kill('notifications');
    await network.restart('notifications');
    for (const id of ids) assert.equal((await ended(olga, id)).state, 'DONE');
    await network.settled();
    const notified = await until('all are notified of', async () => {
      const { data: inbox } = await olga.execute<{
        notifications: { edges: { node: { kind: string; subject: { id: string } | null } }[] };
      }>('{ notifications(first: 100) { edges { node { kind subject { ... on Report { id } } } } } }');
      const of = (inbox?.notifications.edges ?? []).flatMap(({ node: { kind, subject } }) =>
        kind === 'REPORT_READY' && subject && ids.includes(subject.id) ? [subject.id] : [],
      );
      return of.length >= ids.length && of;
    });
    assert.deepEqual(notified.toSorted(), ids.toSorted(), 'one notification for each report');
    const stream = olga.subscribe(Events, { after: seq });
    const done = [];
    for (let next = seq + 1; done.length < ids.length; next++) {
      const [{ reportEvents: event } = assert.fail()] = await take(stream, 1);
      assert.equal(event.seq, next, 'no gap');
      if (event.state === 'DONE') done.push(event.reportId);
    }
    assert.deepEqual(done.toSorted(), ids.toSorted());
    await stream.return();
  });

  it('are of nobody who is not signed in', async () => {
    assert.equal(await endOf(network.guest.subscribe(Events, { after: 0 })), 'UNAUTHENTICATED');
    assert.equal(await endOf(anna.subscribe(Events, { after: 1000 })), 'RESYNC_REQUIRED');
    assert.equal((await network.guest.execute<{ myReports: unknown }>('{ myReports { seq } }')).data?.myReports, null);
  });
});
