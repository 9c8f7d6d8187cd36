import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { NoAnswer, type Reference } from '../../platform/questions/definition.ts';
import { questionsTo } from '../../platform/testing/questions.testing.ts';
import { person } from '../../platform/testing/service.testing.ts';
import { openMedia, photo } from './media.fixture.ts';
import { NodesService } from './nodes.service.ts';

let t: Awaited<ReturnType<typeof openMedia>>;
beforeAll(async () => {
  t = await openMedia();
});
afterAll(() => t.close());

/** Subgraphs that know all objects except `missing`. The subgraphs in `away` do not answer. */
function openNodes() {
  const elsewhere = {
    missing: new Set<string>(),
    away: new Set<string>(),
    asked: [] as [subgraph: string, viewer: string | undefined, of: number][],
  };
  const questions = questionsTo(({ to }, items, viewer) => {
    const of = items as readonly Reference[];
    elsewhere.asked.push([to, viewer?.userId, of.length]);
    if (elsewhere.away.has(to)) throw new NoAnswer(`${to} is away`);
    // Every event in this test is a goal, because an event has only one kind.
    return of.map(
      ({ __typename, id }) => !elsewhere.missing.has(id) && !/Shown|Voided|Changed|Started/.test(__typename),
    );
  });
  const events = ['MatchStateChanged', 'PeriodStarted', 'GoalScored', 'CardShown', 'MatchEventVoided'];
  const of = (subgraph: string, ...kinds: string[]) =>
    kinds.map((kind) => [kind, { subgraph, types: kind === 'MatchEvent' ? events : [kind] }] as const);
  const owners = new Map([
    ...of('users', 'User'),
    ...of('teams', 'Team', 'Membership', 'Invitation'),
    ...of('matches', 'Match', 'MatchEvent'),
    ...of('chat', 'Room', 'Message', 'RoomEvent'),
    ...of('media', 'MediaFile'),
  ]);
  const nodes = new NodesService(t.media, questions, owners);
  const byIds = async (viewer: ReturnType<typeof person>, ids: readonly string[]) => {
    const found = await nodes.byIds(viewer, ids);
    return ids.map((id) => found.get(id) ?? null);
  };
  return { elsewhere, nodes: { byIds }, bounded: nodes.checkLimit.bind(nodes) };
}

describe('nodes', () => {
  it('ask each owner once, as the viewer, for any number of ids', async () => {
    const { elsewhere, nodes } = openNodes();
    const anna = person();
    const ids = ['Team', 'User', 'Membership', 'MatchEvent', 'Team', 'Match', 'Invitation'].map((type) =>
      toGlobalId(type, randomUUID()),
    );
    elsewhere.missing.add(ids[4] ?? '');
    const found = await nodes.byIds(anna, [...ids, 'x', ids[0] ?? '']);
    assert.deepEqual(found, [
      ...['Team', 'User', 'Membership', 'GoalScored', null, 'Match', 'Invitation'].map((type, index) =>
        type === null ? null : { __typename: type, id: ids[index] },
      ),
      null,
      { __typename: 'Team', id: ids[0] },
    ]);
    assert.deepEqual(elsewhere.asked.sort(), [
      ['matches', anna.userId, 6],
      ['teams', anna.userId, 4],
      ['users', anna.userId, 1],
    ]);
  });

  it('are not null while their owner is away, and others are returned', async () => {
    const { elsewhere, nodes } = openNodes();
    elsewhere.away.add('teams');
    const anna = person();
    const { file } = await t.begin(anna, await photo());
    const ids = [toGlobalId('Team', randomUUID()), toGlobalId('User', randomUUID()), toGlobalId('MediaFile', file.id)];
    const [team, user, found] = await nodes.byIds(anna, ids);
    assert.ok(team instanceof NoAnswer);
    assert.deepEqual(user, { __typename: 'User', id: ids[1] });
    assert.ok(found && '__typename' in found && found.__typename === 'MediaFile');
  });

  it('of this subgraph are the files that the viewer may see; chat is asked for those in messages', async () => {
    const { elsewhere, nodes } = openNodes();
    const [anna, reader, stranger] = [person(), person(), person()];
    const file = await t.upload(anna, await photo());
    await t.work();
    const id = toGlobalId('MediaFile', file.id);
    const ids = [id, toGlobalId('MediaFile', randomUUID()), toGlobalId('Message', file.id)];
    elsewhere.missing.add(ids[2] ?? '');
    const types = async (viewer: ReturnType<typeof person>) =>
      (await nodes.byIds(viewer, ids)).map((node) => (node && '__typename' in node ? node.__typename : null));
    t.elsewhere.answers.attachmentsReadable = (asked, viewer) => asked === id && viewer === reader.userId;
    assert.deepEqual(await types(anna), ['MediaFile', null, null]);
    assert.deepEqual(await types(reader), ['MediaFile', null, null]);
    assert.deepEqual(await types(stranger), [null, null, null]);
    t.elsewhere.away = true;
    assert.ok((await nodes.byIds(reader, ids))[0] instanceof NoAnswer);
    t.elsewhere.away = false;
    t.elsewhere.answers = {};
  });

  it('are limited for all fields of an operation together', () => {
    const { bounded } = openNodes();
    const [operation, other] = [{}, {}];
    const ids = (count: number): string[] => Array<string>(count).fill('x');
    assert.equal(bounded(operation, ids(60)).length, 60);
    assert.equal(bounded(operation, ids(40)).length, 40);
    assert.throws(() => bounded(operation, ids(1)), /^ids must be at most 100/);
    assert.equal(bounded(other, ids(100)).length, 100);
    assert.throws(() => bounded({}, ids(101)), /^ids must be at most 100/);
  });
});
