import type { JsonObject } from '../collections/json-object.ts';
import type { ErrorList } from './errors.ts';

/** The state of the completion of one response. */
export interface CompletionState {
  readonly errors: ErrorList;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Results of `__schema` and `__type`, by response name. */
  readonly introspection: JsonObject | undefined;
  /**
   * The current position is `path[0 .. depth)`; the rest is left over from other positions. One response uses one array
   * for all positions.
   */
  readonly path: (string | number)[];
  /** Results of conditions that were evaluated for this request, by the number of the condition. */
  readonly conditions: (boolean | undefined)[];
}

/**
 * CompleteValue (GraphQL specification 6.4.3) for one position of the operation. Returns null for an allowed null, and
 * undefined when a null must propagate to the parent.
 */
export type Complete = (value: unknown, completing: CompletionState, depth: number) => unknown;
