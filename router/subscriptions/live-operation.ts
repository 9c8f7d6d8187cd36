import {
  Kind,
  TypeInfo,
  getNamedType,
  parse,
  print,
  stripIgnoredCharacters,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type {
  ASTNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import { requestError } from '../operation/request-error.ts';
import type { SubgraphRequest, SubgraphResult } from '../execution/types.ts';
import type { LiveDirectives, LiveStream } from '../supergraph/live.ts';
import { cursorArgument, cursorOf } from './cursor.ts';
import type { Cursor } from './subscriber.ts';

type Variables = Readonly<Record<string, unknown>>;

/** The parts of a subscription that do not depend on the values of its variables. `Upstream` completes its events. */
export interface LiveOperation {
  readonly stream: LiveStream;
  /** Whether the subscription selects a field whose value depends on the client's identity. */
  readonly isPrivate: boolean;
  /**
   * The variables that distinguish two subscriptions of this document: all except a variable that is used only as the
   * cursor.
   */
  distinguishingVariables(variables: Variables): Variables;
  /**
   * The cursor from which the client wants to resume, or undefined to start from now.
   * @param asked the planned operation for the subgraph
   */
  cursor(asked: SubgraphRequest): Cursor | undefined;
  /**
   * The subgraph request that starts after `cursor` and selects the cursor of each event. Without `@resume`: the
   * planned request.
   */
  request(asked: SubgraphRequest, cursor: Cursor | undefined): SubgraphRequest;
  /**
   * The request that asks for the stream's audience, to be sent with the client's identity. Undefined where no check is
   * needed.
   */
  check(asked: SubgraphRequest): SubgraphRequest | undefined;
  /** Removes the cursor from an event and returns it. Clients did not select it. */
  takeCursor(event: SubgraphResult): Cursor | undefined;
}

const NONE: LiveStream = {};

export function compileLiveOperation({
  text,
  operationName,
  planned,
  apiSchema,
  live,
}: {
  readonly text: string;
  readonly operationName: string | null | undefined;
  readonly planned: string;
  readonly apiSchema: GraphQLSchema;
  readonly live: LiveDirectives;
}): LiveOperation {
  const document = parse(text, { noLocation: true });
  const operation = operationOf(document, operationName);
  const fragments = fragmentsOf(document);
  const field = rootField(operation.selectionSet, fragments);
  const stream = live.streams.get(field.name.value) ?? NONE;
  const { audience, resume } = stream;
  const used = usedNodes(operation, fragments);
  const transient = selected(used, apiSchema, (type, name) => live.isTransient(type, name));
  if (transient !== undefined)
    throw requestError('NOT_IN_STREAM', [
      `A subscription cannot select ${transient}: its value would be old for a client that resumes. Ask for it with a query.`,
    ]);
  const given = field.arguments?.find(({ name }) => name.value === resume?.argument)?.value;
  const cursorVariable =
    given?.kind === Kind.VARIABLE && countOf(used, given.name.value) === 1 ? given.name.value : undefined;

  const plan = parse(planned, { noLocation: true });
  const plannedField = rootField(operationOf(plan, undefined).selectionSet, fragmentsOf(plan));
  const edited = resume && addCursor(plan, plannedField, resume);
  const responseName = plannedField.alias?.value ?? plannedField.name.value;
  const argument = (name: string, asked: SubgraphRequest): unknown => {
    const node = plannedField.arguments?.find((one) => one.name.value === name)?.value;
    return node && valueFromASTUntyped(node, asked.variables);
  };
  const check = audience?.check;
  const checkArgs = (check?.args ?? []).map(({ name, type }) => ({ name, type }));
  const checkQuery =
    check &&
    `query${checkArgs.length === 0 ? '' : `(${checkArgs.map(({ name, type }) => `$${name}:${type}`).join(',')})`}{${check.field}` +
      `${checkArgs.length === 0 ? '' : `(${checkArgs.map(({ name }) => `${name}:$${name}`).join(',')})`}{key position}}`;

  return {
    stream,
    isPrivate: selected(used, apiSchema, (type, name) => live.isPrivate(type, name)) !== undefined,
    distinguishingVariables(variables) {
      if (cursorVariable === undefined || !Object.hasOwn(variables, cursorVariable)) return variables;
      const { [cursorVariable]: _, ...others } = variables;
      return others;
    },
    cursor(asked) {
      if (!resume) return undefined;
      const value = argument(resume.argument, asked);
      return cursorOf(value === undefined ? resume.fallback : value);
    },
    request(asked, cursor) {
      if (!resume || !edited) return asked;
      const variables: Record<string, unknown> = {};
      for (const name of edited.variables)
        if (asked.variables?.[name] !== undefined) variables[name] = asked.variables[name];
      // Without a cursor the stream starts from now. If the argument has a default value, an absent argument would ask
      // for a replay. So the request sets it to null.
      if (cursor !== undefined) variables[edited.cursor] = cursorArgument(cursor, resume.type);
      else if (resume.fallback !== undefined) variables[edited.cursor] = null;
      return { ...asked, query: edited.query, variables };
    },
    check(asked) {
      if (checkQuery === undefined) return undefined;
      const variables: Record<string, unknown> = {};
      for (const { name } of checkArgs) {
        const value = argument(name, asked);
        if (value !== undefined) variables[name] = value;
      }
      return { query: checkQuery, variables };
    },
    takeCursor(event) {
      if (!edited) return undefined;
      const value = event.data?.[responseName];
      if (typeof value !== 'object' || value === null) return undefined;
      const object = value as Record<string, unknown>;
      const cursor = cursorOf(object[edited.alias]);
      delete object[edited.alias];
      return cursor;
    },
  };
}

function operationOf({ definitions }: DocumentNode, name: string | null | undefined): OperationDefinitionNode {
  const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const found =
    typeof name === 'string' && name !== ''
      ? operations.find((operation) => operation.name?.value === name)
      : operations[0];
  if (!found) throw new TypeError('the document was prepared with another operation');
  return found;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;
const fragmentsOf = ({ definitions }: DocumentNode): Fragments =>
  new Map(
    definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );

/** The root field. A subscription has exactly one (GraphQL specification 5.2.3.1), perhaps within fragments. */
function rootField({ selections }: SelectionSetNode, fragments: Fragments): FieldNode {
  const [first] = selections;
  if (first?.kind === Kind.FIELD) return first;
  const inner = first?.kind === Kind.INLINE_FRAGMENT ? first : fragments.get(first?.name.value ?? '');
  if (!inner) throw new TypeError('the subscription has no field');
  return rootField(inner.selectionSet, fragments);
}

/** The operation and all fragments that it uses, each once. */
function usedNodes(operation: OperationDefinitionNode, fragments: Fragments): readonly ASTNode[] {
  const used = new Set<OperationDefinitionNode | FragmentDefinitionNode>([operation]);
  for (const node of used) {
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value);
        if (fragment) used.add(fragment);
      },
    });
  }
  return [...used];
}

