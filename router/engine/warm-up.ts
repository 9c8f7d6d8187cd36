import { getNamedType, isInputObjectType, isLeafType, isObjectType, isRequiredArgument } from 'graphql';
import type { GraphQLField, GraphQLSchema } from 'graphql';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { UsedDocument } from './document-usage.ts';
import type { Engine } from './engine.ts';

const FIELDS = 8;

/**
 * Documents whose planning takes the first-time costs (lazily built query graphs, functions not compiled yet) off the
 * first client: some root fields that need no argument, each with the plain fields of its type. They are prepared,
 * never executed.
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
 * Prepares documents one after the other, for `ms` at most, to be kept; clients are served in between, also where
 * planning takes this thread. What is refused now is nobody's failure: limits may be tight, and a new supergraph need
 * not have what the old one had.
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
