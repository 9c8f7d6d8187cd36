// Many graphql-transport-ws clients in one lean process. argv: url, count, query. Talks to its parent over IPC: ->
// {ready}|{failed}; <- {expect: n}: reports {seen, ms: [first, last]} when every client has had n messages since, or
// after 30 s.
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';

const [url, count, query] = process.argv.slice(2);
const N = Number(count);
let opened = 0,
  failed = 0,
  got = 0,
  want = Infinity,
  expectedAt = 0,
  first = 0,
  errors = 0,
  sample,
  timer,
  closed = 0;
// as graphql-ws does: an id of its own for every client
const subscribe = () => JSON.stringify({ id: randomUUID(), type: 'subscribe', payload: { query } });
const report = () => {
  clearTimeout(timer);
  process.send({ seen: got, first: first - expectedAt, last: performance.now() - expectedAt, errors, closed, sample });
  want = Infinity;
};
function open() {
  return new Promise((resolve) => {
    const ws = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    ws.on('open', () => ws.send('{"type":"connection_init"}'));
    ws.on('message', (m) => {
      // {"id":"<uuid>","type":"next",... or {"type":"next",...: decided from the first bytes, nothing is parsed on the
      // hot path
      const head = m.toString('latin1', 0, 120);
      if (head.includes('"next"')) {
        if (sample === undefined) sample = m.toString();
        if (head.includes('"errors"')) errors++;
        if (++got === 1) first = performance.now();
        if (got === want) report();
      } else if (head.includes('connection_ack')) {
        ws.send(subscribe());
        opened++;
        resolve();
      } else if (head.includes('"ping"')) ws.send('{"type":"pong"}');
      else if (head.includes('"error"') || head.includes('"complete"')) {
        errors++;
        sample ??= m.toString();
      }
    });
    ws.on('error', () => {
      failed++;
      resolve();
    });
    ws.on('close', () => {
      closed++;
      resolve();
    });
  });
}
for (let i = 0; i < N; i += 100) await Promise.all(Array.from({ length: Math.min(100, N - i) }, open));
process.on('message', ({ expect }) => {
  got = 0;
  want = expect * N;
  expectedAt = performance.now();
  timer = setTimeout(report, 30_000);
  process.send({ armed: true });
});
process.once('disconnect', () => process.exit());
process.send({ ready: true, opened, failed });
