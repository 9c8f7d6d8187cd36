import { Client, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import type { LiveTransport } from '../../typed-client/resumable.ts';
import type { Session } from '../../typed-client/session.ts';
import { introspection, keys } from '../generated/cache.ts';
import { liveExchange } from './live-exchange.ts';

export function createUrql(url: string, session: Pick<Session, 'fetch'>, live: LiveTransport): Client {
  return new Client({
    url,
    fetch: session.fetch,
    exchanges: [cacheExchange({ schema: introspection, keys }), liveExchange(live), fetchExchange],
  });
}
