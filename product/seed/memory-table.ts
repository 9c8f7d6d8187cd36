// Keeps the rows of one Prisma model in memory, with those filters and writes of Prisma that services use.
import type { Field, Model } from './prisma-schema.ts';

export type Row = Record<string, unknown>;
export type Where = Readonly<Record<string, unknown>>;

/** The error for a row that violates a unique index. It has the code of Prisma's error. */
class NotUnique extends Error {
  readonly code = 'P2002';
}

/** An index of a table's rows by `fields`. A key of `rows` is made of the values of these fields. */
interface Index {
  readonly fields: readonly string[];
  readonly rows: Map<string, Set<Row>>;
}

interface Relation {
  /** The table at the other end of the relation. */
  readonly table: MemoryTable;
  /**
   * The relation connects rows for which the fields `here` of this table equal the fields `there` of the other table.
   */
  readonly here: readonly string[];
  readonly there: readonly string[];
  /** Whether a row of this table can have several rows at the other end. */
  readonly isList: boolean;
}

const SEPARATOR = '\u0000';
const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value instanceof Date ? value.toISOString() : String(value);
const keyOf = (fields: readonly string[], row: Where): string =>
  fields.length === 1 ? textOf(row[fields[0] ?? '']) : fields.map((field) => textOf(row[field])).join(SEPARATOR);

export class MemoryTable {
  readonly model: Model;
  readonly rows = new Set<Row>();
  readonly #tables: ReadonlyMap<string, MemoryTable>;
  readonly #indexes: readonly Index[];
  readonly #unique: readonly Index[];
  /** The indexes of a single field, by the name of the field. */
  readonly #byField = new Map<string, Index>();
  readonly #relations = new Map<string, Relation>();
  /** Makes the value of a field that has `@default`. */
  readonly #defaults: (field: Field) => unknown;

