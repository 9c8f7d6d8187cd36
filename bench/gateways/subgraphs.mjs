// The four subgraphs in one lean Node process, over real HTTP (and graphql-ws for Subscription.reviewAdded).
//
// node subgraphs.mjs [--port 4300] [--host 127.0.0.1] [--ports 4301,4302,4303,4304] [--delay ms] [--no-memo] [--arrays]
//
// Paths: http://HOST:PORT/{accounts,inventory,products,reviews}. Below /v1/NAME the same subgraphs return their SDL in
// Federation 1 syntax, for gateways that support only that.
// --ports: also one listener per subgraph.
// --arrays: a POST may be a JSON array of operations, and the response is the array of their results. Without it: 400.
// --no-memo: execute every request.
// GET /_stats returns counters since the last /_reset. /_emit?count=n sends n events to every reviewAdded subscriber.
//
// It is not a full GraphQL server: it does not validate. It parses each query once, and answers identical request
// bodies (in arrays: identical operations) from a cache. So the measurements show the gateway and not the subgraphs.
// This file itself reads and writes connections that begin with a POST (varied: 85 us per request, against 125 us with
// node:http). node:http handles all others.
import http from 'node:http';
import net from 'node:net';
import { parseArgs } from 'node:util';
import { parse, Kind } from 'graphql';
import { WebSocketServer } from 'ws';
import { typeDefs, typeDefsV1 } from './lib/schemas.mjs';
import * as d from './lib/data.mjs';

const { values: opt } = parseArgs({
  allowNegative: true,
  options: {
    port: { type: 'string', default: process.env.SUBGRAPHS_PORT ?? '4300' },
    host: { type: 'string', default: '127.0.0.1' },
    ports: { type: 'string' },
    delay: { type: 'string', default: '0' },
    memo: { type: 'boolean', default: true },
    arrays: { type: 'boolean', default: false },
  },
});
const delay = Number(opt.delay);

// ---- Resolvers: type -> field -> [result type, resolve]. All other fields are plain properties.
const estimate = (p) => (p.price > 1000 ? 0 : Math.round((p.weight ?? 0) * 0.5));
const review = {
  author: ['User', (r) => ({ id: r.authorId, username: d.userById(r.authorId)?.username })],
  product: ['Product', (r) => ({ upc: r.upc })],
};
const subgraphs = {
  accounts: {
    Query: {
      me: ['User', () => d.user(1)],
      user: ['User', (_, a) => d.userById(a.id)],
      users: ['User', () => d.range(1, 8).map(d.user)],
    },
    refs: { User: (r) => d.userById(r.id) },
  },
  inventory: {
    Product: { inStock: [null, (p) => Number(p.upc) % 3 !== 0], shippingEstimate: [null, estimate] },
    refs: { Product: (r) => r },
  },
  products: {
    Query: {
      topProducts: ['Product', (_, a) => d.range((a.skip ?? 0) + 1, a.first ?? 5).map(d.product)],
      product: ['Product', (_, a) => d.productByUpc(a.upc)],
    },
    refs: { Product: (r) => d.productByUpc(r.upc) },
  },
  reviews: {
    Review: review,
    User: {
      reviews: ['Review', (u) => d.reviewsByUser(u.id)],
      numberOfReviews: [null, (u) => d.reviewsByUser(u.id).length],
    },
    Product: { reviews: ['Review', (p) => d.reviewsByUpc(p.upc)] },
    Subscription: { reviewAdded: ['Review', (e) => e] },
    refs: { User: (r) => r, Product: (r) => r, Review: (r) => d.reviewById(r.id) },
  },
};

