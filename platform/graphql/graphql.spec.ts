import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { GraphQLError, parseValue } from 'graphql';
import { z } from 'zod';
import {
  counted,
  cursorsOf,
  emptyConnection,
  MAX_COUNT,
  readPage,
  type Scope,
  startOf,
  toConnection,
} from './connection.ts';
import { dateTimeScalar } from './date-time.scalar.ts';
import { fromGlobalId, fromGlobalIds, referenceTo, toGlobalId, typeOfGlobalId } from './global-id.ts';
import { ANONYMOUS } from '../identity/principal.ts';
import { isVisible, name, parseInput, text } from './input.ts';
import { batched } from './loader.ts';
import { runInContext } from '../observability/request-context.ts';
import { orUserErrors, UserErrors, userError } from './user-errors.ts';

const invalidCursor = (error: unknown): boolean =>
  error instanceof GraphQLError && error.extensions.code === 'INVALID_CURSOR';
const badInput = (error: unknown): boolean =>
  error instanceof GraphQLError && error.extensions.code === 'BAD_USER_INPUT';

describe('global ids', () => {
  it('decode to their UUID, for their own type only', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.constantFrom('User', 'Team'), (uuid, type) => {
        assert.equal(fromGlobalId(type, toGlobalId(type, uuid)), uuid);
        assert.equal(fromGlobalId('Room', toGlobalId(type, uuid)), null);
        assert.equal(typeOfGlobalId(toGlobalId(type, uuid)), type);
        assert.deepEqual(fromGlobalIds(type, [toGlobalId('Room', uuid), toGlobalId(type, uuid), '']), [uuid]);
        assert.deepEqual([referenceTo(type, uuid), referenceTo(type, null)], [{ id: toGlobalId(type, uuid) }, null]);
      }),
    );
  });

  it('have one spelling, and refuse noise', () => {
    const id = toGlobalId('User', '6a0c6e0e-6f53-4d0e-9d5c-6c1b8f1f3d52');
    for (const wrong of [
      `${id}=`,
      ` ${id}`,
      `${id}\n`,
      id.toLowerCase(),
      toGlobalId('User', '6A0C6E0E-6F53-4D0E-9D5C-6C1B8F1F3D52'),
      'x'.repeat(10_000),
    ])
      assert.equal(fromGlobalId('User', wrong), null);
    fc.assert(
      fc.property(fc.string(), (noise) => fromGlobalId('User', noise) === null && typeOfGlobalId(noise) === null),
    );
  });
});

