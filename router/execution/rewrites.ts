import type { JsonObject } from '../collections/json-object.ts';
import type { Rewrite as PlannedRewrite } from '../planning/plan-nodes.ts';
import type { TypeConditions } from '../supergraph/supergraph.ts';

/** Changes data in place, as the plan requires: representations before a fetch, responses after it. */
export type Rewrite = (data: unknown) => void;

export function compileRewrites(
  rewrites: readonly PlannedRewrite[] | undefined,
  types: TypeConditions,
): Rewrite | undefined {
  if (rewrites === undefined || rewrites.length === 0) return undefined;
  const compiled = rewrites.map((rewrite) => compile(rewrite, types));
  return (data) => {
    for (const rewrite of compiled) rewrite(data);
  };
}

function compile({ path, set, rename }: PlannedRewrite, types: TypeConditions): Rewrite {
  const last = lastField(path);
  const apply = (object: JsonObject): void => {
    if (rename === undefined) object[last] = set;
    else if (Object.hasOwn(object, last)) {
      object[rename] = object[last];
      delete object[last];
    }
  };
  return path.slice(0, -1).reduceRight<Rewrite>(
    (next, step) =>
      onEachObject((object) => {
        if ('field' in step) return next(object[step.field]);
        const typename = object['__typename'];
        // An object without `__typename` can only have the requested type, so it is not skipped.
        if (typeof typename !== 'string' || step.types.some((type) => types.includes(type, typename))) next(object);
      }),
    onEachObject(apply),
  );
}

function lastField(path: PlannedRewrite['path']): string {
  const last = path.at(-1);
  return last !== undefined && 'field' in last ? last.field : '';
}

/** Applies `visit` to an object, or to each object in nested lists. */
function onEachObject(visit: (object: JsonObject) => void): Rewrite {
  const walk: Rewrite = (value) => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) for (const item of value) walk(item);
    else visit(value as JsonObject);
  };
  return walk;
}

/** Maps names in the paths of subgraph errors to the client's names. */
export function clientNames(
  rewrites: readonly PlannedRewrite[] | undefined,
  names: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const renames = new Map(names);
  for (const { path, rename } of rewrites ?? []) {
    if (rename !== undefined) renames.set(lastField(path), names.get(rename) ?? rename);
  }
  return renames;
}
