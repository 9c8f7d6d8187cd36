import { getNamedType, isInputObjectType, isLeafType, isObjectType, isRequiredArgument } from 'graphql';
import type { GraphQLField, GraphQLSchema } from 'graphql';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { UsedDocument } from './document-usage.ts';
import type { Engine } from './engine.ts';

const FIELDS = 8;

/**
 * Documents for the warm-up: some root fields that need no arguments, each with the leaf fields of its type. Planning
 * them builds the lazy parts of the query graph and makes V8 compile functions, so the first client does not wait for
 * that. They are never executed.
 */
export function warmUpDocuments(schema: GraphQLSchema): UsedDocument[] {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  const usable = fields.filter((field) => !field.args.some(isRequiredArgument)).slice(0, FIELDS);
  return ['{ __typename }', ...usable.map((field) => `{ ${field.name} ${selection(field)} }`)].map((query) => ({
    query,
    operationName: undefined,
  }));
}

function selection(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  if (isLeafType(type) || isInputObjectType(type)) return '';
  if (!isObjectType(type)) return '{ __typename }';
  const plain = Object.values(type.getFields()).filter(
    (below) => isLeafType(getNamedType(below.type)) && !below.args.some(isRequiredArgument),
  );
  return `{ __typename ${plain.map((below) => below.name).join(' ')} }`;
}

/**
 * Prepares documents one after the other, for at most `ms` milliseconds. Between documents it yields to the event loop,
 * so clients are served. A document that is refused is ignored: limits may be tight, and a new supergraph may lack
 * fields of the old one.
 */
export async function warmUp(
  engine: Pick<Engine, 'prepare'>,
  documents: readonly UsedDocument[],
  ms: number,
): Promise<void> {
  const time = { up: false };
  let timer: NodeJS.Timeout | undefined;
  const up = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      time.up = true;
      resolve();
    }, ms).unref();
  });
  for (const { query, operationName } of documents) {
    await Promise.race([
      up,
      nextTurn()
        .then(() => engine.prepare(query, operationName, true))
        .catch(() => undefined),
    ]);
    if (time.up) break;
  }
  clearTimeout(timer);
}
