import { Kind, visit } from 'graphql';
import type { DirectiveNode, DocumentNode, FieldNode, SelectionSetNode } from 'graphql';
import type { Plan, PlanNode } from './plan-nodes.ts';

/** With more variables there is no plan per condition: 2^4 plans are the most that this file makes for an operation. */
const MAX_VARIABLES = 4;
const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/**
 * Makes one plan for each combination of the variables in @skip and @include. Each of these plans is for a document
 * without conditions, because planners mix up what a field requires under a condition and without one. Returns
 * undefined when there are no such variables or too many, or when `plan` finds no plan for one of the combinations.
 * @param client maps a variable's name in the document to the client's name
 * @param plan plans a document without conditions; undefined when there is no plan
 */
export function planPerCondition(
  document: DocumentNode,
  client: (name: string) => string,
  plan: (document: DocumentNode) => Plan | undefined,
): Plan | undefined {
  const variables = decidingVariables(document);
  if (variables.length === 0 || variables.length > MAX_VARIABLES) return undefined;
  const build = (
    values: ReadonlyMap<string, boolean>,
    left: readonly string[],
  ): { node: PlanNode | undefined } | undefined => {
    const [variable, ...others] = left;
    if (variable === undefined) {
      const specialised = withoutConditions(document, values);
      const found = specialised === undefined ? {} : plan(specialised);
      return found && { node: found.rest };
    }
    const [then, otherwise] = [true, false].map((value) => build(new Map([...values, [variable, value]]), others));
    if (then === undefined || otherwise === undefined) return undefined;
    return {
      node: {
        kind: 'Condition',
        condition: client(variable),
        ...(then.node && { ifClause: then.node }),
        ...(otherwise.node && { elseClause: otherwise.node }),
      },
    };
  };
  const built = build(new Map(), variables);
  return built && (built.node === undefined ? {} : { rest: built.node });
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

/** The document for these values of the variables, without @skip and @include. Undefined when nothing is left. */
function withoutConditions(document: DocumentNode, values: ReadonlyMap<string, boolean>): DocumentNode | undefined {
  const isSelected = (directives: readonly DirectiveNode[] | undefined): boolean =>
    (directives ?? []).every(({ name, arguments: args }) => {
      const value = args?.find((argument) => argument.name.value === 'if')?.value;
      if ((name.value !== 'skip' && name.value !== 'include') || value === undefined) return true;
      const holds =
        value.kind === Kind.BOOLEAN
          ? value.value
          : value.kind === Kind.VARIABLE && values.get(value.name.value) === true;
      return holds === (name.value === 'include');
    });
  const cleared = <T extends { readonly directives?: readonly DirectiveNode[] }>(node: T): T | null | undefined => {
    if (!isSelected(node.directives)) return null;
    const directives = node.directives?.filter(({ name }) => name.value !== 'skip' && name.value !== 'include') ?? [];
    return directives.length === (node.directives?.length ?? 0) ? undefined : { ...node, directives };
  };
  // A selection set that is now empty selects only `__typename`.
  const filled = <T extends { readonly selectionSet?: SelectionSetNode }>(node: T): T | undefined =>
    node.selectionSet?.selections.length === 0
      ? { ...node, selectionSet: { ...node.selectionSet, selections: [TYPENAME] } }
      : undefined;
  let empty = false;
  const result: DocumentNode = visit(document, {
    Field: { enter: cleared, leave: filled },
    InlineFragment: { enter: cleared, leave: filled },
    FragmentSpread: { enter: cleared },
    FragmentDefinition: { leave: filled },
    OperationDefinition: { leave: ({ selectionSet }) => void (empty = selectionSet.selections.length === 0) },
  });
  return empty ? undefined : result;
}
