import { Parent, ResolveField, ResolveReference } from '@nestjs/graphql';
import type { GraphQLContext } from './context.ts';
import { fromGlobalId, toGlobalId } from './global-id.ts';
import type { Load } from './loader.ts';

/**
 * What the global id is of, for the viewer of the operation; null for an id of another type, and for what the viewer
 * may not see.
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

/** What every type with rows and a global id has beside its own fields: its `id`, and what a reference to it gives. */
export abstract class EntityResolver<Row extends { readonly id: string }> {
  readonly #type: string;
  readonly #load: Load<Row>;

  /** @param load by UUID, what the viewer may see */
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
