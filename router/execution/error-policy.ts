import type { GraphQLFormattedError } from 'graphql';
import type { ErrorPolicy } from './errors.ts';

/** Codes that a client can react to. They do not depend on the subgraph's server. */
const DEFAULT_ALLOWED_CODES: readonly string[] = ['BAD_USER_INPUT', 'FORBIDDEN', 'UNAUTHENTICATED'];

export interface ErrorPolicyOptions {
  /**
   * Whether the message and extensions of a subgraph's error are hidden from clients, unless its code is allowed.
   * Default false.
   */
  readonly maskErrors?: boolean;
  /** Codes of subgraph errors that are not masked. Default BAD_USER_INPUT, FORBIDDEN and UNAUTHENTICATED. */
  readonly allowedErrorCodes?: readonly string[];
  /** Whether `extensions.service` names the subgraph of an error, for development. Default false. */
  readonly exposeSubgraphs?: boolean;
}

/**
 * Creates the policy. Returns undefined for the default: errors are shown unchanged, without the name of the subgraph.
 */
export function errorPolicy({
  maskErrors = false,
  allowedErrorCodes = DEFAULT_ALLOWED_CODES,
  exposeSubgraphs = false,
}: ErrorPolicyOptions): ErrorPolicy | undefined {
  if (!maskErrors && !exposeSubgraphs) return undefined;
  const allowed = new Set<unknown>(allowedErrorCodes);
  return (error, source) => {
    if (source === undefined) return error;
    const shown = maskErrors && source.sent && !allowed.has(error.extensions?.['code']) ? mask(error) : error;
    return exposeSubgraphs ? { ...shown, extensions: { ...shown.extensions, service: source.subgraph } } : shown;
  };
}

function mask({ path }: GraphQLFormattedError): GraphQLFormattedError {
  return {
    message: 'A service reported an error',
    ...(path !== undefined && { path }),
    extensions: { code: 'DOWNSTREAM_SERVICE_ERROR' },
  };
}
