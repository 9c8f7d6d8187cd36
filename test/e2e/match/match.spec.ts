import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Network, type Person, startNetwork } from '../../network.ts';
import { FinishMatch, MatchEvents, RecordEvent, ScheduleMatch, StartMatch, VoidEvent } from '../operations.ts';
import { createTeam, kickOff, record, schedule } from '../play.ts';
import { take, upTo } from '../reading.ts';

describe('a match', () => {
  let network: Network;
  let olga: Person, player: Person;
  beforeAll(async () => {
    network = await startNetwork({ separate: true });
    [olga, player] = await Promise.all([
      network.user('olga', { roles: ['organizer', 'referee'] }),
      network.user('player'),
    ]);
  });
  afterAll(() => network?.stop());

  it('can be followed live by a guest, from the calendar to the final whistle, with names from other subgraphs', async () => {
    const { matchId } = await schedule(olga);
    const stream = network.guest.subscribe(MatchEvents, { matchId });
    const [scheduled] = await take(stream, 1);
    assert.deepEqual(scheduled?.matchEvents, {
      __typename: 'MatchStateChanged',
      seq: 1,
      score: { home: 0, away: 0 },
      state: 'SCHEDULED',
    });

    await kickOff(olga, matchId);
    await record(olga, matchId, {
      goal: { side: 'HOME', player: { name: 'player', userId: player.id }, clock: { minute: 12 } },
    });
    await record(olga, matchId, {
      card: { side: 'AWAY', card: 'YELLOW', player: { name: 'Lev Haas' }, clock: { minute: 30 } },
    });
    const wrong = await record(olga, matchId, {
      goal: { side: 'AWAY', kind: 'OWN_GOAL', player: { name: 'Jo Brandt' }, clock: { minute: 45, stoppage: 2 } },
    });
    const voided = await olga.request(VoidEvent, {
      input: { matchId, clientEventId: 'void', seq: wrong, reason: 'offside' },
    });
    assert.deepEqual(voided.voidMatchEvent.event?.score, { home: 1, away: 0 });
    await record(olga, matchId, { period: {} });
    await record(olga, matchId, { goal: { side: 'AWAY', clock: { minute: 90, stoppage: 4 } } });
    const { finishMatch } = await olga.request(FinishMatch, { input: { matchId } });
    assert.deepEqual(finishMatch.match, { id: matchId, state: 'FINISHED', score: { home: 1, away: 1 }, lastSeq: 10 });

    const events = (await take(stream, 9)).map(({ matchEvents }) => matchEvents);
    await stream.return();
    assert.deepEqual(
      events.map(({ seq }) => seq),
      upTo(10, 2),
    );
    assert.deepEqual(
      events.map(({ __typename, score }) => `${__typename} ${score.home}:${score.away}`),
      [
        'MatchStateChanged 0:0',
        'PeriodStarted 0:0',
        'GoalScored 1:0',
        'CardShown 1:0',
        'GoalScored 1:1',
        'MatchEventVoided 1:0',
        'PeriodStarted 1:0',
        'GoalScored 1:1',
        'MatchStateChanged 1:1',
      ],
    );
    const [, , first, card, own, taken] = events;
    assert.deepEqual(first, {
      __typename: 'GoalScored',
      seq: 4,
      score: { home: 1, away: 0 },
      kind: 'GOAL',
      team: { name: 'Yard Foxes' },
      player: { name: 'player', user: { displayName: 'player' } },
      clock: { minute: 12, stoppage: null },
    });
    assert.ok(card?.__typename === 'CardShown' && card.team?.name === 'Brick Rovers');
    assert.ok(own?.__typename === 'GoalScored' && own.player?.user === null && own.clock?.stoppage === 2);
    assert.deepEqual(taken?.__typename === 'MatchEventVoided' && [taken.voids, taken.reason], [wrong, 'offside']);
  });

  it('continues after any event', async () => {
    const { matchId } = await schedule(olga);
    await kickOff(olga, matchId);
    for (let minute = 1; minute <= 5; minute++)
      await record(olga, matchId, { goal: { side: 'HOME', clock: { minute } } });
    for (const afterSeq of [0, 3, 7]) {
      const stream = network.guest.subscribe(MatchEvents, { matchId, afterSeq });
      const seqs = (await take(stream, 8 - afterSeq)).map(({ matchEvents }) => matchEvents.seq);
      await stream.return();
      assert.deepEqual(seqs, upTo(8, afterSeq + 1));
    }
  });

  it('continues over Server-Sent Events from the id of the last event, as browsers do', async () => {
    const { matchId } = await schedule(olga);
    await kickOff(olga, matchId);
    for (let minute = 1; minute <= 5; minute++)
      await record(olga, matchId, { goal: { side: 'HOME', clock: { minute } } });
    const first = network.guest.follow(MatchEvents, { matchId, afterSeq: 0 });
    const seen = await take(first, 4);
    await first.return();
    assert.deepEqual(
      seen.map(({ data }) => data.matchEvents.seq),
      upTo(4),
    );
    const again = network.guest.follow(MatchEvents, { matchId, afterSeq: 0 }, seen.at(-1)?.id);
    const rest = await take(again, 4);
    assert.equal(await record(olga, matchId, { goal: { side: 'AWAY', clock: { minute: 6 } } }), 9);
    rest.push(...(await take(again, 1)));
    await again.return();
    assert.deepEqual(
      rest.map(({ data }) => data.matchEvents.seq),
      upTo(9, 5),
    );
  });

  it('records an event once, however often it is sent, and refuses another event with the same id', async () => {
    const { matchId } = await schedule(olga);
    await kickOff(olga, matchId);
    const goal = { goal: { side: 'HOME' as const, clock: { minute: 3 } } };
    const seqs = await Promise.all(Array.from({ length: 5 }, () => record(olga, matchId, goal, 'the-goal')));
    assert.deepEqual(new Set(seqs), new Set([4]));
    const other = await olga.request(RecordEvent, {
      input: { matchId, clientEventId: 'the-goal', goal: { side: 'AWAY', clock: { minute: 3 } } },
    });
    assert.deepEqual(
      other.recordMatchEvent.userErrors.map(({ field, code }) => [field, code]),
      [[['clientEventId'], 'CONFLICT']],
    );
  });

  it('accepts exactly one event at a time: the router refuses any other input, in variables and in the document', async () => {
    const { matchId } = await schedule(olga);
    await kickOff(olga, matchId);
    const [goal, card] = [{ side: 'HOME' }, { side: 'HOME', card: 'RED' }];
    const query =
      'mutation ($input: RecordMatchEventInput!) { recordMatchEvent(input: $input) { event { seq } userErrors { code } } }';
    for (const event of [{ goal, card }, {}, { goal: null }, { goal, card: null }]) {
      const { data, errors } = await olga.execute(query, { input: { matchId, clientEventId: 'x', event } });
      assert.deepEqual(
        [data, errors?.map(({ extensions }) => extensions?.code)],
        [undefined, ['BAD_USER_INPUT']],
        JSON.stringify(event),
      );
    }
    for (const event of [
      '{ goal: { side: HOME }, card: { side: HOME, card: RED } }',
      '{}',
      '{ goal: null }',
      '{ goal: $goal }',
    ]) {
      const definition = event.includes('$') ? '($goal: GoalInput)' : '';
      const { data, errors } = await olga.execute(
        `mutation ${definition} { recordMatchEvent(input: { matchId: "${matchId}", clientEventId: "x", event: ${event} }) { event { seq } } }`,
      );
      assert.deepEqual(
        [data, errors?.map(({ extensions }) => extensions?.code)],
        [undefined, ['GRAPHQL_VALIDATION_FAILED']],
        event,
      );
    }
    const both = await olga.execute<{ recordMatchEvent: unknown }>(query, {
      input: { matchId, clientEventId: 'x', event: { goal }, goal },
    });
    assert.deepEqual(both.data?.recordMatchEvent, { event: null, userErrors: [{ code: 'INVALID' }] });
    const type = await network.guest.execute('{ __type(name: "MatchEventInput") { isOneOf } }');
    assert.deepEqual(type.data, { __type: { isOneOf: true } });
    assert.equal(await record(olga, matchId, { goal: { side: 'HOME' } }), 4);
  });

  it('can be led by its officials only', async () => {
    const { matchId } = await schedule(olga);
    const start = await player.request(StartMatch, { input: { matchId } });
    assert.deepEqual(
      start.startMatch.userErrors.map(({ code }) => code),
      ['FORBIDDEN'],
    );
    const early = await olga.request(RecordEvent, {
      input: { matchId, clientEventId: 'early', goal: { side: 'HOME' } },
    });
    assert.deepEqual(
      early.recordMatchEvent.userErrors.map(({ field, code }) => [field, code]),
      [[['matchId'], 'CONFLICT']],
    );
    const [homeTeamId, awayTeamId] = await Promise.all([createTeam(player, 'One'), createTeam(player, 'Two')]);
    const mine = await player.request(ScheduleMatch, {
      input: { clientId: 'mine', sport: 'FOOTBALL', homeTeamId, awayTeamId, kickoffAt: new Date().toISOString() },
    });
    assert.deepEqual(
      mine.scheduleMatch.userErrors.map(({ code }) => code),
      ['FORBIDDEN'],
    );
  });
});
