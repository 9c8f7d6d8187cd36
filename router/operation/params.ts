import { isObject } from '../collections/json-object.ts';
import { RequestError, codedError } from './request-error.ts';

/** The parameters of one GraphQL request (GraphQL over HTTP, section 5). Only their types are checked. */
export interface GraphQLParams {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  /** The name of a persisted query, sent beside the text or instead of it. Without the text, `query` is empty. */
  readonly persisted?: PersistedName | undefined;
}

export interface PersistedName {
  /** The SHA-256 of the text in hex. undefined for a name of another scheme (`documentId`). */
  readonly hash: string | undefined;
}

const SHA_256 = /^[0-9a-f]{64}$/;

/**
 * Reads the name of a persisted query: `extensions.persistedQuery` of Apollo's protocol, which urql uses too, or
 * `documentId`. The router ignores `documentId` if the request has the text.
 * @throws RequestError BAD_REQUEST
 */
export function persistedName({
  query,
  extensions,
  documentId,
}: Readonly<Record<string, unknown>>): PersistedName | undefined {
  const given = isObject(extensions) ? extensions['persistedQuery'] : undefined;
  if (given === undefined || given === null)
    return typeof documentId === 'string' && (query === undefined || query === null || query === '')
      ? { hash: undefined }
      : undefined;
  if (!isObject(given) || given['version'] !== 1) throw badPersisted('Unsupported persisted query version');
  const { sha256Hash: hash } = given;
  if (typeof hash !== 'string' || !SHA_256.test(hash))
    throw badPersisted(
      '"extensions.persistedQuery.sha256Hash" must be the SHA-256 of the query, in 64 lower-case hexadecimal digits',
    );
  return { hash };
}

/** A RequestError, because this also happens over WebSockets, which have no HTTP status. */
const badPersisted = (message: string): RequestError => new RequestError([codedError('BAD_REQUEST', message)]);
