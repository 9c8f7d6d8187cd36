// A replacement of a service's Prisma client, with tables in memory. It has the methods and options that services use
// when they write, and throws for all others. So a service that begins to use more of Prisma fails here instead of
// storing wrong rows.
import { compared, isObject, MemoryTable, type Row, type Where } from './memory-table.ts';
import { type Field, modelsOf } from './prisma-schema.ts';

/** Replaces a raw SQL statement of a service: `run` does its work on the tables in memory. The SQL contains `part`. */
export interface Statement {
  readonly part: string;
  run(tables: ReadonlyMap<string, MemoryTable>, values: readonly unknown[]): unknown;
}

export interface MemoryOptions {
  readonly service: string;
  /** Makes the id of a row whose model has `@default(uuid(7))`. */
  readonly newId: () => string;
  readonly statements: readonly Statement[];
}

interface Arguments {
  readonly where?: Where;
  readonly data?: Row | readonly Row[];
  readonly create?: Row;
  readonly update?: Row;
  readonly select?: Where;
  readonly include?: Where;
  readonly orderBy?: Where | readonly Where[];
  readonly take?: number;
  readonly skipDuplicates?: boolean;
  readonly by?: readonly string[];
  readonly _count?: unknown;
}

export class MemoryDatabase {
  readonly service: string;
  readonly tables: ReadonlyMap<string, MemoryTable>;
  /** The replacement of the Prisma client, which the constructors of services take. */
  readonly client: unknown;

  constructor({ service, newId, statements }: MemoryOptions) {
    this.service = service;
    const tables = new Map<string, MemoryTable>();
    const defaults = (field: Field): unknown => {
      switch (field.default) {
        case '[]':
          return [];
        case 'uuid(7)':
          return newId();
        case 'now()':
          return new Date();
        case 'true':
          return true;
        case 'false':
          return false;
        default:
          return field.type === 'Json' || field.type === 'Int'
            ? (JSON.parse((field.default ?? 'null').replaceAll(/^"|"$/g, '')) as unknown)
            : field.default?.replaceAll('"', '');
      }
    };
    for (const model of modelsOf(service).values()) tables.set(model.name, new MemoryTable(model, tables, defaults));
    this.tables = tables;
    const raw = (text: string, values: readonly unknown[]): Promise<unknown> => {
      const known = statements.find(({ part }) => text.includes(part));
      if (!known) throw new Error(`the client in memory does not know the statement ${text.slice(0, 200)}`);
      return Promise.resolve(known.run(tables, values));
    };
    const template = async (parts: TemplateStringsArray, ...values: unknown[]): Promise<unknown> =>
      raw(parts.join('?'), values);
    const plain = async (text: string, ...values: unknown[]): Promise<unknown> => raw(text, values);
    const client: Record<string, unknown> = {
      $queryRaw: template,
      $executeRaw: template,
      $queryRawUnsafe: plain,
      $executeRawUnsafe: plain,
      // There is nothing to isolate or roll back: changes happen one after the other, and an error ends the seed.
      $transaction: async (work: (tx: unknown) => Promise<unknown>) => work(client),
    };
    for (const table of tables.values()) {
      const { name } = table.model;
      client[name.charAt(0).toLowerCase() + name.slice(1)] = new Delegate(table);
    }
    this.client = client;
  }

  /** The rows of a model. */
  rows<T>(model: string): Iterable<T> {
    return this.table(model).rows as Iterable<unknown> as Iterable<T>;
  }

  table(model: string): MemoryTable {
    const table = this.tables.get(model);
    if (!table) throw new Error(`${this.service} has no ${model}`);
    return table;
  }
}

/**
 * The methods of Prisma's client for one model. They return promises as Prisma's methods do, but their work is done
 * when they return.
 */
class Delegate {
  readonly #table: MemoryTable;

  constructor(table: MemoryTable) {
    this.#table = table;
  }

  findMany = async (query: Arguments = {}): Promise<Row[]> => this.#many(query);
  findFirst = async (query: Arguments = {}): Promise<Row | null> => this.#many({ ...query, take: 1 })[0] ?? null;
  findUnique = this.findFirst;

  findUniqueOrThrow = async (query: Arguments): Promise<Row> => {
    const [found] = this.#many({ ...query, take: 1 });
    if (!found) throw new Error(`there is no such ${this.#table.model.name}`);
    return found;
  };

