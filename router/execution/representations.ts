import { isObject } from '../collections/json-object.ts';
import type { JsonObject } from '../collections/json-object.ts';
import type { RequiredSelection } from '../planning/plan-nodes.ts';
import type { TypeConditions } from '../supergraph/supergraph.ts';
import { merge } from './merge.ts';

/** The representation of an object, and a key that equal representations share. */
export interface Representation {
  readonly value: JsonObject;
  readonly key: string;
}

/** Returns undefined when a required field or `__typename` is missing. The object's entity then cannot be fetched. */
export type RepresentationOf = (
  object: JsonObject,
  variables: Readonly<Record<string, unknown>>,
) => Representation | undefined;

const MISSING = Symbol('missing');

export function compileRepresentation(requires: readonly RequiredSelection[], types: TypeConditions): RepresentationOf {
  let key = '';
  let variables: Readonly<Record<string, unknown>> = {};

  const select = (source: JsonObject, inner: readonly RequiredSelection[], into: JsonObject): boolean => {
    for (const selection of inner) {
      if ('field' in selection) {
        const value = copy(source[selection.field], selection.inner);
        if (value === MISSING) {
          if (
            selection.when === undefined ||
            selection.when.some((all) => all.every((literal) => variables[literal.variable] === literal.value))
          )
            return false;
          continue;
        }
        const name = selection.as ?? selection.field;
        const present = into[name];
        // Two fragments may each select a part of the same object, so both parts are merged.
        if (isObject(present) && isObject(value)) merge(present, value, types);
        else into[name] = value;
      } else if (
        applies(selection.type, source, types) &&
        isIncluded(selection) &&
        !select(source, selection.inner, into)
      )
        return false;
    }
    return true;
  };

  const copy = (value: unknown, inner: readonly RequiredSelection[] | undefined): unknown => {
    if (typeof value === 'string') {
      // The length prefix makes keys unambiguous for all characters that a text may contain.
      key += `"${value.length}:${value}`;
      return value;
    }
    if (value === undefined || typeof value === 'function') return MISSING;
    if (value === null || typeof value !== 'object') {
      key += `,${String(value)}`;
      return value;
    }
    if (inner === undefined) {
      const text = JSON.stringify(value);
      key += `j${text.length}:${text}`;
      return value;
    }
    if (Array.isArray(value)) {
      key += `[${value.length}`;
      const copied: unknown[] = [];
      for (const item of value) {
        const selected = copy(item, inner);
        if (selected === MISSING) return MISSING;
        copied.push(selected);
      }
      return copied;
    }
    key += '{';
    const copied: JsonObject = {};
    if (!select(value as JsonObject, inner, copied)) return MISSING;
    key += '}';
    return copied;
  };

  const isIncluded = ({ includeIf, skipIf }: { readonly includeIf?: string; readonly skipIf?: string }): boolean =>
    (includeIf === undefined || variables[includeIf] === true) && (skipIf === undefined || variables[skipIf] !== true);

  return (object, given) => {
    key = '';
    variables = given;
    const value: JsonObject = {};
    if (!select(object, requires, value) || typeof value['__typename'] !== 'string') return undefined;
    return { value, key };
  };
}

function applies(condition: string | undefined, source: JsonObject, types: TypeConditions): boolean {
  if (condition === undefined) return true;
  const typename = source['__typename'];
  return typeof typename === 'string' && types.includes(condition, typename);
}
