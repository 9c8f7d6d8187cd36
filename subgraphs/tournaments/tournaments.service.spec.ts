import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { checkPages } from '../../platform/graphql/connection.testing.ts';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { person, rateLimits, refused } from '../../platform/testing/service.testing.ts';
import { TournamentCreated, TournamentSnapshot } from '../../schema/messages/tournaments.ts';
import type { Tournament } from './generated/prisma/client.ts';
import { openTournaments, tournamentIdOf, yardCup } from './tournaments.fixture.ts';

let t: Awaited<ReturnType<typeof openTournaments>>;
beforeAll(async () => {
  t = await openTournaments(rateLimits({ createTournament: { count: 50, seconds: 3_600 } }));
});
afterAll(() => t.close());

const codeIs =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof GraphQLError && error.extensions.code === code;

describe('a tournament, made', () => {
  it('is a draft with its organizer, and told', async () => {
    const owner = person();
    const { id, name, state, lastSeq } = await t.made(owner, { name: ' Yard ' });
    assert.deepEqual({ name, state, lastSeq }, { name: 'Yard', state: 'DRAFT', lastSeq: 1 });
    assert.deepEqual((await t.service.organizers([id], null)).get(id), [owner.userId]);
    const told = await t.toldOf({ id });
    assert.deepEqual(
      told.map(({ type, seq }) => [type, seq]),
      [['TournamentCreated', 1]],
    );
    assert.deepEqual(TournamentCreated.payload.parse(told[0]?.payload), {
      tournamentId: id,
      name: 'Yard',
      sport: 'FOOTBALL',
      city: null,
      state: 'DRAFT',
      startsAt: '2030-06-01T08:00:00.000Z',
      organizerIds: [owner.userId],
      protestHours: 48,
    });
    const [row] = await t.prisma.tournamentEvent.findMany({ where: { tournamentId: id } });
    assert.deepEqual([row?.id, row?.seq, row?.payload], [told[0]?.eventId, 1, told[0]?.payload]);
  });

  it('is one, however often the client asks, also at once and after a change', async () => {
    const owner = person();
    const clientId = randomUUID();
    const made = await Promise.all(Array.from({ length: 10 }, () => t.made(owner, { clientId })));
    assert.equal(new Set(made.map(({ id }) => id)).size, 1);
    await t.prisma.tournament.update({ where: { id: made[0]?.id ?? '' }, data: { name: 'Another name since' } });
    assert.equal((await t.made(owner, { clientId, city: null })).id, made[0]?.id, 'null says no more than nothing');
    for (const other of [{ name: 'Other' }, { startsAt: new Date('2031-01-01') }, { maxTeams: 8 }, { minAge: 18 }])
      await refused(t.made(owner, { clientId, ...other }), 'CONFLICT', 'clientId');
    assert.notEqual((await t.made(person(), { clientId })).id, made[0]?.id, 'another’s client may use the same id');
  });

  it('is refused for guests, and who makes too many', async () => {
    await assert.rejects(t.service.create(ANONYMOUS, {}), codeIs('UNAUTHENTICATED'));
    const owner = person();
    for (let n = 0; n < 50; n++) await t.made(owner);
    await assert.rejects(t.made(owner), codeIs('RATE_LIMITED'));
  });

  const at = (text: string): Date => new Date(text);
  for (const [what, field, more, code = 'INVALID'] of [
    ['an empty name', 'name', { name: ' ' }],
    ['a long name', 'name', { name: 'x'.repeat(101) }],
    ['a name with a link', 'name', { name: 'prodvor.com' }],
    ['no client id', 'clientId', { clientId: '' }],
    ['an unknown sport', 'sport', { sport: 'CHESS' }],
    ['no time zone', 'timeZone', { timeZone: null }],
    ['an unknown time zone', 'timeZone', { timeZone: 'Europe/Atlantis' }],
    ['an offset for a time zone', 'timeZone', { timeZone: '+02:00' }],
    ['unknown rules', 'rules', { rules: 'fifa-1066' }, 'NOT_FOUND'],
    ['no start', 'startsAt', { startsAt: null }],
    ['a start before time began', 'startsAt', { startsAt: at('1700-01-01') }],
    ['one team', 'minTeams', { minTeams: 1 }],
    ['more teams than a page shows', 'maxTeams', { maxTeams: 1025 }],
    ['fewer teams at most than at least', 'maxTeams', { minTeams: 8, maxTeams: 7 }],
    ['a registration that ends after the start', 'registrationClosesAt', { registrationClosesAt: at('2030-06-02') }],
    ['a check-in that ends after the start', 'checkInClosesAt', { checkInClosesAt: at('2030-06-02') }],
    [
      'a check-in that ends before registration',
      'checkInClosesAt',
      { registrationClosesAt: at('2030-05-31'), checkInClosesAt: at('2030-05-30') },
    ],
    ['an age that is none', 'minAge', { minAge: -1 }],
    ['ages that nobody has', 'maxAge', { minAge: 40, maxAge: 39 }],
    ['a level that is none', 'maxLevel', { maxLevel: 11 }],
    ['levels that nobody has', 'maxLevel', { minLevel: 5, maxLevel: 4 }],
    ['a negative time for protests', 'protestHours', { protestHours: -1 }],
    ['half an hour for protests', 'protestHours', { protestHours: 0.5 }],
    ['an unknown mode', 'mode', { mode: 'SOMEHOW' }],
  ] as const satisfies readonly (readonly [string, string, object, string?])[])
    it(`is refused for ${what}`, () => refused(t.made(person(), more), code, field));

  it('takes what is just allowed', async () => {
    const made = await t.made(person(), {
      timeZone: 'europe/berlin',
      rules: 'fifa-2018',
      minTeams: 2,
      maxTeams: 2,
      minAge: 18,
      maxAge: 18,
      registrationClosesAt: at('2030-05-31'),
      checkInClosesAt: yardCup.startsAt,
    });
    assert.equal(made.timeZone, 'Europe/Berlin', 'as the database of time zones writes it');
    assert.equal((await t.made(person(), { timeZone: 'Asia/Kolkata' })).timeZone, 'Asia/Kolkata', 'a link stays');
    assert.deepEqual([made.minTeams, made.maxTeams, made.minAge], [2, 2, 18]);
  });
});

