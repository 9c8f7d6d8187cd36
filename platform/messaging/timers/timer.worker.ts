import pg from 'pg';
import { pgTransactions } from '../../postgres/transactions.ts';
import { Outbox } from '../outbox/outbox.ts';
import { handle } from './definition.ts';
import { Timers } from './timers.ts';
import { Deadline, recordFired, SCHEMA } from './timers.testing.ts';

// A process of a service that the spec kills or freezes. Its handlers do their work, notify the parent, and then never
// end.
const [url = '', silentMs = '30000'] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: 4 });
pool.on('error', () => undefined);
const timers = new Timers({
  url,
  outbox: new Outbox({ schema: SCHEMA }),
  pollMs: 50,
  silentMs: Number(silentMs),
  onError: () => undefined,
});
const handler = handle(Deadline, async (fired: Parameters<ReturnType<typeof recordFired>>[0]) => {
  await recordFired('worker')(fired);
  process.send?.({ fired: fired.key });
  await new Promise(() => undefined);
});
timers.runner(pgTransactions(pool), [handler]).start();
process.send?.({ ready: true });
