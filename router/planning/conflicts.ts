import { print } from 'graphql';
import type { DocumentNode, FieldNode, OperationDefinitionNode } from 'graphql';
import { someLevel } from './levels.ts';

/**
 * Whether one response path stands for different fields, or the same with different arguments, on different types, as in
 * `{ node { ... on A { size(unit: CM) } ... on B { size(unit: INCH) } } }`. Valid GraphQL: the types never meet in one object.
 */
export function fieldsOfTypesDiffer(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  return someLevel(document, operation, (level) => {
    for (const nodes of level.values()) {
      const [first, ...others] = nodes;
      if (first === undefined || others.length === 0) continue;
      const signature = signatureOf(first);
      if (others.some((node) => signatureOf(node) !== signature)) return true;
    }
    return false;
  });
}

function signatureOf({ name, arguments: args }: FieldNode): string {
  if (args === undefined || args.length === 0) return name.value;
  return `${name.value}(${args.map(print).sort().join()})`;
}
