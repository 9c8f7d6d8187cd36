import { createHash } from 'node:crypto';
import { getVariableValues } from 'graphql';
import type { DocumentNode, GraphQLError, OperationDefinitionNode, VariableDefinitionNode } from 'graphql';
import { Lru } from '../planning/lru.ts';
import { PlanningError, createPlanner } from '../planning/planner.ts';
import type { LoadedSupergraph } from '../supergraph/supergraph.ts';
import { answerOf } from './answer.ts';
import type { Answer } from './answer.ts';
import { compileCompletion } from './completion.ts';
import { parseOperation } from './document.ts';
import { ErrorList } from './errors.ts';
import { compileIntrospection, splitOperation } from './introspection.ts';
import { compilePlan } from './plan.ts';
import type { CompiledPlan } from './plan.ts';
import { RequestError, requestError } from './request-error.ts';
import type { Run } from './run.ts';
import { completeEvents, createAllowance } from './subscription.ts';
import { isObject } from './targets.ts';
import type { JsonObject } from './targets.ts';
import type { ExecutionResponse, RequestContext, SubgraphRequest, SubgraphResult, SubgraphTransport } from './types.ts';

export interface EngineOptions {
  readonly transport: SubgraphTransport;
  /** Errors in one answer; the last one says how many were left out. Default 100. */
  readonly maxErrors?: number;
  /** Prepared operations to keep. Default 1000. */
  readonly planCacheSize?: number;
  /** Runs once for a new document, after its validation and before planning. What it gives refuses the document. */
  readonly checkDocument?: (document: DocumentNode, operation: OperationDefinitionNode) => readonly GraphQLError[];
  /** Tokens of a document, given to the parser. Default 5000. */
  readonly maxTokens?: number;
  /** Whether `__schema` and `__type` are answered. Default true. */
  readonly introspection?: boolean;
}

/** Serves one supergraph; a new supergraph is a new engine. */
export interface Engine {
  readonly supergraph: LoadedSupergraph;
  /** Parses, validates, plans and compiles; once per document, refusals included. @throws RequestError */
  prepare(document: string, operationName?: string | null): PreparedOperation | Promise<PreparedOperation>;
  /** For queries and mutations. @throws RequestError (as a rejection) when the variables do not fit. */
  execute(operation: PreparedOperation, variables: unknown, context: RequestContext): Promise<Answer>;
  /** What to ask which subgraph for a subscription's events, and how an event becomes an answer. @throws RequestError when the variables do not fit. */
  upstream(operation: PreparedOperation, variables: unknown): Upstream;
  /**
   * The answers to a subscription's events, in their order; some are completed ahead of `next()`. When the subgraph is lost or the consumer
   * too slow, the last answer has only an error (UNAVAILABLE, SLOW_CONSUMER). `return()` unsubscribes and gives up fetches at once, also
   * while `next()` is pending. @throws RequestError when the variables do not fit.
   * @param completer stands in for the engine's own completion of events
   */
  subscribe(operation: PreparedOperation, variables: unknown, context: RequestContext, completer?: Upstream['complete']): AsyncIterableIterator<Answer>;
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
  readonly variableDefinitions: readonly VariableDefinitionNode[];
  readonly deciding: readonly string[];
  readonly introspect: ((variables: Readonly<Record<string, unknown>>) => JsonObject) | undefined;
  readonly complete: ReturnType<typeof compileCompletion>;
}

const NO_VARIABLES: Readonly<Record<string, unknown>> = Object.freeze({});
const MAX_VARIABLE_ERRORS = 20;
/** Longer documents are remembered by their digest. */
const LONGEST_KEY = 8_192;

export function createEngine(supergraph: LoadedSupergraph, options: EngineOptions): Engine {
  const { transport, checkDocument, maxErrors = 100, planCacheSize = 1_000, maxTokens = 5_000, introspection = true } = options;
  const { apiSchema, types } = supergraph;
  const planner = createPlanner(supergraph);
  const prepared = new Lru<string, PreparedOperation>(planCacheSize);
  // Apart from the others, so that a flood of bad documents does not push out the good ones.
  const refused = new Lru<string, RequestError>(Math.ceil(planCacheSize / 10));

  const allowance = createAllowance();

  const compile = (text: string, operationName: string | null | undefined): PreparedOperation => {
    const { document, operation, fragments, deciding } = parseOperation(apiSchema, text, operationName, { maxTokens, introspection });
    const problems = checkDocument?.(document, operation) ?? [];
    if (problems.length > 0) throw requestError('GRAPHQL_VALIDATION_FAILED', problems);
    const split = splitOperation(operation, fragments);
    let plan: CompiledPlan;
    try {
      plan = compilePlan(split.data && planner.plan(document, split.data), types);
    } catch (error) {
      const message = error instanceof PlanningError ? error.message : 'The operation could not be planned.';
      throw requestError('GRAPHQL_PLANNING_FAILED', [message], error);
    }
    return {
      kind: operation.operation,
      ...(operation.name !== undefined && { name: operation.name.value }),
      compiled: {
        plan,
        variableDefinitions: operation.variableDefinitions ?? [],
        deciding,
        introspect: split.introspection && compileIntrospection(apiSchema, split.introspection, fragments),
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

  const startRun = (variables: Readonly<Record<string, unknown>>, context: RequestContext): Run =>
    ({ data: {}, variables, errors: new ErrorList(maxErrors), context, transport });

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
        const run = startRun(values, context);
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
      const short = text.length <= LONGEST_KEY ? text : createHash('sha256').update(text).digest('base64');
      const key = `${operationName ?? ''}\n${short}`;
      const known = prepared.get(key);
      if (known !== undefined) return known;
      const refusal = refused.get(key);
      if (refusal !== undefined) throw refusal;
      try {
        const operation = compile(text, operationName);
        prepared.set(key, operation);
        return operation;
      } catch (error) {
        if (error instanceof RequestError) refused.set(key, error);
        throw error;
      }
    },

    async execute(operation, variables, context) {
      if (operation.kind === 'subscription') throw new TypeError('A subscription cannot be executed, only subscribed to');
      const run = startRun(coerce(operation, variables), context);
      const pending = operation.compiled.plan.rest?.(run);
      if (pending !== undefined) await pending;
      return answerOf(finish(operation, run), context.requestId);
    },

    upstream,

    subscribe(operation, variables, context, completer) {
      const { subgraph, request, complete } = upstream(operation, variables);
      return completeEvents(transport.subscribe(subgraph, request, context), { subgraph, context, allowance }, completer ?? complete);
    },
  };
}
