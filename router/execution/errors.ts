import type { GraphQLFormattedError } from 'graphql';
import { withoutValues } from '../../platform/observability/without-values.ts';
import { isObject } from '../collections/json-object.ts';
import type { Path } from './targets.ts';

/** `extensions.code` of the errors that the executor itself raises. */
export type ExecutionErrorCode =
  /** A subgraph answered with something that does not fit the schema or the protocol. */
  | 'INVALID_SUBGRAPH_RESPONSE'
  /** Null where the schema promises a value, and no subgraph said why. */
  | 'UNEXPECTED_NULL'
  | 'UNAVAILABLE'
  | 'SLOW_CONSUMER'
  | 'DOWNSTREAM_SERVICE_ERROR'
  | 'TOO_MANY_ERRORS'
  | 'ANSWER_TOO_LARGE'
  | 'INTERNAL';

/** Where an error comes from: a subgraph itself has sent it, or the router tells of the subgraph. */
export interface ErrorSource {
  readonly subgraph: string;
  readonly sent: boolean;
}

/** What a client is shown of an error; `source` is undefined for errors that have nothing to do with a subgraph. */
export type ErrorPolicy = (error: GraphQLFormattedError, source: ErrorSource | undefined) => GraphQLFormattedError;

/** Beside the errors, so that no path leads from an answer to the names of subgraphs. */
const sources = new WeakMap<GraphQLFormattedError, ErrorSource>();

/** The errors of one answer: at most `limit`, the last of which says how many were left out. */
export class ErrorList {
  readonly #errors: GraphQLFormattedError[] = [];
  /** How many it may hold. */
  readonly limit: number;
  readonly #policy: ErrorPolicy | undefined;
  #total = 0;
  #index: PathIndex | undefined;

  constructor(limit: number, policy?: ErrorPolicy) {
    this.limit = Math.max(1, limit);
    this.#policy = policy;
  }

  /** Paths are made only for errors that are kept: after 20,000 bad list items nobody wants 20,000 paths. */
  get full(): boolean {
    return this.#total >= this.limit;
  }

  add(error: GraphQLFormattedError): void {
    this.#total++;
    if (this.#errors.length >= this.limit) return;
    this.#errors.push(error);
    this.#index?.add(error.path ?? []);
  }

  /** Counts errors that are not worth making because the list is full. */
  skip(count: number): void {
    this.#total += count;
  }

  /**
   * Whether an error at, above or below this path is in the list, so that a null there needs no other (GraphQL
   * specification 6.4.4: one error per field). Once the list is full, everything counts as explained.
   */
  explains(path: Path): boolean {
    if (this.#total === 0) return false;
    if (this.full) return true;
    this.#index ??= new PathIndex(this.#errors);
    return this.#index.touches(path);
  }

  /** As the client may see them. */
  toArray(): GraphQLFormattedError[] {
    const shown = forClients(this.#errors, this.#policy);
    if (this.#total <= this.limit) return shown;
    const kept = shown.slice(0, this.limit - 1);
    const left = this.#total - kept.length;
    return [
      ...kept,
      { message: `${left} more errors were left out`, extensions: { code: 'TOO_MANY_ERRORS', count: left } },
    ];
  }
}

/** The errors as the policy allows them to be seen. */
export function forClients(errors: GraphQLFormattedError[], policy: ErrorPolicy | undefined): GraphQLFormattedError[] {
  return policy === undefined ? errors : errors.map((error) => policy(error, sources.get(error)));
}

interface PathNode {
  ends: boolean;
  readonly children: Map<string | number, PathNode>;
}

class PathIndex {
  readonly #root: PathNode = { ends: false, children: new Map() };

  constructor(errors: readonly GraphQLFormattedError[]) {
    for (const { path } of errors) this.add(path ?? []);
  }

  add(path: Path): void {
    let node = this.#root;
    for (const element of path) {
      let child = node.children.get(element);
      if (child === undefined) node.children.set(element, (child = { ends: false, children: new Map() }));
      node = child;
    }
    node.ends = true;
  }

  touches(path: Path): boolean {
    let node: PathNode | undefined = this.#root;
    for (const element of path) {
      if (node.ends) return true;
      node = node.children.get(element);
      if (node === undefined) return false;
    }
    return true;
  }
}

export function executionError(
  code: ExecutionErrorCode,
  message: string,
  path: Path | undefined,
): GraphQLFormattedError {
  return { message, ...(path !== undefined && { path }), extensions: { code } };
}

/** An error about a subgraph, which it does not name. */
export function aboutSubgraph(
  code: ExecutionErrorCode,
  message: string,
  subgraph: string,
  path: Path | undefined,
): GraphQLFormattedError {
  const error = executionError(code, message, path);
  sources.set(error, { subgraph, sent: false });
  return error;
}

/** What servers put into `extensions` for their own developers. */
const INTERNAL_EXTENSIONS = new Set(['stacktrace', 'exception', 'originalError', 'serviceName']);

/**
 * An error as a subgraph sent it, made fit for the client: at `path`, without locations (they are those of the router's
 * own query) and internals. Values of the wrong type are replaced, never passed on; nor are the client's values that a
 * subgraph's validation repeats.
 */
export function fromSubgraph(error: unknown, subgraph: string, path: Path | undefined): GraphQLFormattedError {
  const { message, extensions } = isObject(error) ? error : {};
  const kept: Record<string, unknown> = { code: 'DOWNSTREAM_SERVICE_ERROR' };
  if (isObject(extensions)) {
    for (const [name, value] of Object.entries(extensions)) {
      if (!INTERNAL_EXTENSIONS.has(name) && name !== '__proto__') kept[name] = value;
    }
    if (typeof kept['code'] !== 'string') kept['code'] = 'DOWNSTREAM_SERVICE_ERROR';
  }
  const made: GraphQLFormattedError = {
    message: typeof message === 'string' && message !== '' ? withoutValues(message) : 'A service reported an error',
    ...(path !== undefined && { path }),
    extensions: kept,
  };
  sources.set(made, { subgraph, sent: true });
  return made;
}

/** The path of a subgraph's error, or undefined when it has none that could be used. */
export function errorPath(error: unknown): Path | undefined {
  const path = isObject(error) ? error['path'] : undefined;
  if (!Array.isArray(path) || path.length === 0) return undefined;
  return path.every((element) => typeof element === 'string' || typeof element === 'number') ? path : undefined;
}
