import type { FactoryProvider, OnApplicationShutdown, Type } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import type { JsonLogger } from '../observability/json-logger.ts';
import { logSql, type QueryEventSource, sqlLogOption } from './sql-logging.ts';
import { DATABASE } from '../injection/tokens.ts';
import { patience } from './pool.ts';

/** The database of a service. */
export interface Database {
  /** The URL of the database, which names no schema. */
  readonly url: string;
  /** Connections of one service's pool. */
  readonly poolSize: number;
  readonly logger: JsonLogger;
}

interface PrismaOptions {
  adapter: PrismaPg;
  log: ReturnType<typeof sqlLogOption>;
  errorFormat: 'minimal';
  transactionOptions: { maxWait: number };
}

/**
 * Provides a service's generated Prisma client for the service's own PostgreSQL schema. It disconnects in the last
 * phase of a shutdown, when nothing queries any more.
 */
export function prismaProvider<C extends { $disconnect(): Promise<void> }>(
  service: string,
  Client: Type<C>,
): FactoryProvider<C & OnApplicationShutdown> {
  return {
    provide: Client,
    inject: [DATABASE],
    useFactory: (database: Database) => {
      const options: PrismaOptions = {
        adapter: new PrismaPg(
          { ...patience, connectionString: database.url, max: database.poolSize },
          { schema: service },
        ),
        log: sqlLogOption(database.logger),
        // Errors of Prisma have the minimal format, which is shorter and has no lines of source code.
        errorFormat: 'minimal',
        // A transaction waits for a connection as long as any other query. The default of 2 s is too short for a burst
        // of writes on a busy machine.
        transactionOptions: { maxWait: patience.connectionTimeoutMillis },
      };
      const client = new Client(options);
      logSql(client as unknown as QueryEventSource, database.logger);
      return Object.assign(client, { onApplicationShutdown: () => client.$disconnect() });
    },
  };
}
