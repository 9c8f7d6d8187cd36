import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

export const HTML = 'text/html; charset=utf-8';
export const JS = 'text/javascript; charset=utf-8';
export const CSS = 'text/css; charset=utf-8';

/** A file that a browser gets. */
export interface PageFile {
  /** The value of `Content-Type`. */
  readonly type: string;
  /**
   * Whether the file is part of this project. Such files change together and must match each other, so browsers
   * revalidate them each time.
   */
  readonly isOurs?: true;
  readonly load: () => Buffer;
}

export interface Pages {
  /** Answers a request. Returns false when there is no file at the path. */
  handle(path: string, req: IncomingMessage, res: ServerResponse): boolean;
}

/**
 * Serves files by their paths. It reads each file on first use, and answers 304 for unchanged files.
 * @param policy the Content-Security-Policy of all files
 */
export function createPages(files: Readonly<Record<string, PageFile>>, policy: string): Pages {
  const loaded = new Map<string, { readonly body: Buffer; readonly etag: string }>();

  function content(path: string, load: () => Buffer): { body: Buffer; etag: string } {
    let file = loaded.get(path);
    if (!file) {
      const body = load();
      file = { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
      loaded.set(path, file);
    }
    return file;
  }

  return {
    handle(path, req, res) {
      const found = Object.hasOwn(files, path) ? files[path] : undefined;
      if (!found) return false;
      if (req.method !== 'GET' && req.method !== 'HEAD') {
        res.writeHead(405, { allow: 'GET, HEAD', connection: 'close' }).end();
        return true;
      }
      const { body, etag } = content(path, found.load);
      const headers: Record<string, string | number> = {
        etag,
        'cache-control': found.isOurs ? 'public, max-age=0, must-revalidate' : 'public, max-age=3600',
        'content-security-policy': policy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      };
      if (req.headers['if-none-match'] === etag) res.writeHead(304, headers).end();
      else
        res
          .writeHead(200, { ...headers, 'content-type': found.type, 'content-length': body.length })
          .end(req.method === 'HEAD' ? undefined : body);
      return true;
    },
  };
}
