import { z } from 'zod';
import { defineJob, type JobDefinition } from '../definitions.ts';
import type { LoggedEvent } from '../event-log/event-log.ts';
import type { QueueDefinition } from '../job-queue/job-queue.ts';

/** A projection that can be made again from the events of topics. */
export interface Projection {
  /** The service that owns the tables. */
  readonly service: string;
  /** The job by which a worker of the service makes it again. */
  readonly job: RebuildJob;
  /** The topics that are read from their beginnings, one after the other. */
  readonly topics: readonly string[];
  /** The description of the projection in the help of the command. */
  readonly describe: string;
  /**
   * Begins a rebuild.
   * @param url PostgreSQL URL with the service's schema
   * @param signal when it aborts, `finish` throws its reason, unless it is exchanging rows at that moment
   */
  open(url: string, signal: AbortSignal): Promise<Rebuild>;
}

/** One run. The live tables stay in use until `finish`. */
export interface Rebuild {
  /** Called for every event of the topics, in the order of each key. An event may come twice. */
  handle(event: LoggedEvent): Promise<void> | void;
  /**
   * Replaces the live rows; readers see all old ones or all new ones.
   * @param readOn calls `handle` for the topics again, including the events that were appended meanwhile
   * @returns figures to print
   */
  finish(readOn: () => Promise<void>): Promise<Readonly<Record<string, number>>>;
  /** Removes what is left of the run, even after a failure. */
  close(): Promise<void>;
}

/** The job of a run. The row of the run has the name of its projection. */
export type RebuildJob = JobDefinition<{ runId: string }>;

/** Defines the job that rebuilds a service's projections. `queue` must belong to that service. */
export const rebuildJob = (queue: QueueDefinition, kind: string): RebuildJob =>
  defineJob({ queue, kind, reachesPeople: false, version: 1, payload: z.object({ runId: z.uuid() }) });
