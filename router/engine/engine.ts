import type { JsonObject } from '../collections/json-object.ts';
import { Lru } from '../collections/lru.ts';
import { AnswerSize } from '../execution/answer-size.ts';
import { answerOf } from '../execution/answer.ts';
import type { Answer } from '../execution/answer.ts';
import { compileCompletion } from '../execution/completion.ts';
import { compileParts } from '../execution/defer-parts.ts';
import { executeParts } from '../execution/defer.ts';
import type { IncrementalResult } from '../execution/defer.ts';
import { ErrorList } from '../execution/errors.ts';
import type { ErrorPolicy } from '../execution/errors.ts';
import { compileIntrospection } from '../execution/introspection.ts';
import { compilePlan } from '../execution/plan.ts';
import type { CompiledPlan } from '../execution/plan.ts';
import type { Run, Step } from '../execution/run.ts';
import { Splicing, executeWithFastPath } from '../execution/splice/splicing.ts';
import type {
  ExecutionResponse,
  RequestContext,
  SubgraphRequest,
  SubgraphResult,
  SubgraphTransport,
} from '../execution/types.ts';
import { compileCoercion } from '../execution/variables.ts';
import type { Variables } from '../execution/variables.ts';
import { expandDefers, isDeferred } from '../operation/defer-document.ts';
import { readOperation } from '../operation/document.ts';
import { checkSize, evaluateSize } from '../operation/size.ts';
import { splitOperation } from '../operation/split.ts';
import type { PlannedOperation } from '../planning/operation-planner.ts';
import type { Overrides } from '../planning/overrides.ts';
import { planKey } from '../planning/planner.ts';
import type { Planner } from '../planning/planner.ts';
import type { LoadedSupergraph } from '../supergraph/supergraph.ts';

export interface EngineOptions {
  readonly transport: SubgraphTransport;
  readonly planner: Planner;
  /** Chooses the progressive overrides of one operation. Default: none is on. */
  readonly overrides?: () => Overrides;
  /**
   * The largest number of errors in one response. If there are more, the last error says how many were left out.
   * Default 100.
   */
  readonly maxErrors?: number;
  /**
   * The largest number of values in one response, as estimated from the arguments of its lists. An operation that asks
   * for more is refused with OPERATION_TOO_LARGE. Default: no limit.
   */
  readonly maxValues?: number;
  /**
   * The largest number of bytes of one response. Instead of a larger response the client gets ANSWER_TOO_LARGE.
   * Default: no limit.
   */
  readonly maxAnswerBytes?: number;
  /**
   * The largest number of entries of each of two caches: one for operations that were used once, and one for all
   * others. Default
   * 1000.
   */
  readonly planCacheSize?: number;
  /**
   * The number of the use from which on an operation stays compiled and may take the fast path (`Splice`). Default 2.
   */
  readonly compiledFrom?: 1 | 2;
  /** Decides which parts of errors clients see. Absent: clients see the errors unchanged. */
  readonly errorPolicy?: ErrorPolicy | undefined;
}

/** Executes operations on one supergraph. Each new supergraph has a new engine. */
export interface Engine {
  readonly supergraph: LoadedSupergraph;
  /** The size limit of each response, and of each part of one. */
  readonly answerSize: AnswerSize;
  /**
   * Prepares an operation. The result is synchronous if the operation is cached. Otherwise it resolves when the
   * operation is planned and compiled.
   * @param used whether another engine has used the operation before. It is then cached like an operation at its second
   * use.
   * @throws RequestError, PlannerBusy (as rejections)
   */
  prepare(
    document: string,
    operationName?: string | null,
    used?: boolean,
  ): PreparedOperation | Promise<PreparedOperation>;
  /**
   * Executes a query or mutation.
   * @throws RequestError (as a rejection) when the variables are invalid
   */
  execute(operation: PreparedOperation, variables: unknown, context: RequestContext): Promise<Answer>;
  /**
   * Executes a query or mutation that is `incremental`. It yields the response without its deferred parts first, then
   * each part when its data has arrived. `return()` cancels the remaining parts.
   * @throws RequestError (from the first `next()`) when the variables are invalid
   */
  executeIncrementally(
    operation: PreparedOperation,
    variables: unknown,
    context: RequestContext,
  ): AsyncGenerator<IncrementalResult, void>;
  /**
   * The subgraph request for a subscription's events, and how to complete an event.
   * @throws RequestError when the variables are invalid
   */
  upstream(operation: PreparedOperation, variables: unknown): Upstream;
}

