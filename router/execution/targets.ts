import type { JsonObject } from '../collections/json-object.ts';
import type { PathStep } from '../planning/plan-nodes.ts';
import type { TypeConditions } from '../supergraph/supergraph.ts';

export type Path = readonly (string | number)[];

/**
 * The objects at a path of the answer. The list positions on the way are kept flat, `stride` for each object: concrete
 * paths are needed for errors only, and an array per object would be wasted on answers without any.
 */
export interface Targets {
  readonly objects: JsonObject[];
  readonly indices: number[];
  /** How many levels of lists each step goes through; known when an object was found. */
  readonly depths: readonly number[];
  readonly stride: number;
}

export function collectTargets(root: JsonObject, steps: readonly PathStep[], conditions: TypeConditions): Targets {
  const objects: JsonObject[] = [];
  const indices: number[] = [];
  const at: number[] = [];
  /** The first object says how deep lists are; what is elsewhere does not fit the schema. */
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
      // A condition before the items of a list is one on each of them.
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

/** Where object number `target` of `targets` is in the answer; with `names`, as the client sees it. */
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
