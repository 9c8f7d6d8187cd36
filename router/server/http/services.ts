import type { TrustedProxies } from '../../../platform/http/client-address.ts';
import type { Limits } from '../../config/limits.ts';
import type { LogPort, OperationInfo } from '../../config/observers.ts';
import type { DocumentUsage } from '../../engine/document-usage.ts';
import type { Generation } from '../../engine/engines.ts';
import type { Authenticator } from '../../policies/authentication.ts';
import type { PersistedQueries } from '../../policies/persisted-queries.ts';
import type { RequestRules } from './request.ts';
import type { HttpStreams } from './streams.ts';

/** The objects that all requests at the GraphQL path share. */
export interface HttpServices {
  readonly rules: RequestRules;
  readonly authenticator: Authenticator;
  readonly engines: { acquire(): Generation | undefined };
  readonly persistedQueries: PersistedQueries;
  readonly usage: DocumentUsage;
  /** Handles responses that are not one document. */
  readonly streams: HttpStreams;
  readonly proxies: TrustedProxies;
  readonly limits: Pick<Limits, 'nesting' | 'operationMs'>;
  /** The size in bytes from which responses are compressed. */
  readonly compressFrom: number;
  /** The parameter `detailed` of `executedStatus` and `refusedStatus`. */
  readonly detailedStatus: boolean;
  readonly log: LogPort | undefined;
  readonly onOperation: ((info: OperationInfo) => void) | undefined;
}
