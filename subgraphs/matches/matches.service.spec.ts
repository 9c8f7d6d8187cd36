import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { checkPages, forged } from '../../platform/graphql/connection.testing.ts';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { Matches, MatchEventRecorded } from '../../schema/messages/matches.ts';
import { matchId, openMatches, person, refused, teamId } from './matches.fixture.ts';

const coded =
  (code: string) =>
  (error: Error & { code?: string; extensions?: { code?: string } }): boolean =>
    (error.extensions?.code ?? error.code) === code;

let m: Awaited<ReturnType<typeof openMatches>>;
beforeAll(async () => void (m = await openMatches()));
afterAll(() => m.close());

describe('scheduling a match', () => {
  it('puts it on the calendar and on record, and tells the log what is on record', async () => {
    const match = await m.schedule({ competition: '  City Cup ', round: 'Final', group: null });
    assert.equal(match.state, 'SCHEDULED');
    assert.equal(match.competition, 'City Cup');
    assert.equal(match.lastSeq, 1);
    assert.equal(match.organizerId, m.organizer.userId);
    const [event] = (await m.events.after([match.id], 0, 10)).get(match.id) ?? [];
    assert.deepEqual(event?.detail, { kind: 'STATE', state: 'SCHEDULED', reason: null });
    const [told, ...more] = (await m.told()).filter(({ key }) => key === match.id);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [told?.topic, told?.seq, told?.eventId, told?.type, told?.version],
      [Matches.name, 1, event?.id, 'MatchEventRecorded', 2],
    );
    assert.deepEqual(MatchEventRecorded.payload.parse(told?.payload), told?.payload);
  });

  it('is for organizers and administrators', async () => {
    await assert.rejects(m.matches.schedule(ANONYMOUS, m.input()), coded('UNAUTHENTICATED'));
    await refused(m.matches.schedule(person('player', 'captain', 'referee'), m.input()), 'FORBIDDEN', null);
    assert.equal((await m.matches.schedule(person('admin'), m.input())).state, 'SCHEDULED');
  });

  it('gives the same match for the same client id, also twice at once, and refuses another one', async () => {
    const input = m.input({ competition: 'Twice' });
    const all = await Promise.all(Array.from({ length: 8 }, () => m.matches.schedule(m.organizer, input)));
    assert.equal(new Set(all.map(({ id }) => id)).size, 1);
    assert.equal((await m.matches.page({ competition: 'Twice' })).edges.length, 1);
    assert.equal((await m.told()).filter(({ key }) => key === all[0]?.id).length, 1);
    await refused(m.matches.schedule(m.organizer, { ...input, round: 'Other' }), 'CONFLICT', 'clientId');
    await refused(
      m.matches.schedule(m.organizer, { ...input, kickoffAt: new Date('2026-06-01T18:00:01Z') }),
      'CONFLICT',
      'clientId',
    );
    const other = await m.matches.schedule(person('organizer'), input);
    assert.notEqual(other.id, all[0]?.id);
  });

  it('refuses what cannot be', async () => {
    const home = teamId();
    for (const [input, code, field] of [
      [{ homeTeamId: home, awayTeamId: home }, 'INVALID', 'awayTeamId'],
      [{ homeTeamId: 'nonsense' }, 'NOT_FOUND', 'homeTeamId'],
      [{ awayTeamId: toGlobalId('User', randomUUID()) }, 'NOT_FOUND', 'awayTeamId'],
      [{ refereeId: home }, 'NOT_FOUND', 'refereeId'],
      [{ clientId: ' ' }, 'INVALID', 'clientId'],
      [{ competition: 'x'.repeat(101) }, 'INVALID', 'competition'],
      [{ venue: 'a\u0000b' }, 'INVALID', 'venue'],
      [{ round: '\ud800' }, 'INVALID', 'round'],
      [{ kickoffAt: new Date('0001-01-01T00:00:00Z') }, 'INVALID', 'kickoffAt'],
    ] as const)
      await refused(m.schedule(input), code, field);
  });
});

