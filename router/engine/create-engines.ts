import type { Limits } from '../config/limits.ts';
import { SubgraphUnavailable } from '../execution/types.ts';
import type { SubgraphTransport } from '../execution/types.ts';
import type { SubgraphClients } from '../subgraphs/clients.ts';
import type { DocumentUsage } from './document-usage.ts';
import type { Engine } from './engine.ts';
import { Engines } from './engines.ts';
import { createServing } from './serving.ts';
import type { ServingOptions } from './serving.ts';
import { warmUp, warmUpDocuments } from './warm-up.ts';

/** Creates the engines of a router, and moves subscriptions from one engine to the next. */
export interface EngineFactory {
  readonly options: ServingOptions;
  readonly limits: Limits;
  readonly subgraphs: SubgraphClients;
  readonly usage: DocumentUsage;
  /**
   * Moves subscriptions to the next engine.
   * @param spreadMs over how long the ends of subscriptions that cannot move are spread
   * @param moved names of subgraphs whose address has changed
   */
  migrate(next: Engine, spreadMs: number, moved: ReadonlySet<string>): Promise<void>;
}

export function createEngines({ options, limits, subgraphs, usage, migrate }: EngineFactory): Engines {
  return new Engines({
    async build(sdl, first) {
      const serving = createServing(sdl, options, limits, subgraphs, { strict: first });
      await serving.ready().catch(async (error: unknown) => {
        await serving.close();
        throw error;
      });
      return serving;
    },
    warmUp: ({ engine }) =>
      warmUp(
        engine,
        [...warmUpDocuments(engine.supergraph.apiSchema), ...usage.mostUsed(limits.plans)],
        limits.reloadWarmUpMs,
      ),
    migrate: ({ serving: next }, { serving: previous }) =>
      migrate(next.engine, limits.reloadSpreadMs, next.subgraphs.movedFrom(previous.subgraphs)),
    log: options.log,
  });
}

/**
 * Starts with a supergraph that is already loaded as text. Operations may arrive immediately; they wait until they can
 * be planned.
 * @returns resolves when operations can be planned and the warm-up is done or its time is over
 * @throws SupergraphError, ConfigError
 */
export function startEngines(
  engines: Engines,
  sdl: string,
  { options, limits, subgraphs }: EngineFactory,
): Promise<void> {
  const serving = createServing(sdl, options, limits, subgraphs, { strict: true });
  engines.start(sdl, serving);
  const { engine } = serving;
  return serving
    .ready()
    .then(() => warmUp(engine, warmUpDocuments(engine.supergraph.apiSchema), limits.reloadWarmUpMs));
}

/** Reaches subgraphs through the current engine. Streams use it, because they outlive an engine. */
export function subgraphsOf(engines: Pick<Engines, 'current'>): SubgraphTransport {
  return {
    send(subgraph, body, kind, context, done) {
      const view = engines.current?.serving.subgraphs;
      if (view) view.send(subgraph, body, kind, context, done);
      else done(new SubgraphUnavailable(subgraph, 'there is no supergraph yet'), '');
    },
    subscribe(subgraph, request, context) {
      const view = engines.current?.serving.subgraphs;
      if (!view) throw new SubgraphUnavailable(subgraph, 'there is no supergraph yet');
      return view.subscribe(subgraph, request, context);
    },
  };
}
