import { ANY, hostRule, LOOPBACK, originRule, SELF } from '../platform/http/callers.ts';
import { trustedProxies } from '../platform/http/client-address.ts';
import type { TrustedProxies } from '../platform/http/client-address.ts';
import { corsRule, NO_CORS } from '../platform/http/cors.ts';
import type { Cors } from '../platform/http/cors.ts';
import { ConfigError } from './config/config-error.ts';
import { resolveLimits } from './config/limits.ts';
import type { Limits } from './config/limits.ts';
import type { RouterOptions } from './options.ts';
import { csrfRule } from './server/http/csrf.ts';
import type { RequestRules } from './server/http/request.ts';
import type { IncrementalFormat } from './server/incremental.ts';

/** Responses of fewer bytes are not compressed: they fit into one packet anyway, so compression would save little. */
const COMPRESS_FROM = 1_024;

/** The options after validation, with defaults for missing ones. */
export interface Settings {
  readonly limits: Limits;
  readonly proxies: TrustedProxies;
  readonly hostIsAllowed: ReturnType<typeof hostRule>;
  readonly originIsAllowed: ReturnType<typeof originRule>;
  readonly cors: Cors;
  readonly rules: RequestRules;
  readonly compressFrom: number;
  readonly detailedStatus: boolean;
  readonly incrementalFormat: IncrementalFormat;
}

/** @throws ConfigError */
export function readSettings(options: RouterOptions): Settings {
  const limits = resolveLimits(options.limits);
  const proxies = checked('trusted proxies', () => trustedProxies(options.trustedProxies ?? []));
  const origins = options.corsOrigins ?? [SELF, LOOPBACK];
  const { bodyBytes, nesting, batchedOperations } = limits;
  return {
    limits,
    proxies,
    hostIsAllowed: checked('allowedHosts', () => hostRule(options.allowedHosts ?? [ANY])),
    originIsAllowed: checked('corsOrigins', () => originRule(origins)),
    cors: options.corsHeaders === false ? NO_CORS : corsRule(origins),
    rules: {
      bodyBytes,
      nesting,
      batchedOperations,
      preventCsrf: options.csrfPrevention === false ? undefined : csrfRule(origins),
    },
    compressFrom: options.compressFrom === false ? Infinity : (options.compressFrom ?? COMPRESS_FROM),
    detailedStatus: options.detailedStatus ?? false,
    incrementalFormat: options.incrementalFormat ?? 'deferSpec=20220824',
  };
}

/** @throws ConfigError */
function checked<T>(option: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new ConfigError(`${option}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
