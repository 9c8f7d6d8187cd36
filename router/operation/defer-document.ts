import {
  DirectiveLocation,
  GraphQLBoolean,
  GraphQLDirective,
  GraphQLError,
  GraphQLNonNull,
  GraphQLSchema,
  GraphQLString,
  Kind,
  visit,
} from 'graphql';
import type {
  DirectiveNode,
  DocumentNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
  ValueNode,
} from 'graphql';

/** The directive `@defer`, as the proposal to the GraphQL specification defines it. */
const GraphQLDeferDirective = new GraphQLDirective({
  name: 'defer',
  description: 'This fragment may be delivered after the rest of the answer.',
  locations: [DirectiveLocation.FRAGMENT_SPREAD, DirectiveLocation.INLINE_FRAGMENT],
  args: {
    if: {
      type: new GraphQLNonNull(GraphQLBoolean),
      defaultValue: true,
      description: 'Whether the fragment is deferred.',
    },
    label: { type: GraphQLString, description: 'Names the part; unique in the document.' },
  },
});

/** A copy of the schema with the directive `@defer`, or the schema itself if it has one. */
export function withDefer(schema: GraphQLSchema): GraphQLSchema {
  if (
    schema.getDirective(GraphQLDeferDirective.name) !== undefined &&
    schema.getDirective(GraphQLDeferDirective.name) !== null
  )
    return schema;
  const config = schema.toConfig();
  return new GraphQLSchema({ ...config, directives: [...config.directives, GraphQLDeferDirective], assumeValid: true });
}

const deferOf = (directives: readonly DirectiveNode[] | undefined): DirectiveNode | undefined =>
  directives?.find(({ name }) => name.value === GraphQLDeferDirective.name);
const argumentOf = ({ arguments: args }: DirectiveNode, name: string): ValueNode | undefined =>
  args?.find((arg) => arg.name.value === name)?.value;

/**
 * The largest number of variables that may decide on `@defer` in a document; a document with more is refused. The
 * planner makes one plan for each combination of their values, so at most 2^4 plans.
 */
const MAX_CONDITIONS = 4;

/**
 * Checks the rules of `@defer` that graphql-js does not check yet: labels, places where it is not allowed, and the
 * number of variables in its conditions.
 */
export function deferErrors(document: DocumentNode): GraphQLError[] {
  const errors: GraphQLError[] = [];
  const labels = new Map<string, DirectiveNode>();
  const rootless = new Set<string>();
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);

  const forbidAtRoot = ({ selections }: SelectionSetNode, operation: string): void => {
    for (const { kind, ...selection } of selections) {
      if (kind === Kind.FIELD) continue;
      const defer = deferOf(selection.directives);
      if (defer !== undefined && !isOff(defer))
        errors.push(new GraphQLError(`@defer cannot be used on the root of a ${operation}.`, { nodes: [defer] }));
      if ('selectionSet' in selection && selection.selectionSet !== undefined)
        forbidAtRoot(selection.selectionSet, operation);
      else if ('name' in selection && selection.name !== undefined && !rootless.has(selection.name.value)) {
        rootless.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) forbidAtRoot(fragment.selectionSet, operation);
      }
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    if (definition.operation === 'mutation') forbidAtRoot(definition.selectionSet, 'mutation');
    if (definition.operation === 'subscription' && isDeferred(definition, fragments)) {
      errors.push(new GraphQLError('@defer cannot be used in a subscription.', { nodes: [definition] }));
    }
  }
  const conditions = new Set<string>();
  visit(document, {
    Directive(node) {
      if (node.name.value !== GraphQLDeferDirective.name) return;
      const condition = argumentOf(node, 'if');
      if (condition?.kind === Kind.VARIABLE && conditions.add(condition.name.value).size === MAX_CONDITIONS + 1) {
        errors.push(new GraphQLError(`At most ${MAX_CONDITIONS} variables may decide on @defer.`, { nodes: [node] }));
      }
      const label = argumentOf(node, 'label');
      if (label === undefined || label.kind === Kind.NULL) return;
      if (label.kind !== Kind.STRING)
        return void errors.push(new GraphQLError('The label of @defer must be a literal string.', { nodes: [node] }));
      const other = labels.get(label.value);
      if (other === undefined) labels.set(label.value, node);
      else errors.push(new GraphQLError('The label of a @defer is used twice.', { nodes: [other, node] }));
    },
  });
  return errors;
}

