const revocations = new WeakMap<object, readonly string[]>();

/**
 * A copy of the event that ends the stream for these users. The original is not changed, because other streams may show
 * it. The router reads the users from `extensions.revoked` and not from the data, because the client may not have
 * selected the field.
 */
export function revoking<E extends object>(event: E, userIds: readonly string[]): E {
  const told = { ...event };
  revocations.set(told, userIds);
  return told;
}

/** The users for whom the stream ends with this event, by the `sub` of their tokens. */
export function revokedBy(event: unknown): readonly string[] {
  return (typeof event === 'object' && event !== null && revocations.get(event)) || [];
}
