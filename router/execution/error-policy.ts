import type { GraphQLFormattedError } from 'graphql';
import type { ErrorPolicy } from './errors.ts';

/** What a client can act upon, whatever the subgraph's server is. */
const DEFAULT_ALLOWED_CODES: readonly string[] = ['BAD_USER_INPUT', 'FORBIDDEN', 'UNAUTHENTICATED'];

export interface ErrorPolicyOptions {
  /** Clients get no message and no extensions of a subgraph's error, unless its code is allowed. Default false. */
  readonly maskErrors?: boolean;
  /** Codes of subgraphs whose errors pass the mask as they are. Default `DEFAULT_ALLOWED_CODES`. */
  readonly allowedErrorCodes?: readonly string[];
  /** For developers: `extensions.service` names the subgraph that an error comes from. Default false. */
  readonly exposeSubgraphs?: boolean;
}

/** Undefined when everything is shown as it came and no subgraph is named, which is the default. */
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
