import type { Principal } from '../execution/types.ts';
import type { Member } from './member.ts';
import type { Cursor } from './subscriber.ts';

/** What the owner of a stream needs to know about it. */
export interface OwnedStream {
  readonly key: string;
  readonly principal: Principal;
  readonly members: ReadonlySet<Member>;
  remove(member: Member): void;
}

/** What a stream needs from its owner. */
export interface StreamOwner {
  /** An event reported that these users may not listen any more. `cursor` is the cursor of the event. */
  revoked(users: readonly string[], cursor: Cursor | undefined, stream: OwnedStream): void;
  /**
   * Starts checks whether these members may still listen (sets `member.unchecked`), if there is a check. After a loss,
   * a check that already runs is enough, because the replay will report revocations. After a refusal, the result of a
   * running check may be outdated.
   */
  checkAgain(members: Iterable<Member>, since: 'loss' | 'refusal'): void;
  /** The stream has ended. It takes no new members. */
  retired(stream: OwnedStream): void;
  /** Moves the member to another stream with the same key. */
  rejoin(member: Member, stream: OwnedStream): void;
}
