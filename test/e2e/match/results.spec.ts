import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Network, type Person, startNetwork, until } from '../../network.ts';
import { MatchEvents, ScheduleMatch } from '../operations.ts';
import { createTeam, join } from '../play.ts';
import { take } from '../reading.ts';

describe('the result of a match', () => {
  let network: Network;
  let olga: Person, anna: Person, boris: Person, carl: Person;
  let homeTeamId: string, awayTeamId: string;
  beforeAll(async () => {
    network = await startNetwork();
    [olga, anna, boris, carl] = (await Promise.all([
      network.user('olga', { roles: ['organizer', 'referee'] }),
      ...['anna', 'boris', 'carl'].map((name) => network.user(name)),
    ])) as [Person, Person, Person, Person];
    [homeTeamId, awayTeamId] = await Promise.all([createTeam(anna, 'Yard Foxes'), createTeam(boris, 'Brick Rovers')]);
    await join(boris, awayTeamId, carl, { role: 'CAPTAIN' });
  });
  afterAll(() => network?.stop());

  /** The match after the mutation, and the codes of its user errors. */
  async function act(who: Person, name: string, input: object) {
    const field = `${name[0]?.toLowerCase()}${name.slice(1)}`;
    const { data, errors } = await who.execute<
      Record<string, { match: { state: string } | null; userErrors: { code: string }[] }>
    >(`mutation ($input: ${name}Input!) { ${field}(input: $input) { match { state } userErrors { code } } }`, {
      input,
    });
    assert.deepEqual(errors, undefined, name);
    return { state: data?.[field]?.match?.state, codes: data?.[field]?.userErrors.map(({ code }) => code) };
  }
  const done = (state: string) => ({ state, codes: [] });
  const refused = (code: string) => ({ state: undefined, codes: [code] });
  async function played(home: number, away: number): Promise<string> {
    const kickoffAt = new Date().toISOString();
    const { scheduleMatch } = await olga.request(ScheduleMatch, {
      input: { clientId: randomUUID(), sport: 'FOOTBALL', homeTeamId, awayTeamId, kickoffAt },
    });
    const matchId = scheduleMatch.match?.id ?? assert.fail(JSON.stringify(scheduleMatch.userErrors));
    assert.deepEqual(await act(olga, 'RecordFinalScore', { matchId, score: { home, away } }), done('FINISHED'));
    return matchId;
  }

  it('counts when both sides have confirmed it, each by who leads the team at that moment, and moves the ratings', async () => {
    const matchId = await played(2, 1);
    const stream = network.guest.subscribe(MatchEvents, { matchId, afterSeq: 3 });
    assert.deepEqual(await act(olga, 'ProtestResult', { matchId, reason: 'x' }), refused('FORBIDDEN'));
    assert.deepEqual(await act(carl, 'ConfirmResult', { matchId }), done('FINISHED'));
    const left = await carl.execute<{ leaveTeam: { userErrors: unknown[] } }>(
      'mutation ($input: LeaveTeamInput!) { leaveTeam(input: $input) { userErrors { code } } }',
      { input: { teamId: awayTeamId } },
    );
    assert.deepEqual(left.data?.leaveTeam.userErrors, []);
    assert.deepEqual(await act(carl, 'ProtestResult', { matchId, reason: 'x' }), refused('FORBIDDEN'));
    assert.deepEqual(await act(boris, 'ProtestResult', { matchId, reason: 'x' }), refused('CONFLICT'));
    assert.deepEqual(await act(anna, 'ConfirmResult', { matchId }), done('CONFIRMED'));
    const events = (await take(stream, 3)).map(({ matchEvents }) => matchEvents.__typename);
    await stream.return();
    assert.deepEqual(events, ['ResultConfirmed', 'ResultConfirmed', 'MatchStateChanged']);
    const { home, away } = await until('both teams are rated', async () => {
      const rating = 'rating(sport: FOOTBALL) { mu }';
      const { data } = await network.guest.execute<Record<'home' | 'away', { rating: { mu: number } | null }>>(
        `query ($home: ID!, $away: ID!) { home: team(id: $home) { ${rating} } away: team(id: $away) { ${rating} } }`,
        { home: homeTeamId, away: awayTeamId },
      );
      return data?.home.rating && data.away.rating ? { home: data.home.rating, away: data.away.rating } : undefined;
    });
    assert.ok(home.mu > 25 && away.mu < 25, `${home.mu} ${away.mu}`);
  });

  it('is decided by the organizer when a side protests, who alone reads why', async () => {
    const matchId = await played(0, 1);
    assert.deepEqual(await act(anna, 'ProtestResult', { matchId, reason: 'twelve players' }), done('FINISHED'));
    assert.deepEqual(await act(olga, 'ConfirmResult', { matchId }), refused('CONFLICT'));
    const reason = async (who: Pick<Person, 'execute'>) =>
      (
        await who.execute<{ match: { protest: { side: string; reason: string | null } } }>(
          'query ($id: ID!) { match(id: $id) { protest { side reason } } }',
          { id: matchId },
        )
      ).data?.match.protest;
    assert.deepEqual(await reason(network.guest), { side: 'HOME', reason: null });
    assert.deepEqual(await reason(carl), { side: 'HOME', reason: null });
    for (const who of [olga, anna, boris])
      assert.deepEqual(await reason(who), { side: 'HOME', reason: 'twelve players' });
    const decision = { walkover: { winner: 'HOME' } };
    assert.deepEqual(await act(anna, 'DecideProtest', { matchId, decision }), refused('FORBIDDEN'));
    assert.deepEqual(await act(olga, 'DecideProtest', { matchId, decision }), done('WALKOVER'));
    const { data } = await network.guest.execute(
      'query ($id: ID!) { match(id: $id) { score { home away } result { how winner counts } } }',
      { id: matchId },
    );
    assert.deepEqual(data, {
      match: { score: { home: 3, away: 0 }, result: { how: 'WALKOVER', winner: 'HOME', counts: true } },
    });
  });
});
