import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from './config/config.ts';
import type { EventLog } from './messaging/event-log/event-log.ts';
import type { IdentityProvider } from './identity/identity-provider.ts';
import type { JobQueue } from './messaging/job-queue/job-queue.ts';
import type { MailSender } from './mail/mail-sender.ts';
import type { RateLimits, RateLimitSetting } from './http/rate-limits.ts';
import type { TrustedProxies } from './http/client-address.ts';
import type { SubgraphCalls } from './questions/subgraph-calls.ts';
import type { KeyRing, SigningKey } from '../signature/signature.ts';
import type { Probe } from './lifecycle/health.ts';
import type { Asks, NodeOwner } from './manifest/manifest.ts';
import type { JsonLogger } from './observability/json-logger.ts';

/** An account for trying the product out. */
export interface DemoAccount {
  readonly username: string;
  readonly email: string;
  readonly roles: readonly string[];
}

/** Everything below the services, made once per process and shared by the services it hosts. */
export interface Platform {
  readonly config: Config;
  readonly logger: JsonLogger;
  /**
   * PostgreSQL for the owner of this schema: a service, or what embedded mode keeps there (`event_log`, `job_queue`,
   * `identity`). The URL names no schema.
   */
  readonly databaseUrlOf: (schema: string) => string;
  /** Absent: caches stay in the process. */
  readonly redisUrl?: string;
  readonly eventLog: EventLog;
  readonly jobQueue: JobQueue;
  readonly identity: IdentityProvider;
  readonly mail: MailSender;
  readonly callers: Callers;
  /** The issuer's own routes, when this process is the issuer; false for every other path. */
  readonly identityHandler?: (req: IncomingMessage, res: ServerResponse) => false | Promise<true>;
  /** Makes demo accounts and resolves to their ids in the same order; absent where there are none. */
  readonly seedDemoAccounts?: (accounts: readonly DemoAccount[]) => Promise<readonly string[]>;
  /** What must work for a service to be ready, by name. */
  readonly probes: Readonly<Record<string, Probe>>;
  /** One for the whole process. */
  readonly rateLimits: RateLimits;
  readonly nodeOwners: ReadonlyMap<string, NodeOwner>;
  /** Whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: TrustedProxies;
  /** What subgraphs of this process accept. */
  readonly keys: KeyRing;
  /** By which subgraphs of this process ask others. */
  readonly calls: SubgraphCalls;
  /** Whom each subgraph asks, whatever process it is in. */
  readonly asks: Asks;
  /** Services first, then this: closes the event log, the queue and what was started, in that order. */
  close(): Promise<void>;
}

/** Which callers are answered; entries as in `platform/http`. */
export interface Callers {
  /** Of pages that may read answers and open a WebSocket. */
  readonly origins: readonly string[];
  /** In the Host header. */
  readonly hosts: readonly string[];
}

/** Whom to believe. */
export interface Trust {
  /** The tokens' `iss`, and where its keys are. */
  readonly issuer: {
    readonly url: string;
    readonly jwksUrl: string;
    /** Whose tokens are good: `azp`. */ readonly clients: readonly string[];
  };
  /** The first signs, all are accepted. */
  readonly keys: readonly SigningKey[];
}

export interface PlatformOptions {
  readonly logger: JsonLogger;
  readonly trust: Trust;
  readonly callers: Callers;
  /** What this process hosts. */
  readonly services: readonly string[];
  /** Of the whole product: `rateLimitsOf`. */
  readonly rateLimits: Readonly<Record<string, RateLimitSetting>>;
  /** Of the whole product: `asksOf`. */
  readonly asks: Asks;
  /** Of the whole product: `nodeOwnersOf`. */
  readonly nodeOwners: ReadonlyMap<string, NodeOwner>;
  /** Called with a few words when a step begins that takes a moment. */
  readonly onProgress?: (step: string) => void;
  /** Embedded mode: whether demo accounts may sign in by their name alone. Default false. */
  readonly demo?: boolean;
  /** Told, in one line, when something that this process cannot work without is gone for good. */
  readonly onFatal?: (line: string) => void;
  /** Removes what embedded mode keeps before the start. */
  readonly reset?: boolean;
}
