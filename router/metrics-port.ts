import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface MetricsPage {
  /** Of what `text` resolves to. */
  readonly contentType: string;
  text(): Promise<string>;
  /** Whether the request's Host is answered; if not, it answers itself. */
  admits(req: IncomingMessage, res: ServerResponse): boolean;
}

/** `GET /metrics`; to be asked only when the caller may read it. */
export function answerMetrics(page: MetricsPage, req: IncomingMessage, res: ServerResponse): void {
  if (!page.admits(req, res)) return;
  void page.text().then(
    (text) => res.writeHead(200, { 'content-type': page.contentType }).end(text),
    () => res.writeHead(500).end(),
  );
}

/**
 * A port for `/metrics` and nothing else, for a scraper on another machine: clients must not reach it.
 * @param port 0 takes any free one
 * @throws Error with `code` EADDRINUSE, EACCES, … as node:net gives them
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
        .end('{"errors":[{"message":"there is nothing here but /metrics","extensions":{"code":"NOT_FOUND"}}]}');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}
