/**
 * The data of an answer without errors. The API declares every mutation field nullable, so that a mutation that fails
 * does not hide the others of the same request. Such a field is null only beside an error: who has refused answers with
 * `errors` finds each payload there.
 */
export type Answered<R> = {
  [K in keyof R]: NonNullable<R[K]> extends { userErrors: readonly unknown[] } ? NonNullable<R[K]> : R[K];
};
