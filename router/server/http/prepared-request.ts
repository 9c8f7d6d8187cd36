import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Engine, PreparedOperation } from '../../engine/engine.ts';
import type { RequestContext } from '../../execution/types.ts';
import type { GraphQLParams } from '../../operation/params.ts';
import type { Accepted } from './accept.ts';

/** What is known of a request when its operation is prepared. */
export interface PreparedRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly accepted: Accepted;
  readonly engine: Engine;
  readonly prepared: PreparedOperation;
  readonly params: GraphQLParams;
  readonly context: RequestContext;
  /** Until when the client's token is good, in milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
}
