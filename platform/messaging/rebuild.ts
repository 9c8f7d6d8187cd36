import type { LoggedEvent } from './event-log/event-log.ts';

/** A projection that can be made again from the events of a topic. */
export interface Projection {
  /** The service that owns the tables. */
  readonly service: string;
  /** The topic that is read from its beginning. */
  readonly topic: string;
  /** For the help of the command. */
  readonly describe: string;
  /** @param url PostgreSQL URL with the service's schema */
  open(url: string): Promise<Rebuild>;
}

/** One run. The live tables stay in use until `finish`. */
export interface Rebuild {
  /** Called for every event of the topic, in the order of each key. An event may come twice. */
  handle(event: LoggedEvent): Promise<void> | void;
  /**
   * Replaces the live rows; readers see all old ones or all new ones.
   * @param readOn handles the topic again, with the events that it has had since
   * @returns figures to print
   */
  finish(readOn: () => Promise<void>): Promise<Readonly<Record<string, number>>>;
  /** Removes what is left of the run, even after a failure. */
  close(): Promise<void>;
}
