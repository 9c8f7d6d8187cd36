import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { Delays } from '../../platform/config/config.ts';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { DELAYS, QUESTIONS } from '../../platform/injection/tokens.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import type { Questions } from '../../platform/questions/questions.ts';
import { KeepOnline } from '../../schema/questions/users.ts';

/** The largest number of people who are reported at the same time. */
const AT_ONCE = 1000;

/**
 * Reports to the subgraph users which people have a personal stream open in this process: when the first stream of a
 * person begins, and then at intervals until the last one has ended. Nothing reports the end, because another process
 * may have a stream of the same person. The subgraph users forgets a person whom nobody reports.
 */
@Injectable()
export class Presence implements OnModuleDestroy {
  readonly #log = new Logger(Presence.name);
  /** How many streams of each person are open. */
  readonly #streams = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #reporting = false;

  constructor(
    @Inject(QUESTIONS) private readonly questions: Questions,
    @Inject(DELAYS) private readonly delays: Delays,
  ) {}

  /** Returns the same events as `source`. The person counts as online from the first `next()` until the stream ends. */
  whileOpen<E>(userId: string, source: AsyncIterableIterator<E>): AsyncIterableIterator<E> {
    let isOpen: boolean | undefined;
    const end = (): void => {
      if (isOpen) this.#closed(userId);
      // A later next() does not count the stream as open again.
      isOpen = false;
    };
    const events: AsyncIterableIterator<E> = {
      next: async () => {
        if (isOpen === undefined) {
          isOpen = true;
          this.#opened(userId);
        }
        try {
          const result = await source.next();
          if (result.done) end();
          return result;
        } catch (error) {
          end();
          throw error;
        }
      },
      return: async () => {
        end();
        return (await source.return?.()) ?? { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => events,
    };
    return events;
  }

  /**
   * Reports everybody with an open stream. A failed report is not repeated; the next interval reports everybody again.
   */
  async reportAll(): Promise<void> {
    if (this.#reporting) return;
    this.#reporting = true;
    try {
      const ids = [...this.#streams.keys()];
      for (let at = 0; at < ids.length; at += AT_ONCE) await this.#report(ids.slice(at, at + AT_ONCE));
    } finally {
      this.#reporting = false;
    }
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  #opened(userId: string): void {
    const open = this.#streams.get(userId) ?? 0;
    this.#streams.set(userId, open + 1);
    if (open === 0) void this.#report([userId]);
    // A report is valid for presenceMs. In this time three reports are sent, so two of them may be lost.
    this.#timer ??= setInterval(() => void this.reportAll(), this.delays.presenceMs / 3).unref();
  }

  #closed(userId: string): void {
    const open = this.#streams.get(userId) ?? 0;
    if (open > 1) this.#streams.set(userId, open - 1);
    else this.#streams.delete(userId);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #report(userIds: readonly string[]): Promise<void> {
    const answers = await this.questions
      .askAll(
        KeepOnline,
        userIds.map((id) => toGlobalId('User', id)),
      )
      .catch((error: unknown) => {
        this.#log.error(error);
        return [];
      });
    const failures = answers.flatMap((answer) => (answer instanceof NoAnswer ? [answer] : []));
    if (failures[0])
      this.#log.warn(
        `${failures.length} of ${userIds.length} people were not reported as online: ${failures[0].message}`,
      );
  }
}
