import { visit } from 'graphql';
import type { DocumentNode } from 'graphql';

/** Names of variables that planners add to requests. A client's variables must have other names. */
const RESERVED = /^(?:representations|__batch_reps_.*|contextualArgument_.*)$/;
const PREFIX = 'client_';

/** Maps names in the planned document to the client's names. It has only names that differ. */
export type VariableNames = ReadonlyMap<string, string>;

/** Renames the client's variables that have a reserved name. */
export function renameVariables(document: DocumentNode): { document: DocumentNode; names: VariableNames } {
  const taken = new Set<string>();
  visit(document, { Variable: ({ name }) => void taken.add(name.value) });
  const names = new Map<string, string>();
  const renames = new Map<string, string>();
  for (const name of taken) {
    if (!RESERVED.test(name)) continue;
    let other = PREFIX + name;
    while (taken.has(other)) other = PREFIX + other;
    renames.set(name, other);
    names.set(other, name);
  }
  if (renames.size === 0) return { document, names };
  const renamed: DocumentNode = visit(document, {
    Variable(node) {
      const other = renames.get(node.name.value);
      return other === undefined ? undefined : { ...node, name: { ...node.name, value: other } };
    },
  });
  return { document: renamed, names };
}
