import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface MetricsPage {
  /** The MIME type of the text that `text` resolves to. */
  readonly contentType: string;
  text(): Promise<string>;
  /** Whether the router accepts the request's Host header. If not, this method sends the error response itself. */
  admits(req: IncomingMessage, res: ServerResponse): boolean;
}

/** Answers `GET /metrics`. Call it only for callers that may read the metrics. */
export function answerMetrics(page: MetricsPage, req: IncomingMessage, res: ServerResponse): void {
  if (!page.admits(req, res)) return;
  void page.text().then(
    (text) => res.writeHead(200, { 'content-type': page.contentType }).end(text),
    () => res.writeHead(500).end(),
  );
}

/**
 * Listens on a port that serves `/metrics` and nothing else. A scraper on another machine uses it. Clients must not be
 * able to reach it.
 * @param port 0 takes any free port
 * @throws Error with `code` EADDRINUSE, EACCES, … from node:net
 */
export async function listenForMetrics(
  page: MetricsPage,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<Server> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (req, res) => {
    if (req.url?.split('?')[0] === '/metrics' && (req.method === 'GET' || req.method === 'HEAD'))
      answerMetrics(page, req, res);
    else
      res
        .writeHead(404, { 'content-type': 'application/json' })
        .end('{"errors":[{"message":"this port serves only /metrics","extensions":{"code":"NOT_FOUND"}}]}');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}
