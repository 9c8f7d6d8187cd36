import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type DocumentNode, type ExecutionResult, type GraphQLFormattedError, print } from 'graphql';
import { type Client as SocketClient, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Answered } from '../../examples/typed-client/answered.ts';

/** The error for a response with errors. It has the errors as a client sees them. */
export class Refused extends Error {
  readonly errors: readonly GraphQLFormattedError[];
  constructor(errors: readonly GraphQLFormattedError[]) {
    super(
      errors
        .map(
          ({ message, path, extensions }) =>
            `${String(extensions?.code)}: ${message}${path ? ` at ${path.join('.')}` : ''}`,
        )
        .join('; '),
    );
    this.errors = errors;
  }

  /** `extensions.code` of the first error. */
  get code(): unknown {
    return this.errors[0]?.extensions?.code;
  }
}

/**
 * A client of a router: over HTTP, and over one WebSocket of its own. The first subscription opens the socket; it does
 * not reconnect.
 */
export class Client {
  /** `http://127.0.0.1:4000/graphql` */
  readonly url: string;
  readonly token: string | undefined;
  #socket: SocketClient | undefined;

  constructor(url: string, token?: string) {
    this.url = url;
    this.token = token;
  }

  /** The same person at another router. */
  at(url: string): Client {
    return new Client(url, this.token);
  }

  /** Sends an operation over HTTP, and returns its data. @throws Refused when the answer has errors */
  async request<R, V>(
    document: TypedDocumentNode<R, V>,
    ...[variables]: Record<string, never> extends V ? [V?] : [V]
  ): Promise<Answered<R>> {
    const { data, errors } = await this.execute<Answered<R>>(document, variables as Record<string, unknown>);
    if (errors?.length || !data) throw new Refused(errors ?? [{ message: 'neither data nor errors' }]);
    return data;
  }

  /** Sends an operation over HTTP, and returns the whole answer, errors included. */
  async execute<R>(document: DocumentNode | string, variables?: Record<string, unknown>): Promise<Answer<R>> {
    return this.post(JSON.stringify({ query: typeof document === 'string' ? document : print(document), variables }));
  }

  /** Sends a body unchanged. */
  async post<R>(body: string, headers: Record<string, string> = {}): Promise<Answer<R>> {
    const authorization: Record<string, string> = this.token ? { authorization: `Bearer ${this.token}` } : {};
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization, ...headers },
      body,
    });
    return { status: response.status, ...((await response.json()) as ExecutionResult<R>) };
  }

  /**
   * Yields events over Server-Sent Events, with their ids, until the reader leaves or the server ends the stream.
   * @param lastEventId the event after which a browser would continue
   */
  async *follow<R, V extends Record<string, unknown>>(
    document: TypedDocumentNode<R, V>,
    variables: V,
    lastEventId?: string,
  ): AsyncGenerator<{ id: string | undefined; data: R }, void> {
    const leave = new AbortController();
    const headers = {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(this.token && { authorization: `Bearer ${this.token}` }),
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    try {
      const { body } = await fetch(this.url, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query: print(document), variables }),
        signal: leave.signal,
      });
      let text = '';
      for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const blocks = (text + chunk).split('\n\n');
        text = blocks.pop() ?? '';
        for (const lines of blocks.map((block) => block.split('\n'))) {
          const field = (name: string): string | undefined =>
            lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
          if (field('event') !== 'next') continue;
          const { data, errors } = JSON.parse(field('data') ?? '{}') as ExecutionResult<R>;
          if (errors?.length || !data) throw new Refused(errors ?? [{ message: 'an event without data' }]);
          yield { id: field('id'), data };
        }
      }
    } finally {
      leave.abort();
    }
  }

  /**
   * Yields events until the reader leaves or the server ends the stream.
   * @throws Refused; CloseEvent when the socket was closed, also by a lost connection
   */
  async *subscribe<R, V extends Record<string, unknown>>(
    document: TypedDocumentNode<R, V>,
    variables: V,
  ): AsyncGenerator<R, void> {
    this.#socket ??= createClient({
      url: this.url.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: this.token ? { authorization: `Bearer ${this.token}` } : {},
    });
    try {
      for await (const { data, errors } of this.#socket.iterate<R>({ query: print(document), variables })) {
        if (errors?.length || !data) throw new Refused(errors ?? [{ message: 'an event without data' }]);
        yield data;
      }
    } catch (error) {
      throw Array.isArray(error) ? new Refused(error as GraphQLFormattedError[]) : error;
    }
  }

  /** Cuts the socket, as a lost network does. */
  cut(): void {
    this.#socket?.terminate();
  }

  async close(): Promise<void> {
    await this.#socket?.dispose();
    this.#socket = undefined;
  }
}

export interface Answer<R> extends ExecutionResult<R> {
  readonly status: number;
}
