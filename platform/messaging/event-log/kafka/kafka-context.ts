import type { Admin, Kafka } from 'kafkajs';
import type { Consumer } from '../event-log.ts';

/** The next offset of each partition, by partition number. */
export type Ends = ReadonlyMap<number, bigint>;

export interface KafkaReaderContext {
  readonly kafka: Kafka;
  readonly sessionTimeoutMs: number;
  readonly onError: (error: Error, doing: string) => void;
  readonly admin: () => Promise<Admin>;
  readonly startPositions: (topic: string) => Promise<Ends>;
}

export interface KafkaReader extends Consumer {
  readonly topics: readonly string[];
  /** Whether everything below these offsets has been handled. */
  reached(ends: ReadonlyMap<string, Ends>): Promise<boolean>;
}
