import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { openSubgraph, person, type TestSubgraph } from '../../platform/testing/service.testing.ts';
import { LIVE_EVENTS, OUTBOX, QUESTIONS } from '../../platform/injection/tokens.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { openTournaments, tournamentIdOf } from './tournaments.fixture.ts';
import { TournamentsModule } from './tournaments.module.ts';

let t: Awaited<ReturnType<typeof openTournaments>>;
let subgraph: TestSubgraph;
beforeAll(async () => {
  t = await openTournaments();
  subgraph = await openSubgraph(
    'tournaments',
    TournamentsModule,
    new Map<symbol, unknown>([
      [OUTBOX, t.outbox],
      [LIVE_EVENTS, t.live],
      [QUESTIONS, t.questions],
    ]),
    new Map([[PrismaClient, t.prisma]]),
  );
});
afterAll(async () => {
  await subgraph.close();
  await t.close();
});

/** The fields of a tournament that clients depend on: a change of their names or types breaks them. */
const SHAPE = `{ id name sport state rules timeZone
  stages { id name format state
    groups { id name standings { rank team { id } played won drawn lost scoreFor scoreAgainst points decidedBy tied deductions { points reason } } }
    rounds { number name part group { id } matches { id } }
    bracket { slotCount slots { id round position label state home { team { id } label score shootout won } away { team { id } label score shootout won } match { id } winnerTo loserTo } } }
  entries(first: 10) { totalCount edges { node { id team { id } seed state tournament { id } } } pageInfo { hasNextPage endCursor } }
  registration { mode minTeams maxTeams teamCount } organizers { id } draw { seedHash seed } }`;

