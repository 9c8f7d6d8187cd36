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

/** An account for trying out the product. */
export interface DemoAccount {
  readonly username: string;
  readonly email: string;
  readonly roles: readonly string[];
}

/** Everything below the services. It is created once per process, and the services of the process share it. */
export interface Platform {
  readonly config: Config;
  readonly logger: JsonLogger;
  /**
   * The PostgreSQL URL for the owner of a schema: a service, or a part of embedded mode (`event_log`, `job_queue`,
   * `identity`). The URL names no schema.
   */
  readonly databaseUrlOf: (schema: string) => string;
  /** Absent: caches are in the memory of the process. */
  readonly redisUrl?: string;
  readonly eventLog: EventLog;
  readonly jobQueue: JobQueue;
  readonly identity: IdentityProvider;
  readonly mail: MailSender;
  readonly callers: Callers;
  /** The issuer's own routes, if this process is the issuer. Returns false for every other path. */
  readonly identityHandler?: (req: IncomingMessage, res: ServerResponse) => false | Promise<true>;
  /** Creates demo accounts, and resolves to their ids in the same order. Absent if there are no demo accounts. */
  readonly seedDemoAccounts?: (accounts: readonly DemoAccount[]) => Promise<readonly string[]>;
  /** Checks that must succeed before a service is ready, by name. */
  readonly probes: Readonly<Record<string, Probe>>;
  /** Shared by the whole process. */
  readonly rateLimits: RateLimits;
  readonly nodeOwners: ReadonlyMap<string, NodeOwner>;
  /** Proxies whose `X-Forwarded-For` is trusted. */
  readonly trustedProxies: TrustedProxies;
  /** The keys that subgraphs of this process accept. */
  readonly keys: KeyRing;
  /** The client with which subgraphs of this process ask others. */
  readonly calls: SubgraphCalls;
  /** The subgraphs that each subgraph asks, in all processes. */
  readonly asks: Asks;
  /**
   * Close the services first. This then closes the event log, the queue and everything that was started, in that order.
   */
  close(): Promise<void>;
}

/** The accepted callers; entries as in `platform/http`. */
export interface Callers {
  /** Origins of pages that may read responses and open a WebSocket. */
  readonly origins: readonly string[];
  /** Accepted names in the Host header. */
  readonly hosts: readonly string[];
}

/** Whose tokens and signatures are accepted. */
export interface Trust {
  /** The tokens' `iss`, and the URL of its keys. */
  readonly issuer: {
    readonly url: string;
    readonly jwksUrl: string;
    /** Clients whose tokens are accepted: `azp`. */
    readonly clients: readonly string[];
  };
  /** The first key signs, and all are accepted. */
  readonly keys: readonly SigningKey[];
}

export interface PlatformOptions {
  readonly logger: JsonLogger;
  readonly trust: Trust;
  readonly callers: Callers;
  /** The services that this process hosts. */
  readonly services: readonly string[];
  /** For the whole product: `rateLimitsOf`. */
  readonly rateLimits: Readonly<Record<string, RateLimitSetting>>;
  /** For the whole product: `asksOf`. */
  readonly asks: Asks;
  /** For the whole product: `nodeOwnersOf`. */
  readonly nodeOwners: ReadonlyMap<string, NodeOwner>;
  /** Called with a short text when a slow step begins. */
  readonly onProgress?: (step: string) => void;
  /** Embedded mode: whether demo accounts may sign in by their name alone. Default false. */
  readonly demo?: boolean;
  /** Called with one line when something essential is lost permanently. */
  readonly onFatal?: (line: string) => void;
  /** Embedded mode: deletes the stored data before the start. */
  readonly reset?: boolean;
}
