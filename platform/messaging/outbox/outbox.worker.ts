import pg from 'pg';
import { PostgresEventLog } from '../event-log/postgres/postgres.ts';
import { Outbox } from './outbox.ts';
import { changeThing, SCHEMA, Things } from './outbox.testing.ts';
import { OutboxRelay } from './relay.ts';
import { pgTransactions } from '../../postgres/transactions.ts';

// A process of a service that the spec kills or freezes. It changes things as fast as it can, relays, and reports each
// commit to its parent.
const [url = '', leaseMs = '', ...keys] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: keys.length });
const log = new PostgresEventLog({ url });
await log.ensureTopics([Things]);
const outbox = new Outbox({ schema: SCHEMA });
const relay = new OutboxRelay({ url, schema: SCHEMA, eventLog: log, batch: 20, leaseMs: Number(leaseMs) });
outbox.onCommitted(() => relay.wake());
process.send?.({ ready: true });
let stopping = false;
process.once('message', () => (stopping = true));
const write = async (key: string): Promise<void> => {
  while (!stopping) {
    const seq = await changeThing(outbox, pgTransactions(pool), key);
    process.send?.({ key, seq, leads: relay.leads });
  }
};
await Promise.all(keys.map(write));
await relay.close();
await log.close();
await pool.end();
process.disconnect();
