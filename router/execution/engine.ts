import { getVariableValues } from 'graphql';
import type { VariableDefinitionNode } from 'graphql';
import { Lru } from '../planning/lru.ts';
import type { PlannedOperation } from '../planning/operation-planner.ts';
import type { Overrides } from '../planning/overrides.ts';
import { planKey } from '../planning/planner.ts';
import type { Planner } from '../planning/planner.ts';
import type { LoadedSupergraph } from '../supergraph/supergraph.ts';
import { answerOf } from './answer.ts';
import type { Answer } from './answer.ts';
import { compileCompletion } from './completion.ts';
import { readOperation } from './document.ts';
import { ErrorList } from './errors.ts';
import type { ErrorPolicy } from './errors.ts';
import { compileIntrospection, splitOperation } from './introspection.ts';
import { compilePlan } from './plan.ts';
import type { CompiledPlan } from './plan.ts';
import { requestError } from './request-error.ts';
import type { Run } from './run.ts';
import { Splicing, spliced } from './splicing.ts';
import { completeEvents, createAllowance } from './subscription.ts';
import { isObject } from './targets.ts';
import type { JsonObject } from './targets.ts';
import type { ExecutionResponse, RequestContext, SubgraphRequest, SubgraphResult, SubgraphTransport } from './types.ts';

export interface EngineOptions {
  readonly transport: SubgraphTransport;
  readonly planner: Planner;
  /** Decides the progressive overrides of one operation. Default: none is on. */
  readonly overrides?: () => Overrides;
  /** Errors in one answer; the last one says how many were left out. Default 100. */
  readonly maxErrors?: number;
  /** Prepared operations to keep. Default 1000. */
  readonly planCacheSize?: number;
  /** The use of an operation from which on its answers are spliced. Default 2: a flood of operations that come once is not worth generated code. */
  readonly spliceFrom?: number;
  /** What clients are shown of errors; absent: all of it. */
  readonly errorPolicy?: ErrorPolicy | undefined;
}

/** Serves one supergraph; a new supergraph is a new engine. */
export interface Engine {
  readonly supergraph: LoadedSupergraph;
  /** At once for a document that is known, else when it is planned and compiled. @throws RequestError, PlannerBusy (as rejections) */
  prepare(document: string, operationName?: string | null): PreparedOperation | Promise<PreparedOperation>;
  /** For queries and mutations. @throws RequestError (as a rejection) when the variables do not fit. */
  execute(operation: PreparedOperation, variables: unknown, context: RequestContext): Promise<Answer>;
  /** What to ask which subgraph for a subscription's events, and how an event becomes an answer. @throws RequestError when the variables do not fit. */
  upstream(operation: PreparedOperation, variables: unknown): Upstream;
  /**
   * The answers to a subscription's events, in their order; some are completed ahead of `next()`. When the subgraph is lost or the consumer
   * too slow, the last answer has only an error (UNAVAILABLE, SLOW_CONSUMER). `return()` unsubscribes and gives up fetches at once, also
   * while `next()` is pending. @throws RequestError when the variables do not fit.
   */
  subscribe(operation: PreparedOperation, variables: unknown, context: RequestContext): AsyncIterableIterator<Answer>;
}

/** A subscription's source, for one set of variables. */
export interface Upstream {
  readonly subgraph: string;
  readonly request: SubgraphRequest;
  /** Completes one event with what other subgraphs have to add. Rejects only for faults of the router itself. */
  complete(event: SubgraphResult, context: RequestContext): Promise<Answer>;
}

/** An operation ready to be executed any number of times, by the engine that prepared it. */
export interface PreparedOperation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly name?: string;
  /** For the engine only. */
  readonly compiled: CompiledOperation;
}

interface CompiledOperation {
  readonly plan: CompiledPlan;
  /** The fast way, for queries and mutations that need subgraphs. */
  readonly splicing: Splicing | undefined;
  readonly variableDefinitions: readonly VariableDefinitionNode[];
  readonly deciding: readonly string[];
  readonly introspect: ((variables: Readonly<Record<string, unknown>>) => JsonObject) | undefined;
  readonly complete: ReturnType<typeof compileCompletion>;
}

const NO_VARIABLES: Readonly<Record<string, unknown>> = Object.freeze({});
const MAX_VARIABLE_ERRORS = 20;
const NO_OVERRIDES: Overrides = { labels: [], percentage: 0 };

