export type JsonObject = Record<string, unknown>;

/** Whether what was JSON is an object there: neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
