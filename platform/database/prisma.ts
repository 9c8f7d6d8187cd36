import type { FactoryProvider, Type } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { DATABASE } from '../tokens.ts';

/** Where a service's tables are. */
export interface Database {
  /** Without a schema in it. */
  readonly url: string;
  /** Connections of one service's pool. */
  readonly poolSize: number;
  /** Called for each SQL statement; durations in milliseconds. */
  readonly onQuery: (query: { sql: string; durationMs: number; service: string }) => void;
}

interface PrismaOptions {
  adapter: PrismaPg;
  log: { emit: 'event'; level: 'query' }[];
}

interface QueryEvents {
  $on(event: 'query', listener: (query: { query: string; duration: number }) => void): void;
}

/** Provides a service's generated Prisma client, on the service's own PostgreSQL schema. */
export function prismaProvider<C extends object>(service: string, Client: Type<C>): FactoryProvider<C> {
  return {
    provide: Client,
    inject: [DATABASE],
    useFactory: (database: Database) => {
      const options: PrismaOptions = {
        adapter: new PrismaPg({ connectionString: database.url, max: database.poolSize }, { schema: service }),
        log: [{ emit: 'event', level: 'query' }],
      };
      const client = new Client(options);
      (client as QueryEvents).$on('query', ({ query, duration }) => database.onQuery({ sql: query, durationMs: duration, service }));
      return client;
    },
  };
}
