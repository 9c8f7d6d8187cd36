import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS, type Principal } from '../../platform/identity/principal.ts';
import { person } from '../../platform/testing/service.testing.ts';
import { openTournaments, tournamentIdOf } from './tournaments.fixture.ts';

let t: Awaited<ReturnType<typeof openTournaments>>;
beforeAll(async () => {
  t = await openTournaments();
});
afterAll(() => t.close());

const notFound = (error: unknown): boolean => error instanceof GraphQLError && error.extensions['code'] === 'NOT_FOUND';

describe('the stream of a tournament', () => {
  it('replays what was, goes on live, and resumes', async () => {
    const tournament = await t.published(person());
    const id = tournamentIdOf(tournament);
    const stream = await t.events.stream(ANONYMOUS, id, 1);
    const next = async () => (await stream.next()).value as { seq: number; type: string };
    assert.deepEqual([(await next()).type], ['TournamentPublished']);
    const entered = next();
    await t.filled(tournament, 1);
    await t.relay();
    assert.deepEqual(await entered.then(({ seq, type }) => [seq, type]), [3, 'EntryChanged']);
    await stream.return?.();
    const again = await t.events.stream(ANONYMOUS, id, 2);
    assert.equal(((await again.next()).value as { seq: number }).seq, 3);
    await again.return?.();
    await assert.rejects(t.events.stream(ANONYMOUS, id, -1), { extensions: { code: 'BAD_USER_INPUT' } });
  });

  it('of a draft is for one organizer, and ends when the right does', async () => {
    const [owner, other] = [person(), person()];
    const tournament = await t.planned(owner);
    const input = { tournamentId: tournamentIdOf(tournament) };
    await assert.rejects(t.events.audience(other, input.tournamentId), notFound);
    await t.organizers.appoint(owner, { ...input, userId: toGlobalId('User', other.userId) });
    const { key, position } = await t.events.audience(other, input.tournamentId);
    assert.deepEqual([key, position], [`tournaments:${tournament.id}:draft:${other.userId}`, '2']);
    const audience: Principal = { roles: [], audience: key };
    const stream = await t.events.stream(audience, input.tournamentId, 2);
    assert.ok((await t.service.byIds(audience, [tournament.id])).has(tournament.id));
    const next = stream.next();
    await t.organizers.remove(owner, { ...input, userId: toGlobalId('User', other.userId) });
    await t.relay();
    await assert.rejects(next, notFound);
    await assert.rejects(t.events.stream(audience, input.tournamentId, 0), notFound);
  });

  it('is one for everybody once it is published, and for no other tournament', async () => {
    const [one, other] = [await t.published(person()), await t.published(person())];
    const { key } = await t.events.audience(ANONYMOUS, tournamentIdOf(one));
    assert.equal((await t.events.audience(person(), tournamentIdOf(one))).key, key);
    await assert.rejects(t.events.stream({ roles: [], audience: key }, tournamentIdOf(other), 0), notFound);
  });
});
