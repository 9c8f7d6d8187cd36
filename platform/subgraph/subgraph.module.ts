import type { IncomingMessage } from 'node:http';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloFederationDriver, type ApolloFederationDriverConfig } from '@nestjs/apollo';
import type { DynamicModule } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import {
  type ExecutionArgs,
  type ExecutionResult,
  createSourceEventStream,
  execute,
  GraphQLError,
  type GraphQLFormattedError,
  parse,
} from 'graphql';
import type { ServerOptions } from 'graphql-ws';
import type { Extra } from 'graphql-ws/use/ws';
import type { WebSocket } from 'ws';
import { dateTimeScalar } from '../graphql/date-time.scalar.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import { ANONYMOUS, principalOf } from '../identity/principal.ts';
import { type CallGuardOptions, type Caller, checkSubscribe } from '../identity/signature.middleware.ts';
import { revokedBy } from '../live/revocation.ts';
import { acceptRequestId } from '../http/request-id.ts';
import { currentContext, runInContext } from '../observability/request-context.ts';
import type { HttpLoggingInterceptor } from '../observability/http-logging.interceptor.ts';
import { answerQuestionsOnly } from './question-fields.ts';
import { sdlOf } from './sdl.ts';

export interface SubgraphGraphQLOptions {
  readonly name: string;
  readonly guard: CallGuardOptions;
  readonly logging: HttpLoggingInterceptor;
  /** The open sockets. The module adds and removes them, and a shutdown closes them. */
  readonly sockets: Set<WebSocket>;
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;
}

/** `/graphql` of one subgraph, over HTTP and graphql-transport-ws, from its SDL and the resolvers of its module. */
export function graphQLModule({ name, guard, logging, sockets, formatError }: SubgraphGraphQLOptions): DynamicModule {
  // graphql-ws passes the same payload object to onSubscribe and to context.
  const callers = new WeakMap<object, Caller>();
  const contextOfSocket = (payload: object): GraphQLContext =>
    callers.get(payload) ?? { principal: ANONYMOUS, requestId: acceptRequestId(undefined) };
  const inContext = <T>({ principal: { userId }, requestId }: GraphQLContext, work: () => T): T =>
    runInContext({ requestId, service: name, userId }, work);
  const publicErrors = (payload: object, errors: readonly GraphQLFormattedError[]): GraphQLError[] =>
    inContext(contextOfSocket(payload), () => errors.map((error) => publicForm(error, formatError)));
  const socket: Pick<ServerOptions, 'onConnect' | 'onDisconnect' | 'onSubscribe' | 'subscribe' | 'onNext' | 'onError'> =
    {
      onConnect: ({ extra }) => void sockets.add((extra as Extra).socket),
      onDisconnect: ({ extra }) => void sockets.delete((extra as Extra).socket),
      onSubscribe: (_context, _id, payload) => {
        const caller = checkSubscribe(guard, payload);
        if (!('principal' in caller)) return caller;
        callers.set(payload, caller);
        return unreadable(payload.query);
      },
      subscribe: (args) => subscribeWithin((work) => inContext(args.contextValue as GraphQLContext, work), args),
      onNext: (_context, _id, payload, _args, result) =>
        result.errors ? { ...result, errors: publicErrors(payload, result.errors) } : undefined,
      onError: (_context, _id, payload, errors) => publicErrors(payload, errors),
    };
  const typeDefs = sdlOf(name);
  return GraphQLModule.forRoot<ApolloFederationDriverConfig>({
    driver: ApolloFederationDriver,
    typeDefs,
    transformSchema: (schema) => answerQuestionsOnly(schema, typeDefs),
    // A resolver of a type that the subgraph does not use would be refused.
    resolvers: /^scalar DateTime\b/m.test(typeDefs) ? { DateTime: dateTimeScalar } : {},
    inheritResolversFromInterfaces: true,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
    graphiql: false,
    autoTransformHttpErrors: false,
    includeStacktraceInErrorResponses: false,
    formatError,
    plugins: [logging.plugin(), ApolloServerPluginInlineTraceDisabled(), ApolloServerPluginUsageReportingDisabled()],
    context: (first: { req: IncomingMessage } | object, _id?: string, payload?: object): GraphQLContext => {
      if (payload) return contextOfSocket(payload);
      const { req } = first as { req: IncomingMessage };
      return { principal: principalOf(req), requestId: currentContext()?.requestId ?? acceptRequestId(undefined) };
    },
    subscriptions: { 'graphql-ws': socket },
  });
}

/**
 * graphql's `subscribe` with two changes:
 * - Each `next` enters the request's context again, because the socket asks for an event outside the context of the
 *   subscription.
 * - An audience's result has `extensions.revoked` with the users for whom the stream ends, because graphql passes on
 *   only the data of an event.
 */
async function subscribeWithin(
  within: <T>(work: () => T) => T,
  args: ExecutionArgs,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const source = await within(() => createSourceEventStream(args));
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  const isShared = (args.contextValue as GraphQLContext).principal.audience !== undefined;
  const results: AsyncIterableIterator<ExecutionResult> = {
    next: () =>
      within(async (): Promise<IteratorResult<ExecutionResult>> => {
        const event = await events.next();
        if (event.done) return { done: true, value: undefined };
        const result = await execute({ ...args, rootValue: event.value });
        const revoked = isShared ? revokedBy(event.value) : [];
        return {
          done: false,
          value: revoked.length > 0 ? { ...result, extensions: { ...result.extensions, revoked } } : result,
        };
      }),
    return: () =>
      within(async (): Promise<IteratorResult<ExecutionResult>> => {
        await events.return?.();
        return { done: true, value: undefined };
      }),
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}

/**
 * The error of a query that cannot be parsed. Without this check graphql-ws would write the query to the console, and
 * close the socket for everybody who shares it.
 */
function unreadable(query: string): GraphQLError[] | undefined {
  try {
    parse(query);
    return undefined;
  } catch (error) {
    return [new GraphQLError((error as Error).message, { extensions: { code: 'GRAPHQL_PARSE_FAILED' } })];
  }
}

/**
 * The error for clients of a WebSocket. Apollo adds a code to graphql-js' own errors over HTTP, and this function does
 * the same here. Such an error has no path, because nothing was executed.
 */
function publicForm(error: GraphQLFormattedError, formatError: SubgraphGraphQLOptions['formatError']): GraphQLError {
  const json = error instanceof GraphQLError ? error.toJSON() : error;
  const isRefused =
    json.path === undefined &&
    json.extensions?.['code'] === undefined &&
    error instanceof GraphQLError &&
    (error.nodes !== undefined || error.originalError === undefined);
  const { message, path, extensions } = formatError(
    isRefused ? { ...json, extensions: { code: 'BAD_USER_INPUT' } } : json,
    error,
  );
  return new GraphQLError(message, { path, extensions });
}