/** The source of a subscription for one set of variables. */
export interface Upstream {
  readonly subgraph: string;
  readonly request: SubgraphRequest;
  /** All of the operation's variables, coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Completes one event with data from other subgraphs. Rejects only when the router itself fails. */
  complete(event: SubgraphResult, context: RequestContext): Promise<Answer>;
}

/** A prepared operation. Only the engine that prepared it can execute it, as often as needed. */
export interface PreparedOperation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly name?: string;
  /**
   * Whether the operation has fragments with @defer. `execute` returns the response of such an operation as a whole.
   */
  readonly incremental: boolean;
  /** Only the engine uses this. */
  readonly compiled: CompiledOperation;
}

interface CompiledOperation {
  readonly plan: CompiledPlan;
  /** The fast path, for queries and mutations that need subgraphs. */
  readonly splicing: Splicing | undefined;
  /** @throws RequestError when the variables are invalid */
  readonly coerce: (variables: unknown) => Variables;
  readonly introspect: ((variables: Readonly<Record<string, unknown>>) => JsonObject) | undefined;
  readonly complete: ReturnType<typeof compileCompletion>;
  /** Compiled on first use. */
  readonly parts: (() => DeferredParts) | undefined;
}

interface DeferredParts {
  readonly parts: ReturnType<typeof compileParts>;
  readonly labels: readonly (string | undefined)[];
}

const CANCELLED = new Error('the client needs no further parts');
const NO_OVERRIDES: Overrides = { labels: [], percentage: 0 };