  /** @param tables all tables of the service by the name of their model; the caller adds this table to it */
  constructor(model: Model, tables: ReadonlyMap<string, MemoryTable>, defaults: (field: Field) => unknown) {
    this.model = model;
    this.#tables = tables;
    this.#defaults = defaults;
    const index = (fields: readonly string[]): Index => ({ fields, rows: new Map() });
    this.#unique = [model.primary, ...model.uniques].map(index);
    const references = [...model.fields.values()].filter(
      ({ name, type, isList }) => type === 'String' && !isList && name.endsWith('Id') && !name.startsWith('client'),
    );
    this.#indexes = [...this.#unique, ...references.map(({ name }) => index([name]))];
    for (const one of this.#indexes.toReversed())
      if (one.fields.length === 1 && one.fields[0] !== undefined) this.#byField.set(one.fields[0], one);
  }

  /** The rows that match the filter. They are the stored objects, so do not change them. */
  *found(where: Where = {}): Iterable<Row> {
    for (const row of this.#candidates(where) ?? this.rows) if (this.matches(row, where)) yield row;
  }

  first(where: Where): Row | undefined {
    for (const row of this.found(where)) return row;
    return undefined;
  }

  matches(row: Row, where: Where): boolean {
    for (const [name, condition] of Object.entries(where)) {
      if (condition === undefined) continue;
      if (!this.#fits(row, name, condition)) return false;
    }
    return true;
  }

  /**
   * Inserts a row.
   * @param skipDuplicates do nothing, and return undefined, if the row violates a unique index
   * @throws NotUnique if the row violates a unique index otherwise
   */
  insert(data: Row, skipDuplicates = false): Row | undefined {
    const row: Row = {};
    for (const field of this.model.fields.values()) {
      if (this.#tables.has(field.type)) continue;
      const given = data[field.name];
      row[field.name] = given === undefined ? this.#absent(field) : stored(field, given);
    }
    for (const name of Object.keys(data)) if (!this.model.fields.has(name)) throw this.#unknown(name);
    for (const { fields, rows } of this.#unique) {
      if (fields.some((field) => row[field] === null) || !rows.has(keyOf(fields, row))) continue;
      if (skipDuplicates) return undefined;
      throw new NotUnique(`${this.model.name} has a row with this ${fields.join(', ')}`);
    }
    this.rows.add(row);
    for (const index of this.#indexes) add(index, row);
    return row;
  }

  update(row: Row, data: Row): void {
    const next: Row = {};
    for (const [name, given] of Object.entries(data)) {
      if (given === undefined) continue;
      const field = this.model.fields.get(name);
      if (!field || this.#tables.has(field.type)) throw this.#unknown(name);
      next[name] =
        field.type === 'Int' && isObject(given) && 'increment' in given
          ? Number(row[name]) + Number(given['increment'])
          : stored(field, given);
    }
    const touched = this.#indexes.filter(({ fields }) => fields.some((field) => field in next));
    for (const index of touched) remove(index, row);
    Object.assign(row, next);
    for (const index of touched) add(index, row);
  }

  delete(row: Row): void {
    this.rows.delete(row);
    for (const index of this.#indexes) remove(index, row);
  }

  /** The rows at the other end of a relation. They are the stored objects, so do not change them. */
  *related(row: Row, name: string): Iterable<Row> {
    const { table, here, there } = this.relation(name);
    const [first] = there;
    const index = there.length === 1 && first !== undefined ? table.#byField.get(first) : undefined;
    if (index) yield* index.rows.get(textOf(row[here[0] ?? ''])) ?? [];
    else yield* table.found(Object.fromEntries(there.map((field, at) => [field, row[here[at] ?? '']])));
  }

  /** The relation of a field to another table. @throws Error for a field that is no relation */
  relation(name: string): Relation {
    const known = this.#relations.get(name);
    if (known) return known;
    const field = this.model.fields.get(name);
    const table = field && this.#tables.get(field.type);
    if (!field || !table) throw this.#unknown(name);
    const own = field.relation;
    const other = [...table.model.fields.values()].find(
      ({ type, relation }) => type === this.model.name && relation !== undefined,
    )?.relation;
    if (!own && !other) throw this.#unknown(name);
    const relation: Relation = own
      ? { table, here: own.from, there: own.to, isList: false }
      : { table, here: other?.to ?? [], there: other?.from ?? [], isList: true };
    this.#relations.set(name, relation);
    return relation;
  }

  #absent(field: Field): unknown {
    if (field.default !== undefined) return this.#defaults(field);
    return field.isList ? [] : null;
  }

  #fits(row: Row, name: string, condition: unknown): boolean {
    const all = (conditions: unknown): Where[] => (Array.isArray(conditions) ? conditions : [conditions]) as Where[];
    if (name === 'AND') return all(condition).every((one) => this.matches(row, one));
    if (name === 'OR') return all(condition).some((one) => this.matches(row, one));
    if (name === 'NOT') return !all(condition).some((one) => this.matches(row, one));
    const field = this.model.fields.get(name);
    // A filter may have the name of a unique index of several fields, such as `teamId_userId: { teamId, userId }`.
    if (!field) {
      if (!isObject(condition) || !name.includes('_')) throw this.#unknown(name);
      return this.matches(row, condition);
    }
    if (!this.#tables.has(field.type)) return holds(row[name], condition, `${this.model.name}.${name}`);
    const { table, isList } = this.relation(name);
    if (!isObject(condition)) throw this.#unknown(name);
    const { some, ...others } = isList ? condition : { some: condition };
    if (!isObject(some) || Object.keys(others).length > 0) throw this.#unknown(name);
    for (const one of this.related(row, name)) if (table.matches(one, some)) return true;
    return false;
  }

  /**
   * The smallest set of rows that an index gives for the filter. The filter must still be applied to these rows.
   * Undefined when no index fits the filter.
   */
  #candidates(where: Where): Iterable<Row> | undefined {
    const names = Object.keys(where);
    const only = names.length === 1 ? names[0] : undefined;
    if (only !== undefined) {
      const [index, value] = [this.#byField.get(only), where[only]];
      if (index && !isObject(value)) return index.rows.get(textOf(value)) ?? [];
    }
    const fixed = this.#fixed(where);
    let best: Set<Row>[] | undefined;
    let fewest = Infinity;
    for (const { fields, rows } of this.#indexes) {
      if (!fields.every((field) => fixed.has(field))) continue;
      const sets = keys(fields.map((field) => fixed.get(field) ?? [])).flatMap((key) => rows.get(key) ?? []);
      const count = sets.reduce((sum, { size }) => sum + size, 0);
      if (count < fewest) [best, fewest] = [sets, count];
    }
    if (best) return best.length === 1 ? best[0] : new Set(best.flatMap((set) => [...set]));
    const { OR: either } = where;
    if (!Array.isArray(either)) return undefined;
    const found = (either as Where[]).map((one) => this.#candidates(one));
    return found.every((one) => one !== undefined) ? new Set(found.flatMap((one) => [...one])) : undefined;
  }

  /** For each field that the filter restricts to certain values: these values as texts. */
  #fixed(where: Where, found = new Map<string, readonly string[]>()): Map<string, readonly string[]> {
    for (const [name, condition] of Object.entries(where)) {
      if (condition === undefined || name === 'OR' || name === 'NOT') continue;
      if (name === 'AND') {
        for (const one of (Array.isArray(condition) ? condition : [condition]) as Where[]) this.#fixed(one, found);
        continue;
      }
      const field = this.model.fields.get(name);
      if (!field) this.#fixed(condition as Where, found);
      else if (!isObject(condition)) found.set(name, [textOf(condition)]);
      else if (Array.isArray(condition['in'])) found.set(name, condition['in'].map(textOf));
    }
    return found;
  }

  #unknown(name: string): Error {
    return new Error(`the client in memory does not know ${this.model.name}.${name}`);
  }
}

function keys(values: readonly (readonly string[])[]): string[] {
  const [first = [], ...rest] = values;
  if (rest.length === 0) return [...new Set(first)];
  const others = keys(rest);
  return [...new Set(first)].flatMap((one) => others.map((other) => one + SEPARATOR + other));
}

function add({ fields, rows }: Index, row: Row): void {
  const key = keyOf(fields, row);
  const there = rows.get(key);
  if (there) there.add(row);
  else rows.set(key, new Set([row]));
}

function remove({ fields, rows }: Index, row: Row): void {
  const key = keyOf(fields, row);
  const there = rows.get(key);
  there?.delete(row);
  if (there?.size === 0) rows.delete(key);
}

export const isObject = (value: unknown): value is Where =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/**
 * The value to store in a field. JSON is stored as PostgreSQL would return it: without `undefined`, and with texts
 * instead of dates.
 */
function stored({ type, isList }: Field, value: unknown): unknown {
  if (type === 'Json') return JSON.parse(JSON.stringify(value)) as unknown;
  return isList ? [...(value as unknown[])] : value;
}

function holds(value: unknown, condition: unknown, where: string): boolean {
  if (!isObject(condition)) return isEqual(value, condition);
  return Object.entries(condition).every(([operator, operand]) => {
    if (operand === undefined) return true;
    switch (operator) {
      case 'equals':
        return isEqual(value, operand);
      case 'in':
        return (operand as unknown[]).some((one) => isEqual(value, one));
      // As in SQL, a comparison with null is never true.
      case 'notIn':
        return value !== null && !(operand as unknown[]).some((one) => isEqual(value, one));
      case 'not':
        return operand === null ? value !== null : value !== null && !isEqual(value, operand);
      case 'lt':
        return value !== null && compared(value, operand) < 0;
      case 'lte':
        return value !== null && compared(value, operand) <= 0;
      case 'gt':
        return value !== null && compared(value, operand) > 0;
      case 'gte':
        return value !== null && compared(value, operand) >= 0;
      default:
        throw new Error(`the client in memory does not know the operator ${operator} of ${where}`);
    }
  });
}

const isEqual = (a: unknown, b: unknown): boolean =>
  a === b || (a instanceof Date && b instanceof Date && a.getTime() === b.getTime());

export function compared(a: unknown, b: unknown): number {
  const [left, right] = [a, b].map((one) => (one instanceof Date ? one.getTime() : (one as number | string)));
  if (left === right) return 0;
  return (left as number) < (right as number) ? -1 : 1;
}
