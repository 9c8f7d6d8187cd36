import type { ClientBase } from 'pg';
import type { DomainEvent, Topic } from './messaging/event-log/event-log.ts';

/** An account for somebody who may sign in. */
export interface SeededAccount {
  /** The id that the account should have; a provider with its own ids ignores it. */
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly roles: readonly string[];
}

/** A group that has consumed everything that a seed publishes. */
export interface SeededGroup {
  readonly name: string;
  readonly topics: readonly string[];
}

/** The stores that a seed fills, before the product has started. */
export interface Seeding {
  /** The URL of the database with a login that may write every schema. */
  readonly databaseUrl: string;
  /** The qualified names of the platform's tables that must be empty before a seed, besides those of the services. */
  readonly tables: readonly string[];
  /** The URL with which the migrations of a service are applied: its login is the service's own role. */
  readonly migrationUrlOf: (service: string) => string;
  /**
   * Creates the accounts.
   * @param client has a transaction; what the provider stores elsewhere is deleted by {@link dropAccounts}
   * @returns their ids, in order
   */
  createAccounts(client: ClientBase, accounts: readonly SeededAccount[]): Promise<readonly string[]>;
  /** Deletes accounts that the rollback of the transaction does not delete. */
  dropAccounts(ids: readonly string[]): Promise<void>;
  /**
   * Publishes the events in the transaction of the client, so that they exist if and only if it commits.
   * @param ownerOf the service whose topic it is
   */
  publish(
    client: ClientBase,
    events: readonly DomainEvent[],
    topics: readonly Topic[],
    groups: readonly SeededGroup[],
    ownerOf: (topic: string) => string,
  ): Promise<void>;
  close(): Promise<void>;
}
