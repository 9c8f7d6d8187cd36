import type { GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { JsonObject } from '../collections/json-object.ts';
import { withRequestId } from './answer.ts';
import { activeParts, placesOf } from './defer-parts.ts';
import type { ActivePart, Part, Place } from './defer-parts.ts';
import { createArrivals } from './defer-plan.ts';
import { ErrorList, forClients } from './errors.ts';
import type { ErrorPolicy } from './errors.ts';
import type { Run, Step } from './run.ts';
import type { Path } from './targets.ts';

/** A deferred fragment on one object of the answer. */
export interface PendingPart {
  /** Unique in the answer. */
  readonly id: string;
  /** Of the object. */
  readonly path: Path;
  /** As the client named it. */
  readonly label: string | undefined;
}

export interface DeliveredPart extends PendingPart {
  /**
   * All that the fragment selects, also what was delivered before. Null: an error in it could not be kept to one field;
   * nothing of it is to come.
   */
  readonly data: JsonObject | null;
  /** With `extensions.requestId`, and paths from the root of the answer. */
  readonly errors: readonly GraphQLFormattedError[];
}

/** One step of an answer in parts, whatever format it is sent in. */
export interface IncrementalResult {
  /** In the first step only. */
  readonly initial?: { readonly data: JsonObject | null; readonly errors: readonly GraphQLFormattedError[] };
  /** Parts of which is known now that they will come. */
  readonly pending: readonly PendingPart[];
  readonly parts: readonly DeliveredPart[];
  readonly hasNext: boolean;
}

export interface IncrementalExecution {
  readonly schema: GraphQLSchema;
  readonly step: Step | undefined;
  /** Labels that the plan fetches apart; the others come with what they are in. */
  readonly planned: ReadonlySet<string>;
  readonly parts: readonly [Part, ...Part[]];
  /** The client's label of the part `d<index>`. */
  readonly labels: readonly (string | undefined)[];
  /** `errors` are as they came, with no policy applied. */
  readonly run: Run;
  readonly introspection: JsonObject | undefined;
  readonly maxErrors: number;
  readonly policy: ErrorPolicy | undefined;
}

interface Awaited extends PendingPart {
  readonly active: ActivePart;
  readonly place: Place;
}

/**
 * Rejects only for faults of the router itself. Nothing is fetched ahead of what the plan says; what has arrived waits
 * for `next()`, at most the answer itself.
 */
export async function* executeParts(execution: IncrementalExecution): AsyncGenerator<IncrementalResult, void> {
  const { schema, step, planned, parts, labels, introspection, maxErrors, policy } = execution;
  const { root, variables } = activeParts(parts, execution.run.variables);
  /** The errors of the fetches of each part that has its data. */
  const arrived = new Map<string | undefined, ErrorList>();
  let finished = false;
  let fault: { readonly error: unknown } | undefined;
  let wake = (): void => undefined;
  const run: Run = {
    ...execution.run,
    arrivals: createArrivals((label, errors, data) => {
      data.then(
        () => {
          arrived.set(label, errors);
          wake();
        },
        () => undefined,
      ); // the whole step rejects, too
    }),
  };
  const settled = (how: () => void) => (): void => {
    how();
    wake();
  };
  (step?.(run) ?? Promise.resolve()).then(
    settled(() => (finished = true)),
    (error: unknown) => settled(() => (fault = { error }))(),
  );

  const isReady = (label: string | undefined): boolean =>
    finished || arrived.has(label) || (label !== undefined && !planned.has(label));
  /** @throws the router's fault */
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      if (fault !== undefined) throw fault.error;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };

  let count = 0;
  const awaited = new Set<Awaited>();
  /** Errors that fetches brought for fields of parts that are not there yet. */
  let held: readonly GraphQLFormattedError[] = [];

  const told = (errors: GraphQLFormattedError[]): GraphQLFormattedError[] =>
    withRequestId(forClients(errors, policy), run.context.requestId);

  const complete = ({ part, children }: ActivePart, place: Place, own: readonly GraphQLFormattedError[]) => {
    const errors = new ErrorList(maxErrors);
    const isBelow = ({ path }: GraphQLFormattedError): boolean =>
      path === undefined || place.path.every((element, index) => path[index] === element);
    const others = held.filter((error) => !isBelow(error));
    for (const error of [...held.filter(isBelow), ...own]) errors.add(error);
    const data = part.complete(
      place.source,
      { errors, variables, introspection, path: [...place.path], conditions: [] },
      place.path.length,
    );
    const shown: GraphQLFormattedError[] = [];
    const later: GraphQLFormattedError[] = [];
    for (const error of errors.toArray()) (isShown(error, place.path.length, data) ? shown : later).push(error);
    held = [...others, ...later];
    const pending: Awaited[] =
      data === null
        ? []
        : children.flatMap((active) =>
            placesOf(schema, active.way, place, data).map((found): Awaited => ({
              id: String(count++),
              path: found.path,
              label: labels[Number(active.part.label?.slice(1))],
              active,
              place: found,
            })),
          );
    for (const one of pending) awaited.add(one);
    return { data, errors: told(shown), pending };
  };
  /**
   * What is about no field of the client's, but may be why one of them is null: told when nothing more is to come that
   * it could belong to.
   */
  const unclaimed = (): readonly GraphQLFormattedError[] => {
    if (awaited.size > 0 || held.length === 0) return [];
    const rest = [...held];
    held = [];
    return told(rest);
  };

  await until(() => isReady(undefined));
  const first = complete(root, { source: run.data, path: [] }, run.errors.toArray());
  yield {
    initial: { data: first.data, errors: [...first.errors, ...unclaimed()] },
    pending: first.pending.map(named),
    parts: [],
    hasNext: awaited.size > 0,
  };

  while (awaited.size > 0) {
    const ready = (): Awaited[] => [...awaited].filter(({ active }) => isReady(active.part.label));
    await until(() => ready().length > 0);
    const pending: PendingPart[] = [];
    const delivered: DeliveredPart[] = [];
    const taken = new Map<string | undefined, GraphQLFormattedError[]>();
    for (let next = ready(); next.length > 0; next = ready()) {
      for (const one of next) {
        awaited.delete(one);
        const { label } = one.active.part;
        let own = taken.get(label);
        if (own === undefined) taken.set(label, (own = [...(arrived.get(label)?.toArray() ?? [])]));
        const mine = takeBelow(own, one.path);
        const { data, errors, pending: within } = complete(one.active, one.place, mine);
        delivered.push({ ...named(one), data, errors });
        pending.push(...within.map(named));
      }
    }
    const last = delivered.at(-1);
    const rest = unclaimed();
    if (last !== undefined && rest.length > 0)
      delivered[delivered.length - 1] = { ...last, errors: [...last.errors, ...rest] };
    yield { pending, parts: delivered, hasNext: awaited.size > 0 };
  }
}

const named = ({ id, path, label }: PendingPart): PendingPart => ({ id, path, label });

/** Removes and gives those at or below a path; those that have none go to whoever comes first. */
function takeBelow(errors: GraphQLFormattedError[], at: Path): GraphQLFormattedError[] {
  const below: GraphQLFormattedError[] = [];
  for (let index = errors.length - 1; index >= 0; index--) {
    const error = errors[index];
    if (
      error === undefined ||
      (error.path !== undefined && !at.every((element, depth) => error.path?.[depth] === element))
    )
      continue;
    below.unshift(error);
    errors.splice(index, 1);
  }
  return below;
}

/**
 * Whether the field that an error is about is in this part of the answer, or would be if nothing above it were null.
 */
function isShown({ path = [] }: GraphQLFormattedError, depth: number, data: JsonObject | null): boolean {
  let value: unknown = data;
  for (const element of path.slice(depth)) {
    if (typeof value !== 'object' || value === null) return true;
    value = (value as Record<string | number, unknown>)[element];
    if (value === undefined) return false;
  }
  return true;
}
