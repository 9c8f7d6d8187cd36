/** The error when the command cannot do its work. The message begins with the code, and says what the user can do. */
export class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}
