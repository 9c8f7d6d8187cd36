import KeyvRedis, { createClient } from '@keyv/redis';
import { Keyv } from 'keyv';
import { logSometimes } from './cache.utils.ts';
import { fromJson, toJson } from './json.ts';

const LONGEST_RECONNECT_MS = 2000;

/**
 * Keyv over Redis. It connects in the background and retries for ever. While Redis is away each operation fails
 * immediately and is not queued, so reads load from the source.
 */
export function redisStore(url: string): Keyv {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: 10_000,
    socket: {
      connectTimeout: 2000,
      reconnectStrategy: (attempts) => Math.min(50 * 2 ** attempts, LONGEST_RECONNECT_MS),
    },
  });
  client.on('error', (error: Error) => logSometimes(`Redis: ${error.message || error.name}`));
  client.connect().catch((error: Error) => logSometimes(`Redis: ${error.message}`));
  const store = new KeyvRedis(client, { throwOnConnectError: true, throwOnErrors: true });
  // Disconnects without waiting: to wait for a server that is away would delay the end of the process.
  store.disconnect = async () => {
    if (client.isOpen) client.destroy();
  };
  const keyv = new Keyv({
    store,
    namespace: 'prodvor',
    useKeyPrefix: false,
    serialize: toJson,
    deserialize: fromJson,
    throwOnErrors: true,
  });
  keyv.on('error', () => undefined);
  return keyv;
}
