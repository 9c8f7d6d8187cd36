const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An opaque id that is unique across types: base64url of `Type:uuid`. */
export function toGlobalId(type: string, uuid: string): string {
  return Buffer.from(`${type}:${uuid}`).toString('base64url');
}

/** The UUID in a global id of this type. Null for anything else: another type's id, an unknown type, or noise. */
export function fromGlobalId(type: string, id: string): string | null {
  if (id.length > 200) return null;
  const text = Buffer.from(id, 'base64url').toString('latin1');
  if (!text.startsWith(`${type}:`)) return null;
  const uuid = text.slice(type.length + 1);
  return UUID.test(uuid) && toGlobalId(type, uuid) === id ? uuid : null;
}

/** The UUIDs of the ids that have this type. Other ids are left out. */
export const fromGlobalIds = (type: string, ids: readonly string[]): string[] =>
  ids.flatMap((id) => fromGlobalId(type, id) ?? []);

/** A reference to an object of another subgraph: its global id. */
export function referenceTo(type: string, uuid: string): { id: string };
export function referenceTo(type: string, uuid: string | null): { id: string } | null;
export function referenceTo(type: string, uuid: string | null): { id: string } | null {
  return uuid === null ? null : { id: toGlobalId(type, uuid) };
}

/** The type in a global id; null for noise. The type may not exist: the caller must check that. */
export function typeOfGlobalId(id: string): string | null {
  const [type = ''] = id.length > 200 ? [] : Buffer.from(id, 'base64url').toString('latin1').split(':', 1);
  return fromGlobalId(type, id) === null ? null : type;
}
