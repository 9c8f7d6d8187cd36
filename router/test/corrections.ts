import type { SubgraphResult } from '../execution/types.ts';
import type { Case } from './operations.ts';

type Path = readonly (string | number)[];

/** An operation that stock @apollo/gateway answers incorrectly, with the correct response. */
export interface Correction extends Case {
  /** What is wrong with the response of stock @apollo/gateway. */
  readonly why: string;
  readonly data?: unknown;
  /** The path, message and code of each error. */
  readonly errors?: readonly (readonly [path: Path | undefined, message: string, code: string])[];
  /** Subgraphs that cannot be reached. */
  readonly down?: readonly string[];
  /** Responses of subgraphs that replace their own. */
  readonly answers?: Readonly<Record<string, SubgraphResult>>;
}

const PATHS = 'it puts "@" and "_entities" into the paths of errors about entities';
const SILENT = 'values that the schema forbids become null without an error in `errors`';
const DOWN = 'the error of an unreachable subgraph has no path, a code that says nothing, and the address';

const noProduct = (path: Path) => [path, 'no such product', 'NOT_FOUND'] as const;
const noOwner = (path: Path) => [path, 'owner unknown', 'NO_OWNER'] as const;
const unreachable = (_: string, path: Path) => [path, 'A service cannot be reached', 'UNAVAILABLE'] as const;
const invalid = (path: Path, problem: string) =>
  [path, `Invalid value: ${problem}`, 'INVALID_SUBGRAPH_RESPONSE'] as const;
const unexpectedNull = (path: Path, field: string) =>
  [path, `Cannot return null for non-nullable field ${field}.`, 'UNEXPECTED_NULL'] as const;
const unusable = (_: string, path: Path) =>
  [path, 'A service sent no valid response', 'INVALID_SUBGRAPH_RESPONSE'] as const;

const ada = { login: 'ada' };

