import { Catchup } from './catchup.ts';
import type { CatchupStream } from './catchup.ts';
import type { Member } from './member.ts';
import type { Slots } from './slots.ts';
import type { SourceOptions } from './source.ts';

/** All catch-ups of one shared stream. */
export class Catchups {
  readonly #stream: CatchupStream;
  readonly #slots: Slots;
  readonly #options: Omit<SourceOptions, 'after'>;
  readonly #all = new Set<Catchup>();

  /** @param slots limits the catch-ups of all streams */
  constructor(stream: CatchupStream, slots: Slots, options: Omit<SourceOptions, 'after'>) {
    this.#stream = stream;
    this.#slots = slots;
    this.#options = options;
  }

  /** How many catch-ups have a slot. */
  get running(): number {
    let count = 0;
    for (const catchup of this.#all) if (catchup.running) count++;
    return count;
  }

  /** Delivers to the member what it has missed, in an existing catch-up if possible, otherwise in a new one. */
  take(member: Member): void {
    const ahead = this.#stream.isAhead(member);
    for (const catchup of this.#all) if (catchup.accepts(member, ahead)) return catchup.add(member);
    const catchup = new Catchup(this.#stream, this.#options, member.last, ahead, () => this.#all.delete(catchup));
    this.#all.add(catchup);
    catchup.add(member);
    catchup.start((run) => this.#slots.enter(run));
  }

  /** The shared stream has advanced. */
  streamAdvanced(): void {
    for (const catchup of this.#all) catchup.streamAdvanced();
  }

  close(): void {
    for (const catchup of this.#all) catchup.close();
  }
}