describe('the subgraph tournaments', () => {
  it('makes a tournament, and finds it alone, in the list and by its reference', async () => {
    const owner = person();
    const create =
      'mutation ($input: CreateTournamentInput!) { createTournament(input: $input) { tournament { id name } userErrors { code field } } }';
    const input = { name: 'Yard', sport: 'FOOTBALL', timeZone: 'UTC', startsAt: '2030-06-01T08:00:00.000Z' };
    const { createTournament } = (await subgraph.ask(
      create,
      { input: { clientId: randomUUID(), ...input } },
      owner,
    )) as { createTournament: { tournament: { id: string } } };
    const { id } = createTournament.tournament;
    assert.deepEqual(createTournament, { tournament: { id, name: 'Yard' }, userErrors: [] });
    const find = `query ($id: ID!, $of: [_Any!]!) {
      tournament(id: $id) { id name state } tournaments(first: 1) { totalCount edges { node { id } } pageInfo { hasNextPage } } _entities(representations: $of) { ... on Tournament { id name } }
    }`;
    const gone = toGlobalId('Tournament', randomUUID());
    const of = [id, gone, 'x'].map((one) => ({ __typename: 'Tournament', id: one }));
    assert.deepEqual(await subgraph.ask(find, { id, of }, owner), {
      tournament: { id, name: 'Yard', state: 'DRAFT' },
      tournaments: { totalCount: 1, edges: [{ node: { id } }], pageInfo: { hasNextPage: false } },
      _entities: [{ id, name: 'Yard' }, null, null],
    });
    assert.deepEqual(await subgraph.ask(find, { id, of }, ANONYMOUS), {
      tournament: null,
      tournaments: { totalCount: 0, edges: [], pageInfo: { hasNextPage: false } },
      _entities: [null, null, null],
    });
    const wrong = await subgraph.ask(create, { input: { ...input, clientId: 'x', name: ' ' } }, owner);
    assert.deepEqual(wrong, {
      createTournament: { tournament: null, userErrors: [{ code: 'INVALID', field: ['name'] }] },
    });
  });

  it('shows stages, tables, rounds, bracket and entries as they are stored, a page in as many statements as one', async () => {
    const owner = person();
    const made: Awaited<ReturnType<typeof planned>>[] = [];
    for (let n = 0; n < 3; n++) made.push(await planned(await t.put(await t.made(owner), 'RUNNING')));
    const ask = async (tournaments: typeof made) => {
      const earlier = t.statements.length;
      const of = tournaments.map(({ tournament }) => ({ __typename: 'Tournament', id: tournamentIdOf(tournament) }));
      const source = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Tournament ${SHAPE} } }`;
      const { _entities: entities } = await subgraph.ask(source, { of });
      return { entities: entities as Record<string, unknown>[], statements: t.statements.length - earlier };
    };
    const one = await ask(made.slice(0, 1));
    const three = await ask(made);
    assert.equal(three.statements, one.statements);
    assert.ok(one.statements <= 30, String(one.statements));
    assert.deepEqual(one.entities, three.entities.slice(0, 1));

    const [{ tournament, entries, matchId, semiFinal, slots, group }] = made as [(typeof made)[number]];
    const [first, second] = entries;
    const team = (of: typeof first) => ({ id: toGlobalId('Team', of?.teamId ?? '') });
    const { stages, ...rest } = one.entities[0] as { stages: [Record<string, unknown>, Record<string, unknown>] };
    assert.deepEqual(rest, {
      id: tournamentIdOf(tournament),
      name: 'Yard Cup',
      sport: 'FOOTBALL',
      state: 'RUNNING',
      rules: null,
      timeZone: 'Europe/Berlin',
      entries: {
        totalCount: 2,
        edges: entries.map(({ id, teamId, seed }) => ({
          node: {
            id: toGlobalId('Entry', id),
            team: { id: toGlobalId('Team', teamId) },
            seed,
            state: 'ACCEPTED',
            tournament: { id: tournamentIdOf(tournament) },
          },
        })),
        pageInfo: { hasNextPage: false, endCursor: (rest as unknown as EndCursor).entries.pageInfo.endCursor },
      },
      registration: { mode: 'OPEN', minTeams: 2, maxTeams: 64, teamCount: 2 },
      organizers: [{ id: toGlobalId('User', owner.userId) }],
      draw: null,
    });
    const numbers = { played: 1, won: 1, drawn: 0, lost: 0, scoreFor: 2, scoreAgainst: 1, points: 2 };
    assert.deepEqual(stages[0]['groups'], [
      {
        id: toGlobalId('Group', group.id),
        name: 'Group A',
        standings: [
          {
            rank: 1,
            team: team(first),
            ...numbers,
            decidedBy: null,
            tied: false,
            deductions: [{ points: -1, reason: 'Late' }],
          },
        ],
      },
    ]);
    assert.deepEqual(stages[0]['rounds'], [
      { number: 1, name: 'Matchday 1', part: 'TABLE', group: null, matches: [{ id: toGlobalId('Match', matchId) }] },
    ]);
    assert.deepEqual([stages[0]['bracket'], stages[1]['groups']], [null, []]);
    const slotId = (key: string): string => toGlobalId('BracketSlot', slots.get(key) ?? '');
    const common = { position: 1, loserTo: null };
    const open = { score: null, shootout: null, won: null };
    assert.deepEqual(stages[1]['bracket'], {
      slotCount: 2,
      slots: [
        {
          ...common,
          id: slotId('W1-1'),
          round: 1,
          label: 'Semi-final',
          state: 'DECIDED',
          // The match has the home side of the slot as its away side.
          home: { team: team(first), label: null, score: 2, shootout: 4, won: true },
          away: { team: team(second), label: null, score: 2, shootout: 3, won: false },
          match: { id: toGlobalId('Match', semiFinal) },
          winnerTo: slotId('W2-1'),
        },
        {
          ...common,
          id: slotId('W2-1'),
          round: 2,
          label: 'Final',
          state: 'WAITING',
          home: { team: null, label: 'Winner of W1-1', ...open },
          away: { team: null, label: null, ...open },
          match: null,
          winnerTo: null,
        },
      ],
    });
    const { _entities: matches } = await subgraph.ask(
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Match { tournament { id } stage { name } tournamentRound { name } tournamentGroup { name } } } }`,
      { of: [matchId, randomUUID()].map((id) => ({ __typename: 'Match', id: toGlobalId('Match', id) })) },
    );
    assert.deepEqual(matches, [
      {
        tournament: { id: tournamentIdOf(tournament) },
        stage: { name: 'Groups' },
        tournamentRound: { name: 'Matchday 1' },
        tournamentGroup: { name: 'Group A' },
      },
      { tournament: null, stage: null, tournamentRound: null, tournamentGroup: null },
    ]);
  });
});

