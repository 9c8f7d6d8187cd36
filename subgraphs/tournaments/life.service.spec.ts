import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import { person, refused } from '../../platform/testing/service.testing.ts';
import { TournamentCancelled, TournamentDrawn } from '../../schema/messages/tournaments.ts';
import { hashOf, shuffled } from './draw.ts';
import type { TournamentState } from './generated/prisma/enums.ts';
import { isChangeable } from './inputs.ts';
import { entryIdOf, openTournaments, tournamentIdOf } from './tournaments.fixture.ts';

let t: Awaited<ReturnType<typeof openTournaments>>;
beforeAll(async () => {
  t = await openTournaments();
});
afterAll(() => t.close());

const owner = person();
const soon = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);
const STATES: TournamentState[] = [
  'DRAFT',
  'REGISTRATION',
  'CHECK_IN',
  'SEEDED',
  'RUNNING',
  'COMPLETED',
  'ARCHIVED',
  'CANCELLED',
];

describe('the life of a tournament', () => {
  it('goes from a draft to history, and every step is told in order', async () => {
    const tournament = await t.planned(owner, { maxTeams: 4 });
    const input = { tournamentId: tournamentIdOf(tournament) };
    await t.life.publish(owner, input);
    const teams = await t.filled(tournament, 2);
    await t.life.closeRegistration(owner, input);
    await t.entering.checkIn(teams[0]?.owner ?? owner, { entryId: entryIdOf(teams[0]?.entry ?? { id: '' }) });
    await t.life.draw(owner, input);
    await t.life.start(owner, input);
    await t.put(tournament, 'COMPLETED');
    await t.life.archive(owner, input);
    const told = await t.toldOf(tournament);
    assert.deepEqual(
      told.map(({ seq }) => seq),
      told.map((_, index) => index + 1),
    );
    const state = (payload: unknown) => (payload as { state?: string }).state;
    assert.deepEqual(
      told.filter(({ type }) => !/Match|Stage/.test(type)).map(({ type, payload }) => [type, state(payload)]),
      [
        ['TournamentCreated', 'DRAFT'],
        ['TournamentPublished', 'REGISTRATION'],
        ['EntryChanged', 'ACCEPTED'],
        ['EntryChanged', 'ACCEPTED'],
        ['DrawSeedCommitted', undefined],
        ['TournamentChanged', 'CHECK_IN'],
        ['EntryChanged', 'CHECKED_IN'],
        ['EntryChanged', (await t.states(tournament))[indexOfSeed(told[7]?.payload, teams)]],
        ['EntryChanged', (await t.states(tournament))[indexOfSeed(told[8]?.payload, teams)]],
        ['TournamentDrawn', undefined],
        ['TournamentChanged', 'SEEDED'],
        ['TournamentChanged', 'RUNNING'],
        ['TournamentChanged', 'ARCHIVED'],
      ],
    );
    assert.equal(told.filter(({ type }) => type === 'MatchPlanned').length, 1, 'the draw plans the match of two teams');
    const rows = await t.prisma.tournamentEvent.findMany({
      where: { tournamentId: tournament.id },
      orderBy: { seq: 'asc' },
    });
    assert.deepEqual(
      rows.map(({ id, seq, type, payload }) => ({ id, seq, type, payload })),
      told.map(({ eventId: id, seq, type, payload }) => ({ id, seq, type, payload })),
      'tournament_events and tournaments.v1 are the same',
    );
  });

  const STEPS = [
    ['publish', ['DRAFT'], 'REGISTRATION'],
    ['closeRegistration', ['REGISTRATION'], 'CHECK_IN'],
    ['endCheckIn', ['CHECK_IN'], null],
    ['start', ['SEEDED'], 'RUNNING'],
    ['cancel', ['REGISTRATION', 'CHECK_IN', 'SEEDED', 'RUNNING'], 'CANCELLED'],
    ['archive', ['COMPLETED', 'CANCELLED'], 'ARCHIVED'],
  ] as const;
  for (const [step, from, to] of STEPS)
    it(`has the step ${step} from ${from.join(', ')} only; asked again, it does nothing`, async () => {
      for (const state of STATES) {
        const tournament = await t.put(await t.made(owner), state);
        const input = { tournamentId: tournamentIdOf(tournament) };
        if (([...from, to] as (string | null)[]).includes(state)) {
          const { lastSeq } = await t.life[step](owner, input);
          assert.equal((await t.now(tournament)).state, to ?? state);
          assert.equal(lastSeq > tournament.lastSeq, state !== to, state);
        } else await refused(t.life[step](owner, input), 'CONFLICT', 'tournamentId');
      }
    });

  it('does not begin with fewer teams than it needs', async () => {
    const tournament = await t.published(owner, { minTeams: 3 });
    await t.filled(tournament, 2);
    const input = { tournamentId: tournamentIdOf(tournament) };
    await t.life.closeRegistration(owner, input);
    await refused(t.life.draw(owner, input), 'CONFLICT', 'tournamentId');
    assert.equal((await t.now(tournament)).state, 'CHECK_IN');
  });

  it('is cancelled with an event that names every team that is still in', async () => {
    const tournament = await t.published(owner, { maxTeams: 2 });
    const teams = await t.filled(tournament, 3, { wait: true });
    const [first] = teams;
    await t.entering.withdraw(first?.owner ?? owner, { entryId: entryIdOf(first?.entry ?? { id: '' }) });
    await t.life.cancel(owner, { tournamentId: tournamentIdOf(tournament), reason: ' Rain ' });
    const told = (await t.toldOf(tournament)).find(({ type }) => type === 'TournamentCancelled');
    assert.deepEqual(TournamentCancelled.payload.parse(told?.payload), {
      tournamentId: tournament.id,
      reason: 'Rain',
      teamIds: teams.slice(1).map(({ entry }) => entry.teamId),
    });
    assert.equal((await t.now(tournament)).cancelReason, 'Rain');
  });
});

