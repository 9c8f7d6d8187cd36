import pg from 'pg';
import { asError, backoff, pause } from '../async/retry.ts';

export interface PgListenerOptions {
  /** PostgreSQL URL. Use the server's own, because a pooler in transaction mode loses LISTEN. */
  readonly url: string;
  readonly channel: string;
  readonly onNotification: (payload: string) => void;
  /** Called after each successful LISTEN, including the first. Earlier notifications may have been missed. */
  readonly onListening: () => void;
  readonly onError?: (error: Error, doing: string) => void;
}

/**
 * One connection that LISTENs and reconnects after every loss. It only wakes readers early. Readers also poll, so they
 * see new rows without it, but later.
 */
export class PgListener {
  readonly #options: PgListenerOptions;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: PgListenerOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; failures++) {
      const listened = await this.#listenOnce(signal);
      if (listened) failures = 0;
      await pause(backoff(failures, 50, 2000), signal);
    }
  }

  async #listenOnce(signal: AbortSignal): Promise<boolean> {
    const { url, channel, onNotification, onListening, onError } = this.#options;
    const client = new pg.Client({
      connectionString: url,
      keepAlive: true,
      application_name: `listen:${channel}`,
      connectionTimeoutMillis: 5000,
    });
    const over = new Promise<void>((resolve) => {
      client.once('end', resolve);
      client.on('error', () => resolve());
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.on('notification', (message) => onNotification(message.payload ?? ''));
    let listening = false;
    try {
      await client.connect();
      await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      listening = true;
      onListening();
      await over;
      if (!signal.aborted) onError?.(new Error('connection lost'), `LISTEN ${channel}`);
    } catch (error) {
      if (!signal.aborted) onError?.(asError(error), `LISTEN ${channel}`);
    }
    await client.end().catch(() => undefined);
    return listening;
  }
}
