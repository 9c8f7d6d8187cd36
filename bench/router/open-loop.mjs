// An open-loop load generator, a process of its own: requests start at their intended times whatever the answers do, and a latency is counted
// from the intended time, so a server that stalls is charged for everybody who came meanwhile. Forked; argv: a JSON {url, rate, seconds, connections,
// bodies | distinct: {seed}}; rate 0: closed loop, each connection as fast as it is answered. Says {ready}, starts on any message, then says the result:
// {sent, answered, failed, dropped, unfinished, codes: {code: count}, p50, p95, p99, max: ms, late: ms by which the generator itself
// was late at most, cpuUs: its CPU time}.
import http from 'node:http';
import { quantile } from '../gateways/lib/figures.mjs';
import { distinctOperations } from './distinct.mjs';

const { url, rate, seconds, connections, bodies, distinct } = JSON.parse(process.argv[2]);
const MAX_IN_FLIGHT = 5_000;
const LAST_ANSWERS_MS = 10_000;
const { hostname, port, pathname } = new URL(url);
const agent = new http.Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections });
const next = distinct ? distinctOperations(distinct.seed) : (i) => bodies[i % bodies.length];
const latencies = [], codes = {};
let sent = 0, answered = 0, failed = 0, dropped = 0, inFlight = 0, late = 0;

const finish = (intended, code, then) => {
  inFlight--;
  latencies.push(performance.now() - intended);
  if (code === undefined) answered++;
  else { failed++; codes[code] = (codes[code] ?? 0) + 1; }
  then?.();
};
// undefined: answered in full; otherwise the code of its first error
const codeOf = (status, text) => {
  if (status === 200 && text.startsWith('{"data":{') && !text.includes('"errors":')) return undefined;
  return /"code":\s*"(\w+)"/.exec(text)?.[1] ?? `HTTP ${status}`;
};

function send(intended, then) {
  sent++;
  inFlight++;
  const body = next(sent);
  const request = http.request({
    agent, hostname, port, path: pathname, method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', 'content-length': Buffer.byteLength(body) },
  }, (response) => {
    const chunks = [];
    response.on('data', (chunk) => chunks.push(chunk));
    response.on('end', () => finish(intended, codeOf(response.statusCode, Buffer.concat(chunks).toString('latin1')), then));
    response.on('error', (error) => finish(intended, error.code ?? 'ERROR', then));
  });
  request.on('error', (error) => finish(intended, error.code ?? 'ERROR', then));
  request.end(body);
}

function result() {
  const p = (share) => quantile(latencies, share);
  const { user, system } = process.cpuUsage(atStart), cpuUs = user + system;
  process.send({ sent, answered, failed, dropped, unfinished: inFlight, codes, p50: p(0.5), p95: p(0.95), p99: p(0.99), max: p(1), late, cpuUs }, () => process.exit(0));
}

let atStart;
process.once('message', () => {
  atStart = process.cpuUsage();
  const began = performance.now(), end = began + seconds * 1000;
  const drain = () => {
    if (inFlight === 0 || performance.now() > end + LAST_ANSWERS_MS) return result();
    return setTimeout(drain, 20);
  };
  if (rate === 0) {
    const again = () => { if (performance.now() < end) send(performance.now(), again); };
    for (let i = 0; i < connections; i++) again();
    setTimeout(drain, seconds * 1000);
    return;
  }
  const every = 1000 / rate, count = Math.floor(seconds * rate);
  let due = 0;
  const tick = () => {
    const now = performance.now();
    if (due < count) late = Math.max(late, now - (began + due * every));
    for (; due < count && began + due * every <= now; due++) {
      if (inFlight >= MAX_IN_FLIGHT) dropped++;
      else send(began + due * every);
    }
    if (due < count) setTimeout(tick, 1);
    else drain();
  };
  tick();
});
process.once('disconnect', () => process.exit());
process.send({ ready: true });
