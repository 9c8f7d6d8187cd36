import type { GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { JsonObject } from '../collections/json-object.ts';
import { withRequestId } from './answer.ts';
import { activeParts, objectsAt } from './defer-parts.ts';
import type { ActivePart, Part, DeferredObject } from './defer-parts.ts';
import { createArrivals } from './defer-plan.ts';
import { ErrorList, applyPolicy } from './errors.ts';
import type { ErrorPolicy } from './errors.ts';
import type { Run, Step } from './run.ts';
import type { Path } from './targets.ts';

/** A deferred fragment on one object of the response. */
export interface PendingPart {
  /** The id of the part. It is unique within the response. */
  readonly id: string;
  /** The path of the object. */
  readonly path: Path;
  /** The client's label. */
  readonly label: string | undefined;
}

export interface DeliveredPart extends PendingPart {
  /**
   * Everything that the fragment selects, including fields that were delivered before. null when an error propagated up
   * to the fragment: the part then has no data.
   */
  readonly data: JsonObject | null;
  /** Errors with `extensions.requestId` and with paths from the root of the response. */
  readonly errors: readonly GraphQLFormattedError[];
}

/** One payload of a response in parts, independent of the format in which it is sent. */
export interface IncrementalResult {
  /** The part of the response that is not deferred. Only the first payload has it. */
  readonly initial?: { readonly data: JsonObject | null; readonly errors: readonly GraphQLFormattedError[] };
  /** Parts that are announced with this payload and will follow. */
  readonly pending: readonly PendingPart[];
  readonly parts: readonly DeliveredPart[];
  readonly hasNext: boolean;
}

export interface IncrementalExecution {
  readonly schema: GraphQLSchema;
  readonly step: Step | undefined;
  /** Labels that the plan fetches separately. Other deferred fragments are ready together with their enclosing part. */
  readonly planned: ReadonlySet<string>;
  readonly parts: readonly [Part, ...Part[]];
  /** The client's label of the part `d<index>`. */
  readonly labels: readonly (string | undefined)[];
  /** The errors in `run.errors` are as the subgraphs sent them: the policy is applied later. */
  readonly run: Run;
  readonly introspection: JsonObject | undefined;
  readonly maxErrors: number;
  readonly policy: ErrorPolicy | undefined;
}

interface AwaitedPart extends PendingPart {
  readonly active: ActivePart;
  readonly place: DeferredObject;
}

/**
 * Executes an operation with deferred parts. Rejects only when the router itself fails. The generator makes the fetches
 * of the plan and no others, however slowly the caller reads the parts. Data that has arrived waits for `next()`, which
 * needs at most the memory of the whole response.
 */
export async function* executeParts(execution: IncrementalExecution): AsyncGenerator<IncrementalResult, void> {
  const { schema, step, planned, parts, labels, introspection, maxErrors, policy } = execution;
  const { root, variables } = activeParts(parts, execution.run.variables);
  /** The fetch errors of each part whose data has arrived. */
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
      ); // The whole step rejects with the same error.
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
  /** @throws the error of the step */
  const waitUntil = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      if (fault !== undefined) throw fault.error;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };

  let count = 0;
  const awaited = new Set<AwaitedPart>();
  /** Fetch errors for fields of parts that have not been delivered yet. */
  let heldErrors: readonly GraphQLFormattedError[] = [];

  const toClientErrors = (errors: GraphQLFormattedError[]): GraphQLFormattedError[] =>
    withRequestId(applyPolicy(errors, policy), run.context.requestId);

  const complete = ({ part, children }: ActivePart, place: DeferredObject, own: readonly GraphQLFormattedError[]) => {
    const errors = new ErrorList(maxErrors);
    const isBelow = ({ path }: GraphQLFormattedError): boolean =>
      path === undefined || place.path.every((element, index) => path[index] === element);
    const others = heldErrors.filter((error) => !isBelow(error));
    for (const error of [...heldErrors.filter(isBelow), ...own]) errors.add(error);
    const data = part.complete(
      place.source,
      { errors, variables, introspection, path: [...place.path], conditions: [] },
      place.path.length,
    );
    const shown: GraphQLFormattedError[] = [];
    const later: GraphQLFormattedError[] = [];
    for (const error of errors.toArray()) (isShown(error, place.path.length, data) ? shown : later).push(error);
    heldErrors = [...others, ...later];
    const pending: AwaitedPart[] =
      data === null
        ? []
        : children.flatMap((active) =>
            objectsAt(schema, active.path, place, data).map((found): AwaitedPart => ({
              id: String(count++),
              path: found.path,
              label: labels[Number(active.part.label?.slice(1))],
              active,
              place: found,
            })),
          );
    for (const one of pending) awaited.add(one);
    return { data, errors: toClientErrors(shown), pending };
  };
  /**
   * Returns the errors that no part has shown, as soon as no further part can show them; before that, none. They are
   * sent although the client sees no field for them, because they may explain a null.
   */
  const remainingErrors = (): readonly GraphQLFormattedError[] => {
    if (awaited.size > 0 || heldErrors.length === 0) return [];
    const rest = [...heldErrors];
    heldErrors = [];
    return toClientErrors(rest);
  };

  await waitUntil(() => isReady(undefined));
  const first = complete(root, { source: run.data, path: [] }, run.errors.toArray());
  yield {
    initial: { data: first.data, errors: [...first.errors, ...remainingErrors()] },
    pending: first.pending.map(toPending),
    parts: [],
    hasNext: awaited.size > 0,
  };

  while (awaited.size > 0) {
    const ready = (): AwaitedPart[] => [...awaited].filter(({ active }) => isReady(active.part.label));
    await waitUntil(() => ready().length > 0);
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
        delivered.push({ ...toPending(one), data, errors });
        pending.push(...within.map(toPending));
      }
    }
    const last = delivered.at(-1);
    const rest = remainingErrors();
    if (last !== undefined && rest.length > 0)
      delivered[delivered.length - 1] = { ...last, errors: [...last.errors, ...rest] };
    yield { pending, parts: delivered, hasNext: awaited.size > 0 };
  }
}

const toPending = ({ id, path, label }: PendingPart): PendingPart => ({ id, path, label });

/** Removes and returns the errors at or below a path. Errors without a path go to the first caller. */
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

/** Whether the field of an error is in this part of the response, or would be if none of its parents were null. */
function isShown({ path = [] }: GraphQLFormattedError, depth: number, data: JsonObject | null): boolean {
  let value: unknown = data;
  for (const element of path.slice(depth)) {
    if (typeof value !== 'object' || value === null) return true;
    value = (value as Record<string | number, unknown>)[element];
    if (value === undefined) return false;
  }
  return true;
}
