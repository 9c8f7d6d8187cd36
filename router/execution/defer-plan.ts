import type { DeferNode, PlanNode } from '../planning/plan-nodes.ts';
import { ErrorList } from './errors.ts';
import type { Arrivals, Run, Step } from './run.ts';

/** The fetches of a part, and the parts within it. */
interface CompiledPart {
  readonly own: Step | undefined;
  readonly deferred: readonly {
    readonly label: string | undefined;
    /** The ids of the fetches that must be done before it starts. */
    readonly depends: readonly string[];
    readonly part: CompiledPart;
  }[];
}

/** Wraps the step of a fetch, so that it also signals when the fetch is done, even if the subgraph failed. */
export function signalWhenFetched(id: string | undefined, step: Step): Step {
  if (id === undefined) return step;
  return (run) => {
    const pending = step(run);
    if (pending === undefined) run.arrivals?.fetched(id);
    return pending?.then(() => run.arrivals?.fetched(id));
  };
}

/**
 * Runs the fetches of the primary part immediately. Runs those of a deferred part when the fetches that it depends on
 * are done, at the latest when its enclosing part has its data. Resolves when all are done. A caller that wants the
 * parts one by one sets `arrivals.part` in the run. Then each deferred part has its own list of errors.
 */
export function compileDefer(node: DeferNode, compile: (node: PlanNode) => Step): Step {
  const root = compilePart(node, compile);
  return (run) => {
    const arrivals = run.arrivals ?? createArrivals();
    return runPart(root, { ...run, arrivals }, arrivals, undefined, Promise.resolve());
  };
}

function compilePart(node: PlanNode | undefined, compile: (node: PlanNode) => Step): CompiledPart {
  if (node?.kind !== 'Defer') return { own: node && compile(node), deferred: [] };
  return {
    own: node.primary.node && compile(node.primary.node),
    deferred: node.deferred.map(({ depends, label, node: inner }) => ({
      label,
      depends: depends.map(({ id }) => id),
      part: compilePart(inner, compile),
    })),
  };
}

/**
 * Runs the fetches of a part, and of the deferred parts within it.
 * @param label undefined for the part that is not deferred
 * @param around resolves when the enclosing parts have their data
 */
async function runPart(
  { own, deferred }: CompiledPart,
  run: Run,
  arrivals: Arrivals,
  label: string | undefined,
  around: Promise<unknown>,
): Promise<void> {
  const data = own?.(run) ?? Promise.resolve();
  arrivals.part?.(label, run.errors, data);
  const before = Promise.all([around, data]);
  await Promise.all([
    before,
    ...deferred.map(async (inner) => {
      // A fetch whose conditions do not hold never runs. The parts that depend on it then start when their enclosing
      // part has its data.
      await Promise.race([arrivals.whenFetched(inner.depends), before]);
      const errors = arrivals.part === undefined ? run.errors : new ErrorList(run.errors.limit);
      await runPart(inner.part, { ...run, errors }, arrivals, inner.label, before);
    }),
  ]);
}

export function createArrivals(part?: Arrivals['part']): Arrivals {
  const waiting = new Map<string, { readonly promise: Promise<void>; readonly resolve: () => void }>();
  const arrival = (id: string) => {
    let found = waiting.get(id);
    if (found === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.set(id, (found = { promise, resolve }));
    }
    return found;
  };
  return {
    fetched: (id) => arrival(id).resolve(),
    whenFetched: (ids) => Promise.all(ids.map((id) => arrival(id).promise)),
    ...(part !== undefined && { part }),
  };
}

/** The labels of all deferred parts of a plan. */
export function deferLabels(node: PlanNode | undefined, labels = new Set<string>()): ReadonlySet<string> {
  if (node?.kind === 'Condition') for (const clause of [node.ifClause, node.elseClause]) deferLabels(clause, labels);
  if (node?.kind !== 'Defer') return labels;
  for (const { label, node: inner } of node.deferred) {
    if (label !== undefined) labels.add(label);
    deferLabels(inner, labels);
  }
  return labels;
}