describe('a draft, deleted', () => {
  it('is gone with all that was in it, and told', async () => {
    const owner = person();
    const draft = await t.made(owner);
    await refused(t.service.delete(person(), { tournamentId: tournamentIdOf(draft) }), 'NOT_FOUND', 'tournamentId');
    await refused(
      t.service.delete(person('admin'), { tournamentId: tournamentIdOf(draft) }),
      'NOT_FOUND',
      'tournamentId',
    );
    await t.service.delete(owner, { tournamentId: tournamentIdOf(draft) });
    assert.equal((await t.service.byIds(owner, [draft.id])).size, 0);
    assert.equal(await t.prisma.tournamentEvent.count({ where: { tournamentId: draft.id } }), 0);
    assert.deepEqual(
      (await t.toldOf(draft)).map(({ type, seq }) => [type, seq]),
      [
        ['TournamentCreated', 1],
        ['TournamentDeleted', 2],
      ],
    );
    await refused(t.service.delete(owner, { tournamentId: tournamentIdOf(draft) }), 'NOT_FOUND', 'tournamentId');
  });

  it('is not, once it is published', async () => {
    const owner = person();
    const input = { tournamentId: tournamentIdOf(await t.put(await t.made(owner), 'REGISTRATION')) };
    await refused(t.service.delete(owner, input), 'CONFLICT', 'tournamentId');
    await refused(t.service.delete(person(), input), 'FORBIDDEN', 'tournamentId');
    await assert.rejects(t.service.delete(ANONYMOUS, input), codeIs('UNAUTHENTICATED'));
  });
});

describe('what is announced', () => {
  it('is everything as it is, in the order of keys, page by page', async () => {
    const owner = person();
    for (let n = 0; n < 3; n++) await t.made(owner);
    const rows = await t.prisma.tournament.findMany({ orderBy: { id: 'asc' } });
    const states: Awaited<ReturnType<typeof t.service.states>>[number][] = [];
    for (let after: string | null = null; ; after = states.at(-1)?.payload.tournamentId ?? null) {
      const page = await t.prisma.$transaction((tx) => t.service.states(tx, { after, limit: 2 }));
      states.push(...page);
      if (page.length < 2) break;
    }
    assert.deepEqual(
      states.map(({ seq, payload }) => [seq, TournamentSnapshot.payload.parse(payload).tournamentId, payload.state]),
      rows.map(({ id, lastSeq, state }) => [lastSeq, id, state]),
    );
    assert.deepEqual(states.at(-1)?.payload.organizerIds, [owner.userId]);
  });
});

