import type { LoggedEvent } from './event-log.ts';

/** The events that topics have now. It belongs to no group, and moves no position. */
export interface History {
  /** The number of events that `read` gives, about: a topic can grow or forget meanwhile. */
  size(topic: string): Promise<number>;
  /** The events of the topic in pages, in the order of each key. */
  read(topic: string): AsyncIterable<readonly LoggedEvent[]>;
}
