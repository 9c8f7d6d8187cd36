/** The error when the router refuses a request before it reaches GraphQL. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** The error when the connection ended before the whole request had arrived. There is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}
