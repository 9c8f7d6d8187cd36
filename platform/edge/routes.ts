/** A public HTTP route beside GraphQL: it does its own checks, for no router has looked at the caller. */
export interface PublicRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /**
   * `/register`, `/files/:id`: a segment that begins with a colon is any one segment. The controller has the same path.
   */
  readonly path: string;
  /** What the controller finds in `req.body`: parsed JSON, or the bytes as a Buffer. */
  readonly body: 'json' | 'raw';
  /** A longer body is PAYLOAD_TOO_LARGE: at Kong, at the edge and at the subgraph. */
  readonly maxBodyBytes: number;
  /** How long Kong and the edge wait for the answer. */
  readonly timeoutMs: number;
  /** Requests of one client address, at Kong and at the edge; each of their processes counts alone. */
  readonly rateLimit: { readonly minute: number; readonly hour?: number };
}

/** A route and the subgraph that serves it. */
export interface ServedRoute extends PublicRoute {
  readonly service: string;
}

const PARAMETER = /:[^/]+/g;
const PATH = /^(?:\/(?:[a-z0-9][a-z0-9._-]*|:[a-z][A-Za-z0-9]*))+$/;

/** Whether the path of a route can be matched the same by Kong, the edge and Express. */
export const isRoutePath = (path: string): boolean => PATH.test(path);

/** The paths of a route as the source of a regular expression, without anchors: Kong's notation too. */
export const routePattern = (path: string): string => path.replaceAll('.', String.raw`\.`).replace(PARAMETER, '[^/]+');

/**
 * Finds routes by their path, compared as it came.
 * @returns a function that takes a path without its query string and gives the routes that have it, one for each method
 */
export function routeFinder<R extends PublicRoute>(routes: readonly R[]): (path: string) => readonly R[] {
  const compiled = routes.map((route) => ({ route, pattern: new RegExp(`^${routePattern(route.path)}$`) }));
  return (path) => compiled.filter(({ pattern }) => pattern.test(path)).map(({ route }) => route);
}
