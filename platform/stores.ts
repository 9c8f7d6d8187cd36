import type { History } from './messaging/event-log/history.ts';
import type { Lag } from './messaging/event-log/lag.ts';
import type { JobQueue } from './messaging/job-queue/job-queue.ts';

/** The stores of messages, for a program next to the product. It creates and migrates nothing. */
export interface Stores {
  /** The PostgreSQL URL for every schema that the login may read. */
  readonly databaseUrl: string;
  /** The job queue; absent if the configuration names none. */
  readonly jobQueue?: Pick<JobQueue, 'dead' | 'deadCount' | 'redrive' | 'drop'>;
  /** The lag of every group; absent if the configuration names no event log. */
  readonly lag?: () => Promise<readonly Lag[]>;
  /** Absent if the configuration names no event log. */
  readonly history?: History;
  /** Whether the product may be running. False if the database had to be started here. */
  readonly mayRun: boolean;
  /** Closes what was started or connected here. It does not affect the product. */
  close(): Promise<void>;
}

export interface StoresOptions {
  /** Called with a short text when a slow step begins. */
  readonly onProgress?: (step: string) => void;
}