describe('cursors and pages', () => {
  it('decode to their sort key; any other cursor is refused', () => {
    const cursors = cursorsOf('Query.teams by name, id', z.tuple([z.string(), z.uuid()]));
    fc.assert(
      fc.property(fc.string(), fc.uuid(), (name, id) =>
        assert.deepEqual(cursors.decode({}, cursors.encode({}, [name, id])), [name, id]),
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((json) => Buffer.from(json).toString('base64url')),
        ),
        (noise) => assert.throws(() => cursors.decode({}, noise), invalidCursor),
      ),
    );
  });

  it('belong to their list, its order and its filters', () => {
    const key = z.tuple([z.string()]);
    const kinds = ['Query.teams by name', 'Query.teams by date', 'Query.matches by name'].map((list) =>
      cursorsOf(list, key),
    );
    const scope = fc.dictionary(fc.constantFrom('sport', 'state', 'team'), fc.option(fc.string()), {
      noNullPrototype: true,
    });
    const asked = (one: Scope): string =>
      JSON.stringify(
        Object.entries(one)
          .filter(([, value]) => value !== null)
          .toSorted(),
      );
    fc.assert(
      fc.property(fc.nat(2), fc.nat(2), scope, scope, (a, b, one, other) => {
        const read = (): string[] => kinds[b]?.decode(other, kinds[a]?.encode(one, ['x']) ?? '') ?? [];
        if (a === b && asked(one) === asked(other)) assert.deepEqual(read(), ['x']);
        else assert.throws(read, invalidCursor);
      }),
    );
  });

  it('fail only the lists that they do not belong to', () => {
    const cursors = cursorsOf('Team.members', z.tuple([z.string()]));
    const scopeOf = (team: string): Scope => ({ team });
    assert.deepEqual(startOf(cursors, ['a', 'b'], scopeOf, readPage({})), {
      ids: ['a', 'b'],
      after: undefined,
      before: undefined,
      refused: [],
    });
    const [x, y, other] = [
      cursors.encode({ team: 'b' }, ['x']),
      cursors.encode({ team: 'b' }, ['y']),
      cursors.encode({ team: 'a' }, ['x']),
    ];
    const asked = (args: object) => {
      const { ids, after, before, refused } = startOf(cursors, ['a', 'b'], scopeOf, readPage(args));
      return [ids, after, before, refused.map(([id, error]) => [id, invalidCursor(error)])];
    };
    assert.deepEqual(asked({ after: x }), [['b'], ['x'], undefined, [['a', true]]]);
    assert.deepEqual(asked({ after: x, before: y }), [['b'], ['x'], ['y'], [['a', true]]]);
    assert.deepEqual(asked({ after: x, before: other }), [
      [],
      undefined,
      undefined,
      [
        ['a', true],
        ['b', true],
      ],
    ]);
  });

  it('have the requested size within limits; last takes precedence over first', () => {
    const sizes = [{}, { first: null }, { first: 1 }, { first: 100 }, { first: 20, last: 3 }, { last: null }].map(
      (args) => [readPage(args).size, readPage(args).backwards],
    );
    assert.deepEqual(sizes, [
      [20, false],
      [20, false],
      [1, false],
      [100, false],
      [3, true],
      [20, false],
    ]);
    for (const wrong of [0, -1, 101])
      for (const args of [{ first: wrong }, { first: 5, last: wrong }]) assert.throws(() => readPage(args), badInput);
  });

  it('read one row more to know whether there are more, in both directions', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(), { maxLength: 8 }),
        fc.integer({ min: 1, max: 5 }),
        fc.option(fc.nat(8)),
        fc.option(fc.nat(8)),
        fc.boolean(),
        (list, size, from, to, backwards) => {
          const [after, before] = [from === null ? null : `${from}`, to === null ? null : `${to}`];
          const between = list.slice(from ?? 0, Math.max(from ?? 0, to ?? list.length));
          const rows = (backwards ? between.toReversed() : between).slice(0, size + 1);
          const { edges, pageInfo } = toConnection(rows, { size, backwards, after, before }, String);
          assert.deepEqual(
            edges.map(({ node }) => node),
            backwards ? between.slice(-size) : between.slice(0, size),
          );
          const ends = [edges[0]?.cursor ?? null, edges.at(-1)?.cursor ?? null];
          const goesOn = between.length > size;
          assert.deepEqual(
            [pageInfo.hasNextPage, pageInfo.hasPreviousPage],
            [(goesOn && !backwards) || before !== null, (goesOn && backwards) || after !== null],
          );
          assert.deepEqual([pageInfo.startCursor, pageInfo.endCursor], ends);
        },
      ),
    );
  });

  it('are counted only on request, up to a limit', async () => {
    const limits: number[] = [];
    const of = (rows: number) =>
      counted(emptyConnection(), async (limit) => (limits.push(limit), Math.min(rows, limit)));
    const list = of(MAX_COUNT);
    assert.deepEqual(limits, []);
    assert.deepEqual(
      [await list.totalCount(), await of(MAX_COUNT + 1).totalCount(), await of(1e9).totalCount()],
      [MAX_COUNT, null, null],
    );
    assert.deepEqual(limits, Array(3).fill(MAX_COUNT + 1));
  });
});

describe('DateTime', () => {
  it('is an RFC 3339 time', () => {
    assert.deepEqual(dateTimeScalar.parseValue('2026-05-01T20:30:00.5+02:00'), new Date('2026-05-01T18:30:00.500Z'));
    assert.equal(dateTimeScalar.serialize(new Date(0)), '1970-01-01T00:00:00.000Z');
    assert.equal(dateTimeScalar.serialize('2026-05-01T20:30:00+02:00'), '2026-05-01T18:30:00.000Z');
    for (const wrong of ['', '2026-05-01', 'yesterday', '2026-13-01T00:00:00Z', '2026-05-01T00:00:00', 0, null, {}])
      assert.throws(() => dateTimeScalar.parseValue(wrong), GraphQLError, String(wrong));
    for (const literal of ['1', '{}', '"x"'])
      assert.throws(() => dateTimeScalar.parseLiteral(parseValue(literal)), GraphQLError);
  });
});