// ---- A small executor
const value = (n, vars) => {
  switch (n.kind) {
    case Kind.VARIABLE:
      return vars[n.name.value];
    case Kind.LIST:
      return n.values.map((x) => value(x, vars));
    case Kind.OBJECT:
      return Object.fromEntries(n.fields.map((f) => [f.name.value, value(f.value, vars)]));
    case Kind.INT:
    case Kind.FLOAT:
      return Number(n.value);
    case Kind.NULL:
      return null;
    default:
      return n.value;
  }
};
const skipped = (s, vars) =>
  s.directives?.some(({ name, arguments: a }) => {
    const v = value(a[0].value, vars);
    return (name.value === 'skip' && v) || (name.value === 'include' && !v);
  });
function select(cx, sg, type, obj, sels, out) {
  for (const s of sels) {
    if (skipped(s, cx.vars)) continue;
    if (s.kind !== Kind.FIELD) {
      const f = s.kind === Kind.FRAGMENT_SPREAD ? cx.fragments[s.name.value] : s;
      const on = f.typeCondition?.name.value;
      if (!on || on === type || on === '_Entity') select(cx, sg, type, obj, f.selectionSet.selections, out);
      continue;
    }
    const name = s.name.value,
      key = s.alias?.value ?? name;
    if (name === '__typename') {
      out[key] = type;
      continue;
    }
    const args = {};
    for (const a of s.arguments ?? []) args[a.name.value] = value(a.value, cx.vars);
    if (name === '_service') {
      out[key] = { sdl: (cx.v1 ? typeDefsV1 : typeDefs)[cx.name] };
      continue;
    }
    if (name === '_entities') {
      cx.stats.entities += args.representations.length;
      out[key] = args.representations.map((r) => {
        const o = sg.refs[r.__typename]?.(r);
        return o == null ? null : select(cx, sg, r.__typename, o, s.selectionSet.selections, {});
      });
      continue;
    }
    const def = sg[type]?.[name];
    let v = def ? def[1](obj, args) : obj[name];
    if (v === undefined) v = null;
    if (s.selectionSet && v !== null) {
      const one = (x) => (x == null ? null : select(cx, sg, def[0], x, s.selectionSet.selections, mergeable(out[key])));
      v = Array.isArray(v) ? v.map(one) : one(v);
    }
    out[key] = v;
  }
  return out;
}
const mergeable = (x) => (x && !Array.isArray(x) ? x : {});
// The cache does not keep what occurs only once. Otherwise a flood of one-off queries would add pauses of this
// process's garbage collector to the measurements.
const keeper = (limit) => {
  const kept = new Map(),
    seen = new Set();
  return {
    get: (key) => kept.get(key),
    set(key, value) {
      if (seen.delete(key)) {
        if (kept.size < limit) kept.set(key, value);
        return;
      }
      seen.add(key);
      if (seen.size > 2 * limit) seen.clear();
    },
  };
};
const docs = keeper(5000);
function prepare(query) {
  let p = docs.get(query);
  if (!p) {
    const doc = parse(query, { noLocation: true });
    const fragments = {},
      ops = [];
    for (const def of doc.definitions) {
      if (def.kind === Kind.FRAGMENT_DEFINITION) fragments[def.name.value] = def;
      else ops.push(def);
    }
    p = { fragments, ops };
    docs.set(query, p);
  }
  return p;
}
function run(name, { query, variables, operationName }, root = {}, v1 = false) {
  const { fragments, ops } = prepare(query);
  const op = (operationName && ops.find((o) => o.name?.value === operationName)) || ops[0];
  const vars = {};
  for (const v of op.variableDefinitions ?? []) {
    const k = v.variable.name.value;
    vars[k] = variables?.[k] !== undefined ? variables[k] : v.defaultValue ? value(v.defaultValue, {}) : undefined;
  }
  const type = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' }[op.operation];
  return {
    data: select(
      { name, v1, fragments, vars, stats: stats.subgraphs[name] },
      subgraphs[name],
      type,
      root,
      op.selectionSet.selections,
      {},
    ),
  };
}

