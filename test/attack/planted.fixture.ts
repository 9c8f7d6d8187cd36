import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredInputField,
} from 'graphql';

/** A value that must not be in any answer, log line or report. It cannot be confused with a name of the schema. */
export const SECRET = 'hunter2Correct';

/** One request with {@link SECRET} in it. */
export interface Planted {
  /** The place of the value and its error, for the message of a failed test. */
  readonly what: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly query: string;
  readonly variables: Record<string, unknown>;
  /** Whether the schema allows the value, so that it reaches a service. */
  readonly fits: boolean;
}

/** Text that is written into a document as it is. */
class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const PLAIN: Readonly<Record<string, unknown>> = {
  Int: 1,
  Float: 1.5,
  Boolean: true,
  DateTime: '2026-05-01T18:30:00.000Z',
};

/** A value that the type allows, with the secret in every place for a text. */
function fill(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return fill(type.ofType);
  if (isListType(type)) return [fill(type.ofType)];
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    return Object.fromEntries(
      (type.isOneOf ? fields.slice(0, 1) : fields).map((field) => [field.name, fill(field.type)]),
    );
  }
  if (isEnumType(type)) return type.getValues()[0]?.name;
  return PLAIN[type.name] ?? SECRET;
}

/** Invalid values of the type: a wrong kind at each place, an extra field, a missing field, two fields of a one-of. */
function* invalidValues(type: GraphQLInputType, place: string): Generator<{ what: string; value: unknown }> {
  if (isNonNullType(type)) return yield* invalidValues(type.ofType, place);
  if (isListType(type)) {
    for (const { what, value } of invalidValues(type.ofType, `${place}[1]`))
      yield { what, value: [fill(type.ofType), value] };
    return;
  }
  const object = isInputObjectType(type);
  const isText = !object && !isEnumType(type) && !(type.name in PLAIN);
  yield {
    what: `${place}: an object instead of ${type.name}`,
    value: object ? { [place.split('.').at(-1) ?? '']: SECRET } : { text: SECRET },
  };
  yield { what: `${place}: a list instead of ${type.name}`, value: [{ text: SECRET }, [SECRET]] };
  if (!isText) yield { what: `${place}: a text instead of ${type.name}`, value: SECRET };
  if (!object) return;
  const whole = fill(type) as Record<string, unknown>;
  yield { what: `${place}: an unknown field`, value: { ...whole, surplus: SECRET } };
  if (type.isOneOf)
    yield {
      what: `${place}: two of one`,
      value: Object.fromEntries(Object.values(type.getFields()).map((field) => [field.name, fill(field.type)])),
    };
  for (const field of Object.values(type.getFields())) {
    for (const { what, value } of invalidValues(field.type, `${place}.${field.name}`))
      yield { what, value: { ...(type.isOneOf ? {} : whole), [field.name]: value } };
    if (!isRequiredInputField(field)) continue;
    const { [field.name]: _left, ...rest } = whole;
    yield { what: `${place}.${field.name}: missing`, value: rest };
    yield { what: `${place}.${field.name}: null`, value: { ...whole, [field.name]: null } };
  }
}

/** A literal of the type. A value of another kind is written like JSON. */
function literal(value: unknown, type?: GraphQLInputType): string {
  if (value instanceof Raw) return value.text;
  const named = type && (isNonNullType(type) ? type.ofType : type);
  if (Array.isArray(value))
    return `[${value.map((item) => literal(item, named && isListType(named) ? named.ofType : undefined)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = named && isInputObjectType(named) ? named.getFields() : {};
    return `{${Object.entries(value)
      .map(([name, member]) => `${name}: ${literal(member, fields[name]?.type)}`)
      .join(', ')}}`;
  }
  return named && isEnumType(named) && value !== SECRET ? String(value) : JSON.stringify(value);
}

interface Step {
  readonly field: GraphQLField<unknown, unknown>;
  /** The type with the field, when the previous field may return several types. */
  readonly on?: string;
}

/** The shortest path from the root to each field with arguments. */
function* pathsToArguments(schema: GraphQLSchema, root: GraphQLObjectType): Generator<readonly Step[]> {
  const seen = new Set<string>();
  const queue: { type: GraphQLObjectType; on?: string; way: readonly Step[] }[] = [{ type: root, way: [] }];
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (seen.has(next.type.name)) continue;
    seen.add(next.type.name);
    for (const field of Object.values(next.type.getFields())) {
      const way = [...next.way, { field, ...(next.on && { on: next.on }) }];
      if (field.args.length > 0) yield way;
      const type = getNamedType(field.type);
      if (isObjectType(type)) queue.push({ type, way });
      else if (isInterfaceType(type))
        for (const object of schema.getPossibleTypes(type)) queue.push({ type: object, on: object.name, way });
    }
  }
}

/** The fields of the path, each with its arguments. */
function selection([step, ...rest]: readonly Step[], argumentsOf: (step: Step) => string): string {
  if (!step) return '__typename';
  const type = getNamedType(step.field.type);
  const inner = rest.length > 0 ? selection(rest, argumentsOf) : isCompositeType(type) ? '__typename' : '';
  const field = `${step.field.name}${argumentsOf(step)}${inner && ` { ${inner} }`}`;
  return step.on ? `... on ${step.on} { ${field} }` : field;
}

/**
 * Requests with the secret in every argument and input type of the schema, valid and invalid, in variables and in the
 * document. They are generated from the schema, so a new input type is covered without a change here.
 */
export function* planted(schema: GraphQLSchema): Generator<Planted> {
  for (const [kind, root] of [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const) {
    if (!root) continue;
    for (const way of pathsToArguments(schema, root)) {
      const last = way.at(-1) as Step;
      for (const planting of last.field.args) {
        const place = `${way.map(({ field }) => field.name).join('.')}(${planting.name})`;
        const values = [
          { what: `${place}: what fits`, value: fill(planting.type), fits: true },
          ...[...invalidValues(planting.type, place)].map((one) => ({ ...one, fits: false })),
        ];
        for (const { what, value, fits } of values) {
          const write = (planted: string) =>
            selection(way, (step) => {
              const args = step.field.args.filter(
                (arg) => (step === last ? arg === planting : false) || isNonNullType(arg.type),
              );
              return args.length === 0
                ? ''
                : `(${args.map((arg) => `${arg.name}: ${step === last && arg === planting ? planted : literal(fill(arg.type), arg.type)}`).join(', ')})`;
            });
          yield {
            what: `${what}, as a variable`,
            kind,
            fits,
            query: `${kind} ($planted: ${String(planting.type)}) { ${write('$planted')} }`,
            variables: { planted: value },
          };
          yield {
            what: `${what}, written out`,
            kind,
            fits,
            query: `${kind} { ${write(literal(value, planting.type))} }`,
            variables: {},
          };
        }
        const write = (planted: string): string =>
          `${kind} { ${selection(way, (step) => (step === last ? `(${planting.name}: ${planted})` : ''))} }`;
        // The router refuses a document that cannot be parsed before it looks at fields. So the root fields are enough.
        for (const broken of way.length > 1
          ? []
          : [
              SECRET,
              `"${SECRET}`,
              `"a"${SECRET}"`,
              `"""${SECRET}`,
              `'${SECRET}'`,
              `"\\${SECRET}"`,
              `12${SECRET}`,
              `$"${SECRET}"`,
              `{ a: "${SECRET}" "${SECRET}" }`,
            ]) {
          yield { what: `${place}: ${broken}`, kind, fits: false, query: write(broken), variables: {} };
        }
      }
    }
  }
}
