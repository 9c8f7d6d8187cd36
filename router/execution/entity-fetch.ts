import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { compileContext } from './context-values.ts';
import { errorPath, fromSubgraph } from './errors.ts';
import { merge } from './merge.ts';
import { compileRepresentation } from './representations.ts';
import { compileRewrites, renamedKeys } from './rewrites.ts';
import type { PlanScope, Run, Step } from './run.ts';
import { callSubgraph, noData, requestOf, unavailable } from './subgraph-call.ts';
import { collectTargets, isObject, pathOf } from './targets.ts';
import type { JsonObject, PathStep, Targets } from './targets.ts';
import type { SubgraphResult } from './types.ts';

/** What is asked for in one request: each distinct representation once. */
interface Batch {
  readonly representations: JsonObject[];
  /** Typename of each object as it was before the representation was rewritten. */
  readonly typenames: unknown[];
  /** Number of the representation by its key. */
  readonly numbers: Map<string, number>;
  /** `targets[owners[i]]` gets entity number `entities[i]`. */
  readonly owners: number[];
  readonly entities: number[];
  /** Values of @fromContext arguments. */
  readonly contextual: Readonly<Record<string, unknown>> | undefined;
}

/** A fetch through `_entities` (Federation 2 subgraph specification) for all objects at a path of the answer. */
export function compileEntityFetch(
  node: FetchNode, requires: readonly QueryPlanSelectionNode[], steps: readonly PathStep[], { types, isolate }: PlanScope,
): Step {
  const subgraph = node.serviceName;
  const request = requestOf(node);
  const representationOf = compileRepresentation(requires, types);
  const rewriteInput = compileRewrites(node.inputRewrites, types);
  const rewriteOutput = compileRewrites(node.outputRewrites, types);
  const renames = renamedKeys(node.outputRewrites);
  const contextOf = compileContext(node.contextRewrites, steps, types);

  const batchesOf = (targets: Targets, run: Run): Iterable<Batch> => {
    const batches = new Map<string, Batch>();
    for (let owner = 0; owner < targets.objects.length; owner++) {
      const representation = representationOf(targets.objects[owner] ?? {});
      if (representation === undefined) continue;
      const context = contextOf?.(run.data, pathOf(steps, targets, owner));
      const batchKey = context === undefined ? '' : JSON.stringify(context);
      let batch = batches.get(batchKey);
      if (batch === undefined) {
        batch = { representations: [], typenames: [], numbers: new Map(), owners: [], entities: [], contextual: context };
        batches.set(batchKey, batch);
      }
      let number = batch.numbers.get(representation.key);
      if (number === undefined) {
        number = batch.representations.length;
        batch.numbers.set(representation.key, number);
        batch.typenames.push(representation.value['__typename']);
        rewriteInput?.(representation.value);
        batch.representations.push(representation.value);
      }
      batch.owners.push(owner);
      batch.entities.push(number);
    }
    return batches.values();
  };

  const addErrors = (errors: readonly unknown[], batch: Batch, targets: Targets, run: Run): void => {
    let ownersOf: number[][] | undefined;
    for (const error of errors) {
      if (run.errors.full) {
        run.errors.skip(1);
        continue;
      }
      const [field, entity, ...inner] = errorPath(error) ?? [];
      if (field === '_entities' && typeof entity === 'number' && entity in batch.representations) {
        ownersOf ??= groupOwners(batch);
        const rest = inner.map((element) => (typeof element === 'string' ? renames?.get(element) ?? element : element));
        for (const owner of ownersOf[entity] ?? []) {
          run.errors.add(fromSubgraph(error, subgraph, [...pathOf(steps, targets, owner), ...rest]));
        }
      } else everywhere(batch, targets, run, (path) => fromSubgraph(error, subgraph, path));
    }
  };

  const everywhere = (batch: Batch, targets: Targets, run: Run, make: (path: (string | number)[]) => ReturnType<typeof fromSubgraph>) => {
    for (const owner of batch.owners) {
      if (run.errors.full) run.errors.skip(1);
      else run.errors.add(make(pathOf(steps, targets, owner)));
    }
  };

  const apply = (result: SubgraphResult, batch: Batch, targets: Targets, run: Run): void => {
    const errors = Array.isArray(result.errors) ? result.errors : [];
    addErrors(errors, batch, targets, run);
    const entities = result.data?.['_entities'];
    if (!Array.isArray(entities) || entities.length !== batch.representations.length) {
      // Nothing can be told apart in a list of another length.
      if (errors.length === 0 || Array.isArray(entities)) everywhere(batch, targets, run, (path) => noData(subgraph, path));
      return;
    }
    if (rewriteOutput !== undefined) {
      for (let number = 0; number < entities.length; number++) {
        const entity: unknown = entities[number];
        if (!isObject(entity)) continue;
        entity['__typename'] ??= batch.typenames[number];
        rewriteOutput(entity);
      }
    }
    for (let index = 0; index < batch.owners.length; index++) {
      const object = targets.objects[batch.owners[index] ?? -1];
      const entity: unknown = entities[batch.entities[index] ?? -1];
      if (object !== undefined && isObject(entity)) merge(object, isolate ? structuredClone(entity) : entity, types);
    }
  };

  return (run) => {
    const targets = collectTargets(run.data, steps, types);
    const calls: Promise<void>[] = [];
    for (const batch of batchesOf(targets, run)) {
      const variables = { ...batch.contextual, representations: batch.representations };
      calls.push(callSubgraph(
        run, subgraph, request(run.variables, variables),
        (result) => apply(result, batch, targets, run),
        () => everywhere(batch, targets, run, (path) => unavailable(subgraph, path)),
      ));
    }
    return calls.length < 2 ? calls[0] : Promise.all(calls).then(() => undefined);
  };
}

function groupOwners(batch: Batch): number[][] {
  const owners: number[][] = batch.representations.map(() => []);
  batch.owners.forEach((owner, index) => owners[batch.entities[index] ?? -1]?.push(owner));
  return owners;
}
