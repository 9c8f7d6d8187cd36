import type { FetchDataKeyRenamer } from '@apollo/query-planner';
import type { TypeConditions } from '../supergraph/supergraph.ts';
import type { JsonObject, Path, PathStep } from './targets.ts';

/** Values of @fromContext arguments for the object at `path`, by variable name. */
export type ContextOf = (root: JsonObject, path: Path) => Record<string, unknown>;

const PARENT = '..';
const FRAGMENT = '... on ';

/**
 * Where a @fromContext argument's value is: `..` steps up from a field to the object that has it (lists on the way do not count), the
 * rest leads down. Several rewrites may fill one variable, one for each type that provides the context; the first that fits counts.
 */
export function compileContext(
  rewrites: readonly FetchDataKeyRenamer[] | undefined, steps: readonly PathStep[], types: TypeConditions,
): ContextOf | undefined {
  if (rewrites === undefined || rewrites.length === 0) return undefined;
  const sources = rewrites.map(({ path, renameKeyTo }) => {
    const ups = path.findIndex((element) => element !== PARENT);
    return { variable: renameKeyTo, depth: ancestorDepth(steps, ups), down: path.slice(ups) };
  });
  return (root, path) => {
    const values: Record<string, unknown> = {};
    for (const { variable, depth, down } of sources) {
      if (values[variable] !== undefined) continue;
      let ancestor: unknown = root;
      for (const element of path.slice(0, depth)) ancestor = (ancestor as JsonObject | undefined)?.[element];
      const value = lookUp(ancestor, down, types);
      if (value !== undefined) values[variable] = value;
    }
    return values;
  };
}

/** Length of the path that is left after going up `ups` fields. */
function ancestorDepth(steps: readonly PathStep[], ups: number): number {
  let depth = steps.length;
  for (let left = ups; left > 0 && depth > 0; left--) {
    while (depth > 0 && steps[depth - 1]?.field === undefined) depth--;
    depth--;
  }
  return Math.max(0, depth);
}

function lookUp(value: unknown, path: readonly string[], types: TypeConditions): unknown {
  if (path.length === 0 || value === null || value === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => lookUp(item, path, types));
  if (typeof value !== 'object') return undefined;
  const [element = '', ...rest] = path;
  const object = value as JsonObject;
  if (!element.startsWith(FRAGMENT)) return lookUp(object[element], rest, types);
  const typename = object['__typename'];
  const fits = typeof typename !== 'string' || types.includes(element.slice(FRAGMENT.length), typename);
  return fits ? lookUp(object, rest, types) : undefined;
}
