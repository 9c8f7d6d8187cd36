import type { Principal } from '../identity/principal.ts';

/** What every resolver of an operation shares. */
export interface GraphQLContext {
  readonly principal: Principal;
  readonly requestId: string;
}
