// An open-loop load generator, a process of its own: requests start at their intended times whatever the answers do, and a latency is counted
// from the intended time, so a server that stalls is charged for everybody who came meanwhile. Forked; argv: a JSON {url, rate, seconds, warmup: seconds
// before them that do not count, connections, bodies | distinct: {seed}}; rate 0: closed loop, each connection as fast as it is answered. Says {ready},
// starts on any message, says {counting}, then the result:
// {sent, answered, failed, dropped, unfinished, codes: {code: count}, p50, p95, p99, max: ms, late: ms by which the generator itself
// was late at most, cpuUs: its CPU time}.
// It writes and reads HTTP itself, a third of the CPU time of node:http: where it shares the CPUs of what it measures, its own time is in the latencies.
import { connect } from 'node:net';
import { quantile } from '../gateways/lib/figures.mjs';
import { distinctOperations } from './distinct.mjs';

const { url, rate, seconds, warmup, connections, bodies, distinct } = JSON.parse(process.argv[2]);
const MAX_IN_FLIGHT = 5_000;
const LAST_ANSWERS_MS = 10_000;
const { hostname, port, pathname, host } = new URL(url);
const head = `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\naccept: application/json\r\ncontent-length: `;
const requestOf = (body) => `${head}${Buffer.byteLength(body)}\r\n\r\n${body}`;
const requests = bodies?.map(requestOf);
const make = distinct && distinctOperations(distinct.seed);
const next = make ? (i) => requestOf(make(i)) : (i) => requests[i % requests.length];
const free = [], waiting = [];
const latencies = [], codes = {};
let open = 0, made = 0, sent = 0, answered = 0, failed = 0, dropped = 0, inFlight = 0, late = 0, from = 0;

const finish = ({ intended, after }, code) => {
  inFlight--;
  if (intended >= from) {
    latencies.push(performance.now() - intended);
    if (code === undefined) answered++;
    else { failed++; codes[code] = (codes[code] ?? 0) + 1; }
  }
  after?.();
};
// undefined: answered in full; otherwise the code of its first error
const codeOf = (status, text) => {
  if (status === '200' && text.startsWith('{"data":{') && !text.includes('"errors":')) return undefined;
  return /"code":\s*"(\w+)"/.exec(text)?.[1] ?? `HTTP ${status}`;
};

function dial() {
  open++;
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let job, text = '', body = -1, length = 0;
  const give = () => {
    job = waiting.shift();
    if (job) socket.write(job.request); else free.push(connection);
  };
  const connection = { send(next) { job = next; socket.write(next.request); } };
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    text += chunk;
    if (body < 0) {
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      body = end + 4;
      length = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, end + 2))?.[1] ?? NaN);
      if (Number.isNaN(length)) { socket.destroy(new Error('an answer without content-length')); return; }
    }
    if (text.length < body + length) return;
    const done = job, code = codeOf(text.slice(9, 12), text.slice(body));
    text = '';
    body = -1;
    give();
    finish(done, code);
  });
  let code = 'ECONNRESET';
  socket.on('error', (error) => { code = error.code ?? error.message; });
  socket.on('close', () => {
    open--;
    if (free.includes(connection)) free.splice(free.indexOf(connection), 1);
    if (job) finish(job, code);
    if (waiting.length > 0) dial();
  });
  socket.on('connect', give);
}

function send(intended, after) {
  if (intended >= from) sent++;
  inFlight++;
  const job = { request: next(made++), intended, after };
  const connection = free.pop();
  if (connection) return connection.send(job);
  waiting.push(job);
  if (open < connections) dial();
}

function result() {
  const p = (share) => quantile(latencies, share);
  const { user, system } = process.cpuUsage(atStart), cpuUs = user + system;
  process.send({ sent, answered, failed, dropped, unfinished: inFlight, codes, p50: p(0.5), p95: p(0.95), p99: p(0.99), max: p(1), late, cpuUs }, () => process.exit(0));
}

let atStart;
process.once('message', () => {
  const began = performance.now(), end = began + (warmup + seconds) * 1000;
  from = began + warmup * 1000;
  setTimeout(() => {
    atStart = process.cpuUsage();
    process.send({ counting: true });
  }, warmup * 1000);
  const drain = () => {
    if (inFlight === 0 || performance.now() > end + LAST_ANSWERS_MS) return result();
    return setTimeout(drain, 20);
  };
  if (rate === 0) {
    const again = () => { if (performance.now() < end) send(performance.now(), again); };
    for (let i = 0; i < connections; i++) again();
    setTimeout(drain, (warmup + seconds) * 1000);
    return;
  }
  const every = 1000 / rate, count = Math.floor((warmup + seconds) * rate);
  let due = 0;
  const tick = () => {
    const now = performance.now();
    if (due < count && now >= from) late = Math.max(late, now - (began + due * every));
    for (; due < count && began + due * every <= now; due++) {
      if (inFlight >= MAX_IN_FLIGHT) { if (now >= from) dropped++; }
      else send(began + due * every);
    }
    if (due < count) setTimeout(tick, 1);
    else drain();
  };
  tick();
});
process.once('disconnect', () => process.exit());
process.send({ ready: true });
