import type { Lag } from './messaging/event-log/lag.ts';
import type { JobQueue } from './messaging/job-queue/job-queue.ts';

/** Where messages are kept, for a program beside the product. Nothing is created or migrated. */
export interface Stores {
  /** PostgreSQL for the owner of this schema, and of every other that the login may read. */
  readonly databaseUrl: string;
  /** Absent where the configuration names none. */
  readonly jobQueue?: Pick<JobQueue, 'dead' | 'deadCount' | 'redrive' | 'drop'>;
  /** Of every group; absent where the configuration names no event log. */
  readonly lag?: () => Promise<readonly Lag[]>;
  /** Whether the product may be running: false where the database had to be started here. */
  readonly mayRun: boolean;
  /** Ends what was started or connected here, and nothing of the product. */
  close(): Promise<void>;
}

export interface StoresOptions {
  /** Called with a few words when a step begins that takes a moment. */
  readonly onProgress?: (step: string) => void;
}
