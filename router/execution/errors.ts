import type { GraphQLFormattedError } from 'graphql';
import { withoutValues } from '../../platform/observability/without-values.ts';
import { isObject } from '../collections/json-object.ts';
import type { Path } from './targets.ts';

/** The `extensions.code` of errors that the executor itself raises. */
export type ExecutionErrorCode =
  /** A subgraph's response does not fit the schema or the protocol. */
  | 'INVALID_SUBGRAPH_RESPONSE'
  /** A non-null field is null, and no subgraph error explains it. */
  | 'UNEXPECTED_NULL'
  | 'UNAVAILABLE'
  | 'SLOW_CONSUMER'
  | 'DOWNSTREAM_SERVICE_ERROR'
  | 'TOO_MANY_ERRORS'
  | 'ANSWER_TOO_LARGE'
  | 'INTERNAL';

/** The origin of an error. `sent`: the subgraph sent it. Otherwise the router reports a problem with the subgraph. */
export interface ErrorSource {
  readonly subgraph: string;
  readonly sent: boolean;
}

/** Decides what a client sees of an error. `source` is undefined for errors that do not concern a subgraph. */
export type ErrorPolicy = (error: GraphQLFormattedError, source: ErrorSource | undefined) => GraphQLFormattedError;

/** The sources are outside of the errors, so that no response can contain the name of a subgraph by accident. */
const sources = new WeakMap<GraphQLFormattedError, ErrorSource>();

/** The errors of one response: at most `limit`. If there are more, the last one says how many were left out. */
export class ErrorList {
  readonly #errors: GraphQLFormattedError[] = [];
  /** How many errors the list can hold. Further errors are only counted. */
  readonly limit: number;
  readonly #policy: ErrorPolicy | undefined;
  #total = 0;
  #index: PathIndex | undefined;

  constructor(limit: number, policy?: ErrorPolicy) {
    this.limit = Math.max(1, limit);
    this.#policy = policy;
  }

  /**
   * Whether the list is full. Callers then use `skip` and do not build the path: with 20,000 bad list items nobody
   * needs 20,000 paths.
   */
  get full(): boolean {
    return this.#total >= this.limit;
  }

  add(error: GraphQLFormattedError): void {
    this.#total++;
    if (this.#errors.length >= this.limit) return;
    this.#errors.push(error);
    this.#index?.add(error.path ?? []);
  }

  /** Counts errors that callers did not build because the list is full. */
  skip(count: number): void {
    this.#total += count;
  }

  /**
   * Whether the list has an error at, above or below this path. A null there then needs no further error (GraphQL
   * specification 6.4.4: one error per field). Always true when the list is full.
   */
  explains(path: Path): boolean {
    if (this.#total === 0) return false;
    if (this.full) return true;
    this.#index ??= new PathIndex(this.#errors);
    return this.#index.touches(path);
  }

  /** The errors as the client may see them. */
  toArray(): GraphQLFormattedError[] {
    const shown = applyPolicy(this.#errors, this.#policy);
    if (this.#total <= this.limit) return shown;
    const kept = shown.slice(0, this.limit - 1);
    const left = this.#total - kept.length;
    return [
      ...kept,
      { message: `${left} more errors were left out`, extensions: { code: 'TOO_MANY_ERRORS', count: left } },
    ];
  }
}

/** Applies the policy to errors. */
export function applyPolicy(errors: GraphQLFormattedError[], policy: ErrorPolicy | undefined): GraphQLFormattedError[] {
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

/** An error about a subgraph. Its message does not name the subgraph. */
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

/** Entries of `extensions` that servers add for their own developers. */
const INTERNAL_EXTENSIONS = new Set(['stacktrace', 'exception', 'originalError', 'serviceName']);

/**
 * Converts a subgraph's error for the client. The result has the given `path`. It has no locations, because these refer
 * to the router's own query, and no internals of the subgraph's server. Defaults replace a missing or invalid message
 * or code. Client values that a validation message repeats are removed.
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

/** The path of a subgraph's error, or undefined when it has no valid path. */
export function errorPath(error: unknown): Path | undefined {
  const path = isObject(error) ? error['path'] : undefined;
  if (!Array.isArray(path) || path.length === 0) return undefined;
  return path.every((element) => typeof element === 'string' || typeof element === 'number') ? path : undefined;
}
