import type { JsonObject } from '../collections/json-object.ts';
import type { ErrorList } from './errors.ts';

/** What completion of one answer needs and notes. */
export interface Completing {
  readonly errors: ErrorList;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Answers to `__schema` and `__type`, by response name. */
  readonly introspection: JsonObject | undefined;
  /** Where completion is: `path[0 .. depth)` counts, the rest is left over. One array for the whole answer. */
  readonly path: (string | number)[];
  /** Conditions that were evaluated for this request, by number. */
  readonly conditions: (boolean | undefined)[];
}

/**
 * CompleteValue (GraphQL specification 6.4.3) for one position of the operation. Gives null for a null that may stand,
 * and undefined for one that must move up.
 */
export type Complete = (value: unknown, completing: Completing, depth: number) => unknown;
