import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Engine, PreparedOperation } from '../../engine/engine.ts';
import type { RequestContext } from '../../execution/types.ts';
import type { GraphQLParams } from '../../operation/params.ts';
import type { Accepted } from './accept.ts';

/** A request whose operation is parsed and planned. */
export interface PreparedRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly accepted: Accepted;
  readonly engine: Engine;
  readonly prepared: PreparedOperation;
  readonly params: GraphQLParams;
  readonly context: RequestContext;
  /** When the client's token expires, in milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
}
