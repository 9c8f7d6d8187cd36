import { GraphQLError, Kind, NoSchemaIntrospectionCustomRule, parse, specifiedRules, validate, visit } from 'graphql';
import type {
  DocumentNode,
  FragmentDefinitionNode,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import { deferErrors } from './defer-document.ts';
import { nestedTooDeep, requestError } from './request-error.ts';

/** The size of a selection set with its fragments expanded. */
interface Size {
  readonly fields: number;
  /** Levels of nested selection sets. */
  readonly height: number;
}
const NO_SIZE: Size = { fields: 0, height: 0 };

export interface DocumentLimits {
  readonly maxTokens: number;
  /**
   * Levels of nested selection sets, with fragments expanded. The caller has already checked the nesting of the text
   * itself.
   */
  readonly maxNesting: number;
  readonly introspection: boolean;
}

/** One operation of a document. */
export interface ParsedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Variables that @skip or @include use. null is not a valid value for them. */
  readonly deciding: readonly string[];
}

/**
 * The largest number of fields of an operation with its fragments expanded. An operation with more is refused. A few
 * hundred tokens of nested fragments can expand to millions of fields, and planning visits each.
 */
const MAX_EXPANDED_FIELDS = 20_000;
const MAX_VALIDATION_ERRORS = 20;

/**
 * Parses and validates a document against the API schema, and selects one operation.
 * @throws RequestError
 */
export function parseOperation(
  schema: GraphQLSchema,
  text: string,
  operationName: string | null | undefined,
  { maxTokens, maxNesting, introspection }: DocumentLimits,
): ParsedOperation {
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw requestError('GRAPHQL_PARSE_FAILED', [error]);
  }
  const { operations, fragments } = definitionsOf(document);
  const invalid = structuralError(document, operations, fragments, maxNesting);
  if (invalid !== undefined) throw requestError('GRAPHQL_VALIDATION_FAILED', [invalid]);
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const errors = [...validate(schema, document, rules, { maxErrors: MAX_VALIDATION_ERRORS })];
  if (errors.length === 0) errors.push(...deferErrors(document).slice(0, MAX_VALIDATION_ERRORS));
  if (errors.length > MAX_VALIDATION_ERRORS) {
    const more = `The document has more than ${MAX_VALIDATION_ERRORS} validation errors; the others are not listed.`;
    throw requestError('GRAPHQL_VALIDATION_FAILED', [...errors.slice(0, MAX_VALIDATION_ERRORS), more]);
  }
  if (errors.length > 0) throw requestError('GRAPHQL_VALIDATION_FAILED', errors);
  const operation = selectOperation(operations, operationName);
  return { document, operation, fragments, deciding: decidingVariables(document) };
}

/** Parses a document that `parseOperation` has accepted before, without checking it again. */
export function readOperation(text: string, operationName: string | null | undefined): ParsedOperation {
  const document = parse(text, { noLocation: true });
  const { operations, fragments } = definitionsOf(document);
  return {
    document,
    operation: selectOperation(operations, operationName),
    fragments,
    deciding: text.includes('@') ? decidingVariables(document) : [],
  };
}

function definitionsOf(document: DocumentNode): {
  operations: OperationDefinitionNode[];
  fragments: Map<string, FragmentDefinitionNode>;
} {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  return { operations, fragments };
}

function selectOperation(
  operations: readonly OperationDefinitionNode[],
  name: string | null | undefined,
): OperationDefinitionNode {
  if (name !== undefined && name !== null && name !== '') {
    const found = operations.find((operation) => operation.name?.value === name);
    if (found === undefined)
      throw requestError('OPERATION_RESOLUTION_FAILURE', ['The document has no operation of this name.']);
    return found;
  }
  const [first] = operations;
  if (first === undefined) throw requestError('OPERATION_RESOLUTION_FAILURE', ['Must provide an operation.']);
  if (operations.length === 1) return first;
  throw requestError('OPERATION_RESOLUTION_FAILURE', [
    'Must provide operation name if query contains multiple operations.',
  ]);
}

/**
 * Finds errors that graphql-js does not find. Also checks limits that must hold before the validation of graphql-js,
 * whose cost is not linear.
 */
function structuralError(
  document: DocumentNode,
  operations: readonly OperationDefinitionNode[],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  maxNesting: number,
): GraphQLError | undefined {
  let forbidden: GraphQLError | undefined;
  visit(document, {
    Field({ alias, name }) {
      if (alias === undefined) return;
      // The router reads the type of every object under this name.
      if (alias.value === '__typename' && name.value !== '__typename') {
        forbidden ??= new GraphQLError('The name "__typename" cannot be an alias of another field.', {
          nodes: [alias],
        });
      }
      // The planner uses such names for fields that it adds to the client's.
      if (/^_internal_qp_alias_|^_client_|^__.*_alias_/.test(alias.value))
        forbidden ??= new GraphQLError(`The name "${alias.value}" cannot be used.`, { nodes: [alias] });
    },
    Name(node) {
      // Responses and variables are plain objects, where `__proto__` is the prototype.
      if (node.value === '__proto__')
        forbidden ??= new GraphQLError('The name "__proto__" cannot be used.', { nodes: [node] });
    },
  });
  if (forbidden !== undefined) return forbidden;

  const sizes = new Map<string, Size>();
  let tooDeep = false;
  const sizeOf = ({ selections }: SelectionSetNode, level: number): Size => {
    if (level > maxNesting) tooDeep = true;
    if (tooDeep) return NO_SIZE;
    let fields = 0,
      height = 0;
    for (const selection of selections) {
      const below =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? fragmentSize(selection.name.value, level + 1)
          : selection.selectionSet === undefined
            ? NO_SIZE
            : sizeOf(selection.selectionSet, level + 1);
      fields += below.fields + (selection.kind === Kind.FRAGMENT_SPREAD ? 0 : 1);
      height = Math.max(height, below.height);
    }
    return { fields, height: height + 1 };
  };
  const fragmentSize = (name: string, level: number): Size => {
    const known = sizes.get(name);
    if (known !== undefined) return known;
    sizes.set(name, NO_SIZE); // Validation refuses a fragment that contains itself.
    const fragment = fragments.get(name);
    const size = fragment === undefined ? NO_SIZE : sizeOf(fragment.selectionSet, level);
    sizes.set(name, size);
    return size;
  };
  for (const operation of operations) {
    const { fields, height } = sizeOf(operation.selectionSet, 1);
    if (fields > MAX_EXPANDED_FIELDS) {
      return new GraphQLError(
        `The operation selects more than ${MAX_EXPANDED_FIELDS} fields with its fragments expanded.`,
      );
    }
    if (height > maxNesting) tooDeep = true;
  }
  // Validation follows spreads from every fragment, including unused ones.
  for (const name of fragments.keys()) if (fragmentSize(name, 1).height > maxNesting) tooDeep = true;
  if (tooDeep) return nestedTooDeep('The document with its fragments expanded', maxNesting);
  return undefined;
}

function decidingVariables(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Directive({ name, arguments: args }) {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of args ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}
