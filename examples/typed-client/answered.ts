/**
 * The data of an answer without errors. The API declares every mutation field nullable, so that one failed mutation
 * does not hide the results of the others. Such a field is null only when the answer has `errors`. So a client that
 * rejects answers with `errors` has every payload in the other answers.
 */
export type Answered<R> = {
  [K in keyof R]: NonNullable<R[K]> extends { userErrors: readonly unknown[] } ? NonNullable<R[K]> : R[K];
};
