import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type DynamicModule, Global, type INestApplication, Module } from '@nestjs/common';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { Test } from '@nestjs/testing';
import { type ExecutionResult, type GraphQLSchema, graphql, parse, subscribe } from 'graphql';
import type { GraphQLContext } from '../../platform/graphql/context.ts';
import { runInContext } from '../../platform/observability/request-context.ts';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { graphQLModule } from '../../platform/subgraph/subgraph.module.ts';
import { HttpLoggingInterceptor } from '../../platform/observability/http-logging.interceptor.ts';
import { JsonLogger } from '../../platform/observability/json-logger.ts';
import { Announcer } from '../../platform/messaging/announcements/announcer.ts';
import { Rebuilds } from '../../platform/messaging/rebuilds/rebuilds.ts';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { Metrics } from '../../platform/observability/metrics.ts';
import { testConsumers } from '../../platform/testing/service.testing.ts';
import { DATABASE, LIVE_EVENTS, OUTBOX, QUESTIONS, TIMERS } from '../../platform/injection/tokens.ts';
import type { Match } from './generated/prisma/client.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { matchId, openMatches } from './matches.fixture.ts';
import { MatchesModule } from './matches.module.ts';

let m: Awaited<ReturnType<typeof openMatches>>;
let app: INestApplication;
let schema: GraphQLSchema;

beforeAll(async () => {
  m = await openMatches();
  @Global()
  @Module({})
  class Below {}
  const below: DynamicModule = {
    module: Below,
    providers: [
      { provide: DATABASE, useValue: {} },
      { provide: Metrics, useValue: new Metrics('matches') },
      { provide: OUTBOX, useValue: m.outbox },
      { provide: LIVE_EVENTS, useValue: m.live },
      { provide: QUESTIONS, useValue: m.questions },
      {
        provide: TIMERS,
        useValue: {
          set: m.timers.set.bind(m.timers),
          cancel: m.timers.cancel.bind(m.timers),
          runner: () => ({ start: () => undefined }),
        },
      },
      { provide: Consumers, useValue: testConsumers('matches').consumers },
      { provide: Announcer, useValue: { announces: () => undefined } },
      { provide: Rebuilds, useValue: {} },
    ],
    exports: [Announcer, Consumers, DATABASE, Metrics, OUTBOX, LIVE_EVENTS, QUESTIONS, Rebuilds, TIMERS],
  };
  const logging = new HttpLoggingInterceptor({ service: 'matches', logger: new JsonLogger({ service: 'matches' }) });
  const guard = { verifier: undefined, allowUnsigned: true };
  const builder = Test.createTestingModule({
    imports: [
      below,
      graphQLModule({ name: 'matches', guard, logging, sockets: new Set(), formatError: (error) => error }),
      MatchesModule,
    ],
  });
  app = (await builder.overrideProvider(PrismaClient).useValue(m.prisma).compile()).createNestApplication({
    logger: false,
  });
  await app.init();
  schema = app.get(GraphQLSchemaHost).schema;
});
afterAll(async () => {
  await app.close();
  await m.close();
});

const contextOf = (principal: GraphQLContext['principal'] = ANONYMOUS): GraphQLContext => ({
  principal,
  requestId: 'test',
});

/** Executes an operation that must succeed. @returns its data as JSON */
async function ask(
  source: string,
  variableValues: Record<string, unknown> = {},
  principal = ANONYMOUS,
): Promise<unknown> {
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue: contextOf(principal) });
  assert.deepEqual(errors, undefined);
  return JSON.parse(JSON.stringify(data));
}

const record = (match: Match, what: object) =>
  m.events.record(m.referee, { matchId: matchId(match), clientEventId: randomUUID(), ...what });

const EVERYTHING = `
  __typename id seq recordedAt match { id lastSeq } score { home away periods { period home away } shootout { home away } }
  ... on MatchStateChanged { state }
  ... on PeriodStarted { period }
  ... on GoalScored { kind team { id } player { name user { id } } clock { minute stoppage } goalPeriod: period points voided }
  ... on CardShown { card team { id } player { name } clock { minute } voided }
  ... on MatchEventVoided { voids reason voidedEvent { __typename id seq ... on GoalScored { voided } } }`;