export const corrections: readonly Correction[] = [
  {
    why: PATHS,
    query: '{ phantoms { upc owner { login } } }',
    data: { phantoms: ['p1', 'gone', 'boom', null, 'p1', 'boom'].map((upc) => upc && { upc, owner: null }) },
    errors: [0, 1, 2, 4, 5].map((index) => noOwner(['phantoms', index])),
  },
  {
    why: PATHS,
    query: '{ list: reviews { product { owner { id } } } }',
    data: { list: Array.from({ length: 5 }, () => ({ product: { owner: null } })) },
    errors: [0, 1, 2, 3, 4].map((index) => noOwner(['list', index, 'product'])),
  },
  {
    why: SILENT,
    query: '{ products { color } }',
    data: { products: [{ color: 'RED' }, { color: 'GREEN' }, { color: null }, { color: null }] },
    errors: [invalid(['products', 3, 'color'], 'Product.color is not a valid Color')],
  },
  {
    why: SILENT,
    query:
      '{ search { __typename ... on Product { upc inStock } ... on Media { title score } ... on Named { name } } }',
    data: {
      search: [
        { __typename: 'Product', upc: 'p1', inStock: true, name: 'Table' },
        { __typename: 'Book', title: 'Go', score: 1 },
        { __typename: 'Movie', title: 'Ran', score: 0 },
        null,
        null,
        { __typename: 'Product', upc: 'p2', inStock: false, name: '' },
      ],
    },
    errors: [invalid(['search', 4], 'Query.search has no possible type of SearchResult')],
  },
  {
    why: `${SILENT}; here an entity that the other subgraph does not know`,
    query: '{ reviews { strictProduct { mustName } } }',
    data: {
      reviews: [
        { strictProduct: { mustName: 'Table' } },
        { strictProduct: { mustName: '' } },
        { strictProduct: { mustName: 'Table' } },
        null,
        null,
      ],
    },
    errors: [
      unexpectedNull(['reviews', 3, 'strictProduct', 'mustName'], 'Product.mustName'),
      noProduct(['reviews', 4, 'strictProduct']),
    ],
  },
  {
    why: `${SILENT}; here null moves up to the root`,
    query: '{ sure(upc: "p1") { upc count } }',
    answers: { inventory: { data: { _entities: [null] } } },
    data: null,
    errors: [unexpectedNull(['sure', 'count'], 'Product.count')],
  },
  {
    why: 'same-named fields whose types differ in a subgraph lose falsy values (0 and "" become null)',
    query: '{ any { ... on Product { upc rank } ... on User { id rank } } }',
    data: { any: [{ upc: 'p1', rank: 0 }, { id: 'u1', rank: 0 }, { upc: 'p2', rank: 2 }, null, { id: 'u2', rank: 2 }] },
  },
  {
    why: 'the fields of a later type get the arguments of the first',
    query: '{ any { ... on Product { badge { label(size: 1) } } ... on User { badge { label(size: 2) } } } }',
    data: {
      any: [
        { badge: { label: 'b1x1' } },
        { badge: { label: 'b1x2' } },
        { badge: { label: 'b1x1' } },
        null,
        { badge: { label: 'b1x2' } },
      ],
    },
  },
  {
    why: 'a field with the name of a key gets the key',
    query: '{ products(first: 2) { upc: name inStock } }',
    data: {
      products: [
        { upc: 'Table', inStock: true },
        { upc: '', inStock: false },
      ],
    },
  },
  {
    why: 'introspection within a fragment that has a condition cannot be planned',
    query: '{ ... on Query @skip(if: false) { __schema { queryType { name } } } product(upc: "p1") { upc } }',
    data: { __schema: { queryType: { name: 'Query' } }, product: { upc: 'p1' } },
  },
  {
    why: DOWN,
    query: '{ products(first: 2) { upc inStock owner { login } } }',
    down: ['inventory'],
    data: {
      products: [
        { upc: 'p1', inStock: null, owner: ada },
        { upc: 'p2', inStock: null, owner: ada },
      ],
    },
    errors: [unreachable('inventory', ['products', 0]), unreachable('inventory', ['products', 1])],
  },
  {
    why: DOWN,
    query:
      'query($no: Boolean = false) { version a: products(first: 1) { upc } me { login } skipped: product(upc: "p1") @include(if: $no) { upc } }',
    down: ['catalog', 'reviews'],
    data: null,
    errors: [unreachable('catalog', ['version']), unreachable('catalog', ['a'])],
  },
  {
    why: DOWN,
    query: '{ me { login } best { score } }',
    down: ['scores'],
    data: { me: ada, best: null },
    errors: [unreachable('scores', ['best'])],
  },
  {
    why: DOWN,
    query: 'mutation { stepReview(name: "1") }',
    down: ['reviews'],
    data: null,
    errors: [unreachable('reviews', ['stepReview'])],
  },
  {
    why: 'an error without a path about a single root field has no place in the answer',
    query: '{ me { login } best { score } }',
    answers: {
      scores: {
        errors: [{ message: 'overloaded', extensions: { code: 'BUSY', exception: { secret: 1 }, stacktrace: ['x'] } }],
      },
    },
    data: { me: ada, best: null },
    errors: [[['best'], 'overloaded', 'BUSY']],
  },
  {
    why: 'a list of another length than what was asked for is refused without a path',
    query: '{ products(first: 2) { upc inStock } }',
    answers: { inventory: { data: { _entities: [{ inStock: true }] } } },
    data: {
      products: [
        { upc: 'p1', inStock: null },
        { upc: 'p2', inStock: null },
      ],
    },
    errors: [unusable('inventory', ['products', 0]), unusable('inventory', ['products', 1])],
  },
  {
    why: 'an answer with neither data nor errors passes for nulls',
    query: '{ me { login } best { score } }',
    answers: { scores: {} },
    data: { me: ada, best: null },
    errors: [unusable('scores', ['best'])],
  },
  {
    why: 'a value that is not a list makes the whole operation fail',
    query: '{ me { login } products { upc } }',
    answers: { catalog: { data: { products: { upc: 'p1' } } } },
    data: null,
    errors: [invalid(['products'], 'Query.products is not a list')],
  },
  {
    why: SILENT,
    query: '{ me { login role rank } echo { n f b s list } }',
    answers: { catalog: { data: { echo: { n: 'x', f: '1.5', b: 'yes', s: 5, list: [1, null] } } } },
    data: { me: { login: 'ada', role: 'ADMIN', rank: 0 }, echo: { n: null, f: 1.5, b: null, s: '5', list: null } },
    errors: [
      invalid(['echo', 'n'], 'Echo.n is not a valid Int'),
      invalid(['echo', 'b'], 'Echo.b is not a valid Boolean'),
      unexpectedNull(['echo', 'list', 1], 'Echo.list'),
    ],
  },
  {
    why: 'an alias named like an inherited property of objects reads that property when the subgraph has no answer',
    query: '{ product(upc: "p1") { upc constructor: count toString: inStock } }',
    down: ['inventory'],
    data: { product: null },
    errors: [unreachable('inventory', ['product'])],
  },
];
