import type { Principal } from '../execution/types.ts';
import { compareCursors } from './cursor.ts';
import type { Member } from './member.ts';
import { shareKey } from './share-key.ts';
import type { StreamOwner } from './stream-owner.ts';
import { Stream } from './stream.ts';
import type { StreamServices } from './stream.ts';
import type { Cursor } from './subscriber.ts';

/** Callbacks for changes of rights that streams report. */
type Rights = Pick<StreamOwner, 'revoked' | 'checkAgain'>;

/** All streams of a router. It decides which of them a member listens to. */
export class Streams implements StreamOwner {
  readonly #services: StreamServices;
  readonly #byKey = new Map<string, Stream>();
  /** Includes streams that have ended but still have members to notify. */
  readonly #all = new Set<Stream>();
  readonly revoked: Rights['revoked'];
  readonly checkAgain: Rights['checkAgain'];

  constructor(services: StreamServices, { revoked, checkAgain }: Rights) {
    this.#services = services;
    this.revoked = revoked;
    this.checkAgain = checkAgain;
  }

  [Symbol.iterator](): IterableIterator<Stream> {
    return this.#all.values();
  }

  /**
   * Adds the member to its stream. Creates the stream if there is none.
   * @param audienceKey the subgraph's key for the member's audience, if the subgraph was asked
   * @param leave removes the member from its previous stream
   */
  join(member: Member, audienceKey: string | undefined, leave?: () => void): void {
    const principal = principalOf(member, audienceKey);
    const key = keyOf(member, principal);
    leave?.();
    if (member.operation.stream.resume) member.last ??= member.position;
    this.#streamFor(member, key, principal).join(member);
  }

  /**
   * Moves the member to the stream of another key, where it continues from its cursor. Without cursors it ends with
   * SUBSCRIPTION_RELOADED.
   */
  move(member: Member, audienceKey: string | undefined): void {
    if (!member.operation.stream.resume)
      return member.failWith('SUBSCRIPTION_RELOADED', 'your rights to listen have changed: subscribe again', true);
    member.refusal = undefined;
    const { stream } = member;
    this.join(member, audienceKey, () => stream?.remove(member));
  }

  /** Whether the member's stream is still the right one for its principal and audience. */
  isCurrent(member: Member, audienceKey: string | undefined): boolean {
    return member.stream?.key === keyOf(member, principalOf(member, audienceKey));
  }

  retired(stream: Stream): void {
    if (this.#byKey.get(stream.key) === stream) this.#byKey.delete(stream.key);
    if (stream.members.size === 0) this.#all.delete(stream);
  }

  rejoin(member: Member, stream: Stream): void {
    stream.remove(member);
    const { key, principal } = stream;
    this.#streamFor(member, key, principal).join(member);
  }

  close(): void {
    for (const stream of [...this.#all]) stream.close();
  }

  /** The stream with this key. A new one starts at the member's cursor. */
  #streamFor(member: Member, key: string, principal: Principal): Stream {
    const known = this.#byKey.get(key);
    if (known) return known;
    const { operation, upstream, requestId } = member;
    const stream = new Stream(this.#services, this, {
      key,
      operation,
      upstream,
      principal,
      requestId,
      ...startOf(member),
    });
    this.#byKey.set(key, stream);
    this.#all.add(stream);
    return stream;
  }
}

/** The identity for which the member's stream is opened: everybody, an audience, or the member's own. */
function principalOf(
  {
    operation: {
      stream: { audience },
      isPrivate,
    },
    principal,
    upstream,
  }: Member,
  key: string | undefined,
): Principal {
  if (!audience || isPrivate) return principal;
  return key === undefined ? {} : { audience: { subgraph: upstream.subgraph, key } };
}

const keyOf = ({ request, operation, upstream }: Member, principal: Principal): string =>
  shareKey(request, operation.distinguishingVariables(upstream.variables), principal);

/**
 * Where a new stream starts: at the member's cursor, but not beyond the position that a check has reported. A client
 * may name a cursor that the stream has not reached, and members that join later must not wait for it. Without a
 * reported position the cursor is not `trusted`.
 */
function startOf({ operation, last, position }: Member): { after: Cursor | undefined; trusted: boolean } {
  if (!operation.stream.resume || last === undefined) return { after: undefined, trusted: true };
  const order = position === undefined ? undefined : compareCursors(last, position);
  if (order === undefined) return { after: last, trusted: false };
  return { after: order > 0 ? position : last, trusted: true };
}
