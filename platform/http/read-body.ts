import type { IncomingMessage } from 'node:http';

/** A whole body, or the status for a missing one: too long (413) or cut off (400). */
export type Body = { readonly bytes: Buffer } | { readonly status: 400 | 413 };

/** Reads a request's body of at most `maxBytes`. A longer body is dropped, whether its length was announced or not. */
export function readBody(req: IncomingMessage, maxBytes: number): Promise<Body> {
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve({ status: 413 });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (body: Body): void => {
      req.off('data', onData).off('end', onEnd).off('close', onCut);
      resolve(body);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) finish({ status: 413 });
      else chunks.push(chunk);
    };
    const onEnd = (): void =>
      finish({ bytes: chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks) });
    const onCut = (): void => finish({ status: 400 });
    req.on('data', onData).on('end', onEnd).on('close', onCut).on('error', onCut);
  });
}
