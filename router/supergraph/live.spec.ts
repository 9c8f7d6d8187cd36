import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { readLive } from './live.ts';

const CORE = 'https://specs.prodvor.org/live/v1.0';
const sdl = (links: string, types: string): string =>
  `schema ${links} { query: Query subscription: Subscription } ${types}`;
const QUERY = 'type Query { who(room: ID!, side: [Int!]): Audience } type Audience { key: String! position: String }';
const EVENT = 'type Event { seq: Int! inner: Event }';

test('finds the directives under every name that a link may give them', () => {
  const names: [string, string, string][] = [
    [`@link(url: "${CORE}", import: ["@audience", "@resume"])`, 'audience', 'resume'],
    [`@link(url: "${CORE}", import: ["@audience", { name: "@resume", as: "@goOn" }])`, 'audience', 'goOn'],
    [`@link(url: "${CORE}")`, 'live__audience', 'live__resume'],
    [`@link(url: "${CORE}", as: "flow", import: ["@resume"])`, 'flow__audience', 'resume'],
  ];
  for (const [link, audience, resume] of names) {
    const { streams } = readLive(
      sdl(
        link,
        `${QUERY} ${EVENT} type Subscription {
      events(room: ID!, side: [Int!], after: Int! = 3): Event! @${audience}(check: "who") @${resume}(argument: "after", from: "seq")
      open: Event @${audience}
      other: Event @other__audience
    }`,
      ),
    );
    assert.deepEqual(
      streams.get('events'),
      {
        audience: {
          check: {
            field: 'who',
            args: [
              { name: 'room', type: 'ID!' },
              { name: 'side', type: '[Int!]' },
            ],
          },
        },
        resume: { argument: 'after', type: 'Int', fallback: 3, from: 'seq' },
      },
      link,
    );
    assert.deepEqual([streams.get('open'), streams.has('other')], [{ audience: {} }, false]);
  }
  for (const [link, personal] of [
    [`@link(url: "${CORE}", import: ["@personal"])`, 'personal'],
    [`@link(url: "${CORE}")`, 'live__personal'],
  ] as const) {
    const { streams } = readLive(sdl(link, `${QUERY} ${EVENT} type Subscription { own: Event @${personal} }`));
    assert.deepEqual(streams.get('own'), { isPersonal: true }, link);
  }
  const unlinked = readLive(sdl('', `${QUERY} ${EVENT} type Subscription { open: Event @audience }`));
  assert.equal(unlinked.streams.size, 0, 'a directive of the same name that is not of the feature says nothing');
});

test('refuses a directive that refers to something that does not exist', () => {
  const link = `@link(url: "${CORE}", import: ["@audience", "@resume"])`;
  const cases: [string, RegExp][] = [
    ['a: Event @audience(check: "nobody")', /"nobody".*"a".*no such field/],
    ['a: Event @audience(check: "who")', /no argument "room"/],
    ['a: Event @resume(argument: "after", from: "seq")', /"a".*no argument "after"/],
    ['a(after: Int): Event @resume(argument: "after", from: "none")', /no field "none"/],
    ['a(after: Int): Event @resume(argument: "after", from: "inner")', /no field "inner"/],
    ['a: Event @audience @live__personal', /"a" has @audience and @personal/],
    ['a(after: Int): Int @resume(argument: "after", from: "seq")', /no field "seq"/],
  ];
  for (const [field, message] of cases)
    assert.throws(() => readLive(sdl(link, `${QUERY} ${EVENT} type Subscription { ${field} }`)), message, field);
});

test('private: by field, by type, through interfaces, and through fields that are computed from it', () => {
  const { isPrivate } = readLive(
    sdl(
      '@link(url: "https://specs.prodvor.org/cacheControl/v1.0", import: [{ name: "@cacheControl", as: "@cached" }])',
      `
    type Query { a: A node: Node any: Any }
    type Subscription { a: A }
    interface Node { id: ID! hidden: String shown: String }
    type A implements Node { id: ID! hidden: String @cached(scope: PRIVATE) shown: String b: B
      sum: Int @join__field(graph: X, requires: "b { c { secret } }") fine: Int @join__field(graph: X, requires: "b { id }")
      twice: Int @join__field(graph: X, requires: "sum")
      context: Int @join__field(graph: X, contextArguments: [{ context: "x", name: "s", type: "Int", selection: " { secret }" }]) }
    type Other implements Node { id: ID! hidden: String shown: String @cached(scope: PUBLIC) }
    type B { id: ID! c: C vault: Vault either: Any }
    type C { secret: Int @cached(scope: PRIVATE) open: Int @cached }
    type Vault @cached(scope: PRIVATE) { x: Int }
    union Any = C | Vault
  `,
    ),
  );
  const of = (...coordinates: string[]): boolean[] =>
    coordinates.map((coordinate) => isPrivate(...(coordinate.split('.') as [string, string])));
  const all = (value: boolean, coordinates: string[]): void =>
    assert.deepEqual(
      of(...coordinates),
      coordinates.map(() => value),
      coordinates.join(),
    );
  all(true, [
    'A.hidden',
    'Node.hidden',
    'Other.hidden',
    'C.secret',
    'B.vault',
    'B.either',
    'Query.any',
    'Vault.x',
    'A.sum',
    'A.twice',
    'A.context',
  ]);
  all(false, [
    'A.id',
    'A.b',
    'A.fine',
    'A.shown',
    'Other.shown',
    'Node.shown',
    'C.open',
    'B.c',
    'Query.a',
    'Subscription.a',
    'None.x',
  ]);
});
