import { isObject } from '../collections/json-object.ts';
import type { JsonObject } from '../collections/json-object.ts';
import type {
  BatchFetchNode,
  EntityBatch,
  FetchNode,
  Operation,
  PathStep,
  RequiredSelection,
} from '../planning/plan-nodes.ts';
import { compileContext } from './context-values.ts';
import type { ContextOf } from './context-values.ts';
import { errorPath, fromSubgraph } from './errors.ts';
import { merge } from './merge.ts';
import { compileRepresentation } from './representations.ts';
import type { RepresentationOf } from './representations.ts';
import { clientNames, compileRewrites } from './rewrites.ts';
import type { Rewrite } from './rewrites.ts';
import type { PlanScope, Run, Step } from './run.ts';
import { callSubgraph, kindOf, noData, requestOf, unavailable } from './subgraph-call.ts';
import { collectTargets, pathOf } from './targets.ts';
import type { Targets } from './targets.ts';
import type { SubgraphResult } from './types.ts';

/** One `_entities` field of the operation. */
interface EntitiesField {
  readonly alias: string;
  readonly variable: string;
  readonly targetPaths: readonly TargetPath[];
  readonly representationOf: RepresentationOf;
  readonly rewriteInput: Rewrite | undefined;
  readonly rewriteOutput: Rewrite | undefined;
  readonly renames: ReadonlyMap<string, string>;
}

/** A path to objects that an `_entities` field completes. */
interface TargetPath {
  readonly steps: readonly PathStep[];
  /** Whether each object at this path must get its own copy of an entity, see `unsharedPaths`. */
  readonly mustCopy: boolean;
  readonly contextOf: ContextOf | undefined;
}

/**
 * The representations of one `_entities` field in one request. Each distinct representation occurs once, for all paths.
 */
interface RequestedEntities {
  readonly part: EntitiesField;
  readonly representations: JsonObject[];
  /** The `__typename` of each object before its representation was rewritten. */
  readonly typenames: unknown[];
  /** The index of each representation, by its key. */
  readonly numbers: Map<string, number>;
  /** The object `owners[i]` gets the entity with index `entities[i]`. */
  readonly owners: Owner[];
  readonly entities: number[];
}

interface Owner {
  readonly object: JsonObject;
  readonly targetPath: TargetPath;
  readonly targets: Targets;
  readonly index: number;
}

interface EntityRequest {
  /** The values of @fromContext arguments. */
  readonly contextual: Readonly<Record<string, unknown>> | undefined;
  readonly asked: readonly RequestedEntities[];
}

type MakeError = (path: (string | number)[]) => ReturnType<typeof fromSubgraph>;

/**
 * Compiles a fetch through `_entities` (Federation 2 subgraph specification) for all objects at a path of the response.
 */
export function compileEntityFetch(
  node: FetchNode & { readonly requires: readonly RequiredSelection[] },
  path: readonly PathStep[],
  scope: PlanScope,
): Step {
  const batch: EntityBatch = { ...node, alias: '_entities', variable: 'representations', paths: [[]] };
  return compile(
    node.operation,
    [compileField(batch, path, scope, (steps) => compileContext(node.contextValues, steps, scope.types))],
    scope,
  );
}

/**
 * Compiles several fetches through `_entities` into one request. Each has an alias and may be for objects at several
 * paths.
 */
export function compileBatchFetch(node: BatchFetchNode, path: readonly PathStep[], scope: PlanScope): Step {
  return compile(
    node.operation,
    node.entities.map((batch) => compileField(batch, path, scope, () => undefined)),
    scope,
  );
}

function compileField(
  { alias, variable, paths, requires, inputRewrites, outputRewrites }: EntityBatch,
  path: readonly PathStep[],
  { types, mustCopy, names }: PlanScope,
  contextOf: (steps: readonly PathStep[]) => ContextOf | undefined,
): EntitiesField {
  return {
    alias,
    variable,
    targetPaths: paths.map((further) => {
      const steps = [...path, ...further];
      return { steps, mustCopy: mustCopy(steps), contextOf: contextOf(steps) };
    }),
    representationOf: compileRepresentation(requires, types),
    rewriteInput: compileRewrites(inputRewrites, types),
    rewriteOutput: compileRewrites(outputRewrites, types),
    renames: clientNames(outputRewrites, names),
  };
}

