/** An operation of the differential test. The response of stock @apollo/gateway is correct. */
export interface Case {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

const list = (text: string): Case[] =>
  text
    .trim()
    .split(/\n\s*\n/)
    .map((query) => ({ query: query.trim() }));

const plain = list(`
{ products { upc name price weight } }

{ products(first: 2) { ...P } } fragment P on Product { upc tags dims { w h } sku { region code } }

{ a: product(upc: "p1") { n: name } b: product(upc: "p2") { n: name k: inStock } none: product(upc: "nope") { name inStock } }

{ products { upc inStock count } }

{ products { inStock shippingEstimate } }

{ products { shippingEstimate(zip: "") boxed } }

{ products { short: shippingEstimate(zip: null) long: shippingEstimate(zip: "90210") } }

{ products { bundle } }

{ products { taxUsd } }

{ products { name taxEur } }

{ products { owner { id login displayName org { name } } } }

{ products { upc reviews { id stars author { login email } } } }

{ products { reviews(first: 1) { product { reviews(first: 1) { product { upc name inStock } } } } } }

{ products(first: 2) { topReview { author { displayName } writer { displayName role } } } }

{ reviews { id body stars product { upc name } } }

{ reviews(first: 3) { id author { displayName } } }

{ reviews(first: 3) { id author { displayName email reviewCount } writer { displayName org { id name } } } }

{ reviews(first: 3) { media { __typename id } } }

{ reviews(first: 3) { media { id title score } } }

{ reviews(first: 2) { media { id ... on Book { pages isbn } ... on Movie { minutes } } } }

{ reviews(first: 2) { media { copies headline rival { id title __typename } } } }

{ latest { id product { name warehouse { city size products { upc name } } } } }

{ media { __typename id title score } }

{ media { id copies headline } }

{ media { ... on Book { title pages copies } ... on Movie { minutes reel } } }

{ media { id ... on Book { bookSize: size } ... on Movie { movieSize: size } } }

{ medium(id: "m1") { id title score rival { id score title ... on Movie { minutes } } } }

{ medium(id: "nope") { title score } }

{ best { score } }

{ best { id score title } }

{ best { __typename ... on Movie { minutes score } } }

{ ranked { id score headline copies } }

{ ranked { ... on Book { isbn } score } }

{ ranked { ... on Media { id } ... on Movie { reel minutes } ... on Book { pages } score rival { __typename } } }

{ feed { __typename ... on Review { id product { name } } ... on Note { text by { displayName } } } }

{ stock { __typename ... on Product { upc name inStock } ... on Warehouse { city products { name } } ... on Unknown { id } } }

{ any { __typename ... on Product { upc name } ... on User { id login } } }

{ any { ... on Product { note(loud: true) } ... on User { note(loud: true) } } }

{ any { ... on Product { badge { id label } } ... on User { badge { id label } } } }

{ me { id login friends { login friends { id displayName } } } }

{ users { id org { name members { login reviewCount } } } }

{ users { role } }

{ me { rank note badge { label(size: 3) } } }

{ user(id: "u2") { email role friends { id } reviewCount rank } }

{ node(id: "u1") { __typename id ... on User { login rank } ... on Org { name } } }

{ node(id: "o1") { __typename id ... on User { login } ... on Org { name members { displayName } } } }

{ nodes { __typename id ... on User { reviewCount } ... on Org { name } } }

{ orgs { id name members { id org { id } } } }

{ matrix { x y } }

{ grid { upc name inStock owner { displayName } } }

{ grid { reviews(first: 1) { author { email } } } }

{ warehouses { id city products { upc name price } } }

{ warehouses { products { taxUsd sku { code } } } }

{ products { meta } }

{ product(upc: "p1") { meta related { upc name inStock related { name } } } }

{ echo(value: {a: [1, {b: null}], c: ""}, n: 0, f: 0.5, s: "", b: false, color: GREEN, list: [], id: 5) { value n f s b color list id } }

{ echo(value: "text") { value n f s b color list id } }

{ version }

{ __typename }

{ home { greeting query { version products(first: 1) { name inStock } __typename } } }

{ product(upc: "p1") { stockNote name } }

{ products { name ...A ...B } } fragment A on Product { owner { login } inStock } fragment B on Product { owner { id friends { login } } count: inStock }

{ products { ... on Named { name } ... { upc inStock } } }

{ constructor product(upc: "p1") { toString: name valueOf: inStock } }

{ products { sku: name inStock taxUsd } }

{ filter(by: { price: { max: 900 } }) { upc name } }

{ filter(by: { colors: [GREEN] }) { upc } }

{ products { badge: tags tags: badge { label } } }
`);

const withVariables: Case[] = [
  { query: 'query($upc: ID!) { product(upc: $upc) { name inStock } }', variables: { upc: 'p2' } },
  { query: 'query($first: Int = 1, $zip: String = "z") { products(first: $first) { shippingEstimate(zip: $zip) } }' },
  {
    query: 'query($first: Int = 1, $zip: String = "z") { products(first: $first) { shippingEstimate(zip: $zip) } }',
    variables: { first: 0, zip: '' },
  },
  { query: 'query($zip: String = "z") { products { shippingEstimate(zip: $zip) } }', variables: { zip: null } },
  {
    query: 'query($by: Filter!) { filter(by: $by) { upc inStock } }',
    variables: { by: { colors: ['RED', 'GREEN'], price: { min: 0, max: 0 }, text: '' } },
  },
  { query: 'query($by: Filter!) { filter(by: $by) { upc inStock } }', variables: { by: { text: 'Table', price: {} } } },
  {
    query:
      'query($v: JSON, $n: Int, $f: Float, $s: String, $b: Boolean, $c: Color, $l: [Int!], $id: ID) { echo(value: $v, n: $n, f: $f, s: $s, b: $b, color: $c, list: $l, id: $id) { value n f s b color list id } }',
    variables: { v: { x: [0, '', false, null] }, n: 0, f: 0, s: '', b: false, c: 'RED', l: [0], id: '' },
  },
  { query: 'query($v: JSON) { echo(value: $v) { value } }', variables: { v: null } },
  {
    query:
      'query($a: Boolean!, $b: Boolean!) { products { upc @include(if: $a) name @skip(if: $b) inStock @include(if: $b) } }',
    variables: { a: true, b: false },
  },
  {
    query:
      'query($a: Boolean!, $b: Boolean!) { products { upc @include(if: $a) name @skip(if: $b) inStock @include(if: $b) } }',
    variables: { a: false, b: true },
  },
  {
    query:
      'query($a: Boolean = false) { products { upc owner @include(if: $a) { login } ... @skip(if: $a) { inStock } } me @include(if: $a) { id } }',
  },
  {
    query:
      'query($a: Boolean = false) { products { upc owner @include(if: $a) { login } ... @skip(if: $a) { inStock } } me @include(if: $a) { id } }',
    variables: { a: true },
  },
  {
    query:
      'query($a: Boolean!) { products { owner { id } owner @include(if: $a) { login friends { login } } ...F @skip(if: $a) } } fragment F on Product { inStock owner { displayName } }',
    variables: { a: true },
  },
  {
    query:
      'query($a: Boolean!) { products { owner { id } owner @include(if: $a) { login friends { login } } ...F @skip(if: $a) } } fragment F on Product { inStock owner { displayName } }',
    variables: { a: false },
  },
  {
    query:
      'query($a: Boolean!) { any { ... on Product @include(if: $a) { inStock } ... on Node @skip(if: $a) { id } __typename @include(if: $a) } }',
    variables: { a: true },
  },
  {
    query:
      'query($a: Boolean!) { any { ... on Product @include(if: $a) { inStock } ... on Node @skip(if: $a) { id } __typename @include(if: $a) } }',
    variables: { a: false },
  },
  { query: 'query A { version } query B($upc: ID = "p1") { product(upc: $upc) { inStock } }', operationName: 'B' },
  { query: '{ products { upc @skip(if: true) name @include(if: false) inStock @skip(if: false) } }' },
  {
    query:
      '{ __schema { queryType { name } } product(upc: "p1") { inStock } t: __type(name: "Color") { enumValues { name } } }',
  },
  {
    query: 'query($n: String!, $u: ID!) { __type(name: $n) { kind fields { name } } product(upc: $u) { name } }',
    variables: { n: 'Review', u: 'p1' },
  },
  { query: '{ __type(name: "Hidden") { name } __schema { types { name } } }' },
];

const mutations = list(`
mutation { setPrice(upc: "p1", price: 0) { upc price inStock } }

mutation { setPrice(upc: "p1") { price name owner { login } } }

mutation { one: step(name: "1") two: stepReview(name: "2") three: step(name: "3") four: stepStock(name: "4") five: step(name: "5") }

mutation { addReview(input: { upc: "p2", stars: 0, flags: [false, null] }) { flags review { id body stars product { name inStock } author { login } } } }

mutation { a: addReview(input: { upc: "p1" }) { review { body } } restock(upc: "p2") { name inStock } b: setPrice(upc: "p2", price: 3) { name } }

mutation { fail(message: "no") stepReview(name: "after") }

mutation { addReview(input: { upc: "p1", body: null }) { review { body } query { me { login reviewCount } version } } }
`);

const failures = list(`
{ broken version }

{ x: broken y: broken }

{ brokenStrict version }

{ phantoms { upc name } }

{ phantoms { upc inStock count } }

{ reviews { product { name } strictProduct { upc } } }

{ products { upc badField } }

{ products { upc broken inStock } }

{ products { mustName } }

{ brokenDeep { ok item { ok bad } } }

{ brokenDeep { list { ok bad } } }

{ brokenDeep { item { soft } list { ok soft } } }

{ sure(upc: "nope") { name } }

{ users { mustEmail } }

{ reviews(first: 1) { id internal } }

{ matrix { product { count name } } }

{ products { count } }
`);

export const cases: readonly Case[] = [...plain, ...withVariables, ...mutations, ...failures];
