import { CACHE_MANAGER } from '@nestjs/cache-manager';
import { Inject, Injectable } from '@nestjs/common';
import type { Cache } from 'cache-manager';
import { cacheKeys, mark, marked } from '../../platform/cache/cache.utils.ts';
import type { Delays } from '../../platform/config/config.ts';
import { batched } from '../../platform/graphql/loader.ts';
import type { Principal } from '../../platform/identity/principal.ts';
import { DELAYS } from '../../platform/injection/tokens.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import { UsersService } from './users.service.ts';

const onlineKey = cacheKeys('online', 1);

/**
 * Knows which users are online. The cache has a mark for each user who is online, and the mark expires. The subgraph
 * that serves personal streams reports each user with an open stream, and repeats the report while the stream is open.
 * So after a process dies, its users count as online no longer than a mark is valid. A user is online while any device
 * has an open stream, at any process.
 */
@Injectable()
export class PresenceService {
  /** {@link seenBy}, batched per operation. */
  readonly byId = batched((ids, viewer) => this.seenBy(viewer, ids));

  constructor(
    private readonly users: UsersService,
    @Inject(CACHE_MANAGER) private readonly cache: Cache,
    @Inject(DELAYS) private readonly delays: Delays,
  ) {}

  /** Marks these users as online for {@link Delays.presenceMs}. @throws NoAnswer when the cache does not confirm it */
  async keep(ids: readonly string[]): Promise<void> {
    await known(
      mark(
        this.cache,
        ids.map((id) => onlineKey(id)),
        this.delays.presenceMs,
      ),
    );
  }

  /** The users among these who are online. @throws NoAnswer when the cache does not answer */
  async online(ids: readonly string[]): Promise<string[]> {
    const found = await known(
      marked(
        this.cache,
        ids.map((id) => onlineKey(id)),
      ),
    );
    return ids.filter((_, index) => found[index]);
  }

  /**
   * Whether each of these users is online, for the users whose private fields the viewer may read. The map does not
   * contain the other users, and it is empty while the cache does not answer.
   */
  async seenBy(viewer: Principal, ids: readonly string[]): Promise<Map<string, boolean>> {
    const visible = [...(await this.users.mayReadPrivate(viewer, ids)).keys()];
    const online = await this.online(visible).catch(() => null);
    return new Map(online === null ? [] : visible.map((id) => [id, online.includes(id)]));
  }
}

async function known<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new NoAnswer(`the cache does not know who is online: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
    });
  }
}
