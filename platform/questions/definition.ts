import type { z } from 'zod';

/**
 * The error when a subgraph could not be asked, or its answer is not available yet. Clients see UNAVAILABLE; the reason
 * goes to the log.
 */
export class NoAnswer extends Error {
  readonly code = 'UNAVAILABLE';
  override readonly name = 'NoAnswer';
}

/** The GraphQL response. */
export interface Reply {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: { readonly code?: unknown };
  }[];
}

/** A kind of question. One call asks about one or more items, and has an answer for each. */
export interface Question<I, A> {
  /** The subgraph that answers. */
  readonly to: string;
  /** The query field that answers. */
  readonly field: string;
  /** The operation, with one variable `of`. It must not change anything, because it may be sent twice. */
  readonly query: string;
  /** The element of `of` for an item. */
  variable(item: I): unknown;
  /**
   * Reads the answers in the order of the items. The place of an item that failed alone has a NoAnswer.
   * @throws NoAnswer when the reply as a whole cannot be used, for example because the list has another length
   */
  read(reply: Reply, items: readonly I[]): readonly (A | NoAnswer)[];
}

/** A field of the asked subgraph's SDL: `field(argument: [type]!): [answer]!`, with answers in the same order. */
export interface QuestionOptions<I, A> {
  readonly to: string;
  /** The name of the field that answers the question: an `@inaccessible` field of the asked subgraph's Query. */
  readonly field: string;
  readonly argument: string;
  /** The GraphQL type of an item. */
  readonly type: `${string}!`;
  /** The selection of an answer, for example `{ id name }`; absent for a scalar. */
  readonly selection?: string;
  readonly answer: z.ZodType<A>;
  /** The schema of an item. */
  readonly item: z.ZodType<I>;
}

/** Defines a question with an answer for each item. An item with an error of its own does not fail the others. */
export function defineQuestion<I, A>({
  to,
  field,
  argument,
  type,
  selection = '',
  answer,
}: QuestionOptions<I, A>): Question<I, A> {
  return {
    to,
    field,
    query: `query ($of: [${type}]!) { ${field}(${argument}: $of) ${selection}}`,
    variable: (item) => item,
    read: (reply, items) => answersIn(to, field, reply, items.length, answer),
  };
}

/**
 * Defines a question for a field `field(argument: [ID!]!): [ID!]!`, which returns the ids for which the answer is true.
 */
export function defineWhich({
  to,
  field,
  argument,
}: Pick<QuestionOptions<string, boolean>, 'to' | 'field' | 'argument'>): Question<string, boolean> {
  return {
    to,
    field,
    query: `query ($of: [ID!]!) { ${field}(${argument}: $of) }`,
    variable: (id) => id,
    read(reply, ids) {
      const trueIds = new Set(listIn(to, field, reply));
      return ids.map((id) => trueIds.has(id));
    },
  };
}

/** An object of a subgraph, as the router refers to it. */
export interface Reference {
  readonly __typename: string;
  /** The global id of the object. */
  readonly id: string;
}

export interface EntityOptions<A> {
  readonly to: string;
  readonly type: string;
  /** Fields of the type that this subgraph has, such as `{ name }`. */
  readonly selection: string;
  readonly answer: z.ZodType<A>;
}

/**
 * Asks by global ids for fields of objects, as the viewer sees them. Null for an object that does not exist, or that
 * the viewer may not see.
 */
export function defineEntity<A>({ to, type, selection, answer }: EntityOptions<A>): Question<string, A | null> {
  const { field, variable } = entitiesOf(to);
  return {
    to,
    field,
    query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type} ${selection} } }`,
    variable: (id) => variable({ __typename: type, id }),
    read: (reply, items) => answersIn(to, field, reply, items.length, answer.nullable()),
  };
}

/**
 * Asks whether the viewer may see the referenced object. Nobody may see a missing object. The subgraph needs no field
 * of its own for it.
 */
export function entitiesOf(to: string): Question<Reference, boolean> {
  return {
    to,
    field: '_entities',
    query: 'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }',
    variable: ({ __typename, id }) => ({ __typename, id }),
    read: (reply, items) =>
      listPerItem(to, '_entities', reply, items.length).map((one) => (one instanceof NoAnswer ? one : one !== null)),
  };
}

/** Asks whether an object of this type has the global id. */
export function defineExistence({
  to,
  type,
}: {
  readonly to: string;
  readonly type: string;
}): Question<string, boolean> {
  const { query, field, variable, read } = entitiesOf(to);
  const reference = (id: string): Reference => ({ __typename: type, id });
  return {
    to,
    field,
    query,
    variable: (id) => variable(reference(id)),
    read: (reply, ids) => read(reply, ids.map(reference)),
  };
}

/** The answers in the order of the items. An answer in another form is a NoAnswer. @throws NoAnswer */
const answersIn = <A>(
  to: string,
  field: string,
  reply: Reply,
  count: number,
  answer: z.ZodType<A>,
): readonly (A | NoAnswer)[] =>
  listPerItem(to, field, reply, count).map((one, index) => {
    if (one instanceof NoAnswer) return one;
    const { data, error } = answer.safeParse(one);
    return error
      ? new NoAnswer(
          `${to} answered ${field}.${index} in a form that is not defined: ${String(error.issues[0]?.path.join('.'))}`,
        )
      : data;
  });

const textOf = ({ message, extensions }: NonNullable<Reply['errors']>[number]): string =>
  `${String(extensions?.code)}: ${message}`;

/** The list in the answer of the field. @throws NoAnswer */
function listIn(to: string, field: string, { data, errors = [] }: Reply): readonly unknown[] {
  const list = data?.[field];
  if (errors.length > 0 || !Array.isArray(list))
    throw new NoAnswer(`${to} answered ${errors.map(textOf).join('; ') || 'nothing'}`);
  return list;
}

/**
 * The list in the answer of the field, as {@link listIn} returns it. But an error at an item's own index fails only
 * that item. @throws NoAnswer
 */
function listPerItem(to: string, field: string, { data, errors = [] }: Reply, count: number): readonly unknown[] {
  const own = errors.filter(({ path }) => path?.[0] === field && typeof path[1] === 'number');
  const list = listIn(to, field, { data, errors: errors.filter((error) => !own.includes(error)) });
  if (list.length !== count) throw new NoAnswer(`${to} answered ${list.length} of ${count}`);
  const failed = new Map(own.map((error) => [error.path?.[1], error]));
  return list.map((one, index) => {
    const error = failed.get(index);
    return error ? new NoAnswer(`${to} answered ${textOf(error)}`) : one;
  });
}
