import { AudienceCheck } from './audience.ts';
import type { Audience, CheckServices } from './audience.ts';
import { compareCursors } from './cursor.ts';
import type { Member } from './member.ts';
import type { OwnedStream } from './stream-owner.ts';
import type { Streams } from './streams.ts';
import type { Cursor } from './subscriber.ts';

/** Codes with which a subgraph refuses a stream to a client without the right to listen. */
const REFUSAL_CODES = new Set(['FORBIDDEN', 'NOT_FOUND']);

/**
 * Decides who may listen. Where a subgraph must be asked, a member joins a stream only after the subgraph has allowed
 * it. The subgraph is asked again whenever the member's rights may have changed.
 */
export class Permissions {
  readonly #services: CheckServices;
  readonly #streams: Pick<Streams, 'join' | 'move' | 'isCurrent'>;
  /** Members by what they listen to, independent of their identity. A revocation looks up members here. */
  readonly #byTopic = new Map<string, Set<Member>>();
  readonly #checks = new WeakMap<Member, AudienceCheck>();

  constructor(services: Omit<CheckServices, 'allowed'>, streams: Pick<Streams, 'join' | 'move' | 'isCurrent'>) {
    this.#services = { ...services, allowed: (member, audience) => this.#allowed(member, audience) };
    this.#streams = streams;
  }

  begin(member: Member): void {
    if (member.ended) return;
    // Guests have no identity that could keep two of them apart.
    if (member.operation.stream.isPersonal && member.principal.userId === undefined)
      return member.failWith('UNAUTHENTICATED', 'Sign in first.', false);
    const request = member.operation.check(member.upstream.request);
    const check = member.operation.stream.audience?.check;
    if (!request || !check) return this.#streams.join(member, undefined);
    // Add the member before the check: a revocation that arrives during the check overrides its result.
    const topic = JSON.stringify([member.upstream.subgraph, request]);
    const others = this.#byTopic.get(topic) ?? new Set();
    this.#byTopic.set(topic, others.add(member));
    member.topic = topic;
    const asked = new AudienceCheck(this.#services, member, request, check.field);
    this.#checks.set(member, asked);
    asked.begin();
  }

  /** The member has a new principal. */
  reauthorize(member: Member): void {
    const check = this.#checks.get(member);
    if (check) return check.begin();
    if (member.stream && !this.#streams.isCurrent(member, undefined)) this.#streams.move(member, undefined);
  }

  /** Implements the method of `StreamOwner`. */
  checkAgain(members: Iterable<Member>, since: 'loss' | 'refusal'): void {
    for (const member of [...members]) if (since === 'refusal' || !member.unchecked) this.#checks.get(member)?.begin();
  }

  /** Implements the method of `StreamOwner`. */
  revoked(users: readonly string[], cursor: Cursor | undefined, { members: listeners }: OwnedStream): void {
    const named = new Set(users);
    const concerned = new Set(listeners);
    // A member of the same topic whose first check is still running has no stream yet, so it is added here. All others
    // have a stream, and each stream reports the revocations to its own members.
    for (const { topic } of listeners) {
      if (topic !== undefined)
        for (const member of this.#byTopic.get(topic) ?? []) if (!member.stream) concerned.add(member);
    }
    for (const member of concerned) {
      if (member.principal.userId === undefined || !named.has(member.principal.userId)) continue;
      const check = this.#checks.get(member);
      if (!check) {
        member.failWith('FORBIDDEN', 'you may not listen to this any more', false);
        continue;
      }
      // The event may be old, for example from a replay, and the user may have regained the right since. So the event
      // starts a check: only a check that begins after the event shows the user's present right. An event that an
      // earlier check already covers is ignored.
      if (isUpTo(cursor, member.held ? member.checkedRevocation : member.clearedRevocation)) continue;
      member.checkedRevocation = later(member.checkedRevocation, cursor);
      member.held = true;
      member.stream?.advance(member);
      check.begin();
    }
  }

  forget(member: Member): void {
    this.#checks.get(member)?.cancel();
    const { topic } = member;
    const others = topic === undefined ? undefined : this.#byTopic.get(topic);
    others?.delete(member);
    if (topic !== undefined && others?.size === 0) this.#byTopic.delete(topic);
  }

  #allowed(member: Member, { key, position }: Audience): void {
    member.position = position;
    member.held = false;
    member.clearedRevocation = member.checkedRevocation;
    const { stream, refusal } = member;
    if (!stream) {
      // The check began after the client named its cursor. So if the cursor is ahead of the check's position, no such
      // event exists.
      const ahead =
        member.operation.stream.resume &&
        member.last !== undefined &&
        position !== undefined &&
        (compareCursors(member.last, position) ?? 0) > 0;
      return ahead
        ? member.failWith(
            'RESYNC_REQUIRED',
            'there is no event at this cursor yet: load the current state again',
            false,
          )
        : this.#streams.join(member, key);
    }
    if (!this.#streams.isCurrent(member, key)) return this.#streams.move(member, key);
    if (!refusal) return stream.advance(member);
    // The check allows the member although the subgraph refused its stream. Usually the member lost the right and
    // regained it meanwhile, so it may subscribe again. But if the same happened before and the member has got no event
    // since then, the subgraph contradicts itself, and the refusal is final.
    if (!REFUSAL_CODES.has(refusal.code ?? '') || member.readmitted === member.last) return member.refuse(refusal);
    member.readmitted = member.last;
    this.#streams.move(member, key);
  }
}

function later(a: Cursor | undefined, b: Cursor | undefined): Cursor | undefined {
  return b === undefined || isUpTo(b, a) ? a : b;
}

function isUpTo(cursor: Cursor | undefined, end: Cursor | undefined): boolean {
  return cursor !== undefined && end !== undefined && (compareCursors(cursor, end) ?? 1) <= 0;
}