describe('the parties of a match', () => {
  it('are teams of its sport, and a referee who has an account', async () => {
    const [football, basketball, nobody] = [m.team(), m.team('BASKETBALL'), toGlobalId('User', randomUUID())];
    m.elsewhere.missing.add(nobody);
    await refused(
      m.schedule({ sport: 'BASKETBALL', homeTeamId: football, awayTeamId: basketball }),
      'INVALID',
      'homeTeamId',
    );
    await refused(m.schedule({ awayTeamId: basketball }), 'INVALID', 'awayTeamId');
    await refused(m.schedule({ homeTeamId: teamId() }), 'NOT_FOUND', 'homeTeamId');
    await refused(m.schedule({ awayTeamId: teamId() }), 'NOT_FOUND', 'awayTeamId');
    await refused(m.schedule({ refereeId: nobody }), 'NOT_FOUND', 'refereeId');
    await assert.rejects(
      m.schedule({ homeTeamId: teamId(), awayTeamId: basketball, refereeId: nobody }),
      ({ message }: Error) =>
        message ===
        'NOT_FOUND: there is no such team; INVALID: the team plays BASKETBALL; NOT_FOUND: there is no such user',
    );
    assert.equal((await m.schedule({ homeTeamId: football, refereeId: null })).refereeId, null);
  });

  it('are asked for once: then the own copy says it, also while teams is away', async () => {
    const input = m.input({ refereeId: null });
    m.elsewhere.asked.length = 0;
    const match = await m.matches.schedule(m.organizer, input);
    assert.deepEqual(m.elsewhere.asked, ['teams Team 2']);
    m.elsewhere.away = true;
    try {
      const { homeTeamId, awayTeamId } = await m.schedule({
        homeTeamId: input.homeTeamId,
        awayTeamId: input.awayTeamId,
        refereeId: null,
      });
      assert.deepEqual([homeTeamId, awayTeamId], [match.homeTeamId, match.awayTeamId]);
      assert.equal((await m.matches.schedule(m.organizer, input)).id, match.id);
      for (const unknown of [
        { homeTeamId: m.team(), refereeId: null },
        { homeTeamId: input.homeTeamId, awayTeamId: input.awayTeamId },
      ])
        await assert.rejects(m.schedule(unknown), coded('UNAVAILABLE'));
    } finally {
      m.elsewhere.away = false;
    }
  });

  it('is UNAVAILABLE after two seconds while the events of a team that exists do not come', async () => {
    const late = m.team();
    m.elsewhere.late.add(fromGlobalId('Team', late) ?? '');
    const began = performance.now();
    await assert.rejects(m.schedule({ homeTeamId: late }), coded('UNAVAILABLE'));
    const waited = performance.now() - began;
    assert.ok(waited > 1_500 && waited < 10_000, `${waited} ms`);
  });

  it('are known by their newest event, and an event that cannot be read holds back its own team only', async () => {
    const [id, other] = [randomUUID(), randomUUID()];
    const known = async () =>
      (await m.prisma.knownTeam.findMany({ where: { id: { in: [id, other] } }, orderBy: { name: 'asc' } })).map(
        ({ name, sport }) => `${name} ${sport}`,
      );
    m.elsewhere.teams.set(id, { name: 'Foxes', sport: 'HOCKEY' });
    await m.deliver(m.teamCreated(id));
    await m.deliver({ ...m.teamCreated(id, 2), type: 'MemberJoinedTeam' });
    m.elsewhere.teams.set(id, { name: 'Old Foxes', sport: 'HOCKEY' });
    for (let time = 0; time < 2; time++) await m.deliver(m.teamCreated(id, 3));
    m.elsewhere.teams.set(id, { name: 'Foxes', sport: 'HOCKEY' });
    await m.deliver(m.teamCreated(id, 1));
    assert.deepEqual(await known(), ['Old Foxes HOCKEY']);
    await m.deliver({ ...m.teamCreated(id, 4), version: 2 });
    await m.deliver(m.teamCreated(id, 5));
    await m.deliver(m.teamCreated(other));
    assert.deepEqual(await known(), ['Foxes FOOTBALL', 'Old Foxes HOCKEY']);
    const parked = await m.prisma.inboxParked.findMany({ where: { key: id }, orderBy: { seq: 'asc' } });
    assert.deepEqual(
      parked.map(({ consumer, seq }) => [consumer, seq]),
      [
        ['matches', 4],
        ['matches', 5],
      ],
    );
  });
});

