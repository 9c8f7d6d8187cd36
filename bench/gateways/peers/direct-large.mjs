// The hand-written plan for queries/large.graphql, with six calls: two lists, all of their reviews in one call, then
// each product and user once.
const Q = (s) => JSON.stringify(s);
const usersQuery = Q('{users{id username name}}');
const topQuery = Q('{topProducts{upc name price weight}}');
const deep = 'id body author{id username reviews{id body product{upc}}}';
const reviewsQuery = Q(
  `query($users:[_Any!]!,$products:[_Any!]!){users:_entities(representations:$users){...on User{reviews{id body product{upc reviews{${deep}}}}}}products:_entities(representations:$products){...on Product{reviews{${deep}}}}}`,
);
const productsQuery = Q(
  'query($representations:[_Any!]!){_entities(representations:$representations){...on Product{upc name price weight}}}',
);
const stockQuery = Q(
  'query($representations:[_Any!]!){_entities(representations:$representations){...on Product{inStock shippingEstimate}}}',
);
const namesQuery = Q('query($representations:[_Any!]!){_entities(representations:$representations){...on User{name}}}');

/** Executes the operation large. @param call (subgraph, query as JSON, variables as JSON) -> data */
export async function large(call) {
  const [{ users }, { topProducts }] = await Promise.all([
    call('accounts', usersQuery, '{}'),
    call('products', topQuery, '{}'),
  ]);
  const found = await call(
    'reviews',
    reviewsQuery,
    JSON.stringify({
      users: users.map((u) => ({ __typename: 'User', id: u.id })),
      products: topProducts.map((p) => ({ __typename: 'Product', upc: p.upc })),
    }),
  );

  const products = new Map(topProducts.map((p) => [p.upc, p])),
    names = new Map(users.map((u) => [u.id, u.name]));
  const unknown = new Set(),
    strangers = new Set();
  const note = (reviews) => {
    for (const r of reviews) {
      if (r.product) {
        if (!products.has(r.product.upc)) unknown.add(r.product.upc);
        if (r.product.reviews) note(r.product.reviews);
      }
      if (r.author) {
        if (!names.has(r.author.id)) strangers.add(r.author.id);
        if (r.author.reviews) note(r.author.reviews);
      }
    }
  };
  for (const u of found.users) note(u.reviews);
  for (const p of found.products) note(p.reviews);

  const people = [...strangers],
    upcs = [...unknown];
  const stock = async () => {
    const more = upcs.length
      ? (
          await call(
            'products',
            productsQuery,
            JSON.stringify({ representations: upcs.map((upc) => ({ __typename: 'Product', upc })) }),
          )
        )._entities
      : [];
    for (const p of more) products.set(p.upc, p);
    const all = [...products.values()];
    const representations = all.map((p) => ({ __typename: 'Product', upc: p.upc, price: p.price, weight: p.weight }));
    const stocks = (await call('inventory', stockQuery, JSON.stringify({ representations })))._entities;
    all.forEach((p, i) =>
      products.set(p.upc, {
        inStock: stocks[i].inStock,
        name: p.name,
        price: p.price,
        shippingEstimate: stocks[i].shippingEstimate,
        upc: p.upc,
        weight: p.weight,
      }),
    );
  };
  const named = async () => {
    if (!people.length) return;
    const more = (
      await call(
        'accounts',
        namesQuery,
        JSON.stringify({ representations: people.map((id) => ({ __typename: 'User', id })) }),
      )
    )._entities;
    people.forEach((id, i) => names.set(id, more[i].name));
  };
  await Promise.all([stock(), named()]);

  const author = (a) => ({
    id: a.id,
    username: a.username,
    name: names.get(a.id),
    reviews: a.reviews.map((r) => ({ id: r.id, body: r.body, product: products.get(r.product.upc) })),
  });
  const withAuthors = (reviews) => reviews.map((r) => ({ id: r.id, body: r.body, author: author(r.author) }));
  return {
    data: {
      users: users.map((u, i) => ({
        ...u,
        reviews: found.users[i].reviews.map((r) => ({
          id: r.id,
          body: r.body,
          product: { ...products.get(r.product.upc), reviews: withAuthors(r.product.reviews) },
        })),
      })),
      topProducts: topProducts.map((p, i) => ({
        ...products.get(p.upc),
        reviews: withAuthors(found.products[i].reviews),
      })),
    },
  };
}