export function createEngine(supergraph: LoadedSupergraph, options: EngineOptions): Engine {
  const {
    transport,
    planner,
    overrides = () => NO_OVERRIDES,
    maxErrors = 100,
    maxValues = Infinity,
    planCacheSize = 1_000,
    compiledFrom = 2,
    errorPolicy,
  } = options;
  const { apiSchema, types } = supergraph;
  const answerSize = new AnswerSize(options.maxAnswerBytes ?? Infinity);
  const prepared = new Lru<string, PreparedOperation>(planCacheSize);
  /**
   * Plans, as JSON text, of operations that came once. A flood of one-off operations does not evict the known ones, and
   * costs one string each. If they were kept compiled, each would leave hundreds of objects that outlive the young
   * generation: young collections then took 5 ms instead of 1.2 ms.
   */
  const planned = new Lru<string, string>(planCacheSize);
  const preparing = new Map<string, Promise<PreparedOperation>>();

  const compile = (
    text: string,
    operationName: string | null | undefined,
    json: string,
    keeping: boolean,
  ): PreparedOperation => {
    const { kind, name, plan, size } = JSON.parse(json) as PlannedOperation;
    const parsed = readOperation(text, operationName);
    const { fragments, deciding } = parsed;
    const expanded = isDeferred(parsed.operation, fragments) ? expandDefers(parsed.operation, fragments) : undefined;
    const operation = expanded?.operation ?? parsed.operation;
    const { introspection } = splitOperation(operation, fragments);
    const fast =
      keeping &&
      kind !== 'subscription' &&
      introspection === undefined &&
      plan.rest !== undefined &&
      expanded === undefined;
    const coerce = compileCoercion(apiSchema, operation.variableDefinitions ?? [], deciding);
    return {
      kind,
      ...(name !== undefined && { name }),
      incremental: expanded !== undefined,
      compiled: {
        plan: compilePlan(plan, types),
        splicing: fast && plan.rest !== undefined ? new Splicing(apiSchema, parsed, plan.rest) : undefined,
        coerce:
          size === undefined
            ? coerce
            : (variables) => {
                const values = coerce(variables);
                checkSize(evaluateSize(size, values), maxValues);
                return values;
              },
        introspect: introspection && compileIntrospection(apiSchema, introspection, fragments),
        complete: compileCompletion(apiSchema, operation, fragments, !keeping && kind !== 'subscription'),
        parts:
          expanded &&
          once(() => ({ parts: compileParts(apiSchema, expanded.operation, fragments), labels: expanded.labels })),
      },
    };
  };

  const cacheCompiled = (key: string, operation: PreparedOperation): PreparedOperation => {
    prepared.set(key, operation);
    return operation;
  };

  const startRun = (
    variables: Readonly<Record<string, unknown>>,
    context: RequestContext,
    through: SubgraphTransport,
  ): Run => ({ data: {}, variables, errors: new ErrorList(maxErrors, errorPolicy), context, transport: through });

  const finish = ({ compiled }: PreparedOperation, { data, variables, errors }: Run): ExecutionResponse => {
    const completed = compiled.complete(data, {
      errors,
      variables,
      introspection: compiled.introspect?.(variables),
      path: [],
      conditions: [],
    });
    const list = errors.toArray();
    return list.length === 0 ? { data: completed } : { data: completed, errors: list };
  };

  const answer = async (operation: PreparedOperation, run: Run, rest: Step | undefined): Promise<Answer> => {
    const { requestId } = run.context;
    try {
      const pending = rest?.(run);
      if (pending !== undefined) await pending;
      return answerSize.limitAnswer(answerOf(finish(operation, run), requestId), requestId);
    } catch (error) {
      return answerSize.errorAnswer(error, requestId);
    }
  };

  const upstream = (operation: PreparedOperation, variables: unknown): Upstream => {
    const { primary, rest } = operation.compiled.plan;
    if (primary === undefined) throw new TypeError('Only a subscription can be subscribed to');
    const values = operation.compiled.coerce(variables);
    return {
      subgraph: primary.subgraph,
      request: primary.request(values),
      variables: values,
      async complete(event, context) {
        const run = startRun(values, context, answerSize.limitTransport(transport, false));
        primary.apply(event, run);
        // If the subgraph refuses the whole subscription, the response has no `data` at all (GraphQL specification
        // 6.2.3.1).
        if (event.data === undefined) return answerOf({ errors: run.errors.toArray() }, context.requestId);
        return answer(operation, run, rest);
      },
    };
  };

  return {
    supergraph,
    answerSize,

    prepare(text, operationName, used = compiledFrom === 1) {
      const chosen = overrides();
      const key = planKey(text, operationName, chosen);
      const known = prepared.get(key) ?? preparing.get(key);
      if (known !== undefined) return known;
      const plan = planned.get(key);
      if (plan !== undefined) {
        const again = cacheCompiled(key, compile(text, operationName, plan, true));
        planned.delete(key);
        return again;
      }
      const operation = planner
        .plan(text, operationName, chosen)
        .then((json) => {
          const compiled = compile(text, operationName, json, used);
          // A subscription is always cached. It holds its prepared operation as long as it runs, and so all clients
          // with the same document hold the same one.
          if (used || compiled.kind === 'subscription') return cacheCompiled(key, compiled);
          planned.set(key, json);
          return compiled;
        })
        .finally(() => preparing.delete(key));
      preparing.set(key, operation);
      return operation;
    },

    execute(operation, variables, context) {
      const { kind, compiled } = operation;
      let values: Variables;
      try {
        if (kind === 'subscription') throw new TypeError('A subscription cannot be executed, only subscribed to');
        values = compiled.coerce(variables);
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
      return executeWithFastPath(
        compiled.splicing,
        values,
        context,
        answerSize.limitTransport(transport, kind === 'query'),
        (answered) => answerSize.limitAnswer(answered, context.requestId),
        (through) => answer(operation, startRun(values, context, through), compiled.plan.rest),
      );
    },

    async *executeIncrementally(operation, variables, context) {
      const { compiled } = operation;
      if (compiled.parts === undefined) throw new TypeError('This operation has no deferred parts');
      const values = operation.compiled.coerce(variables);
      const given = new AbortController();
      const giveUp = (): void => given.abort(CANCELLED);
      if (context.signal?.aborted === true) giveUp();
      else context.signal?.addEventListener('abort', giveUp);
      try {
        yield* executeParts({
          ...compiled.parts(),
          schema: apiSchema,
          step: compiled.plan.rest,
          planned: compiled.plan.labels,
          maxErrors,
          policy: errorPolicy,
          introspection: compiled.introspect?.(values),
          // Each part of the response shows the errors of its own fields and applies `policy` to them, so this list has
          // the subgraphs' errors unchanged.
          run: {
            ...startRun(values, { ...context, signal: given.signal }, answerSize.limitTransport(transport, false)),
            errors: new ErrorList(maxErrors),
          },
        });
      } finally {
        context.signal?.removeEventListener('abort', giveUp);
        giveUp();
      }
    },

    upstream,
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