/** The index in `teams` of the entry of an EntryChanged. */
function indexOfSeed(payload: unknown, teams: readonly { entry: { id: string } }[]): number {
  return teams.findIndex(({ entry }) => entry.id === (payload as { entryId: string }).entryId);
}

describe('a team that leaves after the draw', () => {
  it('forfeits its matches', async () => {
    const tournament = await t.published(owner);
    const teams = await t.filled(tournament, 3);
    const input = { tournamentId: tournamentIdOf(tournament) };
    await t.life.closeRegistration(owner, input);
    await t.life.draw(owner, input);
    await t.life.start(owner, input);
    const types = async () => (await t.toldOf(tournament)).map(({ type }) => type);
    assert.equal((await types()).filter((type) => type === 'MatchPlanned').length, 3);
    await t.entering.withdraw(teams[0]?.owner ?? owner, { entryId: entryIdOf(teams[0]?.entry ?? { id: '' }) });
    assert.equal((await types()).filter((type) => type === 'MatchForfeited').length, 2);
  });

  it('takes its matches with it when it is cancelled', async () => {
    const tournament = await t.published(owner);
    await t.filled(tournament, 3);
    const input = { tournamentId: tournamentIdOf(tournament) };
    await t.life.closeRegistration(owner, input);
    await t.life.draw(owner, input);
    await t.life.start(owner, input);
    const [played] = await t.prisma.result.findMany({ where: { slot: { stage: { tournamentId: tournament.id } } } });
    await t.prisma.result.update({
      where: { matchId: played?.matchId ?? '' },
      data: { state: 'CONFIRMED', counts: true },
    });
    await t.life.cancel(owner, input);
    const types = (await t.toldOf(tournament)).map(({ type }) => type);
    assert.equal(types.filter((type) => type === 'MatchUnplanned').length, 2);
  });

  it('a tournament without stages is not drawn', async () => {
    const tournament = await t.made(owner);
    const input = { tournamentId: tournamentIdOf(tournament) };
    await t.life.publish(owner, input);
    await t.filled(tournament, 2);
    await t.life.closeRegistration(owner, input);
    await refused(t.life.draw(owner, input), 'CONFLICT', 'tournamentId');
    assert.equal((await t.now(tournament)).drawnAt, null);
  });
});