export function createEngine(supergraph: LoadedSupergraph, options: EngineOptions): Engine {
  const { transport, planner, overrides = () => NO_OVERRIDES, maxErrors = 100, planCacheSize = 1_000, spliceFrom = 2, errorPolicy } = options;
  const { apiSchema, types } = supergraph;
  const prepared = new Lru<string, PreparedOperation>(planCacheSize);
  const preparing = new Map<string, Promise<PreparedOperation>>();
  const allowance = createAllowance();

  const compile = (text: string, operationName: string | null | undefined, { kind, name, plan }: PlannedOperation): PreparedOperation => {
    const parsed = readOperation(text, operationName);
    const { operation, fragments, deciding } = parsed;
    const { introspection } = splitOperation(operation, fragments);
    const fast = kind !== 'subscription' && introspection === undefined && plan.rest !== undefined;
    return {
      kind,
      ...(name !== undefined && { name }),
      compiled: {
        plan: compilePlan(plan, types),
        splicing: fast && plan.rest !== undefined ? new Splicing(apiSchema, parsed, plan.rest, spliceFrom) : undefined,
        variableDefinitions: operation.variableDefinitions ?? [],
        deciding,
        introspect: introspection && compileIntrospection(apiSchema, introspection, fragments),
        complete: compileCompletion(apiSchema, operation, fragments),
      },
    };
  };

  const coerce = ({ compiled }: PreparedOperation, variables: unknown): Readonly<Record<string, unknown>> => {
    if (variables !== undefined && variables !== null && !isObject(variables)) {
      throw requestError('BAD_USER_INPUT', ['Variables must be an object.']);
    }
    if (compiled.variableDefinitions.length === 0) return NO_VARIABLES;
    const limits = { maxErrors: MAX_VARIABLE_ERRORS };
    const { coerced, errors } = getVariableValues(apiSchema, compiled.variableDefinitions, variables ?? {}, limits);
    if (errors !== undefined && errors.length > MAX_VARIABLE_ERRORS) {
      const more = `The variables have more than ${MAX_VARIABLE_ERRORS} errors; no further ones were looked for.`;
      throw requestError('BAD_USER_INPUT', [...errors.slice(0, MAX_VARIABLE_ERRORS), more]);
    }
    if (errors !== undefined) throw requestError('BAD_USER_INPUT', errors);
    const undecided = compiled.deciding.filter((name) => coerced[name] === null);
    if (undecided.length === 0) return coerced;
    throw requestError('BAD_USER_INPUT', undecided.map((name) => `Variable "$${name}" must not be null: @skip or @include depends on it.`));
  };

  const startRun = (variables: Readonly<Record<string, unknown>>, context: RequestContext, through: SubgraphTransport): Run =>
    ({ data: {}, variables, errors: new ErrorList(maxErrors, errorPolicy), context, transport: through });

  const finish = ({ compiled }: PreparedOperation, { data, variables, errors }: Run): ExecutionResponse => {
    const completed = compiled.complete(data, {
      errors, variables, introspection: compiled.introspect?.(variables), path: [], conditions: [],
    });
    const list = errors.toArray();
    return list.length === 0 ? { data: completed } : { data: completed, errors: list };
  };

  const upstream = (operation: PreparedOperation, variables: unknown): Upstream => {
    const { primary, rest } = operation.compiled.plan;
    if (primary === undefined) throw new TypeError('Only a subscription can be subscribed to');
    const values = coerce(operation, variables);
    return {
      subgraph: primary.subgraph,
      request: primary.request(values),
      async complete(event, context) {
        const run = startRun(values, context, transport);
        primary.apply(event, run);
        // A refusal of the whole subscription is no answer with null in it (GraphQL specification 6.2.3.1).
        if (event.data === undefined) return answerOf({ errors: run.errors.toArray() }, context.requestId);
        const pending = rest?.(run);
        if (pending !== undefined) await pending;
        return answerOf(finish(operation, run), context.requestId);
      },
    };
  };

  return {
    supergraph,

    prepare(text, operationName) {
      const chosen = overrides();
      const key = planKey(text, operationName, chosen);
      const known = prepared.get(key) ?? preparing.get(key);
      if (known !== undefined) return known;
      const operation = planner.plan(text, operationName, chosen).then((planned) => {
        const compiled = compile(text, operationName, planned);
        prepared.set(key, compiled);
        return compiled;
      }).finally(() => preparing.delete(key));
      preparing.set(key, operation);
      return operation;
    },

    execute(operation, variables, context) {
      const { kind, compiled } = operation;
      let values: Readonly<Record<string, unknown>>;
      try {
        if (kind === 'subscription') throw new TypeError('A subscription cannot be executed, only subscribed to');
        values = coerce(operation, variables);
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
      return spliced(compiled.splicing, values, context, transport, async (through) => {
        const run = startRun(values, context, through);
        const pending = compiled.plan.rest?.(run);
        if (pending !== undefined) await pending;
        return answerOf(finish(operation, run), context.requestId);
      });
    },

    upstream,

    subscribe(operation, variables, context) {
      const { subgraph, request, complete } = upstream(operation, variables);
      return completeEvents(transport.subscribe(subgraph, request, context), { subgraph, context, allowance }, complete);
    },
  };
}
