import type { FetchDataRewrite } from '@apollo/query-planner';
import type { TypeConditions } from '../supergraph/supergraph.ts';
import type { JsonObject } from './targets.ts';

const FRAGMENT = '... on ';

/** Changes data in place, as the planner asks before (representations) or after (answers) a fetch. */
export type Rewrite = (data: unknown) => void;

export function compileRewrites(rewrites: readonly FetchDataRewrite[] | undefined, types: TypeConditions): Rewrite | undefined {
  if (rewrites === undefined || rewrites.length === 0) return undefined;
  const compiled = rewrites.map((rewrite) => compile(rewrite, types));
  return (data) => {
    for (const rewrite of compiled) rewrite(data);
  };
}

function compile(rewrite: FetchDataRewrite, types: TypeConditions): Rewrite {
  const last = rewrite.path.at(-1) ?? '';
  let apply: (object: JsonObject) => void;
  if (rewrite.kind === 'ValueSetter') {
    const value: unknown = rewrite.setValueTo;
    apply = (object) => void (object[last] = value);
  } else {
    const to = rewrite.renameKeyTo;
    apply = (object) => {
      if (!Object.hasOwn(object, last)) return;
      object[to] = object[last];
      delete object[last];
    };
  }
  return rewrite.path.slice(0, -1).reduceRight<Rewrite>((next, element) => {
    if (!element.startsWith(FRAGMENT)) return everywhere((object) => next(object[element]));
    const condition = element.slice(FRAGMENT.length);
    return everywhere((object) => {
      const typename = object['__typename'];
      // An answer without a typename is of the only type that was asked for.
      if (typeof typename !== 'string' || types.includes(condition, typename)) next(object);
    });
  }, everywhere(apply));
}

/** Paths of rewrites pass through lists silently. */
function everywhere(visit: (object: JsonObject) => void): Rewrite {
  const walk: Rewrite = (value) => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) for (const item of value) walk(item);
    else visit(value as JsonObject);
  };
  return walk;
}

/** The names that an answer's error paths use → the names that the client used. */
export function renamedKeys(rewrites: readonly FetchDataRewrite[] | undefined): ReadonlyMap<string, string> | undefined {
  const renames = new Map<string, string>();
  for (const rewrite of rewrites ?? []) {
    if (rewrite.kind === 'KeyRenamer') renames.set(rewrite.path.at(-1) ?? '', rewrite.renameKeyTo);
  }
  return renames.size === 0 ? undefined : renames;
}
