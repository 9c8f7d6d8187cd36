import type { JsonObject } from '../collections/json-object.ts';
import type { PathStep } from '../planning/plan-nodes.ts';
import type { TypeConditions } from '../supergraph/supergraph.ts';

export type Path = readonly (string | number)[];

/**
 * The objects at a path of the response. The list indices on the way to each object are in one flat array, `stride` of
 * them per object. Full paths are only needed for errors, so an array per object would be a waste in responses without
 * errors.
 */
export interface Targets {
  readonly objects: JsonObject[];
  readonly indices: number[];
  /** How many levels of lists each list step goes through. Known once an object is found. */
  readonly depths: readonly number[];
  readonly stride: number;
}

export function collectTargets(root: JsonObject, steps: readonly PathStep[], conditions: TypeConditions): Targets {
  const objects: JsonObject[] = [];
  const indices: number[] = [];
  const at: number[] = [];
  /**
   * The list depths of the first object that was found. An object at other depths does not fit the schema and is left
   * out.
   */
  let depths: number[] | undefined;
  const levels: number[] = [];

  const visit = (value: unknown, number: number): void => {
    if (typeof value !== 'object' || value === null) return;
    const step = steps[number];
    if (step === undefined) {
      if (Array.isArray(value)) return;
      depths ??= [...levels];
      if (depths.some((depth, index) => depth !== levels[index])) return;
      objects.push(value as JsonObject);
      for (const index of at) indices.push(index);
    } else if ('items' in step) {
      if (Array.isArray(value)) visitItems(value, number, 1);
    } else if ('types' in step) {
      // A type condition on a list applies to each of its items.
      if (Array.isArray(value) || satisfies(value as JsonObject, step.types, conditions)) visit(value, number + 1);
    } else if (!Array.isArray(value)) visit((value as JsonObject)[step.field], number + 1);
  };
  const visitItems = (list: readonly unknown[], number: number, level: number): void => {
    for (let index = 0; index < list.length; index++) {
      const item = list[index];
      at.push(index);
      if (Array.isArray(item)) visitItems(item, number, level + 1);
      else {
        levels.push(level);
        visit(item, number + 1);
        levels.pop();
      }
      at.pop();
    }
  };
  visit(root, 0);
  return { objects, indices, depths: depths ?? [], stride: (depths ?? []).reduce((sum, depth) => sum + depth, 0) };
}

function satisfies(value: JsonObject, types: readonly string[], conditions: TypeConditions): boolean {
  const typename = value['__typename'];
  return typeof typename !== 'string' || types.some((type) => conditions.includes(type, typename));
}

/** The path of the object with index `target` in the response. With `names` it uses the client's names. */
export function pathOf(
  steps: readonly PathStep[],
  targets: Targets,
  target: number,
  names?: ReadonlyMap<string, string>,
): (string | number)[] {
  let position = target * targets.stride;
  let list = 0;
  const path: (string | number)[] = [];
  for (const step of steps) {
    if ('field' in step) path.push(names?.get(step.field) ?? step.field);
    else if ('items' in step) {
      for (let level = targets.depths[list++] ?? 0; level > 0; level--) path.push(targets.indices[position++] ?? 0);
    }
  }
  return path;
}
