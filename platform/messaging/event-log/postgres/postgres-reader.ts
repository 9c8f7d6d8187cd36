import type pg from 'pg';
import type { Consumer } from '../event-log.ts';

export interface TopicPartition {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
}

/** What a tail or a group member needs to read the log. */
export interface ReaderContext {
  readonly pool: pg.Pool;
  readonly pollMs: number;
  readonly leaseMs: number;
  readonly onError: (error: Error, doing: string) => void;
  /** Asks the other members of the group to rebalance. */
  readonly announceGroup: (group: string) => void;
}

export interface Reader extends Consumer {
  readonly topics: readonly string[];
  readonly partitions: readonly TopicPartition[];
  readonly group?: string;
  /** Call it when there may be new events. */
  wake(): void;
  /** Call it when the members of the group have changed. */
  rebalance?(): void;
  /** Whether everything below these offsets, by partition id, has been handled. */
  reached(ends: ReadonlyMap<number, number>): Promise<boolean>;
}
