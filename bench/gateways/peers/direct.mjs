// The upper bound: node:http, undici's Pool, JSON.stringify, and plans written by hand for exactly
// queries/{small,medium,varied,large}.graphql (varied is medium with $skip; for large see direct-large.mjs). It checks
// only the operation name of the query. WORKERS=n forks n processes. DEDUPE=1 sends identical subgraph requests in
// flight once.
import cluster from 'node:cluster';
import http from 'node:http';
import { Pool } from 'undici';
import { large } from './direct-large.mjs';

const workers = Number(process.env.WORKERS ?? 1);
if (workers > 1 && cluster.isPrimary) for (let i = 0; i < workers; i++) cluster.fork();
else serve();

function serve() {
  const base = new URL(process.env.SUBGRAPHS);
  const pool = new Pool(base.origin, { connections: Number(process.env.CONNECTIONS ?? 64), pipelining: 1 });
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const send = async (path, body) =>
    (await (await pool.request({ method: 'POST', path, headers, body })).body.json()).data;
  const inFlight = process.env.DEDUPE ? new Map() : undefined;
  const call = (name, query, variables) => {
    const path = `/${name}`,
      body = `{"query":${query},"variables":${variables}}`;
    if (!inFlight) return send(path, body);
    const key = path + body;
    let p = inFlight.get(key);
    if (!p) inFlight.set(key, (p = send(path, body).finally(() => inFlight.delete(key))));
    return p;
  };
  const Q = (s) => JSON.stringify(s);
  const products = Q('query($skip:Int){topProducts(first:10,skip:$skip){__typename upc name price weight}}');
  const stock = Q(
    'query($representations:[_Any!]!){_entities(representations:$representations){...on Product{inStock shippingEstimate}}}',
  );
  const reviews = Q(
    'query($representations:[_Any!]!){_entities(representations:$representations){...on Product{reviews{id body author{__typename id username}}}}}',
  );
  const names = Q('query($representations:[_Any!]!){_entities(representations:$representations){...on User{name}}}');

  async function medium(skip) {
    const top = (await call('products', products, `{"skip":${skip}}`)).topProducts;
    const n = top.length;
    const forStock = new Array(n),
      forReviews = new Array(n);
    for (let i = 0; i < n; i++) {
      const p = top[i];
      forStock[i] = { __typename: 'Product', upc: p.upc, price: p.price, weight: p.weight };
      forReviews[i] = { __typename: 'Product', upc: p.upc };
    }
    let stocks, listed, authors;
    await Promise.all([
      call('inventory', stock, `{"representations":${JSON.stringify(forStock)}}`).then((d) => {
        stocks = d._entities;
      }),
      call('reviews', reviews, `{"representations":${JSON.stringify(forReviews)}}`).then(async (d) => {
        listed = d._entities;
        authors = new Map();
        const reps = [];
        for (const e of listed)
          for (const r of e.reviews)
            if (!authors.has(r.author.id)) {
              authors.set(r.author.id, reps.length);
              reps.push({ __typename: 'User', id: r.author.id });
            }
        const users = (await call('accounts', names, `{"representations":${JSON.stringify(reps)}}`))._entities;
        for (const [id, i] of authors) authors.set(id, users[i]);
      }),
    ]);
    const out = new Array(n);
    for (let i = 0; i < n; i++) {
      const p = top[i],
        s = stocks[i],
        rs = listed[i].reviews,
        rOut = new Array(rs.length);
      for (let j = 0; j < rs.length; j++) {
        const r = rs[j],
          a = r.author;
        rOut[j] = { id: r.id, body: r.body, author: { id: a.id, username: a.username, name: authors.get(a.id).name } };
      }
      out[i] = {
        upc: p.upc,
        name: p.name,
        price: p.price,
        inStock: s.inStock,
        shippingEstimate: s.shippingEstimate,
        reviews: rOut,
      };
    }
    return { data: { topProducts: out } };
  }

  const five = Q('{topProducts(first:5){upc name price}}');
  const plans = {
    Small: async () => ({ data: await call('products', five, '{}') }),
    Medium: () => medium(0),
    Varied: (variables) => medium(Number(variables?.skip ?? 0)),
    Large: () => large(call),
  };
  http
    .createServer((req, res) => {
      const chunks = [];
      req.on('data', (c) => chunks.push(c));
      req.on('end', async () => {
        let status = 200,
          body;
        try {
          const { operationName, variables } = JSON.parse(Buffer.concat(chunks));
          if (!Object.hasOwn(plans, operationName)) throw new Error(`only ${Object.keys(plans).join(', ')}`);
          body = JSON.stringify(await plans[operationName](variables));
        } catch (e) {
          status = 500;
          body = JSON.stringify({ errors: [{ message: String(e.message) }] });
        }
        res.writeHead(status, {
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(body),
        });
        res.end(body);
      });
    })
    .listen(Number(process.env.PORT), '127.0.0.1');
}
