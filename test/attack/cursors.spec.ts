// Threat: somebody passes a cursor to another list, by mistake or on purpose. Cursors are opaque. Safe means: a list
// accepts only its own cursors, for the same owner and the same filters. It answers any other cursor with
// INVALID_CURSOR, never with an arbitrary page, and never with the page of another argument.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { buildSchema, isInterfaceType, isObjectType } from 'graphql';
import { allCases } from '../cases.ts';
import { type Network, type Person, startNetwork } from '../network.ts';
import { createTeam, join, roomOfMatch, schedule } from '../e2e/play.ts';
import { SendMessage } from '../e2e/operations.ts';

interface Page {
  readonly edges: readonly { readonly cursor: string }[];
}

describe('a cursor', () => {
  let network: Network;
  let olga: Person;
  /** Lists by their coordinate in the schema. The query has `PAGE` in place of the field's arguments. */
  const lists: (readonly [coordinate: string, query: string])[] = [];
  beforeAll(async () => {
    network = await startNetwork();
    olga = await network.user('olga', { roles: ['organizer'] });
    const anna = await network.user('anna');
    const [one, two] = [await schedule(olga), await schedule(olga)];
    for (const team of [one.home, two.home]) await join(olga, team, anna);
    await createTeam(olga, 'Yard Foxes');
    for (const { matchId } of [one, two]) {
      const roomId = await roomOfMatch(olga, matchId);
      for (const text of ['hello', 'good evening'])
        await olga.request(SendMessage, { input: { roomId, clientMessageId: text, text } });
      lists.push(['Room.messages', `match(id: "${matchId}") { room { messages(PAGE) { edges { cursor } } } }`]);
    }
    for (const filter of ['', 'state: ACCEPTED, '])
      lists.push(['Query.invitations', `invitations(teamId: "${one.home}", ${filter}PAGE) { edges { cursor } }`]);
    lists.push(['Query.invitations', `invitations(teamId: "${two.home}", PAGE) { edges { cursor } }`]);
    const [boris, carl] = [await network.user('boris'), await network.user('carl')];
    const run = async (who: Person, mutation: string): Promise<unknown> =>
      (await who.execute(`mutation { ${mutation} }`)).data;
    for (const who of [boris, carl])
      for (const teamId of [one.home, two.home])
        await run(who, `requestToJoin(input: { teamId: "${teamId}" }) { userErrors { code } }`);
    for (const name of ['Third', 'Fourth']) {
      const teamId = await createTeam(boris, name);
      await run(boris, `inviteToTeam(input: { teamId: "${teamId}", userId: "${olga.id}" }) { userErrors { code } }`);
      const asked = await createTeam(carl, name);
      await run(olga, `requestToJoin(input: { teamId: "${asked}" }) { userErrors { code } }`);
    }
    lists.push(['Query.joinRequests', `joinRequests(teamId: "${two.home}", PAGE) { edges { cursor } }`]);
    for (const filter of ['', 'state: PENDING, '])
      lists.push(
        ['Query.joinRequests', `joinRequests(teamId: "${one.home}", ${filter}PAGE) { edges { cursor } }`],
        ['Query.myJoinRequests', `myJoinRequests(${filter}PAGE) { edges { cursor } }`],
        ['Query.myInvitations', `myInvitations(${filter || 'state: null, '}PAGE) { edges { cursor } }`],
      );
    for (const team of [one.home, two.home])
      lists.push(['Team.members', `team(id: "${team}") { members(PAGE) { edges { cursor } } }`]);
    for (const filter of ['', 'sport: FOOTBALL, '])
      lists.push(['Query.teams', `teams(${filter}PAGE) { edges { cursor } }`]);
    for (const filter of ['', 'competition: "E2E", ', 'state: SCHEDULED, ', 'competition: "E2E", state: SCHEDULED, '])
      lists.push(['Query.matches', `matches(${filter}PAGE) { edges { cursor } }`]);
    for (const { lists: own } of (await allCases()).values()) lists.push(...((await own?.(olga)) ?? []));
  });
  afterAll(() => network?.stop());

  const ask = async (query: string, after?: string): Promise<{ page: Page | undefined; codes: unknown[] }> => {
    const { data, errors } = await olga.execute<unknown>(
      `{ ${query.replace('PAGE', `first: 1${after === undefined ? '' : `, after: ${JSON.stringify(after)}`}`)} }`,
    );
    const found = (value: unknown): Page | undefined => {
      if (typeof value !== 'object' || value === null) return undefined;
      return 'edges' in value
        ? (value as Page)
        : Object.values(value)
            .map(found)
            .find((page) => page !== undefined);
    };
    return { page: found(data), codes: errors?.map(({ extensions }) => extensions?.code) ?? [] };
  };

  it('is issued only by lists that this spec covers', () => {
    const schema = buildSchema(readFileSync(path.join(import.meta.dirname, '../../schema/api.graphql'), 'utf8'));
    const coordinates = Object.values(schema.getTypeMap()).flatMap((type) =>
      (isObjectType(type) || isInterfaceType(type)) && !type.name.startsWith('__')
        ? Object.values(type.getFields())
            .filter(({ args }) => args.some(({ name }) => name === 'after'))
            .map(({ name }) => `${type.name}.${name}`)
        : [],
    );
    assert.deepEqual([...new Set(lists.map(([coordinate]) => coordinate))].sort(), coordinates.sort());
  });

  it('is accepted by its own list, and refused by every other with INVALID_CURSOR', async () => {
    const cursors = await Promise.all(
      lists.map(async ([, query]) => (await ask(query)).page?.edges[0]?.cursor ?? assert.fail(query)),
    );
    assert.equal(new Set(cursors).size, cursors.length);
    for (const [at, [, query]] of lists.entries()) {
      const noise = ['', 'undefined', 'null', 'x', 'W10', Buffer.from('{"length":2}').toString('base64url')];
      await Promise.all(
        [...cursors, ...noise].map(async (cursor, from) => {
          const { page, codes } = await ask(query, cursor);
          if (at === from) assert.deepEqual([codes, page?.edges[0]?.cursor === cursor], [[], false], query);
          else
            assert.deepEqual(
              [codes, page],
              [['INVALID_CURSOR'], undefined],
              `${query} after ${lists[from]?.[1] ?? JSON.stringify(cursor)}`,
            );
        }),
      );
    }
  });

  it('that is wrong is refused even next to the same list without a cursor: pages do not share a batch', async () => {
    const [, query = ''] = lists.find(([coordinate]) => coordinate === 'Team.members') ?? [];
    const team = query.replace(
      'members(PAGE)',
      'first: members { edges { cursor } } wrong: members(after: "undefined")',
    );
    const { data, errors } = await olga.execute<{ team: { first: Page } | null }>(`{ ${team} }`);
    assert.deepEqual(
      errors?.map(({ path: at, extensions }) => [at, extensions?.code]),
      [[['team', 'wrong'], 'INVALID_CURSOR']],
    );
    assert.equal(data?.team, null); // the field is not nullable
  });
});
