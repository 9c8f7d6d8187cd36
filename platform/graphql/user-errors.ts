export type UserErrorCode = 'INVALID' | 'TAKEN' | 'NOT_FOUND' | 'FORBIDDEN' | 'CONFLICT';

export interface UserError {
  /** Path into the input; null when it concerns no single field. */
  field: string[] | null;
  code: UserErrorCode;
  message: string;
}

/** Thrown by a service, also inside a transaction, which it rolls back; {@link orUserErrors} makes it the mutation's answer. */
export class UserErrors extends Error {
  readonly errors: readonly UserError[];
  constructor(errors: readonly UserError[]) {
    super(errors.map((error) => `${error.code}: ${error.message}`).join('; '));
    this.name = 'UserErrors';
    this.errors = errors;
  }
}

/** One expected failure, to be thrown. `field` is the path into the input. */
export function userError(code: UserErrorCode, message: string, ...field: string[]): UserErrors {
  return new UserErrors([{ field: field.length ? field : null, code, message }]);
}

/** What `work` gives. Fields of the expected failures that it throws are below `path`. */
export function below<T>(path: readonly string[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UserErrors)) throw error;
    throw new UserErrors(error.errors.map((one) => ({ ...one, field: [...path, ...(one.field ?? [])] })));
  }
}

/** The payload of a mutation: what `work` resolves to, or the expected failures it threw. Anything else is thrown on. */
export async function orUserErrors<T extends object>(work: () => Promise<T>): Promise<Partial<T> & { userErrors: UserError[] }> {
  try {
    return { ...(await work()), userErrors: [] };
  } catch (error) {
    if (error instanceof UserErrors) return { userErrors: [...error.errors] } as Partial<T> & { userErrors: UserError[] };
    throw error;
  }
}
