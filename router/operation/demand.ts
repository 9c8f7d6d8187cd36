import { GraphQLError, Kind } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import type { Limits } from '../config/limits.ts';

/**
 * What a selection set asks for with all fragments expanded. All numbers except `depth` are sums: a fragment counts as
 * often as it is spread.
 */
interface Demand {
  readonly depth: number;
  readonly aliases: number;
  readonly fields: number;
  /** Fields at the level of the selection set itself. */
  readonly level: number;
}

type Check = (document: DocumentNode, operation: OperationDefinitionNode) => readonly GraphQLError[];

/**
 * Creates a check that limits an operation by its depth, aliases, root fields and fields, which drive the cost of
 * planning and execution. It measures each fragment once, so it is linear in the document however often fragments
 * spread each other. Numbers may reach Infinity. A fragment cycle counts as nothing here, because validation refuses
 * it.
 */
export function demandCheck(limits: Pick<Limits, 'depth' | 'aliases' | 'rootFields' | 'fields'>): Check {
  return (document, operation) => {
    const demand = measure(document, operation);
    const errors: GraphQLError[] = [];
    const bound = (actual: number, max: number, code: string, what: string): void => {
      if (actual <= max) return;
      const asked = Number.isFinite(actual) ? String(actual) : 'far more';
      errors.push(
        new GraphQLError(`the operation ${what.replace('%', asked)}; at most ${max} are allowed`, {
          nodes: [operation],
          extensions: { code },
        }),
      );
    };
    bound(demand.depth, limits.depth, 'OPERATION_TOO_DEEP', 'is % levels deep');
    bound(demand.aliases, limits.aliases, 'TOO_MANY_ALIASES', 'has % aliases');
    bound(demand.level, limits.rootFields, 'TOO_MANY_ROOT_FIELDS', 'has % root fields');
    bound(demand.fields, limits.fields, 'TOO_MANY_FIELDS', 'has % fields with its fragments expanded');
    return errors;
  };
}

const NOTHING: Demand = { depth: 0, aliases: 0, fields: 0, level: 0 };

function measure(document: DocumentNode, operation: OperationDefinitionNode): Demand {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const measured = new Map<string, Demand>();

  const ofFragment = (name: string): Demand => {
    const known = measured.get(name);
    if (known) return known;
    const fragment = fragments.get(name);
    if (!fragment) return NOTHING;
    measured.set(name, NOTHING); // This ends a cycle.
    const demand = ofSelections(fragment.selectionSet);
    measured.set(name, demand);
    return demand;
  };

  // The recursion is bounded: the parser, which recurses in the same way, accepts at most `tokens` tokens.
  const ofSelections = ({ selections }: SelectionSetNode): Demand => {
    let depth = 0,
      aliases = 0,
      fields = 0,
      level = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const below = selection.selectionSet ? ofSelections(selection.selectionSet) : NOTHING;
        depth = Math.max(depth, below.depth + 1);
        aliases += below.aliases + (selection.alias ? 1 : 0);
        fields += below.fields + 1;
        level += 1;
      } else {
        const spread =
          selection.kind === Kind.FRAGMENT_SPREAD
            ? ofFragment(selection.name.value)
            : ofSelections(selection.selectionSet);
        depth = Math.max(depth, spread.depth);
        aliases += spread.aliases;
        fields += spread.fields;
        level += spread.level;
      }
    }
    return { depth, aliases, fields, level };
  };

  return ofSelections(operation.selectionSet);
}