describe('a mutation’s input', () => {
  it('accepts text that can be stored and shown', () => {
    assert.equal(text(5).parse(' Ålså '), 'Ålså');
    assert.equal(text(9, { lines: true }).parse('a\n\tb 🎉'), 'a\n\tb 🎉');
    for (const wrong of ['', '  ', 'x'.repeat(6), 'a\u0000', 'a\nb', '\ud83d', '\u007f'])
      assert.equal(text(5).safeParse(wrong).success, false, JSON.stringify(wrong));
    for (const wrong of ['a\u0000', 'a\u001b', '\udc00'])
      assert.equal(text(5, { lines: true }).safeParse(wrong).success, false, JSON.stringify(wrong));
  });

  it('accepts names that show what they are', () => {
    for (const good of [
      'Anna',
      '1.FC Köln',
      'St.Gallen',
      'U.S.A.',
      'Serie A 2022/23',
      'علی\u200cرضا',
      '👨\u200d👩\u200d👧',
      '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
      'k.o.',
      'yard@home',
    ]) {
      assert.equal(name(40).parse(` ${good} `), good);
    }
    const bad: [string, RegExp][] = [
      ['see https://a.b', /link/],
      ['evil.com', /link/],
      ['EVIL.COM!', /link/],
      ['t.me/evil', /link/],
      ['a@b.c', /link/],
      ['127.0.0.1', /link/],
      ['evil\u2024com', /link/],
      ['evil\u3002com', /link/],
      ['a\u202eb', /direction/],
      ['a\u2069', /direction/],
      ['\u200b', /invisible/],
      ['\u3164', /invisible/],
      ['\u2800', /invisible/],
      ['a\u2060b', /invisible/],
      ['\u0301', /invisible/],
      ['a\u2029b', /line/],
      ['a\nb', /control/],
      [' ', /empty/],
      ['x'.repeat(41), /at most 40/],
    ];
    for (const [wrong, complaint] of bad)
      assert.throws(
        () => parseInput(name(40), wrong),
        (error) => error instanceof UserErrors && complaint.test(error.message),
        JSON.stringify(wrong),
      );
    assert.equal(isVisible('\u200d \u2800'), false);
    assert.equal(isVisible('.'), true);
  });

  it('is refused with a path for each fault, up to a limit', () => {
    const schema = z.object({ list: z.array(z.number()) });
    assert.throws(
      () => parseInput(schema, { list: Array(1000).fill('x') }),
      (error) =>
        error instanceof UserErrors && error.errors.length === 20 && error.errors[0]?.field?.join() === 'list,0',
    );
    assert.throws(
      () => parseInput(schema, null),
      (error) => error instanceof UserErrors && error.errors[0]?.field === null,
    );
  });

  it('returns expected failures as data, and throws others', async () => {
    assert.deepEqual(await orUserErrors(async () => ({ team: 1 })), { team: 1, userErrors: [] });
    assert.deepEqual(await orUserErrors(async () => Promise.reject(userError('CLIENT_ID_USED', 'a', 'b'))), {
      userErrors: [
        {
          field: ['a', 'b'],
          code: 'CONFLICT',
          reason: 'CLIENT_ID_USED',
          params: [],
          message: 'this client id was sent before with other content',
        },
      ],
    });
    await assert.rejects(
      orUserErrors(async () => Promise.reject(new TypeError('bug'))),
      TypeError,
    );
  });
});

describe('a loader', () => {
  it('loads each key once per turn, with one loader per context, and caches nothing', async () => {
    const calls: (readonly string[])[] = [];
    const loadMany = async (keys: readonly string[]) => (
      calls.push(keys),
      new Map(keys.filter((key) => key !== 'none').map((key) => [key, calls.length]))
    );
    const [context, another] = [
      { principal: ANONYMOUS, requestId: '1' },
      { principal: ANONYMOUS, requestId: '2' },
    ];
    const load = batched(loadMany);
    assert.deepEqual(
      await Promise.all([load(context, 'a'), load(context, 'b'), load(context, 'a'), load(context, 'none')]),
      [1, 1, 1, null],
    );
    assert.equal(await load(context, 'a'), 2);
    assert.deepEqual(
      await Promise.all([load(context, 'a'), load(another, 'a'), batched(loadMany)(context, 'a')]),
      [3, 4, 5],
    );
    assert.deepEqual(calls, [['a', 'b', 'none'], ['a'], ['a'], ['a'], ['a']]);
  });

  it('loads nothing for a question of another subgraph whose time is over', async () => {
    const load = batched(async (keys) => new Map(keys.map((key) => [key, 1])));
    const within = (ms: number) =>
      runInContext({ requestId: '1', service: 'x', question: { path: ['y'], until: performance.now() + ms } }, () =>
        load({ principal: ANONYMOUS, requestId: '1' }, 'a'),
      );
    assert.equal(await within(10_000), 1);
    await assert.rejects(within(0), { extensions: { code: 'UNAVAILABLE' } });
  });

  it('separates requests with different arguments, for any text in them', async () => {
    const context = { principal: ANONYMOUS, requestId: '1' };
    const load = batched(
      async (keys, _viewer, page: { first: unknown; after: unknown }) =>
        new Map(keys.map((key) => [key, [page.first, page.after]])),
    );
    const args: (readonly [unknown, unknown])[] = [
      [undefined, undefined],
      [undefined, 'undefined'],
      [null, 'null'],
      ['undefined', undefined],
      [1, '2'],
      ['1', '2'],
      ['1","2', ''],
      ['1', '","2'],
      ['1:2', ''],
      ['1', '2:'],
    ];
    const loaded = await Promise.all(args.map(([first, after]) => load(context, 'team', { first, after })));
    assert.deepEqual(loaded, args);
  });
});
