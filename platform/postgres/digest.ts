import { createHash } from 'node:crypto';

/**
 * SHA-256 of the JSON of a value. A row keeps the digest of the request that created it, so that a repeated request can
 * be compared. The stored digests bind this function: it must give the same for the same value for ever.
 * @param value a value whose JSON has its keys in the same order each time
 */
export const digestOf = (value: unknown, encoding: 'hex' | 'base64url' = 'hex'): string =>
  createHash('sha256').update(JSON.stringify(value)).digest(encoding);

/** {@link digestOf} of an input. The order of its fields does not matter, and null counts as absent. */
export const digestOfInput = (input: Readonly<Record<string, unknown>>): string =>
  digestOf(
    Object.entries(input)
      .filter(([, value]) => value != null)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
