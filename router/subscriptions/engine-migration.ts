import type { Engine, PreparedOperation, Upstream } from '../engine/engine.ts';
import { RequestError } from '../operation/request-error.ts';
import { compileLiveOperation } from './live-operation.ts';
import type { LiveOperation } from './live-operation.ts';
import type { Member } from './member.ts';
import type { Streams } from './streams.ts';
import type { SubscribeRequest } from './subscriber.ts';

/** The parts of a subscription that depend on the engine. */
type Served = Pick<Member, 'request' | 'operation' | 'upstream'>;

/** Moves subscriptions from one engine to the next. */
export class EngineMigration {
  readonly #members: ReadonlySet<Member>;
  readonly #streams: Streams;
  readonly #onFault: (error: unknown, requestId: string) => void;
  readonly #operations = new WeakMap<PreparedOperation, LiveOperation>();
  #latest: Engine | undefined;
  #closed = false;
  #wakeSpread: (() => void) | undefined;

  constructor(members: ReadonlySet<Member>, streams: Streams, onFault: (error: unknown, requestId: string) => void) {
    this.#members = members;
    this.#streams = streams;
    this.#onFault = onFault;
  }

  operationOf({ engine, prepared, query, operationName }: SubscribeRequest, upstream: Upstream): LiveOperation {
    let operation = this.#operations.get(prepared);
    if (!operation) {
      const { apiSchema, live } = engine.supergraph;
      operation = compileLiveOperation({
        text: query,
        operationName,
        planned: upstream.request.query,
        apiSchema,
        live,
      });
      this.#operations.set(prepared, operation);
    }
    return operation;
  }

  /**
   * Calls `begin` asynchronously, with the newest engine: the engine that prepared the operation may have been
   * replaced. If the newest engine cannot continue the subscription, it ends with SUBSCRIPTION_RELOADED.
   */
  start(member: Member, begin: (member: Member) => void): void {
    const latest = this.#latest;
    if (latest === undefined || latest === member.request.engine) queueMicrotask(() => begin(member));
    else void this.#moveTo(member, latest).then((known) => (known ? begin(member) : failReloaded(member)));
  }

  /** Does what `Subscriptions.migrate` describes. */
  async migrate(engine: Engine, spreadMs: number, moved?: ReadonlySet<string>): Promise<void> {
    this.#latest = engine;
    const lost: Member[] = [];
    for (const stream of [...this.#streams]) {
      const [first] = stream.members;
      const next = first && (await this.#withEngine(first, engine, moved));
      if (this.#closed || this.#latest !== engine) return;
      if (next) {
        stream.upstream = next.upstream;
        for (const member of stream.members)
          Object.assign(member, next, { request: { ...next.request, variables: member.request.variables } });
      } else {
        this.#streams.retired(stream);
        lost.push(...stream.members);
      }
    }
    for (const member of [...this.#members]) {
      if (!member.stream && member.request.engine !== engine && !(await this.#moveTo(member, engine)))
        lost.push(member);
    }
    const started = performance.now();
    for (const [index, member] of lost.entries()) {
      const wait = (spreadMs * index) / lost.length - (performance.now() - started);
      if (wait > 1) await this.#pause(wait);
      if (this.#closed) return;
      if (member.request.engine !== this.#latest) failReloaded(member);
    }
  }

  close(): void {
    this.#closed = true;
    this.#wakeSpread?.();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeSpread = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #moveTo(member: Member, engine: Engine): Promise<boolean> {
    const next = await this.#withEngine(member, engine);
    if (next) Object.assign(member, next);
    return next !== undefined;
  }

  /**
   * Prepares a member's subscription for another engine. The result is undefined if the engine refuses it, if its
   * subgraph, its requests, its directives or its privacy would change, or if its subgraph is among `moved` and it has
   * no cursors.
   */
  async #withEngine(
    { request, operation, upstream }: Served,
    engine: Engine,
    moved?: ReadonlySet<string>,
  ): Promise<Served | undefined> {
    try {
      const prepared = await engine.prepare(request.query, request.operationName);
      if (prepared.kind !== 'subscription') return undefined;
      const next = { ...request, engine, prepared };
      const after = engine.upstream(prepared, request.variables);
      const nextOperation = this.operationOf(next, after);
      // The subgraph has moved. A subscription with cursors continues: when its connection to the old address is lost,
      // it resumes at the new one without a gap. A subscription without cursors ends.
      if (moved?.has(after.subgraph) === true && !nextOperation.stream.resume) return undefined;
      const asks = (one: LiveOperation, of: Upstream): string =>
        JSON.stringify([
          of.subgraph,
          one.request(of.request, undefined),
          one.check(of.request),
          one.stream,
          one.isPrivate,
        ]);
      return asks(operation, upstream) === asks(nextOperation, after)
        ? { request: next, operation: nextOperation, upstream: after }
        : undefined;
    } catch (error) {
      if (!(error instanceof RequestError)) this.#onFault(error, '');
      return undefined;
    }
  }
}

const failReloaded = (member: Member): void =>
  member.failWith('SUBSCRIPTION_RELOADED', 'the schema has changed: subscribe again', true);