  count = async ({ where, take = Infinity }: Arguments = {}): Promise<number> => {
    let count = 0;
    for (const _ of this.#table.found(where)) if (++count >= take) break;
    return count;
  };

  groupBy = async ({ by = [], where, _count }: Arguments): Promise<Row[]> => {
    if (_count !== true) throw new Error('the client in memory only counts groups');
    const groups = Map.groupBy(this.#table.found(where), (row) => JSON.stringify(by.map((name) => row[name])));
    return [...groups.values()].map((rows) => ({
      ...Object.fromEntries(by.map((name) => [name, rows[0]?.[name]])),
      _count: rows.length,
    }));
  };

  create = async ({ data, ...shape }: Arguments): Promise<Row> => this.#shaped(this.#create(data as Row), shape);

  createMany = async ({ data, skipDuplicates }: Arguments): Promise<{ count: number }> => ({
    count: listOf(data).filter((one) => this.#table.insert(one, skipDuplicates)).length,
  });

  createManyAndReturn = async ({ data, skipDuplicates }: Arguments): Promise<Row[]> =>
    listOf(data).flatMap((one) => {
      const row = this.#table.insert(one, skipDuplicates);
      return row ? [{ ...row }] : [];
    });

  update = async ({ where, data, ...shape }: Arguments): Promise<Row> => {
    const row = this.#one(where);
    this.#table.update(row, data as Row);
    return this.#shaped(row, shape);
  };

  updateMany = async ({ where, data }: Arguments): Promise<{ count: number }> => {
    const rows = [...this.#table.found(where)];
    for (const row of rows) this.#table.update(row, data as Row);
    return { count: rows.length };
  };

  updateManyAndReturn = async ({ where, data, ...shape }: Arguments): Promise<Row[]> => {
    const rows = [...this.#table.found(where)];
    for (const row of rows) this.#table.update(row, data as Row);
    return rows.map((row) => this.#shaped(row, shape));
  };

  upsert = async ({ where = {}, create = {}, update = {}, ...shape }: Arguments): Promise<Row> => {
    const row = this.#table.first(where);
    if (row) this.#table.update(row, update);
    return this.#shaped(row ?? this.#create(create), shape);
  };

  delete = async ({ where }: Arguments): Promise<Row> => {
    const row = this.#one(where);
    this.#table.delete(row);
    return row;
  };

  deleteMany = async ({ where }: Arguments = {}): Promise<{ count: number }> => {
    const rows = [...this.#table.found(where)];
    for (const row of rows) this.#table.delete(row);
    return { count: rows.length };
  };

  #one(where: Where = {}): Row {
    const row = this.#table.first(where);
    if (!row) throw new Error(`there is no such ${this.#table.model.name}`);
    return row;
  }

  /** Inserts a row, and the rows of its relations that the data have as `organizers: { create: … }`. */
  #create(data: Row): Row {
    const own: Row = {};
    const others: [string, unknown][] = [];
    for (const [name, value] of Object.entries(data))
      if (isObject(value) && 'create' in value && this.#table.model.fields.get(name)?.isList === true)
        others.push([name, value['create']]);
      else own[name] = value;
    const row = this.#table.insert(own);
    if (!row) throw new Error('an insert gave no row');
    for (const [name, created] of others) {
      const { table, here, there } = this.#table.relation(name);
      const keys = Object.fromEntries(there.map((field, at) => [field, row[here[at] ?? '']]));
      for (const one of listOf(created as Row)) table.insert({ ...one, ...keys });
    }
    return row;
  }

  #many({ where, orderBy, take, ...shape }: Arguments): Row[] {
    let rows: Row[] = [];
    const order = orderBy === undefined ? [] : listOf(orderBy as Row);
    for (const row of this.#table.found(where)) {
      rows.push(row);
      if (order.length === 0 && take !== undefined && rows.length >= take) break;
    }
    if (order.length > 0) rows = sorted(rows, order).slice(0, take);
    return rows.map((row) => this.#shaped(row, shape));
  }

  #shaped(row: Row, shape: Arguments): Row {
    return shaped(this.#table, row, shape);
  }
}

function shaped(table: MemoryTable, row: Row, { select, include }: Arguments): Row {
  if (!select && !include) return { ...row };
  const result: Row = select ? {} : { ...row };
  for (const [name, asked] of Object.entries(select ?? include ?? {})) {
    if (asked === undefined || asked === false) continue;
    const field = table.model.fields.get(name);
    if (!field) throw new Error(`the client in memory does not know ${table.model.name}.${name}`);
    if (field.relation === undefined && name in row) {
      result[name] = row[name];
      continue;
    }
    const { table: other, isList } = table.relation(name);
    const query = (asked === true ? {} : asked) as Arguments;
    let rows = [...table.related(row, name)];
    if (query.where) rows = rows.filter((one) => other.matches(one, query.where ?? {}));
    if (query.orderBy !== undefined) rows = sorted(rows, listOf(query.orderBy as Row));
    const shapedRows = rows.slice(0, query.take).map((one) => shaped(other, one, query));
    result[name] = isList ? shapedRows : (shapedRows[0] ?? null);
  }
  return result;
}

function sorted(rows: Row[], order: readonly Row[]): Row[] {
  if (rows.length < 2) return rows;
  const keys = order.flatMap((one) =>
    Object.entries(one).map(([name, how]) => {
      const { sort = how, nulls } = isObject(how) ? how : {};
      const isDown = sort === 'desc';
      // In PostgreSQL, null is greater than every value, unless the query has `nulls: 'first'` or `nulls: 'last'`.
      const nullsFirst = nulls === undefined ? isDown : nulls === 'first';
      return { name, way: isDown ? -1 : 1, ofNull: nullsFirst ? -1 : 1 };
    }),
  );
  return rows.toSorted((a, b) => {
    for (const { name, way, ofNull } of keys) {
      const [left, right] = [a[name], b[name]];
      if (left === right) continue;
      if (left === null) return ofNull;
      if (right === null) return -ofNull;
      const difference = compared(left, right);
      if (difference !== 0) return way * difference;
    }
    return 0;
  });
}

const listOf = <T extends Row>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];
