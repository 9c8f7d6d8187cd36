import type { JsonObject } from '../collections/json-object.ts';
import type { ContextValue, PathStep, RewriteStep } from '../planning/plan-nodes.ts';
import type { TypeConditions } from '../supergraph/supergraph.ts';
import type { Path } from './targets.ts';

/** The values of @fromContext arguments for the object at `path`, by variable name. */
export type ContextOf = (root: JsonObject, path: Path) => Record<string, unknown>;

/**
 * Compiles the lookup of @fromContext values for the objects at `steps`. Lists do not count as levels on the way up.
 */
export function compileContext(
  contextValues: readonly ContextValue[] | undefined,
  steps: readonly PathStep[],
  types: TypeConditions,
): ContextOf | undefined {
  if (contextValues === undefined || contextValues.length === 0) return undefined;
  const depth = steps.filter((step) => 'field' in step).length;
  const sources = contextValues.map(({ variable, ups, path }) => ({
    variable,
    fields: Math.max(0, depth - ups),
    down: path,
  }));
  return (root, path) => {
    const values: Record<string, unknown> = {};
    for (const { variable, fields, down } of sources) {
      if (values[variable] !== undefined) continue;
      const value = lookUp(ancestorAt(root, path, fields), down, types);
      if (value !== undefined) values[variable] = value;
    }
    return values;
  };
}

/** The object that is reached after `fields` fields of the path and the lists that follow them. */
function ancestorAt(root: JsonObject, path: Path, fields: number): unknown {
  let ancestor: unknown = root;
  let left = fields;
  for (const element of path) {
    if (typeof element === 'string' && left-- === 0) break;
    ancestor = (ancestor as JsonObject | undefined)?.[element];
  }
  return ancestor;
}

function lookUp(value: unknown, path: readonly RewriteStep[], types: TypeConditions): unknown {
  if (value === null || value === undefined) return value;
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => lookUp(item, path, types));
  if (typeof value !== 'object') return undefined;
  const object = value as JsonObject;
  if ('field' in step) return lookUp(object[step.field], rest, types);
  const typename = object['__typename'];
  const fits = typeof typename !== 'string' || step.types.some((type) => types.includes(type, typename));
  return fits ? lookUp(object, rest, types) : undefined;
}