describe('a change of a tournament', () => {
  const CHANGES = {
    name: 'Other Cup',
    description: 'Two\nlines',
    rules: 'fifa-2018',
    timeZone: 'UTC',
    city: 'Ulm',
    startsAt: new Date('2031-01-01T10:00:00Z'),
    mode: 'APPROVAL',
    minTeams: 3,
    maxTeams: 9,
    registrationClosesAt: new Date('2030-01-01T10:00:00Z'),
    checkInClosesAt: new Date('2030-02-01T10:00:00Z'),
    minAge: 18,
    maxAge: 50,
    minLevel: 2,
    maxLevel: 8,
    entryCity: 'Ulm',
    protestHours: 1,
  };
  for (const [field, value] of Object.entries(CHANGES))
    it(`of ${field} is possible in the states that the schema says, and a conflict in the others`, async () => {
      const column = field === 'mode' ? 'registration' : field;
      for (const state of STATES) {
        const tournament = await t.put(await t.made(owner), state);
        const change = t.life.update(owner, { tournamentId: tournamentIdOf(tournament), [field]: value });
        if (isChangeable(column, state)) {
          const changed = await change;
          assert.deepEqual(changed[column as keyof typeof changed], value);
          assert.equal(changed.lastSeq, 2);
        } else await refused(change, 'CONFLICT', field);
      }
    });

  it('leaves what is left out, clears with null, and is none when nothing is different', async () => {
    const tournament = await t.made(owner, { city: 'Ulm', minAge: 18 });
    const input = { tournamentId: tournamentIdOf(tournament) };
    const cleared = await t.life.update(owner, { ...input, city: null });
    assert.deepEqual([cleared.city, cleared.minAge, cleared.name], [null, 18, 'Yard Cup']);
    assert.equal((await t.life.update(owner, { ...input, city: null, name: 'Yard Cup' })).lastSeq, cleared.lastSeq);
  });

  it('is refused whole when one field is wrong', async () => {
    const tournament = await t.made(owner);
    const input = { tournamentId: tournamentIdOf(tournament), name: 'Other' };
    await refused(t.life.update(owner, { ...input, timeZone: 'Mars' }), 'INVALID', 'timeZone');
    await refused(t.life.update(owner, { ...input, maxTeams: 1 }), 'INVALID', 'maxTeams');
    await refused(t.life.update(owner, { ...input, minTeams: 65 }), 'INVALID', 'maxTeams');
    await refused(t.life.update(owner, { ...input, name: null }), 'INVALID', 'name');
    await refused(t.life.update(owner, { ...input, registrationClosesAt: new Date('2031-01-01') }), 'INVALID', 'registrationClosesAt'); // prettier-ignore
    assert.deepEqual(await t.now(tournament), tournament);
  });

  it('of the number of places lets those in who wait, and throws nobody out', async () => {
    const tournament = await t.published(owner, { maxTeams: 2 });
    await t.filled(tournament, 4, { wait: true });
    const input = { tournamentId: tournamentIdOf(tournament) };
    await t.life.update(owner, { ...input, maxTeams: 3 });
    assert.deepEqual(await t.states(tournament), ['ACCEPTED', 'ACCEPTED', 'ACCEPTED', 'WAITING']);
    await refused(t.life.update(owner, { ...input, maxTeams: 2 }), 'INVALID', 'maxTeams');
  });
});

