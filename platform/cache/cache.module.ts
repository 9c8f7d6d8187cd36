import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { CacheModule as NestCacheModule } from '@nestjs/cache-manager';
import { memoryStore } from './memory-store.ts';
import type { MemoryBounds } from './memory-store.ts';

export interface CacheOptions {
  /** redis:// or rediss://; without it the cache is in memory, bounded, and this process' own. */
  readonly redisUrl?: string;
  readonly memory?: MemoryBounds;
}

/** Provides `CACHE_MANAGER` of @nestjs/cache-manager everywhere; read it through `cached` of cache.utils.ts. */
@Module({})
export class CacheModule {
  static register({ redisUrl, memory }: CacheOptions): DynamicModule {
    const nest = NestCacheModule.registerAsync({
      isGlobal: true,
      useFactory: async () => ({ stores: redisUrl ? (await import('./redis-store.ts')).redisStore(redisUrl) : memoryStore(memory) }),
    });
    return { module: CacheModule, imports: [nest] };
  }
}
