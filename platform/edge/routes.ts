/** A public HTTP route besides GraphQL. It does its own checks, because no router has checked the caller. */
export interface PublicRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /**
   * For example `/register` or `/files/:id`. A segment that starts with a colon matches any one segment. The controller
   * has the same path.
   */
  readonly path: string;
  /** The form of `req.body` in the controller: parsed JSON, or the bytes as a Buffer. */
  readonly body: 'json' | 'raw';
  /** A longer body is PAYLOAD_TOO_LARGE: at Kong, at the edge and at the subgraph. Bytes. */
  readonly maxBodyBytes: number;
  /** How long Kong and the edge wait for the answer. Milliseconds. */
  readonly timeoutMs: number;
  /**
   * The largest number of requests of one client in a minute and in an hour; further ones are RATE_LIMITED. Kong counts
   * by the client's address, and the edge by the client's network (`clientNetworkOf`). Each process of Kong or the edge
   * counts separately.
   */
  readonly rateLimit: { readonly minute: number; readonly hour?: number };
}

/** A route with the subgraph that serves it. */
export interface ServedRoute extends PublicRoute {
  readonly service: string;
}

const PARAMETER = /:[^/]+/g;
const PATH = /^(?:\/(?:[a-z0-9][a-z0-9._-]*|:[a-z][A-Za-z0-9]*))+$/;

/** Whether Kong, the edge and Express match the path of a route in the same way. */
export const isRoutePath = (path: string): boolean => PATH.test(path);

/** The path of a route as the source of a regular expression, without anchors. Kong has the same notation. */
export const routePattern = (path: string): string => path.replaceAll('.', String.raw`\.`).replace(PARAMETER, '[^/]+');

/**
 * Finds routes by their path, as received.
 * @returns a function from a path without query string to the routes with this path, one for each method
 */
export function routeFinder<R extends PublicRoute>(routes: readonly R[]): (path: string) => readonly R[] {
  const compiled = routes.map((route) => ({ route, pattern: new RegExp(`^${routePattern(route.path)}$`) }));
  return (path) => compiled.filter(({ pattern }) => pattern.test(path)).map(({ route }) => route);
}
