// Many graphql-transport-ws clients in one process. Arguments: url, count, query. It sends its parent {ready, opened,
// failed} over IPC. On {expect: n} it waits until all clients together have received n messages per client, or for 30
// s. It then reports {seen, first, last, errors, closed, sample}. `first` and `last` are times in ms.
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
// Each client has its own id, as with graphql-ws.
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
      // The first bytes show the type: {"id":"<uuid>","type":"next",... or {"type":"next",... So the hot path does not
      // parse messages.
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
