import { Inject, Injectable } from '@nestjs/common';
import { badUserInput } from '../../platform/graphql/errors.ts';
import { fromGlobalIds, toGlobalId, typeOfGlobalId } from '../../platform/graphql/global-id.ts';
import type { Principal } from '../../platform/identity/principal.ts';
import { entitiesOf, NoAnswer } from '../../platform/questions/definition.ts';
import type { Questions } from '../../platform/questions/questions.ts';
import type { NodeOwner } from '../../platform/manifest/manifest.ts';
import { NODE_OWNERS, QUESTIONS } from '../../platform/injection/tokens.ts';
import { type FileWithVariants, MediaService } from './media.service.ts';

const MAX_NODES = 100;

/** A file, or only the id of another subgraph's object. */
export type Node = { readonly __typename: string } & ({ readonly id: string } | FileWithVariants);
type Found = Map<string, Node | NoAnswer>;

/**
 * Finds objects of all types by global id. It is part of media, because media asks chat, and no subgraph asks media: the
 * questions have no cycle. It asks the owner of an object with the query that the router uses to read fields
 * (`_entities`). So the same check decides whether the viewer finds the object and whether the viewer can read it.
 */
@Injectable()
export class NodesService {
  readonly #asked = new WeakMap<object, number>();

  constructor(
    private readonly media: MediaService,
    @Inject(QUESTIONS) private readonly questions: Questions,
    @Inject(NODE_OWNERS) private readonly owners: ReadonlyMap<string, NodeOwner>,
  ) {}

  /**
   * Refuses more than 100 ids. All `node` and `nodes` fields of an operation count together, because an id is cheap to
   * write and expensive to look up.
   * @param operation the context of the operation
   * @throws BAD_USER_INPUT
   */
  checkLimit(operation: object, ids: readonly string[]): readonly string[] {
    const asked = (this.#asked.get(operation) ?? 0) + ids.length;
    this.#asked.set(operation, asked);
    if (asked > MAX_NODES)
      throw badUserInput(`ids must be at most ${MAX_NODES}, counted over all node and nodes fields of the operation`);
    return ids;
  }

  /**
   * The objects with these ids that the viewer may see. Other ids are missing in the result, or have NoAnswer if their
   * owner did not answer. Call {@link checkLimit} before.
   */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Found> {
    const found: Found = new Map();
    const byType = Map.groupBy(new Set(ids), (id) => typeOfGlobalId(id) ?? '');
    const foreign = Map.groupBy(
      [...byType].filter(([type]) => this.#isForeign(type)),
      ([type]) => this.owners.get(type)?.subgraph ?? '',
    );
    await Promise.all([
      ...[...foreign].map(([subgraph, types]) =>
        this.#askOwner(
          viewer,
          subgraph,
          types.flatMap(([, of]) => of),
          found,
        ),
      ),
      this.#findFiles(viewer, byType.get('MediaFile') ?? [], found),
    ]);
    return found;
  }

  #isForeign(type: string): boolean {
    const owner = this.owners.get(type);
    return owner !== undefined && owner.subgraph !== 'media';
  }

  async #askOwner(viewer: Principal, subgraph: string, ids: readonly string[], found: Found): Promise<void> {
    const of = ids.flatMap((id) =>
      (this.owners.get(typeOfGlobalId(id) ?? '')?.types ?? []).map((__typename) => ({ __typename, id })),
    );
    const answers = await this.questions.askAll(entitiesOf(subgraph), of, viewer);
    for (const [index, node] of of.entries()) {
      const answer = answers[index];
      // The owner is asked about an event once for each type of event, and only one type fits. So an answer for another
      // type must not replace a positive one.
      if (answer === true || (answer instanceof NoAnswer && !found.has(node.id)))
        found.set(node.id, answer === true ? node : answer);
    }
  }

  async #findFiles(viewer: Principal, ids: readonly string[], found: Found): Promise<void> {
    const uuids = fromGlobalIds('MediaFile', ids);
    if (uuids.length === 0) return;
    for (const [uuid, file] of await this.media.byIds(viewer, uuids))
      found.set(toGlobalId('MediaFile', uuid), file instanceof NoAnswer ? file : { ...file, __typename: 'MediaFile' });
  }
}