// ---- Counters
const fresh = () => ({
  requests: 0,
  operations: 0,
  bytesIn: 0,
  bytesOut: 0,
  connections: 0,
  wsConnections: 0,
  wsSubscriptions: 0,
  emitted: 0,
  subgraphs: Object.fromEntries(Object.keys(subgraphs).map((n) => [n, { requests: 0, operations: 0, entities: 0 }])),
});
let stats = fresh();

// ---- HTTP
const KEEP_S = 65;
const memo = keeper(20_000);
const send = (res, body, status = 200) => {
  stats.bytesOut += body.length;
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  res.end(body);
};
const refused = Buffer.from('{"errors":[{"message":"one operation a request; --arrays allows more"}]}');
const failure = (e) => ({ errors: [{ message: String(e?.message ?? e) }] });
/**
 * The response to one operation.
 * @param key identifies equal operations
 * @returns {text, entities, body}
 */
function answer(name, st, v1, key, operation) {
  let hit = opt.memo ? memo.get(key) : undefined;
  if (hit) {
    st.entities += hit.entities;
    return hit;
  }
  let out;
  const before = st.entities;
  try {
    out = run(name, operation(), undefined, v1);
  } catch (e) {
    out = failure(e);
  }
  const text = JSON.stringify(out);
  hit = { text, body: Buffer.from(text), entities: st.entities - before };
  if (opt.memo) memo.set(key, hit);
  return hit;
}
function answerAll(name, st, v1, text, count) {
  let list;
  try {
    list = JSON.parse(text);
  } catch (e) {
    count(1);
    return Buffer.from(JSON.stringify(failure(e)));
  }
  count(list.length);
  return Buffer.from(
    `[${list.map((op) => answer(name, st, v1, `${v1}${name}#${op.operationName}#${JSON.stringify(op.variables)}#${op.query}`, () => op).text).join()}]`,
  );
}
/** The response to a POST: {body, status: 200 if undefined}. Undefined when there is no such subgraph. */
function operate(path, fixed, raw) {
  const v1 = path.startsWith('/v1/');
  const name = fixed ?? path.split(/[/?]/)[v1 ? 2 : 1];
  const st = stats.subgraphs[name];
  if (!st) return undefined;
  stats.requests++;
  st.requests++;
  stats.bytesIn += raw.length;
  const text = raw.toString('utf8'),
    isArray = text.trimStart().startsWith('[');
  const count = (n) => {
    stats.operations += n;
    st.operations += n;
  };
  if (isArray && !opt.arrays) return { body: refused, status: 400 };
  if (!isArray) count(1);
  return isArray
    ? { body: answerAll(name, st, v1, text, count) }
    : answer(name, st, v1, v1 + name + text, () => JSON.parse(text));
}
const handler = (fixed) => (req, res) => {
  const path = req.url;
  if (path === '/_stats') return send(res, Buffer.from(JSON.stringify({ ...stats, subscribers: subscribers.size })));
  if (path === '/_reset') {
    stats = fresh();
    return send(res, Buffer.from('{}'));
  }
  if (path.startsWith('/_emit')) {
    const n = Number(new URL(path, 'http://x').searchParams.get('count') ?? 1);
    for (let i = 0; i < n; i++) emit();
    return send(res, Buffer.from(JSON.stringify({ subscribers: subscribers.size })));
  }
  const chunks = [];
  req.on('data', (c) => chunks.push(c));
  req.on('end', () => {
    const answered = operate(path, fixed, Buffer.concat(chunks));
    if (!answered) {
      res.writeHead(404);
      return res.end();
    }
    if (delay > 0) setTimeout(send, delay, res, answered.body, answered.status);
    else send(res, answered.body, answered.status);
  });
};
const responseOf = ({ body, status = 200 }) =>
  Buffer.concat([
    Buffer.from(
      `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\ncontent-type: application/json\r\n` +
        `content-length: ${body.length}\r\nconnection: keep-alive\r\nkeep-alive: timeout=${KEEP_S}\r\n\r\n`,
    ),
    body,
  ]);
