import type { ServerResponse } from 'node:http';

/**
 * Answers whom a rule of callers.ts refuses, in the shape that GraphQL errors have. What it still sends is not read.
 */
export function refuseCaller(
  res: ServerResponse,
  { status, code, message }: { readonly status: number; readonly code: string; readonly message: string },
): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', connection: 'close' });
  res.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}
