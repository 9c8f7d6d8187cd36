const revocations = new WeakMap<object, readonly string[]>();

/**
 * A copy of the event (which other streams may show as it is) that ends the stream for these users: the router is told
 * beside the data, in `extensions.revoked`, because a client may not have selected what says so.
 */
export function revoking<E extends object>(event: E, userIds: readonly string[]): E {
  const told = { ...event };
  revocations.set(told, userIds);
  return told;
}

/** The users, by the `sub` of their tokens, for whom the stream ends with this event. */
export function revokedBy(event: unknown): readonly string[] {
  return (typeof event === 'object' && event !== null && revocations.get(event)) || [];
}