function compile(operation: Operation, parts: readonly EntitiesField[], { types, names }: PlanScope): Step {
  const ownerPath = ({ targetPath, targets, index }: Owner) => pathOf(targetPath.steps, targets, index, names);
  const { subgraph } = operation;
  const request = requestOf(operation);
  const kind = kindOf(operation);

  const requestsFor = (run: Run): Iterable<EntityRequest> => {
    const requests = new Map<string, EntityRequest>();
    parts.forEach((part, number) => {
      for (const targetPath of part.targetPaths) {
        const targets = collectTargets(run.data, targetPath.steps, types);
        targets.objects.forEach((object, index) => {
          const representation = part.representationOf(object, run.variables);
          if (representation === undefined) return;
          const contextual = targetPath.contextOf?.(run.data, pathOf(targetPath.steps, targets, index));
          const key = contextual === undefined ? '' : JSON.stringify(contextual);
          let found = requests.get(key);
          if (found === undefined) requests.set(key, (found = { contextual, asked: parts.map(noEntities) }));
          const asked = found.asked[number];
          if (asked === undefined) return;
          let entity = asked.numbers.get(representation.key);
          if (entity === undefined) {
            entity = asked.representations.length;
            asked.numbers.set(representation.key, entity);
            asked.typenames.push(representation.value['__typename']);
            part.rewriteInput?.(representation.value);
            asked.representations.push(representation.value);
          }
          asked.owners.push({ object, targetPath, targets, index });
          asked.entities.push(entity);
        });
      }
    });
    return requests.values();
  };

  /** Adds one error for each object. An object that several `_entities` fields ask for gets only one. */
  const addErrorToEach = (asked: readonly RequestedEntities[], run: Run, make: MakeError): void => {
    const noted = new Set<JsonObject>();
    for (const owner of asked.flatMap(({ owners }) => owners)) {
      if (noted.has(owner.object)) continue;
      if (asked.length > 1) noted.add(owner.object);
      if (run.errors.full) run.errors.skip(1);
      else run.errors.add(make(ownerPath(owner)));
    }
  };

  /**
   * Adds a subgraph's errors to the response's. @returns the `_entities` fields that the errors are about. An error
   * that names none is about all of them.
   */
  const addErrors = (
    errors: readonly unknown[],
    all: readonly RequestedEntities[],
    run: Run,
  ): Set<RequestedEntities> => {
    const about = new Set<RequestedEntities>();
    const ownersOf = new Map<RequestedEntities, Owner[][]>();
    for (const error of errors) {
      const [field, entity, ...inner] = errorPath(error) ?? [];
      const asked = all.find(({ part }) => part.alias === field);
      for (const one of asked === undefined ? all : [asked]) about.add(one);
      if (run.errors.full) run.errors.skip(1);
      else if (asked !== undefined && typeof entity === 'number' && entity in asked.representations) {
        let owners = ownersOf.get(asked);
        if (owners === undefined) ownersOf.set(asked, (owners = groupOwners(asked)));
        const { renames } = asked.part;
        const rest = inner.map((element) =>
          typeof element === 'string' ? (renames.get(element) ?? element) : element,
        );
        for (const owner of owners[entity] ?? [])
          run.errors.add(fromSubgraph(error, subgraph, [...ownerPath(owner), ...rest]));
      } else addErrorToEach(asked === undefined ? all : [asked], run, (path) => fromSubgraph(error, subgraph, path));
    }
    return about;
  };

  const apply = (result: SubgraphResult, all: readonly RequestedEntities[], run: Run): void => {
    const about = addErrors(Array.isArray(result.errors) ? result.errors : [], all, run);
    for (const asked of all) {
      if (asked.representations.length === 0) continue;
      const entities = result.data?.[asked.part.alias];
      if (Array.isArray(entities) && entities.length === asked.representations.length) applyEntities(entities, asked);
      // In a list of another length it is unknown which entity belongs to which object, so none of them is used.
      else if (!about.has(asked) || Array.isArray(entities))
        addErrorToEach([asked], run, (path) => noData(subgraph, path));
    }
  };

  const applyEntities = (
    entities: readonly unknown[],
    { part, owners, entities: numbers, typenames }: RequestedEntities,
  ): void => {
    if (part.rewriteOutput !== undefined) {
      for (let number = 0; number < entities.length; number++) {
        const entity: unknown = entities[number];
        if (!isObject(entity)) continue;
        entity['__typename'] ??= typenames[number];
        part.rewriteOutput(entity);
      }
    }
    /** By index of the entity: the path of the first object that got the entity itself instead of a copy. */
    const taken: (TargetPath | undefined)[] = [];
    owners.forEach(({ object, targetPath }, index) => {
      const number = numbers[index] ?? -1;
      const entity: unknown = entities[number];
      if (!isObject(entity)) return;
      const first = taken[number];
      // Objects at different paths get copies. Otherwise data that is fetched later for one path would also appear at
      // the other.
      merge(object, entity, types, first !== undefined && (targetPath.mustCopy || first !== targetPath));
      taken[number] ??= targetPath;
    });
  };

  return (run) => {
    const calls: Promise<void>[] = [];
    for (const { contextual, asked } of requestsFor(run)) {
      const variables: Record<string, unknown> = { ...contextual };
      for (const { part, representations } of asked) variables[part.variable] = representations;
      calls.push(
        callSubgraph(
          run,
          subgraph,
          request(run.variables, variables),
          kind,
          (result) => apply(result, asked, run),
          () => addErrorToEach(asked, run, (path) => unavailable(subgraph, path)),
        ),
      );
    }
    return calls.length < 2 ? calls[0] : Promise.all(calls).then(() => undefined);
  };
}

const noEntities = (part: EntitiesField): RequestedEntities => ({
  part,
  representations: [],
  typenames: [],
  numbers: new Map(),
  owners: [],
  entities: [],
});

function groupOwners(asked: RequestedEntities): Owner[][] {
  const owners: Owner[][] = asked.representations.map(() => []);
  asked.owners.forEach((owner, index) => owners[asked.entities[index] ?? -1]?.push(owner));
  return owners;
}
