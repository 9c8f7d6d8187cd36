import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { PlanNode } from '../../planning/plan-nodes.ts';
import { toBytes } from '../answer.ts';
import { kindOf } from '../subgraph-call.ts';
import type { RequestContext, SubgraphTransport } from '../types.ts';
import { generate } from './generate.ts';
import type { Generated, SpliceState } from './generate.ts';
import { layOut } from './layout.ts';
import type { Layout, Stage } from './layout.ts';
import { Ineligible } from './shapes.ts';
import type { SpliceFetch } from './shapes.ts';

type Send = SubgraphTransport['send'];

/**
 * The fast path of an operation. It cuts the texts that subgraphs send and joins the pieces. It parses nothing and
 * builds no objects of the response. bench/router measures it beside the general path. It gives up when something is
 * not as expected: an error, a null that must propagate, a key in another place, whitespace. It then passes undefined
 * to `done`, with what subgraphs have sent so far.
 */
export interface Splice {
  answer(
    variables: Readonly<Record<string, unknown>>,
    context: RequestContext,
    send: Send,
    done: (text: string | undefined, heard: ReceivedResponses) => void,
  ): void;
}

/** The responses of subgraphs so far, so that the general path does not send the same requests again. */
export type ReceivedResponses = readonly {
  readonly subgraph: string;
  readonly body: string;
  readonly error: Error | undefined;
  readonly text: string;
}[];

/** Compiles the fast path of an operation. Returns undefined for operations that need the general path. */
export function compileSplice(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  plan: PlanNode,
): Splice | undefined {
  let layout: Layout;
  try {
    layout = layOut(schema, document, operation, plan);
  } catch (error) {
    if (error instanceof Ineligible) return undefined;
    throw error;
  }
  const generated = generate(layout);
  const bodies = layout.fetches.map((fetch) => bodyOf(fetch, generated));
  const step = compileStage(layout.stage, (fetch) => fetchStep(fetch, generated, bodies));
  const { shapes, fetches } = layout;
  const completed = shapes.filter(({ completedBy }) => completedBy.length > 0).map(({ number }) => number);
  return {
    answer(variables, context, send, done) {
      const state: SpliceState = {
        nodes: [],
        roots: new Array<unknown>(fetches.length).fill(undefined),
        owners: [],
        counts: [],
      };
      for (const number of completed) state.nodes[number] = [];
      const run: SpliceRun = { state, variables, context, send, received: [], waiting: 0, failed: false, done: done };
      step(run, () => {
        let text: string | undefined;
        try {
          text = generated.write(state);
        } catch {
          text = undefined;
        }
        done(text, run.received);
      });
      settle(run);
    },
  };
}

/** One request. */
interface SpliceRun {
  readonly state: SpliceState;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
  readonly send: Send;
  readonly received: ReceivedResponses[number][];
  /** The number of subgraph requests without a response. */
  waiting: number;
  failed: boolean;
  done: ((text: undefined, heard: ReceivedResponses) => void) | undefined;
}

/**
 * After a failure the general path starts, but only when all pending responses have arrived. It uses these responses,
 * so no request is sent twice.
 */
function settle(run: SpliceRun): void {
  if (!run.failed || run.waiting > 0) return;
  const { done } = run;
  run.done = undefined;
  done?.(undefined, run.received);
}

type Step = (run: SpliceRun, next: () => void) => void;

function compileStage(stage: Stage, compileFetch: (fetch: SpliceFetch) => Step): Step {
  if (stage.kind === 'fetch') return compileFetch(stage.fetch);
  const steps = stage.stages.map((inner) => compileStage(inner, compileFetch));
  const [first] = steps;
  if (first !== undefined && steps.length === 1) return first;
  if (stage.kind === 'sequence') {
    return (run, next) => {
      let index = 0;
      const runNext = (): void => {
        const current = steps[index++];
        if (current === undefined) next();
        else current(run, runNext);
      };
      runNext();
    };
  }
  return (run, next) => {
    let left = steps.length;
    const arrived = (): void => {
      if (--left === 0) next();
    };
    for (const current of steps) current(run, arrived);
  };
}

function fetchStep(
  fetch: SpliceFetch,
  { scan }: Generated,
  bodies: readonly ((run: SpliceRun) => string | undefined)[],
): Step {
  const { number, operation } = fetch;
  const { subgraph } = operation;
  const kind = kindOf(operation);
  const body = bodies[number];
  const read = scan[number];
  if (body === undefined || read === undefined) throw new TypeError('The fetch has no generated code');
  return (run, next) => {
    if (run.failed) return;
    let text: string | undefined;
    try {
      text = body(run);
    } catch {
      // The variables are nested too deep for the stack.
      run.failed = true;
      return settle(run);
    }
    if (text === undefined) return next();
    const asked = text;
    run.waiting++;
    run.send(subgraph, asked, kind, run.context, (error, answer) => {
      run.waiting--;
      run.received.push({ subgraph, body: asked, error, text: answer });
      if (run.failed) return settle(run);
      if (error === undefined && read(answer, run.state)) next();
      else run.failed = true;
      if (run.failed) settle(run);
    });
  };
}

/**
 * Compiles the body of a subgraph request: constant text plus variables. The result is undefined when there is nothing
 * to fetch.
 */
function bodyOf(
  { operation: { document, name, variables }, entities }: SpliceFetch,
  { represent }: Generated,
): (run: SpliceRun) => string | undefined {
  const head = requestHead(document, name);
  const own = (given: Readonly<Record<string, unknown>>): string => {
    if (variables.length === 0) return '';
    const sent: Record<string, unknown> = {};
    for (const [as, from] of variables) if (given[from] !== undefined) sent[as] = given[from];
    return toBytes(JSON.stringify(sent)).slice(1, -1);
  };
  if (entities.length === 0) {
    if (variables.length === 0) return () => `${head}}`;
    return ({ variables: given }) => `${head},"variables":{${own(given)}}}`;
  }
  const lists = entities.map(({ number, variable }) => ({
    number,
    name: JSON.stringify(variable),
    make: represent[number],
  }));
  return ({ variables: given, state }) => {
    let text = own(given);
    let asked = 0;
    for (const { number, name: variable, make } of lists) {
      text += `${text === '' ? '' : ','}${variable}:[${make?.(state) ?? ''}]`;
      asked += state.counts[number] ?? 0;
    }
    return asked === 0 ? undefined : `${head},"variables":{${text}}}`;
  };
}

/** The start of a request body, up to its variables. `}` or `,"variables":…}` must follow. */
function requestHead(document: string, name: string | undefined): string {
  return toBytes(JSON.stringify({ query: document, ...(name !== undefined && { operationName: name }) })).slice(0, -1);
}