const isOff = (defer: DirectiveNode): boolean => {
  const condition = argumentOf(defer, 'if');
  return condition?.kind === Kind.BOOLEAN && !condition.value;
};

/** Whether the operation has a fragment that may be deferred. */
export function isDeferred(
  { selectionSet }: { readonly selectionSet: SelectionSetNode },
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): boolean {
  return deferredIn(fragments)(selectionSet);
}

function deferredIn(
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): (selectionSet: SelectionSetNode) => boolean {
  const known = new Map<string, boolean>();
  const inFragment = (name: string): boolean => {
    const before = known.get(name);
    if (before !== undefined) return before;
    known.set(name, false);
    const fragment = fragments.get(name);
    const found = fragment !== undefined && inSelections(fragment.selectionSet);
    known.set(name, found);
    return found;
  };
  const inSelections = ({ selections }: SelectionSetNode): boolean =>
    selections.some((selection) => {
      const defer = selection.kind === Kind.FIELD ? undefined : deferOf(selection.directives);
      if (defer !== undefined && !isOff(defer)) return true;
      if (selection.kind === Kind.FRAGMENT_SPREAD) return inFragment(selection.name.value);
      return selection.selectionSet !== undefined && inSelections(selection.selectionSet);
    });
  return inSelections;
}

/**
 * Inlines every deferred fragment and gives it a unique label (`d0`, `d1` … in document order). Planner and executor,
 * which run in different processes, identify the deferred parts by these labels. The client's labels are not unique: a
 * fragment that contains a deferred one may be spread twice.
 * @returns the operation, and in `labels[n]` the client's label of `d<n>`
 */
export function expandDefers(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): { readonly operation: OperationDefinitionNode; readonly labels: readonly (string | undefined)[] } {
  const contains = deferredIn(fragments);
  const labels: (string | undefined)[] = [];

  const relabel = (directives: readonly DirectiveNode[] | undefined): DirectiveNode[] =>
    (directives ?? []).flatMap((directive): DirectiveNode[] => {
      if (directive.name.value !== GraphQLDeferDirective.name) return [directive];
      if (isOff(directive)) return [];
      const label = argumentOf(directive, 'label');
      const condition = argumentOf(directive, 'if');
      const own = `d${labels.push(label?.kind === Kind.STRING ? label.value : undefined) - 1}`;
      const args = [argument('label', { kind: Kind.STRING, value: own })];
      if (condition?.kind === Kind.VARIABLE) args.push(argument('if', condition));
      return [{ ...directive, arguments: args }];
    });

  const expand = ({ selections }: SelectionSetNode): SelectionSetNode => ({
    kind: Kind.SELECTION_SET,
    selections: selections.map((selection): SelectionNode => {
      if (selection.kind === Kind.FIELD)
        return selection.selectionSet === undefined
          ? selection
          : { ...selection, selectionSet: expand(selection.selectionSet) };
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      if (fragment === undefined) return selection;
      if (
        selection.kind === Kind.FRAGMENT_SPREAD &&
        deferOf(selection.directives) === undefined &&
        !contains(fragment.selectionSet)
      )
        return selection;
      const { typeCondition } = fragment;
      const directives = relabel(selection.directives);
      return {
        kind: Kind.INLINE_FRAGMENT,
        ...(typeCondition && { typeCondition }),
        directives,
        selectionSet: expand(fragment.selectionSet),
      };
    }),
  });
  return { operation: { ...operation, selectionSet: expand(operation.selectionSet) }, labels };
}

function argument(name: string, value: ValueNode) {
  return { kind: Kind.ARGUMENT as const, name: { kind: Kind.NAME as const, value: name }, value };
}

/**
 * The unique label of a deferred fragment in an expanded operation, and the variable that decides whether it is
 * deferred. Returns undefined for fragments that are not deferred.
 */
export function deferralOf(
  directives: readonly DirectiveNode[] | undefined,
): { readonly label: string; readonly variable: string | undefined } | undefined {
  const defer = deferOf(directives);
  const label = defer && argumentOf(defer, 'label');
  if (defer === undefined || label?.kind !== Kind.STRING) return undefined;
  const condition = argumentOf(defer, 'if');
  return { label: label.value, variable: condition?.kind === Kind.VARIABLE ? condition.name.value : undefined };
}
