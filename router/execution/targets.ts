import type { TypeConditions } from '../supergraph/supergraph.ts';

/** One step of a plan's Flatten path: into a field or into each item of a list, perhaps only where the object has one of `types`. */
export interface PathStep {
  /** Response name of the field; undefined for "each item". */
  readonly field: string | undefined;
  /** Type names, after a bar in the plan: `@|[Book,Movie]`. */
  readonly types: readonly string[] | undefined;
}

export type Path = readonly (string | number)[];
export type JsonObject = Record<string, unknown>;

/**
 * The objects at a Flatten path. The list positions on the way are kept flat, `stride` for each object: concrete paths are needed for
 * errors only, and an array per object would be wasted on answers without any.
 */
export interface Targets {
  readonly objects: JsonObject[];
  readonly indices: number[];
  readonly stride: number;
}

/** Apollo's planner writes `""` first where it conditions paths on types: no step at all. */
export function compilePath(path: readonly (string | number)[]): PathStep[] {
  const steps: PathStep[] = [];
  for (const element of path) {
    const [name = '', condition] = String(element).split('|');
    const types = condition?.replace(/^\[|\]$/g, '').split(',').map((type) => type.trim());
    if (name === '' && types === undefined) continue;
    steps.push({ field: name === '@' ? undefined : name, types });
  }
  return steps;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function collectTargets(root: JsonObject, steps: readonly PathStep[], conditions: TypeConditions): Targets {
  const objects: JsonObject[] = [];
  const indices: number[] = [];
  const stride = steps.reduce((lists, { field }) => (field === undefined ? lists + 1 : lists), 0);
  const at: number[] = [];

  const visit = (value: unknown, step: number): void => {
    if (typeof value !== 'object' || value === null) return;
    const next = steps[step];
    if (next === undefined) {
      if (Array.isArray(value)) return;
      objects.push(value as JsonObject);
      for (const index of at) indices.push(index);
      return;
    }
    if (next.field !== undefined) {
      if (Array.isArray(value)) return;
      // A condition on a field's step is one on the value that the field leads to.
      const child = (value as JsonObject)[next.field];
      if (satisfies(child, next.types, conditions)) visit(child, step + 1);
    } else if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) {
        if (!satisfies(value[index], next.types, conditions)) continue;
        at.push(index);
        visit(value[index], step + 1);
        at.pop();
      }
    }
  };
  visit(root, 0);
  return { objects, indices, stride };
}

function satisfies(value: unknown, types: readonly string[] | undefined, conditions: TypeConditions): boolean {
  if (types === undefined || !isObject(value)) return true;
  const typename = value['__typename'];
  return typeof typename !== 'string' || types.some((type) => conditions.includes(type, typename));
}

/** Where object number `target` of `targets` is in the answer. */
export function pathOf(steps: readonly PathStep[], targets: Targets, target: number): (string | number)[] {
  let list = target * targets.stride;
  return steps.map(({ field }) => field ?? targets.indices[list++] ?? 0);
}
