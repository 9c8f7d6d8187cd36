import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from './config/config.ts';
import type { EventLog } from './messaging/event-log/event-log.ts';
import type { History } from './messaging/event-log/history.ts';
import type { IdentityProvider } from './identity/identity-provider.ts';
import type { JobQueue } from './messaging/job-queue/job-queue.ts';
import type { MailSender, MailSettings } from './mail/mail-sender.ts';
import type { PushSender } from './push/push-sender.ts';
import type { RateLimits, RateLimitSetting } from './http/rate-limits.ts';
import type { TrustedProxies } from './http/client-address.ts';
import type { Delivery } from './storage/delivery.ts';
import type { Storage } from './storage/storage.ts';
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

/** Work that a process can leave to other processes. Events and jobs wait until a process takes them. */
export interface Duties {
  /** Whether this process consumes events, fires timers and makes announcements. */
  readonly events: boolean;
  /** The queues whose jobs this process does. */
  readonly queues: 'all' | readonly string[];
}

/** The duties of a process that is started without flags. */
export const ALL_DUTIES: Duties = { events: true, queues: 'all' };

/** Everything below the services. It is created once per process, and the services of the process share it. */
export interface Platform {
  readonly config: Config;
  readonly logger: JsonLogger;
  /**
   * The PostgreSQL URL for the owner of a schema: a service, or a part of embedded mode (`event_log`, `job_queue`,
   * `identity`). The URL names no schema.
   */
  readonly databaseUrlOf: (schema: string) => string;
  /** The URL of the Redis for caches. Absent: caches are in the memory of the process. */
  readonly redisUrl?: string;
  readonly eventLog: EventLog;
  readonly history: History;
  readonly jobQueue: JobQueue;
  readonly identity: IdentityProvider;
  readonly mail: MailSender;
  readonly mailSettings: MailSettings;
  readonly storage: Storage;
  readonly push: PushSender;
  /** Links to files for clients. */
  readonly delivery: Delivery;
  readonly callers: Callers;
  readonly duties: Duties;
  /** The issuer's own routes, if this process is the issuer. Returns false for every other path. */
  readonly identityHandler?: (req: IncomingMessage, res: ServerResponse) => false | Promise<true>;
  /** Serves the objects of the storage, if it is a folder. Returns false for every path that is not below /storage. */
  readonly storageHandler?: (req: IncomingMessage, res: ServerResponse) => boolean;
  /** Creates demo accounts, and resolves to their ids in the same order. Absent if there are no demo accounts. */
  readonly seedDemoAccounts?: (accounts: readonly DemoAccount[]) => Promise<readonly string[]>;
  /** Checks that must succeed before a service is ready, by name. */
  readonly probes: Readonly<Record<string, Probe>>;
  /** The rate limits. All services of the process share them. */
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
   * Close the services first. This method then closes the event log, the queue and everything that was started, in that
   * order.
   */
  close(): Promise<void>;
}

/** The hosts and origins whose requests the services accept. `platform/http` defines the form of the entries. */
export interface Callers {
  /** Origins of pages that may read responses and open a WebSocket. */
  readonly origins: readonly string[];
  /** Accepted names in the Host header. */
  readonly hosts: readonly string[];
}

/** The issuer whose tokens, and the keys whose signatures, the services accept. */
export interface Trust {
  /** The issuer: the `iss` of its tokens, and the URL of its public keys. */
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
  /** The URL of the product for clients. Used when PUBLIC_URL is not set. */
  readonly origin?: string;
  /** The services that this process hosts. */
  readonly services: readonly string[];
  /** The duties of this process. Default: {@link ALL_DUTIES}. */
  readonly duties?: Duties;
  /** The limits of the whole product, from `rateLimitsOf`. */
  readonly rateLimits: Readonly<Record<string, RateLimitSetting>>;
  /** Who asks whom in the whole product, from `asksOf`. */
  readonly asks: Asks;
  /** The owners of global ids in the whole product, from `nodeOwnersOf`. */
  readonly nodeOwners: ReadonlyMap<string, NodeOwner>;
  /** Called with a short text when a slow step begins. */
  readonly onProgress?: (step: string) => void;
  /** Embedded mode: whether demo accounts may sign in by their name alone. Default false. */
  readonly demo?: boolean;
  /** Called with one line when something essential is lost permanently. */
  readonly onFatal?: (line: string) => void;
  /** Embedded mode: whether the stored data is deleted before the start. Default false. */
  readonly reset?: boolean;
}