describe('a deadline', () => {
  it('closes registration, then the check-in, to the moment', async () => {
    const [closes, ends] = [soon(10), soon(20)];
    const tournament = await t.published(owner, { registrationClosesAt: closes, checkInClosesAt: ends, maxTeams: 2 });
    const [first] = await t.filled(tournament, 3, { wait: true });
    await t.fireAt(new Date(closes.getTime() - 1));
    assert.equal((await t.now(tournament)).state, 'REGISTRATION');
    await t.fireAt(closes);
    const closed = await t.now(tournament);
    assert.deepEqual([closed.state, closed.drawSeedHash], ['CHECK_IN', hashOf(closed.drawSeed ?? '')]);
    await t.entering.checkIn(first?.owner ?? owner, { entryId: entryIdOf(first?.entry ?? { id: '' }) });
    await t.fireAt(new Date(ends.getTime() - 1));
    assert.deepEqual(await t.states(tournament), ['CHECKED_IN', 'ACCEPTED', 'WAITING']);
    await t.fireAt(ends);
    assert.deepEqual(await t.states(tournament), ['CHECKED_IN', 'MISSED_CHECK_IN', 'ACCEPTED']);
    await refused(t.entering.checkIn(first?.owner ?? owner, { entryId: entryIdOf({ id: randomUUID() }) }), 'NOT_FOUND', 'entryId'); // prettier-ignore
    assert.equal(await t.prisma.timer.count({ where: { key: tournament.id } }), 0);
  });

  it('that is moved holds at its new time only, and one that is cleared never', async () => {
    const tournament = await t.published(owner, { registrationClosesAt: soon(10) });
    const input = { tournamentId: tournamentIdOf(tournament) };
    await t.life.update(owner, { ...input, registrationClosesAt: soon(60) });
    await t.fireAt(soon(30));
    assert.equal((await t.now(tournament)).state, 'REGISTRATION');
    await t.life.update(owner, { ...input, registrationClosesAt: null });
    await t.fireAt(soon(120));
    assert.equal((await t.now(tournament)).state, 'REGISTRATION');
  });

  it('refuses who comes after it, also while its timer is late', async () => {
    const tournament = await t.published(owner, { registrationClosesAt: soon(10) });
    await t.prisma.tournament.update({ where: { id: tournament.id }, data: { registrationClosesAt: soon(-1) } });
    await refused(t.enter(owner, tournament, t.team(owner)), 'CONFLICT', 'tournamentId');
    const late = await t.published(owner, { checkInClosesAt: soon(10) });
    const [team] = await t.filled(late, 1);
    await t.life.closeRegistration(owner, { tournamentId: tournamentIdOf(late) });
    await t.prisma.tournament.update({ where: { id: late.id }, data: { checkInClosesAt: soon(-1) } });
    const entryId = entryIdOf(team?.entry ?? { id: '' });
    await refused(t.entering.checkIn(team?.owner ?? owner, { entryId }), 'CONFLICT', 'entryId');
  });

  it('that is over is no deadline to publish with', async () => {
    const tournament = await t.made(owner, { registrationClosesAt: soon(-1) });
    await refused(
      t.life.publish(owner, { tournamentId: tournamentIdOf(tournament) }),
      'INVALID',
      'registrationClosesAt',
    );
    assert.equal((await t.now(tournament)).state, 'DRAFT');
  });
});

