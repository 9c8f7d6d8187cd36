import { Agent, fetch } from 'undici';
import { ANONYMOUS, type Principal } from '../identity/principal.ts';
import { encodeUserinfo, type SignedPrincipal, type SigningKey, signRequest } from '../../signature/signature.ts';
import { acceptRequestId } from '../http/request-id.ts';
import { currentContext } from '../observability/request-context.ts';

/** A subgraph could not be asked, or its answer is not here yet. Clients see UNAVAILABLE; the reason goes to the log. */
export class NoAnswer extends Error {
  readonly code = 'UNAVAILABLE';
  override readonly name = 'NoAnswer';
}

export interface Question {
  /** A query of the other subgraph's own schema, `@inaccessible` fields included. It must not change anything: it may be sent twice. */
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** For whom it is asked; a guest when it depends on nobody. */
  readonly viewer?: Principal;
}

export interface QuestionsOptions {
  /** Absent where nothing is signed; every question fails then. */
  readonly key: SigningKey | undefined;
  /** `/graphql` of each subgraph by its name. */
  readonly urls?: Iterable<readonly [string, string]>;
  /** Milliseconds for one question, its repetition included. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 2_000;
/** To each subgraph; more questions at once wait for one of them. */
const CONNECTIONS = 32;

/**
 * One subgraph asks another what must be true now, or what must not be copied. The call is signed as the router signs its calls, so the other
 * subgraph answers it with the viewer's rights. Everything else reaches a subgraph by references and events.
 */
export class Questions {
  readonly #key: SigningKey | undefined;
  readonly #urls: Map<string, string>;
  readonly #timeoutMs: number;
  readonly #dispatcher = new Agent({ connections: CONNECTIONS });

  constructor({ key, urls = [], timeoutMs = TIMEOUT_MS }: QuestionsOptions) {
    this.#key = key;
    this.#urls = new Map(urls);
    this.#timeoutMs = timeoutMs;
  }

  /** A subgraph of this process listens. What the configuration says of its name goes above. */
  learn(subgraph: string, url: string): void {
    if (!this.#urls.has(subgraph)) this.#urls.set(subgraph, url);
  }

  /** The `data` of the answer, in the shape that the query asks for. @throws NoAnswer */
  async ask<D>(subgraph: string, { query, variables = {}, viewer = ANONYMOUS }: Question): Promise<D> {
    const url = this.#urls.get(subgraph);
    if (!url) throw new NoAnswer(`SUBGRAPH_URLS does not say where ${subgraph} is`);
    const body = JSON.stringify({ query, variables });
    const signal = AbortSignal.timeout(this.#timeoutMs);
    // A kept connection may end in the moment in which it is used again: the second attempt opens another.
    const answer = await this.#post(subgraph, url, body, viewer, signal).catch(() => this.#post(subgraph, url, body, viewer, signal)).catch((error: unknown) => {
      throw new NoAnswer(`${subgraph} cannot be asked: ${reasonOf(error)}`, { cause: error });
    });
    const { data, errors } = answer as { data?: D | null; errors?: readonly { message: string; extensions?: { code?: unknown } }[] };
    if (errors?.length || !data) throw new NoAnswer(`${subgraph} answered ${errors?.map(({ message, extensions }) => `${String(extensions?.code)}: ${message}`).join('; ') ?? 'nothing'}`);
    return data;
  }

  /** Those of the global ids under which the subgraph has an entity of this type. @throws NoAnswer */
  async existing(subgraph: string, type: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type} { id } } }`;
    const of = ids.map((id) => ({ __typename: type, id }));
    const { _entities: found } = await this.ask<{ _entities: readonly ({ readonly id: string } | null)[] }>(subgraph, { query, variables: { of } });
    return new Set(found.flatMap((entity) => (entity ? [entity.id] : [])));
  }

  /** Ends the connections; questions that are under way fail. */
  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }

  async #post(subgraph: string, url: string, body: string, viewer: Principal, signal: AbortSignal): Promise<unknown> {
    if (!this.#key) throw new Error('there is no key to sign with');
    const principal = signed(viewer);
    const requestId = acceptRequestId(currentContext()?.requestId);
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
        ...signRequest(this.#key, { method: 'POST', path: new URL(url).pathname, body, principal, requestId, target: subgraph }),
      },
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`HTTP ${response.status}`);
    return JSON.parse(text);
  }
}

/** The viewer as a signature carries it. An audience's key means something only to the subgraph that gave it: others answer as for a guest. */
function signed({ userId, roles, username, email }: Principal): SignedPrincipal {
  if (userId === undefined) return {};
  return { userId, userinfo: encodeUserinfo({ sub: userId, roles, preferred_username: username, email }) };
}

/**
 * What a question was answered that was asked before the viewer's right was known, as `Promise.allSettled` gives it: who has no right is told so first.
 * @throws NoAnswer
 */
export function answerOf<T>(asked: PromiseSettledResult<T>): T {
  if (asked.status === 'rejected') throw asked.reason;
  return asked.value;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
