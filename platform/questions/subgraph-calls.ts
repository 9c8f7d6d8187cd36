import { Agent, fetch } from 'undici';
import type { Principal } from '../identity/principal.ts';
import { encodeUserinfo, type SignedPrincipal, type SigningKey, signRequest } from '../../signature/signature.ts';
import { NoAnswer, type Reply } from './definition.ts';

export interface SubgraphCallsOptions {
  /** The key that signs the calls. Absent if nothing is signed; then every question fails. */
  readonly key: SigningKey | undefined;
  /** The `/graphql` URL of each subgraph by its name. */
  readonly urls?: Iterable<readonly [string, string]>;
}

export interface SubgraphCall {
  readonly body: object;
  readonly principal: SignedPrincipal;
  readonly requestId: string;
  /** The time for the call, including its repetition. Milliseconds. */
  readonly ms: number;
}

/** The largest number of connections to each subgraph. Further concurrent calls wait for one of them. */
const CONNECTIONS = 32;

/** The calls of a process to subgraphs, signed as the router signs its own. */
export class SubgraphCalls {
  readonly #key: SigningKey | undefined;
  readonly #urls: Map<string, string>;
  readonly #dispatcher = new Agent({ connections: CONNECTIONS });

  constructor({ key, urls = [] }: SubgraphCallsOptions) {
    this.#key = key;
    this.#urls = new Map(urls);
  }

  /** Sets the URL of a subgraph of this process. A URL of the configuration takes precedence. */
  setLocalUrl(subgraph: string, url: string): void {
    if (!this.#urls.has(subgraph)) this.#urls.set(subgraph, url);
  }

  /** @throws NoAnswer */
  async call(subgraph: string, { body, ms, ...signed }: SubgraphCall): Promise<Reply> {
    const url = this.#urls.get(subgraph);
    if (!url) throw new NoAnswer(`SUBGRAPH_URLS has no URL of ${subgraph}`);
    const text = JSON.stringify(body);
    const signal = AbortSignal.timeout(Math.ceil(ms));
    const post = (): Promise<Reply> => this.#post(subgraph, url, text, signed, signal);
    // A kept-alive connection may end at the moment when it is used again. So a failed call is sent once more, over
    // another connection.
    return post()
      .catch(post)
      .catch((error: unknown) => {
        throw new NoAnswer(`${subgraph} cannot be asked: ${reasonOf(error)}`, { cause: error });
      });
  }

  /** Closes the connections; running questions fail. */
  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }

  async #post(
    subgraph: string,
    url: string,
    body: string,
    { principal, requestId }: Pick<SubgraphCall, 'principal' | 'requestId'>,
    signal: AbortSignal,
  ): Promise<Reply> {
    if (!this.#key) throw new Error('there is no key to sign with');
    const response = await fetch(url, {
      method: 'POST',
      signal,
      body,
      dispatcher: this.#dispatcher,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-request-id': requestId,
        ...(principal.userId === undefined ? {} : { 'x-authenticated-userid': principal.userId }),
        ...(principal.userinfo === undefined ? {} : { 'x-userinfo': principal.userinfo }),
        ...signRequest(this.#key, {
          method: 'POST',
          path: new URL(url).pathname,
          body,
          principal,
          requestId,
          target: subgraph,
        }),
      },
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`HTTP ${response.status}`);
    return JSON.parse(text) as Reply;
  }
}

/**
 * The viewer in the form of a signature. Only the subgraph that issued an audience's key can interpret it, so others
 * answer as for a guest.
 */
export function signed({ userId, roles, username, email }: Principal): SignedPrincipal {
  if (userId === undefined) return {};
  return { userId, userinfo: encodeUserinfo({ sub: userId, roles, preferred_username: username, email }) };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
