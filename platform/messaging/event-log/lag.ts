/** Number of events of a topic that a consumer group has not handled yet. */
export interface Lag {
  readonly group: string;
  readonly topic: string;
  readonly events: number;
}
