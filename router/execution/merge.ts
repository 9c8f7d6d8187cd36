import type { TypeConditions } from '../supergraph/supergraph.ts';
import type { JsonObject } from './targets.ts';

/**
 * Adds what a fetch brought to an object of the answer. Null never replaces a value, so that the outcome does not depend on which of
 * two parallel fetches came first. The name of an interface (an `@interfaceObject`'s typename) never replaces that of an object type.
 * Only descends into what both have, and shares the rest with `source`.
 */
export function merge(target: JsonObject, source: JsonObject, types: TypeConditions): void {
  if (target === source) return;
  for (const key in source) {
    const incoming = source[key];
    // JSON can hold an own `__proto__`; assigning it would change a prototype.
    if (incoming === undefined || key === '__proto__') continue;
    const present = target[key];
    if (present === undefined || present === null || typeof present === 'function') target[key] = incoming;
    else if (incoming === null) continue;
    else if (typeof incoming !== 'object' || typeof present !== 'object') {
      if (key === '__typename' && typeof incoming === 'string' && types.isAbstract(incoming)) continue;
      target[key] = incoming;
    } else if (!Array.isArray(incoming)) {
      if (Array.isArray(present)) target[key] = incoming;
      else merge(present as JsonObject, incoming as JsonObject, types);
    } else if (Array.isArray(present) && present.length === incoming.length) mergeLists(present, incoming, types);
    else target[key] = incoming;
  }
}

function mergeLists(target: unknown[], source: readonly unknown[], types: TypeConditions): void {
  if (target === source) return;
  for (let index = 0; index < source.length; index++) {
    const incoming = source[index];
    const present = target[index];
    if (incoming === null || incoming === undefined) continue;
    if (typeof incoming !== 'object' || typeof present !== 'object' || present === null) target[index] = incoming;
    else if (Array.isArray(incoming)) {
      if (Array.isArray(present) && present.length === incoming.length) mergeLists(present, incoming, types);
      else target[index] = incoming;
    } else if (Array.isArray(present)) target[index] = incoming;
    else merge(present as JsonObject, incoming as JsonObject, types);
  }
}
