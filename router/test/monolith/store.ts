/**
 * The data of the monolith. Each subgraph knows a part of it, the monolith knows all of it. Values are plain; fields
 * with arguments are functions.
 */
type Args = Record<string, unknown>;
export type Thing = Record<string, unknown>;

const by = <T extends Thing>(things: readonly T[], key: string, value: unknown): T | undefined =>
  things.find((thing) => thing[key] === value);

const users: Thing[] = [
  {
    __typename: 'User',
    id: 'u1',
    login: 'ada',
    org: () => orgs[0],
    name: 'Ada',
    age: 0,
    role: 'ADMIN',
    friends: () => [users[1], users[2], null],
    joined: '2020',
  },
  {
    __typename: 'User',
    id: 'u2',
    login: 'bob',
    org: () => orgs[0],
    name: '',
    age: 41,
    role: 'USER',
    friends: () => [],
    joined: null,
  },
  {
    __typename: 'User',
    id: 'u3',
    login: 'ada',
    org: () => orgs[1],
    name: null,
    age: null,
    role: null,
    friends: () => [users[0]],
    joined: '',
  },
];
const orgs: Thing[] = [
  { __typename: 'Org', id: 'o1', title: 'One', members: () => users.slice(0, 2), head: () => users[0] },
  { __typename: 'Org', id: 'o2', title: '', members: () => [users[2]], head: () => null },
];
const prices = [899, 0, null];
const products: Thing[] = ['p1', 'p2', 'p3'].map((upc, index) => ({
  __typename: 'Product',
  upc,
  sku: { __typename: 'Sku', code: `c${index}`, region: index === 1 ? 'us' : 'eu' },
  title: ['Table', '', null][index],
  price: prices[index],
  weight: [100.5, 0, null][index],
  dims: index === 2 ? null : { __typename: 'Dims', w: index, h: index === 0 ? null : 2 },
  priceIn: ({ currency }: Args) =>
    prices[index] == null ? null : Number(prices[index]) * (currency === 'USD' ? 100 : 10),
  related: () => products.filter((other) => other['upc'] !== upc),
  owner: () => [users[0], users[2], null][index],
  inStock: index === 0,
  count: index * 5,
  grid: () => [[places[0]], [], [places[1], null]],
  reviews: ({ first }: Args) => reviews.filter((review) => review['of'] === upc).slice(0, Number(first ?? 9)),
  rank: index,
  note: ({ loud }: Args) => (loud === true ? `N${index}!` : ''),
}));
const places: Thing[] = [
  { __typename: 'Place', id: 'w1', city: 'Here', size: 'big', items: () => [products[0], null, products[1]] },
  { __typename: 'Place', id: 'w2', city: '', size: null, items: () => [] },
];
const media: Thing[] = [
  {
    __typename: 'Book',
    id: 'm1',
    title: 'Go',
    pages: 100,
    isbn: 'i1',
    score: 1,
    rival: () => media[1],
    tagged: ({ n }: Args) => `b${String(n)}`,
    author: () => users[0],
  },
  {
    __typename: 'Movie',
    id: 'm2',
    title: 'Ran',
    minutes: 162,
    score: 0,
    rival: () => null,
    tagged: ({ n }: Args) => `m${String(n)}`,
    director: () => users[1],
  },
  {
    __typename: 'Book',
    id: 'm3',
    title: null,
    pages: 0,
    isbn: '',
    score: null,
    rival: () => media[0],
    tagged: () => null,
    author: () => null,
  },
];
const reviews: Thing[] = [
  {
    __typename: 'Review',
    id: 'r1',
    of: 'p1',
    body: 'fine',
    stars: 5,
    product: () => products[0],
    author: () => users[0],
    about: () => media[0],
  },
  {
    __typename: 'Review',
    id: 'r2',
    of: 'p2',
    body: '',
    stars: 0,
    product: () => products[1],
    author: () => users[1],
    about: () => media[1],
  },
  {
    __typename: 'Review',
    id: 'r3',
    of: 'p1',
    body: null,
    stars: null,
    product: () => products[0],
    author: () => null,
    about: () => null,
  },
  {
    __typename: 'Review',
    id: 'r4',
    of: 'p3',
    body: 'x',
    stars: 1,
    product: () => products[2],
    author: () => users[2],
    about: () => media[2],
  },
];

