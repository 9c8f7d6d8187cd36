/** Events of a topic that a group of consumers has not handled yet. */
export interface Lag {
  readonly group: string;
  readonly topic: string;
  readonly events: number;
}