describe('the draw', () => {
  const closed = async (count: number) => {
    const tournament = await t.published(owner);
    const teams = await t.filled(tournament, count);
    const input = { tournamentId: tournamentIdOf(tournament) };
    await t.life.closeRegistration(owner, input);
    return { tournament, input, ids: teams.map(({ entry }) => entry.id) };
  };
  const seeds = async ({ id }: { id: string }): Promise<string[]> =>
    (await t.prisma.entry.findMany({ where: { tournamentId: id, seed: { not: null } }, orderBy: { seed: 'asc' } })).map(
      (entry) => entry.id,
    );

  it('by lot is what the seed says, whose hash was told before', async () => {
    const { tournament, input, ids } = await closed(5);
    const committed = (await t.toldOf(tournament)).find(({ type }) => type === 'DrawSeedCommitted')?.payload;
    await t.life.draw(owner, input);
    const drawn = (await t.toldOf(tournament)).find(({ type }) => type === 'TournamentDrawn')?.payload;
    const { seed, entryIds } = TournamentDrawn.payload.parse(drawn);
    assert.deepEqual(committed, { tournamentId: tournament.id, seedHash: hashOf(seed ?? '') });
    assert.deepEqual(entryIds, shuffled(seed ?? '', ids));
    assert.deepEqual(await seeds(tournament), entryIds);
  });

  it('by hand takes every entry once, and leaves the seed unknown', async () => {
    const { tournament, input, ids } = await closed(3);
    const [a, b, c] = ids.map((id) => entryIdOf({ id })) as [string, string, string];
    const byHand = (...entryIds: string[]) => t.life.draw(owner, { ...input, method: 'BY_HAND', entryIds });
    await refused(byHand(c, a), 'INVALID', 'entryIds');
    await refused(byHand(c, a, a), 'INVALID', 'entryIds.2');
    await refused(byHand(c, a, entryIdOf({ id: randomUUID() })), 'NOT_FOUND', 'entryIds.2');
    await refused(byHand(), 'INVALID', 'entryIds');
    assert.deepEqual(await seeds(tournament), []);
    await byHand(c, a, b);
    assert.deepEqual(await seeds(tournament), [ids[2], ids[0], ids[1]]);
    const drawn = (await t.toldOf(tournament)).find(({ type }) => type === 'TournamentDrawn')?.payload;
    assert.equal(TournamentDrawn.payload.parse(drawn).seed, null);
  });

  it('by rating puts the highest first, and draws teams that are level or without a rating', async () => {
    const { tournament, input, ids } = await closed(7);
    const entries = await t.prisma.entry.findMany({
      where: { tournamentId: tournament.id },
      orderBy: { number: 'asc' },
    });
    const rate = (at: number, ordinal: number) =>
      t.elsewhere.ratings.set(toGlobalId('Team', entries[at]?.teamId ?? ''), ordinal);
    rate(0, -2.5);
    rate(1, 12);
    rate(2, 0);
    rate(3, 12);
    const asked = t.elsewhere.asked;
    await refused(t.life.draw(person(), { ...input, method: 'BY_RATING' }), 'FORBIDDEN', 'tournamentId');
    assert.equal(t.elsewhere.asked, asked, 'a stranger does not make the service ask');
    t.elsewhere.away = true;
    await assert.rejects(t.life.draw(owner, { ...input, method: 'BY_RATING' }), { code: 'UNAVAILABLE' });
    t.elsewhere.away = false;
    assert.deepEqual(await seeds(tournament), []);
    await t.life.draw(owner, { ...input, method: 'BY_RATING' });
    const drawn = (await t.toldOf(tournament)).find(({ type }) => type === 'TournamentDrawn')?.payload;
    const { seed, entryIds, method, ratings } = TournamentDrawn.payload.parse(drawn);
    const lots = shuffled(seed ?? '', ids);
    const inLots = (...at: number[]) => lots.filter((id) => at.map((one) => ids[one]).includes(id));
    assert.deepEqual(entryIds, [...inLots(1, 3), ids[2], ids[0], ...inLots(4, 5, 6)]);
    assert.deepEqual([method, ratings], ['BY_RATING', [12, 12, 0, -2.5]]);
    assert.deepEqual(await seeds(tournament), entryIds);
    assert.equal(hashOf(seed ?? ''), (await t.now(tournament)).drawSeedHash);
    await refused(t.life.draw(owner, { ...input, method: 'BY_RATING' }), 'CONFLICT', 'tournamentId');
  });

  it('by rating is repeated by the organizer when a team gets a place meanwhile', async () => {
    const tournament = await t.published(owner, { maxTeams: 2 });
    const [first] = await t.filled(tournament, 2);
    await t.filled(tournament, 1, { wait: true });
    const input = { tournamentId: tournamentIdOf(tournament), method: 'BY_RATING' };
    await t.life.closeRegistration(owner, input);
    t.elsewhere.during = async () => {
      t.elsewhere.during = undefined;
      await t.entering.withdraw(first!.owner, { entryId: entryIdOf(first!.entry) });
    };
    await assert.rejects(
      t.life.draw(owner, input),
      (error: UserErrors) => error.errors[0]?.reason === 'ENTRIES_CHANGED',
    );
    await t.life.draw(owner, input);
    assert.equal((await seeds(tournament)).length, 2);
  });

  it('is once: of ten at once one wins, the others get a conflict', async () => {
    const { tournament, input } = await closed(4);
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => t.life.draw(owner, input)));
    const reasons = answers.map((answer) =>
      answer.status === 'fulfilled' ? 'drawn' : (answer.reason as UserErrors).errors[0]?.reason,
    );
    assert.deepEqual(reasons.sort(), [...Array.from({ length: 9 }, () => 'ALREADY_DRAWN'), 'drawn']);
    assert.equal((await t.toldOf(tournament)).filter(({ type }) => type === 'TournamentDrawn').length, 1);
  });
});
