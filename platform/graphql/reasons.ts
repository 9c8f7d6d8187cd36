export type UserErrorCode = 'INVALID' | 'TAKEN' | 'NOT_FOUND' | 'FORBIDDEN' | 'CONFLICT';

/**
 * The reasons for refusing a mutation, by their names in the schema's enum `UserErrorReason`. Each has the kind of
 * failure and the message, with `{name}` in place of a parameter. The description of the enum's value is
 * `code: message`, so translators find both in the schema.
 */
export type Reasons = Readonly<Record<string, readonly [code: UserErrorCode, message: string]>>;

/** The reasons for any kind of input. Every subgraph has them. */
export const INPUT_REASONS = {
  REQUIRED: ['INVALID', 'is required'],
  WRONG_TYPE: ['INVALID', 'must be of type {expected}'],
  EMPTY: ['INVALID', 'must not be empty'],
  TOO_SHORT: ['INVALID', 'must have at least {min} characters'],
  TOO_LONG: ['INVALID', 'must have at most {max} characters'],
  TOO_FEW: ['INVALID', 'must have at least {min} items'],
  TOO_MANY: ['INVALID', 'must have at most {max} items'],
  TOO_SMALL: ['INVALID', 'must be at least {min}'],
  TOO_LARGE: ['INVALID', 'must be at most {max}'],
  OUT_OF_RANGE: ['INVALID', 'must be {min} to {max}'],
  TOO_EARLY: ['INVALID', 'must not be before {min}'],
  TOO_LATE: ['INVALID', 'must not be after {max}'],
  NOT_ONE_OF: ['INVALID', 'must be one of {allowed}'],
  NOT_EXACTLY_ONE: ['INVALID', 'exactly one of {fields} must be given'],
  NOT_AN_EMAIL: ['INVALID', 'must be an e-mail address'],
  CONTROL_CHARACTERS: ['INVALID', 'must not contain control characters'],
  INVISIBLE_CHARACTERS: ['INVALID', 'must not contain invisible characters'],
  DIRECTION_CHARACTERS: ['INVALID', 'must not contain characters that change the direction of text'],
  SEVERAL_LINES: ['INVALID', 'must be one line'],
  LINK: ['INVALID', 'must not contain a link or an address'],
  MALFORMED: ['INVALID', 'is not acceptable'],
  TAKEN: ['TAKEN', 'is taken'],
  CLIENT_ID_USED: ['CONFLICT', 'this client id was sent before with other content'],
} as const satisfies Reasons;

/** The names of the parameters in a message. */
export type ParamsOf<M extends string> = M extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamsOf<Rest>
  : never;
