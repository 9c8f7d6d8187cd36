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

/** A thing of this subgraph whole, of another one its id. */
export type Node = { readonly __typename: string } & ({ readonly id: string } | Room | RoomEvent);
type Found = Map<string, Node | NoAnswer>;

/**
 * What has a global id, whoever it belongs to. It is here because chat knows most of the other types anyway. Owners are
 * asked whether the viewer may see what is theirs, by references, as the router asks them afterwards for its fields:
 * one rule for both.
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
   * The ids that one field asks for. All fields of an operation count together: an id is cheap to write, and has to be
   * looked up where it belongs.
   * @param operation its context
   * @throws BAD_USER_INPUT
   */
  bounded(operation: object, ids: readonly string[]): readonly string[] {
    const asked = (this.#asked.get(operation) ?? 0) + ids.length;
    this.#asked.set(operation, asked);
    if (asked > MAX_NODES)
      throw badUserInput(
        `ids must be at most ${MAX_NODES}, those of all fields node and nodes of an operation together`,
      );
    return ids;
  }

  /**
   * What the viewer may see under these {@link bounded} ids; nothing for the rest, NoAnswer where that cannot be found
   * out.
   */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Found> {
    const found: Found = new Map();
    const byType = Map.groupBy(new Set(ids), (id) => typeOfGlobalId(id) ?? '');
    const own = (type: string): string[] => byType.get(type) ?? [];
    const foreign = Map.groupBy(
      [...byType].filter(([type]) => this.#elsewhereIs(type)),
      ([type]) => this.owners.get(type)?.subgraph ?? '',
    );
    await Promise.all([
      ...[...foreign].map(([subgraph, types]) =>
        this.#elsewhere(
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

  #elsewhereIs(type: string): boolean {
    const owner = this.owners.get(type);
    return owner !== undefined && owner.subgraph !== 'chat';
  }

  async #elsewhere(viewer: Principal, subgraph: string, ids: readonly string[], found: Found): Promise<void> {
    const of = ids.flatMap((id) =>
      (this.owners.get(typeOfGlobalId(id) ?? '')?.types ?? []).map((__typename) => ({ __typename, id })),
    );
    const answers = await this.questions.askAll(entitiesOf(subgraph), of, viewer);
    for (const [index, node] of of.entries()) {
      const answer = answers[index];
      // An event is of one kind only: what is known of it stays, whatever the others said.
      if (answer === true || (answer instanceof NoAnswer && !found.has(node.id)))
        found.set(node.id, answer === true ? node : answer);
    }
  }
}

/** Of this subgraph. */
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
