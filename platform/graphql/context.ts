import type { Principal } from '../identity/principal.ts';

/** The context that all resolvers of an operation share. */
export interface GraphQLContext {
  readonly principal: Principal;
  readonly requestId: string;
}
