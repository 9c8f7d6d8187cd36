import { Kind, parse, print } from 'graphql';
import type { DocumentNode, FieldNode, OperationDefinitionNode } from 'graphql';
import { isInterfaceType, isObjectType } from '@apollo/federation-internals';
import type { Schema } from '@apollo/federation-internals';
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

/** Name of a field with @requires → the fields that it requires with arguments: name → name and arguments. */
export type Requirements = ReadonlyMap<string, ReadonlyMap<string, string>>;

export function requirementsWithArguments(schema: Schema): Requirements {
  const requirements = new Map<string, Map<string, string>>();
  for (const type of schema.types()) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of type.fields()) {
      for (const directive of field.appliedDirectivesOf('join__field')) {
        const { requires } = directive.arguments() as { requires?: unknown };
        if (typeof requires !== 'string' || !requires.includes('(')) continue;
        const [definition] = parse(`{ ${requires} }`, { noLocation: true }).definitions;
        if (definition?.kind !== Kind.OPERATION_DEFINITION) continue;
        for (const selection of definition.selectionSet.selections) {
          if (selection.kind !== Kind.FIELD || (selection.arguments?.length ?? 0) === 0) continue;
          const required = requirements.get(field.name) ?? new Map<string, string>();
          requirements.set(field.name, required.set(selection.name.value, signatureOf(selection)));
        }
      }
    }
  }
  return requirements;
}

/**
 * What stands in the way when one object is asked for a field with several arguments at once, because @requires asks too. Apollo's
 * planner puts both under one name and lets one of them win: a wrong answer, silently.
 */
export function requirementConflict(
  document: DocumentNode, operation: OperationDefinitionNode, requirements: Requirements,
): string | undefined {
  let conflict: string | undefined;
  if (requirements.size === 0) return undefined;
  someLevel(document, operation, (level) => {
    const wanted = new Map<string, { readonly signature: string; readonly by: string }>();
    for (const node of [...level.values()].flat()) {
      for (const [name, signature] of requirements.get(node.name.value) ?? []) {
        const other = wanted.get(name);
        if (other === undefined) wanted.set(name, { signature, by: node.name.value });
        else if (other.signature !== signature) {
          const both = `"${node.name.value}" and "${other.by}"`;
          conflict = `${both} cannot be selected together: they depend on "${name}" with different arguments.`;
        }
      }
    }
    for (const [name, { signature, by }] of wanted) {
      if (level.get(name)?.some((node) => node.name.value === name && signatureOf(node) !== signature) === true) {
        conflict ??= `"${by}" depends on "${name}" with other arguments: give "${name}" an alias.`;
      }
    }
    return conflict !== undefined;
  });
  return conflict;
}

function signatureOf({ name, arguments: args }: FieldNode): string {
  if (args === undefined || args.length === 0) return name.value;
  return `${name.value}(${args.map(print).sort().join()})`;
}