interface EndCursor {
  entries: { pageInfo: { endCursor: string } };
}

/** Writes two stages into the tables as a draw would: a group with a result, and a bracket of two slots. */
async function planned(tournament: Awaited<ReturnType<typeof t.made>>) {
  const { prisma } = t;
  const tournamentId = tournament.id;
  const entries = await Promise.all(
    [1, 2].map((number) =>
      prisma.entry.create({
        data: {
          tournamentId,
          teamId: randomUUID(),
          state: 'ACCEPTED',
          number,
          seed: number,
          enteredBy: randomUUID(),
          enteredAt: new Date(),
        },
      }),
    ),
  );
  const [home, away] = entries.map(({ id }) => id) as [string, string];
  const groups = await prisma.stage.create({
    data: { tournamentId, number: 1, name: 'Groups', format: 'ROUND_ROBIN', config: {} },
  });
  const group = await prisma.group.create({ data: { stageId: groups.id, number: 1, name: 'Group A' } });
  await prisma.round.create({ data: { stageId: groups.id, bracket: 'TABLE', number: 1, name: 'Matchday 1' } });
  const matchId = randomUUID();
  const sides = { home: {}, away: {}, homeEntryId: home, awayEntryId: away };
  const slot = await prisma.slot.create({
    data: { stageId: groups.id, key: 'G1-R1-M1', bracket: 'TABLE', group: 1, round: 1, position: 1, matchId, ...sides },
  });
  await prisma.result.create({
    data: { matchId, slotId: slot.id, homeEntryId: home, awayEntryId: away, state: 'CONFIRMED' },
  });
  const row = { place: 1, rank: 1, played: 1, won: 1, drawn: 0, lost: 0, scoreFor: 2, scoreAgainst: 1, points: 2 };
  await prisma.standing.create({
    data: { groupId: group.id, entryId: home, ...row, tied: false, deductions: -1, provisional: false },
  });
  await prisma.ruling.create({
    data: { tournamentId, kind: 'DEDUCTION', entryId: home, value: -1, reason: 'Late', madeBy: randomUUID() },
  });
  const knockOut = await prisma.stage.create({
    data: { tournamentId, number: 2, name: 'Finals', format: 'SINGLE_ELIMINATION', config: {} },
  });
  const slots = new Map<string, string>();
  const semiFinal = randomUUID();
  for (const data of [
    {
      key: 'W1-1',
      matchId: semiFinal,
      label: 'Semi-final',
      round: 1,
      ...sides,
      state: 'DECIDED',
      winner: 'HOME',
      winnerTo: 'W2-1',
      winnerSide: 'HOME',
    },
    { key: 'W2-1', label: 'Final', round: 2, home: { label: 'Winner of W1-1' }, away: {} },
  ] as const) {
    const { id, key } = await prisma.slot.create({
      data: { ...data, stageId: knockOut.id, bracket: 'WINNERS', position: 1 },
    });
    slots.set(key, id);
  }
  await prisma.result.create({
    data: {
      ...{
        matchId: semiFinal,
        slotId: slots.get('W1-1') ?? '',
        homeEntryId: away,
        awayEntryId: home,
        state: 'CONFIRMED',
      },
      score: { home: 2, away: 2, periods: [], shootout: { home: 3, away: 4 } },
    },
  });
  return { tournament, entries, matchId, semiFinal, slots, group };
}