/** Fields that subgraphs compute from fields of others. `thing` is the whole object or a representation. */
export const computed: Readonly<Record<string, Readonly<Record<string, (thing: Thing, args: Args) => unknown>>>> = {
  Product: {
    shipping: (thing, { zip }) => JSON.stringify([thing['price'], thing['weight'], zip]),
    boxed: (thing) => {
      const dims = thing['dims'] as Thing | null;
      return JSON.stringify(dims && [dims['w'], dims['h']]);
    },
    taxUsd: (thing) => asked(thing, 'priceIn', { currency: 'USD' }),
    taxEur: (thing) => asked(thing, 'priceIn', { currency: 'EUR' }),
    bundle: (thing) =>
      JSON.stringify((asked(thing, 'related', {}) as Thing[]).map((other) => [other['title'], other['price']])),
    reduced: (thing, { by }) => {
      const price = asked(thing, 'priceIn', { currency: 'USD' });
      return price === null ? null : Number(price) - Number(by);
    },
    costUsd: (thing) => ({
      net: asked(thing, 'priceIn', { currency: 'USD' }),
      note: { __typename: 'Narrow', k: 1, text: 'n' },
    }),
    costEur: (thing) => ({
      net: asked(thing, 'priceIn', { currency: 'EUR' }),
      note: { __typename: 'Wide', k: 0, w: (thing['dims'] as Thing | null)?.['w'] ?? null },
    }),
    label: (thing) => `${String(thing['boxed'] ?? computed['Product']?.['boxed']?.(thing, {}))}!`,
  },
  Book: { headline: (thing) => `*${String(thing['title'])}*` },
  Movie: { headline: (thing) => `*${String(thing['title'])}*` },
  Media: { headline: (thing) => `*${String(thing['title'])}*` },
  User: { badge: (thing) => `${String(thing['name'])}/${String(thing['age'])}` },
};

function asked(thing: Thing, field: string, args: Args): unknown {
  const value = thing[field];
  return typeof value === 'function' ? (value as (args: Args) => unknown)(args) : value;
}

const ROOT: Record<string, (args: Args) => unknown> = {
  products: ({ first }) => products.slice(0, Number(first ?? 9)),
  product: ({ upc }) => by(products, 'upc', upc),
  me: () => users[0],
  users: () => users,
  search: () => [products[0], media[0], users[1], null, media[1]],
  media: () => media,
  medium: ({ id }) => by(media, 'id', id),
  feed: () => [reviews[1], users[0], null, reviews[0]],
  reviews: () => reviews,
  ranked: () => [media[2], media[1], media[0]],
  nodes: () => [users[2], orgs[0], null],
  places: () => places,
  version: () => '1',
  any: () => [products[0], users[0], { __typename: 'Film', minutes: 3 }, null],
};
export const root: Thing = { ...ROOT };

const KEYED: Readonly<Record<string, readonly Thing[]>> = {
  User: users,
  Org: orgs,
  Product: products,
  Place: places,
  Book: media,
  Movie: media,
  Media: media,
  Review: reviews,
};

/** The object of a representation. Fields that others are computed from have the representation's own values. */
export function find(typename: string, reference: Thing): Thing | null {
  const found = (KEYED[typename] ?? []).find(
    (thing) =>
      ['id', 'upc', 'login', 'sku', 'org'].some((key) => key in reference) &&
      ['id', 'upc', 'login'].every((key) => !(key in reference) || reference[key] === thing[key]) &&
      (!('sku' in reference) || same(reference['sku'], thing['sku'], ['code', 'region'])) &&
      (!('org' in reference) || same(reference['org'], asked(thing, 'org', {}), ['id'])),
  );
  return found === undefined ? null : { ...found, $given: reference };
}

const same = (part: unknown, whole: unknown, keys: readonly string[]): boolean =>
  keys.every((key) => !(key in (part as Thing)) || (part as Thing)[key] === (whole as Thing)[key]);