describe('the list', () => {
  it('goes by start, in pages from either end, by state, city and sport', async () => {
    const owner = person();
    const made: Tournament[] = [];
    for (const [city, day, sport] of [
      ['Ulm', 3, 'FOOTBALL'],
      ['Ulm', 1, 'FOOTBALL'],
      ['Ulm', 2, 'HOCKEY'],
      ['Jena', 2, 'FOOTBALL'],
    ] as const) {
      const one = await t.made(owner, { city, sport, startsAt: new Date(`2040-01-0${day}T10:00:00Z`) });
      made.push(await t.put(one, day === 3 ? 'RUNNING' : 'REGISTRATION'));
    }
    await checkPages((args) => t.service.page(ANONYMOUS, args));
    const listed = async (filter: object): Promise<number[]> =>
      (await t.service.page(ANONYMOUS, { first: 100, ...filter })).edges
        .map(({ node }) => made.findIndex(({ id }) => id === node.id))
        .filter((index) => index >= 0);
    assert.deepEqual(await listed({ city: 'Ulm' }), [1, 2, 0]);
    assert.deepEqual(await listed({ city: 'Ulm', sport: 'FOOTBALL' }), [1, 0]);
    assert.deepEqual(await listed({ state: 'RUNNING' }), [0]);
    await assert.rejects(t.service.page(ANONYMOUS, { city: ' ' }), codeIs('BAD_USER_INPUT'));
  });

  it('finds by the beginnings of words of the name; a draft only for its organizers', async () => {
    const owner = person();
    const open = await t.put(await t.made(owner, { name: 'Winter-Pokal der Höfe' }), 'REGISTRATION');
    const draft = await t.made(owner, { name: 'Höfe im Winter' });
    const found = async (viewer: typeof ANONYMOUS, filter: object): Promise<string[]> =>
      (await t.service.page(viewer, filter)).edges.map(({ node }) => node.id).toSorted();
    for (const [name, ids] of [
      ['höf win', [open.id]],
      ['pokal', [open.id]],
      ['okal', []],
    ] as const)
      assert.deepEqual(await found(ANONYMOUS, { name }), ids, name);
    assert.deepEqual(await found(person(), { name: 'höfe' }), [open.id]);
    assert.deepEqual(await found(owner, { name: 'höfe' }), [open.id, draft.id].toSorted());
    assert.deepEqual(await found(owner, { name: 'höfe', state: 'DRAFT' }), [draft.id]);
    for (let n = 0; n < 3; n++) await t.made(owner, { name: `Höfe ${n}` });
    await checkPages((args) => t.service.page(owner, { ...args, name: 'höfe' }));
    await assert.rejects(found(owner, { name: '?' }), codeIs('BAD_USER_INPUT'));
  });
});

describe('a draft', () => {
  it('exists for its organizers only: by id, in lists, in what belongs to it, in streams', async () => {
    const [owner, other, admin] = [person(), person(), person('admin')];
    const draft = await t.made(owner);
    const stage = await t.prisma.stage.create({
      data: { tournamentId: draft.id, number: 1, name: 'League', format: 'ROUND_ROBIN', config: {} },
    });
    const group = await t.prisma.group.create({ data: { stageId: stage.id, number: 1, name: 'Table' } });
    const sides = { home: {}, away: {} };
    const slot = await t.prisma.slot.create({
      data: { stageId: stage.id, key: 'W1-1', bracket: 'WINNERS', round: 1, position: 1, ...sides },
    });
    const matchId = randomUUID();
    const [homeEntryId, awayEntryId] = [randomUUID(), randomUUID()];
    await t.prisma.result.create({ data: { matchId, slotId: slot.id, homeEntryId, awayEntryId, state: 'SCHEDULED' } });
    const entry = await t.prisma.entry.create({
      data: {
        tournamentId: draft.id,
        teamId: randomUUID(),
        state: 'ACCEPTED',
        number: 1,
        enteredBy: owner.userId,
        enteredAt: new Date(),
      },
    });
    const globalId = Buffer.from(`Tournament:${draft.id}`).toString('base64url');
    const seen = async (viewer: typeof ANONYMOUS): Promise<boolean[]> => [
      (await t.service.byIds(viewer, [draft.id])).has(draft.id),
      (await t.service.page(viewer, { first: 100, state: 'DRAFT' })).edges.some(({ node }) => node.id === draft.id),
      (await t.entries.byIds(viewer, [entry.id])).has(entry.id),
      (await t.plan.stages(viewer, [stage.id])).has(stage.id),
      (await t.plan.groups(viewer, [group.id])).has(group.id),
      (await t.plan.slots(viewer, [slot.id])).has(slot.id),
      (await t.plan.places(viewer, [matchId])).has(matchId),
      await t.events.stream(viewer, globalId, 0).then(
        async (stream) => {
          await stream.return?.();
          return true;
        },
        (error: unknown) => !codeIs('NOT_FOUND')(error),
      ),
    ];
    const all = (is: boolean): boolean[] => Array.from({ length: 8 }, () => is);
    assert.deepEqual(await seen(owner), all(true));
    for (const viewer of [ANONYMOUS, other, admin, { roles: [], audience: `tournaments:${draft.id}:public` }])
      assert.deepEqual(await seen(viewer), all(false));
    await t.put(draft, 'REGISTRATION');
    for (const viewer of [ANONYMOUS, other]) {
      const [byId, inDrafts, ...rest] = await seen(viewer);
      assert.deepEqual([byId, inDrafts, rest.every(Boolean)], [true, false, true]);
    }
  });
});
