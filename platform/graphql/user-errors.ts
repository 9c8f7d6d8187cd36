import { INPUT_REASONS, type ParamsOf, type Reasons, type UserErrorCode } from './reasons.ts';

export interface UserError<R extends string = string> {
  /** Path into the input; null when the error concerns no single field. */
  field: string[] | null;
  code: UserErrorCode;
  /** A value of the schema's enum `UserErrorReason`. */
  reason: R;
  /** The values of the message's parameters, as text. */
  params: { name: string; value: string }[];
  message: string;
}

/**
 * Expected failures of a mutation. A service may throw it inside a transaction, which then rolls back.
 * {@link orUserErrors} returns the errors in the mutation's payload.
 */
export class UserErrors<R extends string = string> extends Error {
  readonly errors: readonly UserError<R>[];
  constructor(errors: readonly UserError<R>[]) {
    super(errors.map((error) => `${error.code}: ${error.message}`).join('; '));
    this.name = 'UserErrors';
    this.errors = errors;
  }
}

type Params<M extends string> = Readonly<Record<ParamsOf<M>, string | number>>;
type Where<M extends string> = [ParamsOf<M>] extends [never] ? string[] : [params: Params<M>, ...field: string[]];

/**
 * Creates one expected failure to throw, from its reason, the message's parameters if it has any, and the path into the
 * input.
 */
export type UserErrorOf<T extends Reasons> = <R extends keyof T & string>(
  reason: R,
  ...where: Where<T[R][1]>
) => UserErrors<R>;

/**
 * Creates the function for a table of reasons. The table is that of one subgraph, whose schema has the reasons in the
 * enum `UserErrorReason`.
 */
export function userErrorOf<const T extends Reasons>(reasons: T): UserErrorOf<T> {
  return (reason, ...where) => {
    const [first] = where as unknown[];
    const hasParams = typeof first === 'object' && first !== null;
    const field = (hasParams ? where.slice(1) : where) as string[];
    const [code, template] = reasons[reason] ?? INPUT_REASONS.MALFORMED;
    const params = Object.entries(hasParams ? first : {}).map(([name, value]) => ({ name, value: String(value) }));
    const message = params.reduce((text, { name, value }) => text.replace(`{${name}}`, () => value), template);
    return new UserErrors([{ field: field.length > 0 ? field : null, code, reason, params, message }]);
  };
}

/** Creates expected failures with the reasons for any kind of input. */
export const userError = userErrorOf(INPUT_REASONS);

/** Runs `work`, and puts `path` before the fields of the expected failures that it throws. */
export function below<T>(path: readonly string[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UserErrors)) throw error;
    throw new UserErrors(error.errors.map((one) => ({ ...one, field: [...path, ...(one.field ?? [])] })));
  }
}

type Payload<T> = Partial<T> & { userErrors: UserError<never>[] };

/**
 * The payload of a mutation: the result of `work`, or the expected failures that it threw. Other errors are rethrown.
 * The types do not check that the reasons are in the schema; `schema/reasons.spec.ts` does.
 */
export async function orUserErrors<T extends object>(work: () => Promise<T>): Promise<Payload<T>> {
  try {
    return { ...(await work()), userErrors: [] };
  } catch (error) {
    if (error instanceof UserErrors) return { userErrors: [...error.errors] } as Payload<T>;
    throw error;
  }
}