describe('the calendar', () => {
  it('pages by kick-off, each match once, also where kick-offs coincide', async () => {
    const competition = `League ${randomUUID()}`;
    const hours = [3, 1, 2, 1, 1, 2, 3];
    for (const hour of hours) await m.schedule({ competition, kickoffAt: new Date(Date.UTC(2026, 1, 1, hour)) });
    const seen = [];
    let cursor: string | null = null;
    do {
      const page = await m.matches.page({ competition, first: 2, after: cursor });
      assert.ok(page.edges.length <= 2);
      seen.push(...page.edges.map(({ node }) => node));
      cursor = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (cursor);
    assert.deepEqual(
      seen.map(({ kickoffAt }) => kickoffAt.getUTCHours()),
      hours.toSorted(),
    );
    assert.equal(new Set(seen.map(({ id }) => id)).size, hours.length);
    await checkPages((args) => m.matches.page({ ...args, competition }));
    assert.equal(await (await m.matches.page({ first: 1, competition })).totalCount(), hours.length);
  });

  it('has the matches of a tournament, and of a time that includes its begin and excludes its end', async () => {
    const tournament = randomUUID();
    const at = (hour: number): Date => new Date(Date.UTC(2026, 2, 1, hour));
    const made = [];
    for (const hour of [1, 2, 3]) made.push(await m.schedule({ kickoffAt: at(hour) }));
    await m.prisma.match.updateMany({
      where: { id: { in: made.map(({ id }) => id) } },
      data: { tournamentId: tournament },
    });
    await m.schedule({ kickoffAt: at(2) });
    const tournamentId = toGlobalId('Tournament', tournament);
    const hours = async (filter: object): Promise<number[]> =>
      (await m.matches.page(filter)).edges.map(({ node }) => node.kickoffAt.getUTCHours());
    assert.deepEqual(await hours({ tournamentId }), [1, 2, 3]);
    assert.deepEqual(await hours({ tournamentId, from: at(2) }), [2, 3]);
    assert.deepEqual(await hours({ tournamentId, to: at(2) }), [1]);
    assert.deepEqual(await hours({ from: at(2), to: at(3) }), [2, 2]);
    for (const other of ['', 'x', toGlobalId('Tournament', randomUUID()), toGlobalId('Team', tournament)])
      assert.deepEqual(await hours({ tournamentId: other }), [], other);
    await checkPages((args) => m.matches.page({ ...args, tournamentId, from: at(1) }));
    const { pageInfo } = await m.matches.page({ tournamentId, first: 1 });
    await assert.rejects(
      m.matches.page({ after: pageInfo.endCursor, tournamentId, from: at(1) }),
      coded('INVALID_CURSOR'),
    );
    await assert.rejects(m.matches.page({ from: at(2), to: at(2) }), coded('BAD_USER_INPUT'));
  });

  it('shows what is live', async () => {
    const competition = `League ${randomUUID()}`;
    const match = await m.kickedOff({ competition });
    await m.schedule({ competition });
    const { edges } = await m.matches.page({ competition, state: 'LIVE' });
    assert.deepEqual(
      edges.map(({ node }) => node.id),
      [match.id],
    );
  });

  it('refuses pages that are too long and cursors that are not its own', async () => {
    for (const first of [0, 101]) await assert.rejects(m.matches.page({ first }), coded('BAD_USER_INPUT'));
    const competition = `League ${randomUUID()}`;
    await m.schedule({ competition });
    const cursor = (await m.matches.page({})).pageInfo.endCursor;
    const ofLeague = (await m.matches.page({ competition })).pageInfo.endCursor;
    const day = '2026-01-01T00:00:00Z';
    const keys = [['a', 'b'], [day, "'; DROP"], [day, '-'.repeat(36)], ['0000-01-01T00:00:00Z', randomUUID()], []];
    for (const after of ['', 'x', 'undefined', ofLeague, ...keys.map((key) => forged(cursor, ...key))])
      await assert.rejects(m.matches.page({ after }), coded('INVALID_CURSOR'), String(after));
    for (const args of [
      { after: cursor, competition },
      { after: ofLeague, competition, state: 'LIVE' as const },
      { after: ofLeague, competition: 'another' },
    ]) {
      await assert.rejects(m.matches.page(args), coded('INVALID_CURSOR'), JSON.stringify(args));
    }
    assert.equal((await m.matches.page({ after: forged(ofLeague, day, randomUUID()), competition })).edges.length, 1);
  });
});

describe('starting and finishing', () => {
  it('kick-off is two events: live, and the first period', async () => {
    const match = await m.kickedOff();
    assert.deepEqual([match.state, match.period, match.lastSeq], ['LIVE', 1, 3]);
    const events = (await m.events.after([match.id], 1, 10)).get(match.id) ?? [];
    assert.deepEqual(
      events.map(({ seq, detail }) => [seq, detail]),
      [
        [2, { kind: 'STATE', state: 'LIVE', reason: null }],
        [3, { kind: 'PERIOD', period: 1 }],
      ],
    );
    const finished = await m.moves.finish(m.referee, { matchId: matchId(match) });
    assert.deepEqual([finished.state, finished.lastSeq], ['FINISHED', 4]);
  });

  it('each is done once, in this order', async () => {
    const id = matchId(await m.schedule());
    await refused(m.moves.finish(m.organizer, { matchId: id }), 'CONFLICT', 'matchId');
    const starts = await Promise.allSettled([
      m.moves.start(m.organizer, { matchId: id }),
      m.moves.start(m.referee, { matchId: id }),
    ]);
    assert.deepEqual(
      starts.map((start) => start.status === 'fulfilled' && [start.value.state, start.value.lastSeq]),
      [
        ['LIVE', 3],
        ['LIVE', 3],
      ],
    );
    const finished = await m.moves.finish(m.organizer, { matchId: id });
    assert.equal(finished.lastSeq, 4, 'the repeated start burned no seq');
    assert.equal((await m.moves.finish(m.organizer, { matchId: id })).lastSeq, 4, 'nor did the repeated finish');
    await refused(m.moves.start(m.organizer, { matchId: id }), 'CONFLICT', 'matchId');
  });

  it('is for the officials of the match', async () => {
    const match = await m.schedule();
    const id = { matchId: matchId(match) };
    await assert.rejects(m.moves.start(ANONYMOUS, id), coded('UNAUTHENTICATED'));
    for (const stranger of [person(), person('organizer'), person('referee', 'captain')])
      await refused(m.moves.start(stranger, id), 'FORBIDDEN', 'matchId');
    await m.moves.start(person('admin'), id);
    await refused(m.moves.finish(person('referee'), id), 'FORBIDDEN', 'matchId');
    await m.moves.finish(m.referee, id);
  });

  it('says when there is no such match', async () => {
    for (const id of ['', 'x', toGlobalId('Match', randomUUID()), teamId()])
      await refused(m.moves.start(m.organizer, { matchId: id }), 'NOT_FOUND', 'matchId');
  });
});
