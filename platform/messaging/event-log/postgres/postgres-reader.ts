import type pg from 'pg';
import type { Consumer } from '../event-log.ts';

export interface TopicPartition {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
}

/** What a tail or a group member knows of the log that it reads. */
export interface ReaderContext {
  readonly pool: pg.Pool;
  readonly pollMs: number;
  readonly leaseMs: number;
  readonly onError: (error: Error, doing: string) => void;
  /** Tells the group's other members to look who is there. */
  readonly announceGroup: (group: string) => void;
}

export interface Reader extends Consumer {
  readonly topics: readonly string[];
  readonly partitions: readonly TopicPartition[];
  readonly group?: string;
  /** There may be something new to read. */
  wake(): void;
  /** The group's members have changed. */
  rebalance?(): void;
  /** Whether everything below these offsets, by partition id, has been handled. */
  reached(ends: ReadonlyMap<number, number>): Promise<boolean>;
}