describe('a match, asked for', () => {
  it('shows every kind of event in full', async () => {
    const match = await m.kickedOff({ competition: 'Cup', group: 'Group A' });
    const userId = toGlobalId('User', randomUUID());
    await record(match, {
      goal: { side: 'AWAY', kind: 'OWN_GOAL', player: { name: 'A', userId }, clock: { minute: 45, stoppage: 1 } },
    });
    await record(match, { card: { side: 'HOME', card: 'YELLOW' } });
    const { event } = await m.events.takeBack(m.referee, {
      matchId: matchId(match),
      clientEventId: randomUUID(),
      seq: 4,
      reason: 'offside',
    });
    const id = matchId(match);
    const answer = (await ask(
      `query ($id: ID!) { match(id: $id) {
      id sport state competition group round kickoffAt homeTeam { id } awayTeam { id } organizer { id } referee { id } lastSeq events(afterSeq: 1) { ${EVERYTHING} }
    } }`,
      { id },
    )) as { match: { events: { recordedAt: string; id: string }[] } };
    const home = toGlobalId('Team', match.homeTeamId);
    const away = toGlobalId('Team', match.awayTeamId);
    const common = (seq: number, awayGoals: number, periods: number) => ({
      seq,
      match: { id, lastSeq: 6 },
      score: {
        home: 0,
        away: awayGoals,
        periods: periods ? [{ period: 1, home: 0, away: awayGoals }] : [],
        shootout: null,
      },
    });
    assert.equal(answer.match.events.at(-1)?.id, toGlobalId('MatchEvent', event.id));
    assert.equal(answer.match.events.at(-1)?.recordedAt, event.recordedAt.toISOString());
    const events = answer.match.events.map((each) => ({ ...each, id: undefined, recordedAt: undefined }));
    assert.deepEqual(JSON.parse(JSON.stringify({ ...answer.match, events })), {
      id,
      sport: 'FOOTBALL',
      state: 'LIVE',
      competition: 'Cup',
      group: 'Group A',
      round: null,
      kickoffAt: '2026-06-01T18:00:00.000Z',
      homeTeam: { id: home },
      awayTeam: { id: away },
      organizer: { id: toGlobalId('User', m.organizer.userId) },
      referee: { id: toGlobalId('User', m.referee.userId) },
      lastSeq: 6,
      events: [
        { __typename: 'MatchStateChanged', ...common(2, 0, 0), state: 'LIVE' },
        { __typename: 'PeriodStarted', ...common(3, 0, 1), period: 1 },
        {
          __typename: 'GoalScored',
          ...common(4, 1, 1),
          kind: 'OWN_GOAL',
          team: { id: away },
          player: { name: 'A', user: { id: userId } },
          clock: { minute: 45, stoppage: 1 },
          goalPeriod: 1,
          points: 1,
          voided: true,
        },
        {
          __typename: 'CardShown',
          ...common(5, 1, 1),
          card: 'YELLOW',
          team: { id: home },
          player: null,
          clock: null,
          voided: false,
        },
        {
          __typename: 'MatchEventVoided',
          ...common(6, 0, 1),
          voids: 4,
          reason: 'offside',
          voidedEvent: { __typename: 'GoalScored', id: answer.match.events[2]?.id, seq: 4, voided: true },
        },
      ],
    });
  });

  it('is null when there is none', async () => {
    for (const id of ['', 'x', toGlobalId('Match', randomUUID()), toGlobalId('Team', randomUUID())]) {
      assert.deepEqual(await ask('query ($id: ID!) { match(id: $id) { id } }', { id }), { match: null });
    }
  });

  it('costs as many statements in a list of ten as in a list of two', async () => {
    const counts = [];
    for (const size of [2, 10]) {
      const competition = `League of ${size}`;
      for (let number = 0; number < size; number++) {
        const match = await m.kickedOff({ competition });
        await record(match, { goal: { side: 'HOME' } });
        await record(match, { card: { side: 'AWAY', card: 'RED' } });
        await m.events.takeBack(m.referee, { matchId: matchId(match), clientEventId: randomUUID(), seq: 4 });
      }
      const query = `query ($competition: String) { matches(competition: $competition, first: 100) { edges { node { id score { home } events { ${EVERYTHING} } } } } }`;
      const earlier = m.statements.length;
      const answer = (await ask(query, { competition })) as { matches: { edges: { node: { events: unknown[] } }[] } };
      counts.push(m.statements.length - earlier);
      assert.deepEqual(
        answer.matches.edges.map(({ node }) => node.events.length),
        Array(size).fill(6),
      );
    }
    // Statements: the page, its events, the matches of the events … The number does not depend on the page's size.
    assert.deepEqual(counts, [6, 6]);
  });

  it('is resolved as a reference, many in one statement', async () => {
    const matches = await Promise.all([1, 2, 3].map(() => m.schedule()));
    const ids = [...matches.map(matchId), toGlobalId('Match', randomUUID()), 'x'];
    const earlier = m.statements.length;
    const answer = await ask('query ($r: [_Any!]!) { _entities(representations: $r) { ... on Match { id state } } }', {
      r: ids.map((id) => ({ __typename: 'Match', id })),
    });
    assert.equal(m.statements.length - earlier, 1);
    assert.deepEqual(answer, {
      _entities: [...matches.map((match) => ({ id: matchId(match), state: 'SCHEDULED' })), null, null],
    });
  });
});

