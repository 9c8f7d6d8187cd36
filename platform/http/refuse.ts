import type { ServerResponse } from 'node:http';

/**
 * Answers a caller that a rule of callers.ts refuses, in the shape of GraphQL errors. The rest of the request is not
 * read.
 */
export function refuseCaller(
  res: ServerResponse,
  { status, code, message }: { readonly status: number; readonly code: string; readonly message: string },
): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', connection: 'close' });
  res.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}
