import type { Principal } from '../execution/types.ts';
import type { Member } from './member.ts';
import type { Cursor } from './subscriber.ts';

/** What the core looks at of a stream. */
export interface OwnedStream {
  readonly key: string;
  readonly principal: Principal;
  readonly members: ReadonlySet<Member>;
  remove(member: Member): void;
}

/** What the core does for a stream. */
export interface StreamOwner {
  /** Events said that these users may not listen any more; `cursor` is the event's. */
  revoked(users: readonly string[], cursor: Cursor | undefined, stream: OwnedStream): void;
  /**
   * Whether these may go on listening is asked again (`member.unchecked`), if there is anything to ask. After a loss a
   * question that is under way will do, because what is replayed tells of revocations; after a refusal its answer may
   * be from before.
   */
  checkAgain(members: Iterable<Member>, since: 'loss' | 'refusal'): void;
  /** Takes no new members: it has ended. */
  retired(stream: OwnedStream): void;
  /** The member goes to another stream of the same key. */
  rejoin(member: Member, stream: OwnedStream): void;
}
