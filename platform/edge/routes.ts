/** A public HTTP route beside GraphQL: each does its own checks, for no router has looked at the caller. */
export interface PublicRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The subgraph that serves it. */
  readonly service: string;
}

/** The one list of public routes: kong.yml and the edge of `main.ts all` both follow it. Everything else on a subgraph's port wants the router's signature. */
export const publicRoutes: readonly PublicRoute[] = [{ method: 'POST', path: '/register', service: 'users' }];
