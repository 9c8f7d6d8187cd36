/**
 * The data of an answer without errors. The API declares every mutation field nullable, so that one failed mutation
 * does not hide the results of the others. Such a field is null only when there is an error. A client that rejects
 * answers with `errors` therefore finds every payload.
 */
export type Answered<R> = {
  [K in keyof R]: NonNullable<R[K]> extends { userErrors: readonly unknown[] } ? NonNullable<R[K]> : R[K];
};