/**
 * Reads POST requests to a subgraph with a Content-Length from a connection. At the first other request it passes the
 * connection, with the bytes read so far, to `other`.
 */
function lean(socket, fixed, other) {
  let kept;
  const respond = (answered) => {
    stats.bytesOut += answered.body.length;
    socket.write((answered.response ??= responseOf(answered)));
  };
  socket.on('error', () => {});
  socket.setTimeout(KEEP_S * 1000, () => socket.destroy());
  const onData = (chunk) => {
    let bytes = kept ? Buffer.concat([kept, chunk]) : chunk;
    kept = undefined;
    while (bytes.length > 0) {
      const end = bytes.indexOf('\r\n\r\n');
      const head = end < 0 ? '' : bytes.latin1Slice(0, end + 2);
      const path = /^POST (\/(?!_)\S*) HTTP\/1\.1\r\n/.exec(head)?.[1],
        length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
      if (end >= 0 && (!path || !length || /\r\n(?:expect:|upgrade:|connection: close)/i.test(head))) {
        socket.off('data', onData);
        socket.setTimeout(0);
        other(socket); // node:http bypasses the stream. It takes bytes that were already read only from the event.
        socket.emit('data', bytes);
        return;
      }
      const from = end + 4,
        to = from + Number(length);
      if (end < 0 || bytes.length < to) {
        kept = bytes;
        return;
      }
      const answered = operate(path, fixed, bytes.subarray(from, to)) ?? { body: Buffer.from('{}'), status: 404 };
      if (delay > 0) setTimeout(respond, delay, answered);
      else respond(answered);
      bytes = bytes.subarray(to);
    }
  };
  socket.on('data', onData);
}

// ---- graphql-transport-ws, one source of events for all subscribers
const subscribers = new Set();
let seq = 0;
function emit() {
  stats.emitted++;
  const event = { ...d.review((seq % 600) + 1), body: `live ${seq} ${Date.now()}` };
  seq++;
  const bodies = new Map(); // One JSON text per distinct operation.
  for (const s of subscribers) {
    let b = bodies.get(s.key);
    if (!b) bodies.set(s.key, (b = JSON.stringify(run(s.name, s.payload, event))));
    s.ws.send(`{"id":${JSON.stringify(s.id)},"type":"next","payload":${b}}`);
  }
}
function attach(server, fixed) {
  const wss = new WebSocketServer({
    server,
    handleProtocols: (p) => (p.has('graphql-transport-ws') ? 'graphql-transport-ws' : false),
    perMessageDeflate: false,
  });
  wss.on('connection', (ws, req) => {
    stats.wsConnections++;
    const name = fixed ?? req.url.split(/[/?]/)[1];
    const mine = new Map();
    ws.on('message', (m) => {
      const msg = JSON.parse(m);
      if (msg.type === 'connection_init') ws.send('{"type":"connection_ack"}');
      else if (msg.type === 'ping') ws.send('{"type":"pong"}');
      else if (msg.type === 'subscribe') {
        stats.wsSubscriptions++;
        const s = { ws, name, id: msg.id, payload: msg.payload, key: name + JSON.stringify(msg.payload) };
        mine.set(msg.id, s);
        subscribers.add(s);
      } else if (msg.type === 'complete') {
        subscribers.delete(mine.get(msg.id));
        mine.delete(msg.id);
      }
    });
    ws.on('close', () => {
      for (const s of mine.values()) subscribers.delete(s);
    });
    ws.on('error', () => {});
  });
}
const listen = (port, fixed) => {
  const server = http.createServer({ keepAliveTimeout: KEEP_S * 1000 }, handler(fixed));
  attach(server, fixed);
  net
    .createServer({ noDelay: true }, (socket) => {
      stats.connections++;
      lean(socket, fixed, (s) => server.emit('connection', s));
    })
    .listen(Number(port), opt.host);
};
listen(opt.port);
opt.ports?.split(',').forEach((p, i) => listen(p, Object.keys(subgraphs)[i]));
