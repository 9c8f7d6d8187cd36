import { Inject, Injectable } from '@nestjs/common';
import { badUserInput } from '../../platform/graphql/errors.ts';
import { fromGlobalIds, toGlobalId, typeOfGlobalId } from '../../platform/graphql/global-id.ts';
import type { Principal } from '../../platform/identity/principal.ts';
import { entitiesOf, NoAnswer } from '../../platform/questions/definition.ts';
import type { Questions } from '../../platform/questions/questions.ts';
import type { NodeOwner } from '../../platform/manifest/manifest.ts';
import { NODE_OWNERS, QUESTIONS } from '../../platform/injection/tokens.ts';
import type { Room, RoomEvent } from './generated/prisma/client.ts';
import { MessagesService } from './messages.service.ts';
import { typeOfEvent } from './room-event-types.ts';
import { RoomsService } from './rooms.service.ts';

const MAX_NODES = 100;

/** A whole object of this subgraph, or only the id of another subgraph's object. */
export type Node = { readonly __typename: string } & ({ readonly id: string } | Room | RoomEvent);
type Found = Map<string, Node | NoAnswer>;

/**
 * Finds any object by its global id. It is part of chat, because chat already knows most other types. It asks the owner
 * whether the viewer may see the object, with a reference as the router sends it for the fields. So one rule decides
 * both.
 */
@Injectable()
export class NodesService {
  readonly #asked = new WeakMap<object, number>();

  constructor(
    private readonly rooms: RoomsService,
    private readonly messages: MessagesService,
    @Inject(QUESTIONS) private readonly questions: Questions,
    @Inject(NODE_OWNERS) private readonly owners: ReadonlyMap<string, NodeOwner>,
  ) {}

  /**
   * Returns the requested ids of one field if they are not too many. All fields of an operation count together, because
   * an id is cheap to write and expensive to look up.
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
   * The objects with these {@link checkLimit} ids that the viewer may see. Other ids are missing in the result, or
   * NoAnswer if their owner did not answer.
   */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Found> {
    const found: Found = new Map();
    const byType = Map.groupBy(new Set(ids), (id) => typeOfGlobalId(id) ?? '');
    const own = (type: string): string[] => byType.get(type) ?? [];
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
      load<Room>(
        'Room',
        own('Room'),
        found,
        (uuids) => this.rooms.reachable(viewer, uuids),
        () => 'Room',
      ),
      load<RoomEvent>(
        'Message',
        own('Message'),
        found,
        (uuids) => this.messages.byIds(viewer, uuids),
        () => 'Message',
      ),
      load<RoomEvent>(
        'RoomEvent',
        own('RoomEvent'),
        found,
        (uuids) => this.messages.eventsByIds(viewer, uuids),
        typeOfEvent,
      ),
    ]);
    return found;
  }

  #isForeign(type: string): boolean {
    const owner = this.owners.get(type);
    return owner !== undefined && owner.subgraph !== 'chat';
  }

  async #askOwner(viewer: Principal, subgraph: string, ids: readonly string[], found: Found): Promise<void> {
    const of = ids.flatMap((id) =>
      (this.owners.get(typeOfGlobalId(id) ?? '')?.types ?? []).map((__typename) => ({ __typename, id })),
    );
    const answers = await this.questions.askAll(entitiesOf(subgraph), of, viewer);
    for (const [index, node] of of.entries()) {
      const answer = answers[index];
      // An id of an event is asked for as each kind of event. Only one kind has it, so the answers for the other kinds
      // do not replace a positive one.
      if (answer === true || (answer instanceof NoAnswer && !found.has(node.id)))
        found.set(node.id, answer === true ? node : answer);
    }
  }
}

/** Loads objects of this subgraph. */
async function load<T extends Room | RoomEvent>(
  type: string,
  ids: readonly string[],
  found: Found,
  read: (uuids: readonly string[]) => Promise<ReadonlyMap<string, T | NoAnswer>>,
  typename: (node: T) => string,
): Promise<void> {
  const uuids = fromGlobalIds(type, ids);
  if (uuids.length === 0) return;
  for (const [uuid, node] of await read(uuids)) {
    found.set(toGlobalId(type, uuid), node instanceof NoAnswer ? node : { ...node, __typename: typename(node) });
  }
}
