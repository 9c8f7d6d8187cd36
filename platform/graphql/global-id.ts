const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An opaque id, unique across types: base64url of `Type:uuid`. */
export function toGlobalId(type: string, uuid: string): string {
  return Buffer.from(`${type}:${uuid}`).toString('base64url');
}

/** The UUID within a global id of this type; null for anything else: another type's id, an id of no type, noise. */
export function fromGlobalId(type: string, id: string): string | null {
  if (id.length > 200) return null;
  const text = Buffer.from(id, 'base64url').toString('latin1');
  if (!text.startsWith(`${type}:`)) return null;
  const uuid = text.slice(type.length + 1);
  return UUID.test(uuid) && toGlobalId(type, uuid) === id ? uuid : null;
}