function countOf(nodes: readonly ASTNode[], variable: string): number {
  let count = 0;
  for (const node of nodes) {
    visit(node, {
      VariableDefinition: () => false,
      Variable: ({ name }) => {
        if (name.value === variable) count++;
      },
    });
  }
  return count;
}

/** The first selected field that fits, as `Type.field`. */
function selected(
  nodes: readonly ASTNode[],
  schema: GraphQLSchema,
  fits: (typename: string, field: string) => boolean,
): string | undefined {
  const info = new TypeInfo(schema);
  let found: string | undefined;
  for (const node of nodes) {
    visit(
      node,
      visitWithTypeInfo(info, {
        Field({ name }) {
          const parent = info.getParentType();
          if (!parent) return;
          const type = getNamedType(parent).name;
          if (fits(type, name.value)) found ??= `${type}.${name.value}`;
        },
      }),
    );
  }
  return found;
}

/**
 * Adds the cursor to the planned operation: as a variable for the argument, and as a selected field. Both get names
 * that the operation does not use.
 */
function addCursor(plan: DocumentNode, field: FieldNode, { argument, type, from }: NonNullable<LiveStream['resume']>) {
  const text = print(plan);
  const unused = (name: string): string => (text.includes(name) ? unused(`${name}_`) : name);
  const [alias, variable] = [unused('resume_from'), unused('resume_after')];
  const name = (value: string) => ({ kind: Kind.NAME, value }) as const;
  const given = { kind: Kind.VARIABLE, name: name(variable) } as const;
  const replaced: FieldNode = {
    ...field,
    arguments: [
      ...(field.arguments ?? []).filter((one) => one.name.value !== argument),
      { kind: Kind.ARGUMENT, name: name(argument), value: given },
    ],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: [
        ...(field.selectionSet?.selections ?? []),
        { kind: Kind.FIELD, alias: name(alias), name: name(from) },
      ],
    },
  };
  const changed: DocumentNode = visit(plan, { Field: (node) => (node === field ? replaced : undefined) });
  const stillUsed = (definition: string): boolean => countOf([changed], definition) > 0;
  const variables: string[] = [];
  const whole: DocumentNode = visit(changed, {
    OperationDefinition: (node) => {
      const kept = (node.variableDefinitions ?? []).filter((definition) => stillUsed(definition.variable.name.value));
      variables.push(...kept.map((definition) => definition.variable.name.value));
      const [own] =
        operationOf(parse(`subscription ($${variable}: ${type}) { x }`, { noLocation: true }), undefined)
          .variableDefinitions ?? [];
      return { ...node, variableDefinitions: own ? [...kept, own] : kept };
    },
  });
  return { query: stripIgnoredCharacters(print(whole)), alias, cursor: variable, variables };
}
