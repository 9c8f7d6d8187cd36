import { INPUT_REASONS, type ParamsOf, type Reasons, type UserErrorCode } from './reasons.ts';

export interface UserError<R extends string = string> {
  /** Path into the input; null when it concerns no single field. */
  field: string[] | null;
  code: UserErrorCode;
  /** A value of the schema's enum `UserErrorReason`. */
  reason: R;
  /** What the message has in its places, as text. */
  params: { name: string; value: string }[];
  message: string;
}

/**
 * Thrown by a service, also inside a transaction, which it rolls back; {@link orUserErrors} makes it the mutation's
 * answer.
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

/** One expected failure, to be thrown: why, the message's parameters if it has any, and the path into the input. */
export type UserErrorOf<T extends Reasons> = <R extends keyof T & string>(
  reason: R,
  ...where: Where<T[R][1]>
) => UserErrors<R>;

/** Of a table of reasons: those of one subgraph, which its part of the schema has as the enum `UserErrorReason`. */
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

/** Of input of any kind. */
export const userError = userErrorOf(INPUT_REASONS);

/** What `work` gives. Fields of the expected failures that it throws are below `path`. */
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
 * The payload of a mutation: what `work` resolves to, or the expected failures it threw. Anything else is thrown on.
 * That the reasons are those of the schema no type says: `schema/reasons.spec.ts` compares the tables with it.
 */
export async function orUserErrors<T extends object>(work: () => Promise<T>): Promise<Payload<T>> {
  try {
    return { ...(await work()), userErrors: [] };
  } catch (error) {
    if (error instanceof UserErrors) return { userErrors: [...error.errors] } as Payload<T>;
    throw error;
  }
}
