import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import type { TypeConditions } from '../supergraph/supergraph.ts';
import { merge } from './merge.ts';
import { isObject } from './targets.ts';
import type { JsonObject } from './targets.ts';

/** What an entity fetch sends for an object, with a text that equal representations share. */
export interface Representation {
  readonly value: JsonObject;
  readonly key: string;
}

/** Undefined when something that the fetch requires is missing: the object cannot be asked about. */
export type RepresentationOf = (object: JsonObject) => Representation | undefined;

type Selection =
  | { readonly field: string; readonly inner: readonly Selection[] | undefined }
  | { readonly condition: string | undefined; readonly inner: readonly Selection[] };

const MISSING = Symbol('missing');

export function compileRepresentation(requires: readonly QueryPlanSelectionNode[], types: TypeConditions): RepresentationOf {
  const selections = compile(requires);
  let key = '';

  const select = (source: JsonObject, inner: readonly Selection[], into: JsonObject): boolean => {
    for (const selection of inner) {
      if ('field' in selection) {
        const value = copy(source[selection.field], selection.inner);
        if (value === MISSING) return false;
        const present = into[selection.field];
        // Two fragments may each want a part of the same object.
        if (isObject(present) && isObject(value)) merge(present, value, types);
        else into[selection.field] = value;
      } else if (applies(selection.condition, source, types) && !select(source, selection.inner, into)) return false;
    }
    return true;
  };

  const copy = (value: unknown, inner: readonly Selection[] | undefined): unknown => {
    if (typeof value === 'string') {
      // The length makes texts with any characters in them unambiguous.
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

  return (object) => {
    key = '';
    const value: JsonObject = {};
    if (!select(object, selections, value) || typeof value['__typename'] !== 'string') return undefined;
    return { value, key };
  };
}

function compile(nodes: readonly QueryPlanSelectionNode[]): Selection[] {
  return nodes.map((node): Selection => {
    if (node.kind === 'InlineFragment') return { condition: node.typeCondition, inner: compile(node.selections) };
    return { field: node.alias ?? node.name, inner: node.selections && compile(node.selections) };
  });
}

function applies(condition: string | undefined, source: JsonObject, types: TypeConditions): boolean {
  if (condition === undefined) return true;
  const typename = source['__typename'];
  return typeof typename === 'string' && types.includes(condition, typename);
}
