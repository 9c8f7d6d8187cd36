import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isLeafType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { GraphQLCompositeType, GraphQLField, GraphQLInputType, GraphQLSchema } from 'graphql';

/**
 * A sequence of decisions from which an operation is generated. When it runs out, each decision is the first choice,
 * which is the simplest.
 */
export class Tape {
  readonly #numbers: readonly number[];
  #at = 0;
  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }
  choose(count: number): number {
    return (this.#numbers[this.#at++] ?? 0) % count;
  }
  pick<T>(items: readonly T[]): T {
    return items[this.choose(items.length)] as T;
  }
}

const LITERALS: Readonly<Record<string, readonly string[]>> = {
  Int: ['1', '2', '0'],
  String: ['"a"', '""'],
  ID: ['"p1"', '"p2"', '"m1"', '"m2"'],
  Boolean: ['false', 'true'],
  Float: ['0.5'],
};
const MOST_LEVELS = 5;

/**
 * Generates a query. It is valid, except that it may select fields that cannot be merged, which validation detects. Its
 * variables are `$yes` and `$no`.
 */
export function generateQuery(schema: GraphQLSchema, tape: Tape): string {
  const root = schema.getQueryType();
  if (root == null) throw new Error('There is no query type');
  const text = selections(schema, root, tape, 0);
  const used = ['yes', 'no'].filter((name) => text.includes(`$${name})`));
  return `${used.length === 0 ? '' : `query(${used.map((name) => `$${name}: Boolean!`).join(' ')}) `}${text}`;
}

function selections(schema: GraphQLSchema, type: GraphQLCompositeType, tape: Tape, level: number): string {
  const count = 1 + tape.choose(level === 0 ? 2 : 4);
  const chosen = Array.from({ length: count }, () => selection(schema, type, tape, level)).filter(
    (text) => text !== '',
  );
  return `{ ${chosen.length === 0 ? '__typename' : chosen.join(' ')} }`;
}

function selection(schema: GraphQLSchema, type: GraphQLCompositeType, tape: Tape, level: number): string {
  const condition =
    ['', '', '', '', '', '', ' @include(if: $yes)', ' @skip(if: $yes)', ' @include(if: $no)', ' @skip(if: $no)'][
      tape.choose(10)
    ] ?? '';
  const fragments = isAbstractType(type)
    ? [...schema.getPossibleTypes(type), type]
    : isObjectType(type)
      ? [type, ...type.getInterfaces()]
      : [];
  if (isAbstractType(type) ? tape.choose(3) > 0 : tape.choose(12) === 11) {
    const inner = tape.pick(fragments);
    return `... on ${inner.name}${condition} ${selections(schema, inner, tape, level)}`;
  }
  const fields =
    'getFields' in type
      ? Object.values(type.getFields()).filter((field) => level < MOST_LEVELS || isLeafType(getNamedType(field.type)))
      : [];
  if (fields.length === 0 || tape.choose(12) === 11) return `__typename${condition}`;
  const field = tape.pick(fields);
  const below = getNamedType(field.type);
  const alias = ['', '', '', '', 'a: ', 'b: ', 'title: ', 'upc: ', 'id: '][tape.choose(9)] ?? '';
  return `${alias}${field.name}${argumentsOf(field, tape)}${condition}${isCompositeType(below) ? ` ${selections(schema, below, tape, level + 1)}` : ''}`;
}

function argumentsOf(field: GraphQLField<unknown, unknown>, tape: Tape): string {
  const given = field.args.flatMap(({ name, type }) =>
    isNonNullType(type) || tape.choose(3) === 2 ? [`${name}: ${literal(type, tape)}`] : [],
  );
  return given.length === 0 ? '' : `(${given.join(', ')})`;
}

function literal(type: GraphQLInputType, tape: Tape): string {
  const named = getNamedType(type);
  return tape.pick(isEnumType(named) ? named.getValues().map(({ name }) => name) : (LITERALS[named.name] ?? ['null']));
}
