import { AudienceCheck } from './audience.ts';
import type { Audience, CheckServices } from './audience.ts';
import { compareCursors } from './cursor.ts';
import type { Member } from './member.ts';
import type { OwnedStream } from './stream-owner.ts';
import type { Streams } from './streams.ts';
import type { Cursor } from './subscriber.ts';

/** Codes by which a subgraph refuses a stream to one who may not listen. */
const WITHDRAWN = new Set(['FORBIDDEN', 'NOT_FOUND']);

/**
 * Who may listen. Where a subgraph has to be asked, a member joins a stream when it has said yes, and is asked about
 * again whenever that may have changed.
 */
export class Permissions {
  readonly #services: CheckServices;
  readonly #streams: Pick<Streams, 'join' | 'move' | 'isRight'>;
  /** Members by what they asked to listen to, whoever they are: who is told of a revocation. */
  readonly #places = new Map<string, Set<Member>>();
  readonly #checks = new WeakMap<Member, AudienceCheck>();

  constructor(services: Omit<CheckServices, 'allowed'>, streams: Pick<Streams, 'join' | 'move' | 'isRight'>) {
    this.#services = { ...services, allowed: (member, audience) => this.#allowed(member, audience) };
    this.#streams = streams;
  }

  begin(member: Member): void {
    if (member.ended) return;
    const request = member.operation.check(member.upstream.request);
    const check = member.operation.stream.audience?.check;
    if (!request || !check) return this.#streams.join(member, undefined);
    // Attached first: a revocation that is seen while the check runs wins over its answer.
    const place = JSON.stringify([member.upstream.subgraph, request]);
    const others = this.#places.get(place) ?? new Set();
    this.#places.set(place, others.add(member));
    member.place = place;
    const asked = new AudienceCheck(this.#services, member, request, check.field);
    this.#checks.set(member, asked);
    asked.begin();
  }

  /** `member.principal` is another. */
  reauthorize(member: Member): void {
    const check = this.#checks.get(member);
    if (check) return check.begin();
    if (member.stream && !this.#streams.isRight(member, undefined)) this.#streams.move(member, undefined);
  }

  /** See `StreamOwner`. */
  checkAgain(members: Iterable<Member>, since: 'loss' | 'refusal'): void {
    for (const member of [...members]) if (since === 'refusal' || !member.unchecked) this.#checks.get(member)?.begin();
  }

  /** See `StreamOwner`. */
  revoked(users: readonly string[], cursor: Cursor | undefined, { members: listeners }: OwnedStream): void {
    const named = new Set(users);
    const concerned = new Set(listeners);
    // And those whose first check runs. Others at the same place have streams of their own, which tell of what concerns
    // them.
    for (const { place } of listeners) {
      if (place !== undefined)
        for (const member of this.#places.get(place) ?? []) if (!member.stream) concerned.add(member);
    }
    for (const member of concerned) {
      if (member.principal.userId === undefined || !named.has(member.principal.userId)) continue;
      const check = this.#checks.get(member);
      if (!check) {
        member.failWith('FORBIDDEN', 'you may not listen to this any more', false);
        continue;
      }
      // The event is of the past, and who left may have come back since. Only a check that begins after the event was
      // seen knows.
      if (isUpTo(cursor, member.held ? member.asked : member.cleared)) continue;
      member.asked = later(member.asked, cursor);
      member.held = true;
      member.stream?.place(member);
      check.begin();
    }
  }

  forget(member: Member): void {
    this.#checks.get(member)?.cancel();
    const { place } = member;
    const others = place === undefined ? undefined : this.#places.get(place);
    others?.delete(member);
    if (place !== undefined && others?.size === 0) this.#places.delete(place);
  }

  #allowed(member: Member, { key, position }: Audience): void {
    member.position = position;
    member.held = false;
    member.cleared = member.asked;
    const { stream, refusal } = member;
    if (!stream) {
      // The check began after the client had named its cursor, so there can be no event that it does not know.
      const ahead =
        member.operation.stream.resume &&
        member.last !== undefined &&
        position !== undefined &&
        (compareCursors(member.last, position) ?? 0) > 0;
      return ahead
        ? member.failWith('RESYNC_REQUIRED', 'there is no event at this cursor yet: load the present state anew', false)
        : this.#streams.join(member, key);
    }
    if (!this.#streams.isRight(member, key)) return this.#streams.move(member, key);
    if (!refusal) return stream.place(member);
    // It left and came back: the stream was refused to who had left. Without any event since it was let in again, the
    // subgraph contradicts itself.
    if (!WITHDRAWN.has(refusal.code ?? '') || member.readmitted === member.last) return member.refuse(refusal);
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
