import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { runInContext } from '../../platform/observability/request-context.ts';
import { TeamsService } from './teams.service.ts';

/** Between attempts to tell of old teams while the database is away. Milliseconds. */
const RETRY_MS = 2_000;

/** Teams that are to be told once more are, in the background of a start. */
@Injectable()
export class Retelling implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(Retelling.name);
  readonly #stopping = new AbortController();
  #retelling: Promise<void> | undefined;

  constructor(private readonly teams: TeamsService) {}

  onApplicationBootstrap(): void {
    // Under an id of its own, as a request: its statements and events can be told apart in the log.
    this.#retelling = runInContext({ requestId: randomUUID(), service: 'teams' }, () => this.#retell());
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    await this.#retelling;
  }

  async #retell(): Promise<void> {
    const { signal } = this.#stopping;
    for (let more = true; more && !signal.aborted;) {
      try {
        more = await this.teams.retell();
      } catch (error) {
        this.#logger.warn(`teams that are older than their readers could not be told: ${String(error)}`);
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
