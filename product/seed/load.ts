// Inserts the rows of a simulated city into the database. The caller opens the transaction.
import type { ClientBase } from 'pg';
import { qualified } from '../../platform/postgres/transactions.ts';
import { Matches } from '../../schema/messages/matches.ts';
import { projectedRows } from '../../subgraphs/matches/rebuild.ts';
import type { MemoryDatabase } from './memory-client.ts';
import type { MemoryTable } from './memory-table.ts';
import type { Services } from './services.ts';

/** The largest number of rows that one statement inserts. */
const BATCH = 2_000;

/**
 * Inserts the rows of all services, the ratings and statistics, and the positions of the consumer groups.
 * @param beginning the time that is stored as the first start of the consumer groups: they notify nobody of older
 * events
 * @returns how many rows were written
 */
export async function loadRows(client: ClientBase, services: Services, beginning: Date): Promise<number> {
  let count = 0;
  for (const database of services.databases.values())
    for (const table of inOrder(database)) {
      const columns = [...table.model.fields.values()].filter(({ type }) => !database.tables.has(type));
      const rows = [...table.rows].map((row) =>
        Object.fromEntries(columns.map(({ name, column }) => [column, row[name]])),
      );
      count += await insert(client, database.service, table.model.table, rows);
    }
  count += await loadProjections(client, services);
  return count + (await loadPositions(client, services, beginning));
}

/** Inserts ratings and statistics. The same code as that of `npm run rebuild` makes them from the city's events. */
async function loadProjections(client: ClientBase, services: Services): Promise<number> {
  const waiting = new Map<string, object[]>();
  for (const step of projectedRows(services.log.filter(({ topic }) => topic === Matches.name)))
    for (const [table, rows] of step) {
      const there = waiting.get(table) ?? [];
      there.push(...rows);
      waiting.set(table, there);
    }
  let count = 0;
  for (const [table, rows] of waiting) count += await insert(client, 'matches', table, rows);
  return count;
}

/**
 * Inserts the positions of the consumer groups in the inbox tables, so that no group handles the city's events again.
 */
async function loadPositions(client: ClientBase, services: Services, beginning: Date): Promise<number> {
  let count = 0;
  for (const { service, name, hasInbox } of services.groups) {
    if (!hasInbox) continue;
    const events = [...(services.positions.get(name)?.values() ?? [])];
    const rows = events.map(({ topic, key, seq }) => ({ consumer: name, topic, key, last_seq: seq }));
    count += await insert(client, service, 'inbox', rows);
    count += await insert(client, service, 'inbox_group', [{ consumer: name, started_at: beginning }]);
  }
  return count;
}

/** Inserts rows that all have the columns of the first row. Other columns of the table get their defaults. */
async function insert(client: ClientBase, schema: string, table: string, rows: readonly object[]): Promise<number> {
  const [first] = rows;
  if (!first) return 0;
  const names = Object.keys(first)
    .map((name) => `"${name}"`)
    .join(', ');
  const into = qualified(schema, table);
  for (let from = 0; from < rows.length; from += BATCH)
    await client.query(
      `INSERT INTO ${into} (${names}) SELECT ${names} FROM json_populate_recordset(NULL::${into}, $1::json)`,
      [JSON.stringify(rows.slice(from, from + BATCH))],
    );
  return rows.length;
}

/** The tables in an order in which each one follows the tables that its foreign keys refer to. */
function inOrder({ tables }: MemoryDatabase): MemoryTable[] {
  const ordered: MemoryTable[] = [];
  const visit = (table: MemoryTable): void => {
    if (ordered.includes(table)) return;
    for (const { type, relation } of table.model.fields.values()) {
      const other = relation && tables.get(type);
      if (other && other !== table) visit(other);
    }
    ordered.push(table);
  };
  for (const table of tables.values()) visit(table);
  return ordered;
}
