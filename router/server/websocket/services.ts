import type { TrustedProxies } from '../../../platform/http/client-address.ts';
import type { Limits } from '../../config/limits.ts';
import type { LogPort, OperationInfo } from '../../config/observers.ts';
import type { DocumentUsage } from '../../engine/document-usage.ts';
import type { Generation } from '../../engine/engines.ts';
import type { Admission } from '../../policies/admission.ts';
import type { Authenticator } from '../../policies/authentication.ts';
import type { PersistedQueries } from '../../policies/persisted-queries.ts';
import type { Subscriptions } from '../../subscriptions/subscriber.ts';
import type { IncrementalFormat } from '../incremental.ts';

/** The objects that all WebSockets of a router share. */
export interface SocketServices {
  readonly engines: { acquire(): Generation | undefined };
  readonly usage: DocumentUsage;
  readonly persistedQueries: PersistedQueries;
  readonly subscriptions: Subscriptions;
  readonly authenticator: Authenticator;
  readonly admission: Admission;
  readonly proxies: TrustedProxies;
  readonly limits: Limits;
  /** Called each time that a client's socket gets full. */
  readonly onFull?: (() => void) | undefined;
  readonly log: LogPort | undefined;
  /** The format of responses in parts. */
  readonly incrementalFormat: IncrementalFormat;
  readonly onOperation: ((info: OperationInfo) => void) | undefined;
}
