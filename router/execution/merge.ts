import type { JsonObject } from '../collections/json-object.ts';
import type { TypeConditions } from '../supergraph/supergraph.ts';

/**
 * Adds fetched data to an object of the response. Null never replaces a value, so the result does not depend on which
 * of two parallel fetches came first. The typename of an interface (from an `@interfaceObject`) never replaces that of
 * an object type. An object that both have is merged field by field, and lists of the same length are merged item by
 * item. Any other value becomes part of `target` as it is, so `target` and `source` share it. If `copying` is true, a
 * copy of the value becomes part of `target` instead.
 */
export function merge(target: JsonObject, source: JsonObject, types: TypeConditions, copying = false): void {
  if (target === source) return;
  for (const key in source) {
    const incoming = source[key];
    // JSON can have an own property `__proto__`. Assigning it would change a prototype.
    if (incoming === undefined || key === '__proto__') continue;
    const present = target[key];
    if (present === undefined || present === null || typeof present === 'function')
      target[key] = copying ? copy(incoming) : incoming;
    else if (incoming === null) continue;
    else if (typeof incoming !== 'object' || typeof present !== 'object') {
      if (key === '__typename' && typeof incoming === 'string' && types.isAbstract(incoming)) continue;
      target[key] = copying ? copy(incoming) : incoming;
    } else if (!Array.isArray(incoming)) {
      if (Array.isArray(present)) target[key] = copying ? copy(incoming) : incoming;
      else merge(present as JsonObject, incoming as JsonObject, types, copying);
    } else if (Array.isArray(present) && present.length === incoming.length)
      mergeLists(present, incoming, types, copying);
    else target[key] = copying ? copy(incoming) : incoming;
  }
}

function mergeLists(target: unknown[], source: readonly unknown[], types: TypeConditions, copying: boolean): void {
  if (target === source) return;
  for (let index = 0; index < source.length; index++) {
    const incoming = source[index];
    const present = target[index];
    if (incoming === null || incoming === undefined) continue;
    if (typeof incoming !== 'object' || typeof present !== 'object' || present === null)
      target[index] = copying ? copy(incoming) : incoming;
    else if (Array.isArray(incoming)) {
      if (Array.isArray(present) && present.length === incoming.length) mergeLists(present, incoming, types, copying);
      else target[index] = copying ? copy(incoming) : incoming;
    } else if (Array.isArray(present)) target[index] = copying ? copy(incoming) : incoming;
    else merge(present as JsonObject, incoming as JsonObject, types, copying);
  }
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  const copied: JsonObject = {};
  for (const key of Object.keys(value)) if (key !== '__proto__') copied[key] = copy((value as JsonObject)[key]);
  return copied;
}
