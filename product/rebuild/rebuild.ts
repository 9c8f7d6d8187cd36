import type { Config } from '../../platform/config/config.ts';
import type { Projection } from '../../platform/messaging/rebuild.ts';
import { openStores } from '../../platform/platform.module.ts';
import { isMigrated } from '../../platform/postgres/migrate.ts';

/** A reason why the command cannot work; one line for the operator. */
export class Refusal extends Error {}

export interface Rebuilt {
  /** Events that were read. */
  readonly events: number;
  /** Milliseconds. */
  readonly took: number;
  /** Figures that the projection reports. */
  readonly figures: Readonly<Record<string, number>>;
}

/**
 * Makes a projection again from its topic. The product may run: the live rows stay in use until they are replaced.
 * @throws Refusal; DataDirectoryError; ConfigError
 */
export async function rebuild(
  config: Config,
  { service, topic, open }: Projection,
  onProgress: (step: string) => void = () => undefined,
): Promise<Rebuilt> {
  const began = performance.now();
  const stores = await openStores(config, { onProgress });
  try {
    const { history } = stores;
    if (!history) throw new Refusal(`KAFKA_BROKERS is missing: ${topic} cannot be read`);
    if ((await isMigrated({ url: stores.databaseUrl, service })) !== true)
      throw new Refusal(
        `The tables of ${service} are missing or old: start the product once, or run \`main.ts migrate\`.`,
      );
    const run = await open(stores.databaseUrl);
    try {
      let events = 0;
      const read = async (): Promise<void> => {
        events = 0;
        for await (const page of history(topic)) {
          for (const event of page) await run.handle(event);
          events += page.length;
          onProgress(`${events} events`);
        }
      };
      await read();
      const figures = await run.finish(read);
      return { events, took: Math.round(performance.now() - began), figures };
    } finally {
      await run.close();
    }
  } finally {
    await stores.close();
  }
}
