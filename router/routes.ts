import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { GraphQLSchema } from 'graphql';
import { HOST_REFUSED, ORIGIN_REFUSED } from '../platform/http/callers.ts';
import { acceptRequestId } from '../platform/http/request-id.ts';
import type { Pages } from './explorer/pages.ts';
import type { HttpOperations } from './server/http/operations.ts';
import { ALLOW } from './server/http/request.ts';
import { send, sendProblem } from './server/http/response.ts';
import { sendSchemaFile } from './server/http/schema-file.ts';
import { refuseUpgrade, unavailable } from './server/websocket/sockets.ts';
import type { ClientSockets } from './server/websocket/sockets.ts';
import type { Settings } from './settings.ts';

export interface Routes {
  /**
   * Whether `allowedHosts` accepts the request's Host header. If not, this method sends the error response. `handle`
   * calls it.
   */
  admits(req: IncomingMessage, res: ServerResponse): boolean;
  /**
   * Answers every path: /graphql, /schema.graphql, /health/live, /health/ready, the explorer at / and /explorer/, and
   * 404 for the rest.
   */
  handle(req: IncomingMessage, res: ServerResponse): void;
  /** Handles the `upgrade` event of an http server. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface RoutesOptions {
  readonly settings: Pick<Settings, 'hostIsAllowed' | 'originIsAllowed' | 'cors'>;
  readonly operations: Pick<HttpOperations, 'answer'>;
  readonly sockets: Pick<ClientSockets, 'upgrade'>;
  readonly explorer: Pages | undefined;
  readonly ready: () => boolean;
  /** The schema that clients may see, or undefined while there is no supergraph. */
  readonly schema: () => GraphQLSchema | undefined;
  /** Whether the router serves /schema.graphql. */
  readonly showsSchema: boolean;
}

/** Checks who may send a request and routes it by its path. */
export function createRoutes({
  settings,
  operations,
  sockets,
  explorer,
  ready,
  schema,
  showsSchema,
}: RoutesOptions): Routes {
  const { hostIsAllowed, originIsAllowed, cors } = settings;

  function admits(req: IncomingMessage, res: ServerResponse): boolean {
    if (hostIsAllowed(req.headers)) return true;
    sendProblem(req, res, replyTo(req, HOST_REFUSED.status), HOST_REFUSED.code, HOST_REFUSED.message);
    return false;
  }

  return {
    admits,
    handle(req, res) {
      if (!admits(req, res) || cors(req, res)) return;
      const url = req.url ?? '/';
      const query = url.indexOf('?');
      const path = query < 0 ? url : url.slice(0, query);
      if (path === '/graphql')
        return req.method === 'OPTIONS'
          ? void res.writeHead(204, { allow: ALLOW, 'accept-post': 'application/json' }).end()
          : operations.answer(req, res);
      if (path === '/health/live') return sendHealth(req, res, true);
      if (path === '/health/ready') return sendHealth(req, res, ready());
      if (path === '/schema.graphql' && showsSchema) return sendSchemaFile(req, res, schema());
      if (explorer?.handle(path, req, res)) return;
      sendProblem(req, res, replyTo(req, 404), 'NOT_FOUND', 'nothing is served at this path; GraphQL is at /graphql');
    },
    upgrade(req, socket, head) {
      if (!hostIsAllowed(req.headers)) refuseUpgrade(socket, HOST_REFUSED);
      else if (!/^\/graphql(?:\?|$)/.test(req.url ?? ''))
        refuseUpgrade(socket, {
          status: 404,
          code: 'NOT_FOUND',
          message: 'there is no WebSocket at this path; GraphQL is at /graphql',
        });
      else if (!originIsAllowed(req.headers)) refuseUpgrade(socket, ORIGIN_REFUSED);
      else if (schema() === undefined) refuseUpgrade(socket, unavailable('there is no supergraph yet'));
      else sockets.upgrade(req, socket, head);
    },
  };
}

const replyTo = (req: IncomingMessage, status: number) =>
  ({ status, type: 'application/json', requestId: acceptRequestId(req.headers['x-request-id']) }) as const;

function sendHealth(req: IncomingMessage, res: ServerResponse, ok: boolean): void {
  send(req, res, replyTo(req, ok ? 200 : 503), JSON.stringify({ status: ok ? 'ok' : 'unavailable' }));
}