describe('what a match shows of its result, its people and their ratings', () => {
  it('is there for everybody, but for the reason of a protest', async () => {
    const match = await m.schedule();
    const input = { matchId: matchId(match) };
    const [home, away] = [m.member(match, 'HOME'), m.member(match, 'AWAY')];
    const lineup = (side: 'HOME' | 'AWAY') => ({ ...input, side, starters: [{ name: `${side} 1`, number: 1 }] });
    await m.lineups.set(home, lineup('HOME'));
    await m.lineups.set(away, lineup('AWAY'));
    await m.results.recordFinalScore(m.referee, { ...input, score: { home: 1, away: 0 } });
    await m.results.confirm(home, input);
    await m.results.protest(away, { ...input, reason: 'offside' });
    const query = `query ($id: ID!) { match(id: $id) { state kickoffIsEstimate confirmations confirmsAt
      result { how winner counts nobodyWins } protest { side reason decision answer }
      homeLineup { starters { number player { name user { id } team { id } } } bench { number } } } }`;
    const contested = {
      state: 'FINISHED',
      kickoffIsEstimate: false,
      confirmations: ['HOME'],
      confirmsAt: null,
      result: { how: 'PLAYED', winner: 'HOME', counts: false, nobodyWins: false },
      protest: { side: 'AWAY', reason: null, decision: null, answer: null },
      homeLineup: {
        starters: [
          { number: 1, player: { name: 'HOME 1', user: null, team: { id: toGlobalId('Team', match.homeTeamId) } } },
        ],
        bench: [],
      },
    };
    assert.deepEqual(await ask(query, { id: input.matchId }), { match: contested });
    const seen = (await ask(query, { id: input.matchId }, away)) as { match: typeof contested };
    assert.deepEqual(seen.match.protest, { ...contested.protest, reason: 'offside' });

    await m.results.decide(m.organizer, { ...input, decision: { confirmed: true } });
    for (const event of await m.told()) await m.deliver(event);
    const { homeTeamId: id } = match;
    const ratings = `rating(sport: FOOTBALL) { mu sigma ordinal } ratingHistory(sport: FOOTBALL) { kickoffAt rating { mu } match { id } }`;
    const answer = (await ask(
      `query ($id: ID!, $team: [_Any!]!) { match(id: $id) { homeLineup { starters { player { ${ratings} } } } }
        _entities(representations: $team) { ... on Team { ${ratings} } } }`,
      { id: input.matchId, team: [{ __typename: 'Team', id: toGlobalId('Team', id) }] },
    )) as Record<string, never>;
    const { mu, sigma } = (await m.ratings.newest('TEAM', [id], 'FOOTBALL', 1)).get(id)?.[0] ?? assert.fail();
    const kickoffAt = match.kickoffAt.toISOString();
    const rated = {
      rating: { mu, sigma, ordinal: mu - 3 * sigma },
      ratingHistory: [{ kickoffAt, rating: { mu }, match: { id: input.matchId } }],
    };
    assert.deepEqual(answer, { match: { homeLineup: { starters: [{ player: rated }] } }, _entities: [rated] });

    const sums = 'statistics(sport: FOOTBALL, from: "2026-01-01T00:00:00.000Z") { played won }';
    const meetings = await ask(
      `query ($id: ID!, $other: ID!, $team: [_Any!]!) {
        headToHead(teamId: $id, otherTeamId: $other, sport: FOOTBALL) { team { id } statistics { lost } matches { id } }
        _entities(representations: $team) { ... on Team { ${sums} } }
      }`,
      {
        id: toGlobalId('Team', match.awayTeamId),
        other: toGlobalId('Team', id),
        team: [{ __typename: 'Team', id: toGlobalId('Team', id) }],
      },
    );
    assert.deepEqual(meetings, {
      headToHead: {
        team: { id: toGlobalId('Team', match.awayTeamId) },
        statistics: { lost: 1 },
        matches: [{ id: input.matchId }],
      },
      _entities: [{ statistics: { played: 1, won: 1 } }],
    });
  });
});

