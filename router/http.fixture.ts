// An HTTP client that sees a response while it arrives. For specs of responses in parts and of events.
import { request } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';

export class StreamClient {
  readonly request: ClientRequest;
  status = 0;
  headers: IncomingHttpHeaders = {};
  /** The body so far. */
  text = '';
  ended = false;
  response: IncomingMessage | undefined;
  #wake: (() => void)[] = [];

  /** @param body the body of a POST, as JSON. Absent: the client sends a GET. */
  constructor(
    origin: string,
    { path = '/graphql', headers = {}, body }: { path?: string; headers?: Record<string, string>; body?: object },
  ) {
    const content = body === undefined ? {} : { 'content-type': 'application/json' };
    this.request = request(
      origin + path,
      { method: body === undefined ? 'GET' : 'POST', headers: { ...content, ...headers }, agent: false },
      (res) => {
        this.response = res;
        this.status = res.statusCode ?? 0;
        this.headers = res.headers;
        res.setEncoding('utf8');
        res.on('data', (chunk: string) => this.#happened(() => (this.text += chunk)));
        res.on('close', () => this.#happened(() => (this.ended = true)));
        this.#happened(() => undefined);
      },
    );
    this.request.on('error', () => this.#happened(() => (this.ended = true)));
    this.request.end(body === undefined ? undefined : JSON.stringify(body));
  }

  #happened(change: () => void): void {
    change();
    for (const resolve of this.#wake.splice(0)) resolve();
  }

  /** Waits until `found` returns a value. The test's own timeout limits the wait. */
  async until<T>(found: () => T | undefined | false): Promise<T> {
    for (;;) {
      const value = found();
      if (value !== undefined && value !== false) return value;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  end(): void {
    this.request.destroy();
  }
}
