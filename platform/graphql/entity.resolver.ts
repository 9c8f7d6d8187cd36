import { Parent, ResolveField, ResolveReference } from '@nestjs/graphql';
import type { GraphQLContext } from './context.ts';
import { fromGlobalId, toGlobalId } from './global-id.ts';
import type { Load } from './loader.ts';

/**
 * Loads the object of a global id for the viewer of the operation. Null for an id of another type, and for an object
 * that the viewer may not see.
 */
export async function find<T>(
  context: GraphQLContext,
  type: string,
  globalId: string,
  load: Load<T>,
): Promise<T | null> {
  const uuid = fromGlobalId(type, globalId);
  return uuid === null ? null : load(context, uuid);
}

/** The resolver of a type with rows and a global id. It resolves `id` and references of other subgraphs. */
export abstract class EntityResolver<Row extends { readonly id: string }> {
  readonly #type: string;
  readonly #load: Load<Row>;

  /** @param load loads a row by its UUID if the viewer may see it */
  protected constructor(type: string, load: Load<Row>) {
    this.#type = type;
    this.#load = load;
  }

  @ResolveReference()
  reference({ id }: { id: string }, context: GraphQLContext): Promise<Row | null> {
    return find(context, this.#type, id, this.#load);
  }

  @ResolveField()
  id(@Parent() row: Row): string {
    return toGlobalId(this.#type, row.id);
  }
}