describe('a match, changed', () => {
  const mutate = (
    name: string,
    field: string,
    selection: string,
    input: object,
    principal: GraphQLContext['principal'],
  ) =>
    ask(
      `mutation ($input: ${name}Input!) { ${field}(input: $input) { ${selection} userErrors { field code reason params { name value } message } } }`,
      { input },
      principal,
    );

  it('answers how strong teams are, but only another subgraph', async () => {
    const teamId = randomUUID();
    const row = { kind: 'TEAM', subjectId: teamId, sport: 'FOOTBALL', matchId: randomUUID(), mu: 30, sigma: 4 };
    await m.prisma.ratingChange.create({ data: { ...row, kickoffAt: new Date('2026-05-01T10:00:00Z') } });
    const of = [toGlobalId('Team', teamId), toGlobalId('Team', randomUUID()), toGlobalId('Match', teamId)].map(
      (id) => ({ teamId: id, sport: 'FOOTBALL' }),
    );
    const source = 'query ($of: [TeamRatingInput!]!) { teamRatings(of: $of) }';
    const question = { path: ['tournaments'], until: Infinity };
    assert.deepEqual(
      await runInContext({ requestId: 'test', service: 'matches', question }, () => ask(source, { of })),
      { teamRatings: [18, null, null] },
    );
    const { errors } = await graphql({ schema, source, variableValues: { of }, contextValue: contextOf() });
    assert.match(errors?.[0]?.message ?? '', /Only another subgraph/);
  });

  it('goes from the calendar to the end', async () => {
    const { kickoffAt, ...input } = m.input();
    const scheduled = (await mutate(
      'ScheduleMatch',
      'scheduleMatch',
      'match { id state }',
      { ...input, kickoffAt: kickoffAt.toISOString() },
      m.organizer,
    )) as { scheduleMatch: { match: { id: string } } };
    const { id } = scheduled.scheduleMatch.match;
    assert.deepEqual(scheduled, { scheduleMatch: { match: { id, state: 'SCHEDULED' }, userErrors: [] } });
    const started = await mutate('StartMatch', 'startMatch', 'match { state lastSeq }', { matchId: id }, m.referee);
    assert.deepEqual(started, { startMatch: { match: { state: 'LIVE', lastSeq: 3 }, userErrors: [] } });
    const goal = { matchId: id, clientEventId: 'goal', goal: { side: 'HOME' } };
    const scored = await mutate(
      'RecordMatchEvent',
      'recordMatchEvent',
      'event { seq score { home } ... on GoalScored { kind } } match { lastSeq }',
      goal,
      m.referee,
    );
    assert.deepEqual(scored, {
      recordMatchEvent: { event: { seq: 4, score: { home: 1 }, kind: 'GOAL' }, match: { lastSeq: 4 }, userErrors: [] },
    });
    const voided = await mutate(
      'VoidMatchEvent',
      'voidMatchEvent',
      'event { seq score { home } }',
      { matchId: id, clientEventId: 'void', seq: 4 },
      m.referee,
    );
    assert.deepEqual(voided, { voidMatchEvent: { event: { seq: 5, score: { home: 0 } }, userErrors: [] } });
    const finished = await mutate('FinishMatch', 'finishMatch', 'match { state }', { matchId: id }, m.organizer);
    assert.deepEqual(finished, { finishMatch: { match: { state: 'FINISHED' }, userErrors: [] } });
    assert.deepEqual(await mutate('StartMatch', 'startMatch', 'match { state }', { matchId: id }, m.organizer), {
      startMatch: {
        match: null,
        userErrors: [
          {
            field: ['matchId'],
            code: 'CONFLICT',
            reason: 'MATCH_STATE',
            params: [
              { name: 'state', value: 'FINISHED' },
              { name: 'needed', value: 'SCHEDULED, LINEUPS' },
            ],
            message: 'the match is FINISHED, not SCHEDULED, LINEUPS',
          },
        ],
      },
    });
  });
});

describe('a match, followed', () => {
  it('by anybody: what was, then what comes', async () => {
    const match = await m.kickedOff();
    const document = parse(`subscription ($id: ID!) { matchEvents(matchId: $id, afterSeq: 2) { ${EVERYTHING} } }`);
    const stream = await subscribe({
      schema,
      document,
      variableValues: { id: matchId(match) },
      contextValue: contextOf(),
    });
    assert.ok(Symbol.asyncIterator in stream, JSON.stringify(stream));
    const next = async () =>
      ((await stream.next()).value as ExecutionResult).data?.['matchEvents'] as {
        seq: number;
        __typename: string;
        voided?: boolean;
      };
    assert.equal((await next()).__typename, 'PeriodStarted');
    const live = next();
    await record(match, { goal: { side: 'HOME' } });
    await m.live.settled();
    await m.relay();
    assert.deepEqual((({ seq, voided }) => [seq, voided])(await live), [4, false]);
    await stream.return();
  });

  it('fails with a code when there is no such match', async () => {
    const document = parse('subscription { matchEvents(matchId: "x") { seq } }');
    const result = await subscribe({ schema, document, contextValue: contextOf() });
    assert.ok('errors' in result);
    assert.equal(result.errors?.[0]?.extensions['code'], 'NOT_FOUND');
  });
});
