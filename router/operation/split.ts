import { Kind, visit } from 'graphql';
import type { FragmentDefinitionNode, OperationDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql';

/**
 * The two parts of an operation. The router answers `introspection` from the API schema; `data` needs subgraphs. Either
 * may be absent.
 */
export interface SplitOperation {
  readonly introspection: OperationDefinitionNode | undefined;
  readonly data: OperationDefinitionNode | undefined;
}

/** Splits an operation. Fragments on the root type are inlined where the root fields must be separated. */
export function splitOperation(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): SplitOperation {
  const introspection = pickRootFields(
    operation.selectionSet,
    fragments,
    (name) => name === '__schema' || name === '__type',
  );
  if (introspection === undefined) {
    const data = pickRootFields(operation.selectionSet, fragments, (name) => name !== '__typename');
    return { introspection: undefined, data: data && operation };
  }
  const data = pickRootFields(operation.selectionSet, fragments, (name) => !name.startsWith('__'));
  return {
    introspection: onlyUsedVariables({ ...operation, selectionSet: introspection }, fragments),
    data: data && onlyUsedVariables({ ...operation, selectionSet: data }, fragments),
  };
}

/** The root fields with a wanted name, inside their fragments; undefined if there are none. */
function pickRootFields(
  selectionSet: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  wanted: (name: string) => boolean,
): SelectionSetNode | undefined {
  const selections = selectionSet.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return wanted(selection.name.value) ? [selection] : [];
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    const inner = fragment && pickRootFields(fragment.selectionSet, fragments, wanted);
    if (fragment === undefined || inner === undefined) return [];
    const { typeCondition } = fragment;
    const { directives } = selection;
    return [
      {
        kind: Kind.INLINE_FRAGMENT,
        selectionSet: inner,
        ...(typeCondition && { typeCondition }),
        ...(directives && { directives }),
      },
    ];
  });
  return selections.length === 0 ? undefined : { kind: Kind.SELECTION_SET, selections };
}

function onlyUsedVariables(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): OperationDefinitionNode {
  const used = new Set<string>();
  const visited = new Set<string>();
  const collectVariables = (node: OperationDefinitionNode['selectionSet'] | FragmentDefinitionNode): void => {
    visit(node, {
      Variable: ({ name }) => void used.add(name.value),
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || visited.has(name.value)) return;
        visited.add(name.value);
        collectVariables(fragment);
      },
    });
  };
  collectVariables(operation.selectionSet);
  const variableDefinitions = operation.variableDefinitions?.filter(({ variable }) => used.has(variable.name.value));
  return { ...operation, ...(variableDefinitions && { variableDefinitions }) };
}
