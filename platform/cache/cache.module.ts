import { Inject, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { CACHE_MANAGER, CacheModule as NestCacheModule } from '@nestjs/cache-manager';
import type { Cache } from 'cache-manager';
import { Metrics } from '../observability/metrics.ts';
import { countInto } from './cache.utils.ts';
import { memoryStore } from './memory-store.ts';
import type { MemoryBounds } from './memory-store.ts';

export interface CacheOptions {
  /** The URL of Redis (redis:// or rediss://). Absent: the cache is in the memory of this process, within `memory`. */
  readonly redisUrl?: string;
  readonly memory?: MemoryBounds;
  /** The metrics of the service that owns the cache. */
  readonly metrics: Metrics;
}

/** Provides `CACHE_MANAGER` of @nestjs/cache-manager everywhere. Read it through `cached` of cache.utils.ts. */
@Module({})
export class CacheModule {
  static register({ redisUrl, memory, metrics }: CacheOptions): DynamicModule {
    const nest = NestCacheModule.registerAsync({
      isGlobal: true,
      useFactory: async () => ({
        stores: redisUrl ? (await import('./redis-store.ts')).redisStore(redisUrl) : memoryStore(memory),
      }),
    });
    return { module: CacheModule, imports: [nest], providers: [{ provide: Metrics, useValue: metrics }] };
  }

  constructor(@Inject(Metrics) metrics: Metrics, @Inject(CACHE_MANAGER) cache: Cache) {
    countInto(metrics, cache);
  }
}
