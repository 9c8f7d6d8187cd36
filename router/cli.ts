import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isDirectAndLocal } from '../platform/http/client-address.ts';
import { signingKey } from '../signature/signature.ts';
import type { SigningKey } from '../signature/signature.ts';
import { ConfigError } from './config/config-error.ts';
import { DEFAULT_LIMITS, minimumOf } from './config/limits.ts';
import type { Limits } from './config/limits.ts';
import type { LogPort } from './config/observers.ts';
import type { SubgraphOptions } from './config/subgraphs.ts';
import { answerMetrics, listenForMetrics } from './metrics-port.ts';
import type { RouterOptions } from './options.ts';
import { preforkPlanner } from './planning/planner-link.ts';
import type { AuthenticationOptions } from './policies/authentication.ts';
import { stopPretenuring } from './pretenuring.ts';
import type { Router } from './router.ts';
import { supergraphFiles } from './supergraph/files.ts';
import type { SupergraphFiles } from './supergraph/files.ts';
import { SupergraphError } from './supergraph/supergraph.ts';

// SIGTERM gives running requests GRACE_MS to finish. The process exits after GONE_MS at the latest, so it is gone
// within 3 s.
const GRACE_MS = 2_000;
const GONE_MS = 2_700;

const limitNames = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[];
const limitFlag = (name: string): string =>
  `max-${name.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;

const HELP = `Serves a Federation 2 supergraph.

  npm run --silent router -- --supergraph PATH --port N [options]

  --supergraph PATH          a file with the SDL of the supergraph; or a directory with the SDL of each subgraph in a
                             file NAME.graphql, from which the router composes the supergraph
  --watch                    reload the files when they change; SIGHUP reloads them with or without this option
  --port N                   port of /graphql, /health/live, /health/ready, /metrics and the explorer at /
  --host ADDRESS             address to listen on (127.0.0.1)
  --metrics-port N           a separate port for /metrics. Without it, /metrics is on the port of /graphql, and only
                             for clients on this machine
  --subgraph NAME=URL        HTTP URL of a subgraph. It replaces the URL in the supergraph or in the first line
                             "# url: URL" of NAME.graphql; repeatable
  --subgraph-ws NAME=URL     WebSocket URL of a subgraph (default: the HTTP URL with ws or wss); repeatable
  --subgraph-timeout NAME=MS, --subgraph-retries NAME=N, --subgraph-connections NAME=N, --subgraph-batch NAME=N
                             overrides a limit for one subgraph; repeatable
  --issuer URL               required "iss" of tokens; needs --audience and --jwks. Without it all clients are anonymous
  --audience NAME            required "aud" of tokens
  --jwks URL                 URL of the issuer's keys
  --client ID                allowed "azp" of tokens: the client of the issuer; repeatable (default: any)
  --token-type TYPE          allowed "typ" in the claims of tokens; repeatable (default: Bearer, or no "typ")
  --require-authentication   refuse clients without a token
  --trusted-proxy ADDRESS    address or subnet of a proxy whose X-Forwarded-For is trusted; repeatable
  --signing-key ID:SECRET    sign requests to subgraphs with this key. The process list shows the secret
  --signing-key-file FILE    sign requests with the key ID:SECRET in this file, which the process list does not show
  --no-explorer              serve no explorer at /
  --override-label LABEL     turn on a progressive @override; repeatable
  --assumed-list-size N      assumed number of items of a list without a size argument, for --max-values (10)
  --no-introspection         refuse __schema and __type
  --cors-origin ORIGIN       origin of pages that may read responses and open a WebSocket: an origin, self, loopback
                             or * (self, loopback); repeatable
  --no-cors-headers          a proxy in front sets the CORS headers of responses
  --allow-host NAME          accepted Host header: a name without a port, loopback or * (*); repeatable
  --no-csrf-prevention       also answer GET requests that a page of another origin can make a browser send
  --no-persisted-queries     clients always send the text of a query
  --no-compression           never compress responses
  --compress-from BYTES      compress responses of this size and more if the client accepts gzip or br (1024)
  --no-subgraph-compression  ask subgraphs for uncompressed responses
  --detailed-status          status 294 and 422 where GraphQL over HTTP of September 2026 recommends them, instead of
                             200 and 400
  --mask-errors              hide messages and extensions of subgraph errors, unless their code is allowed
  --allow-error-code CODE    a code that --mask-errors does not hide; repeatable
                             (BAD_USER_INPUT, FORBIDDEN, UNAUTHENTICATED)
  --share-requests           send equal queries of one user to a subgraph once while the first is in flight
  --expose-subgraphs         for development: extensions.service names the subgraph of an error
  --help                     show this help

Limits (all on by default):
${limitNames.map((name) => `  --${limitFlag(name).padEnd(31)} ${DEFAULT_LIMITS[name]}`).join('\n')}
`;

interface Invocation {
  readonly path: string;
  readonly watch: boolean;
  readonly options: Omit<RouterOptions, 'supergraph'>;
  readonly port: number;
  readonly host: string;
  readonly metricsPort: number | undefined;
}

/** Reads the command line. @throws ConfigError with a message of one line */
function readArguments(args: readonly string[]): Invocation | 'help' {
  const values = parse(args);
  if (values.flags.has('help')) return 'help';
  const one = (name: string): string | undefined => values.texts.get(name)?.at(-1);
  const path = one('supergraph');
  if (path === undefined) throw new ConfigError('--supergraph PATH is missing; --help shows all options');
  const port = wholeNumber('port', one('port'), 0);
  if (port === undefined) throw new ConfigError('--port N is missing; --help shows all options');
  if (port > 65_535) throw new ConfigError(`--port ${port}: the highest port is 65535`);
  const limits: Partial<Record<keyof Limits, number>> = {};
  for (const name of limitNames) {
    const value = wholeNumber(limitFlag(name), one(limitFlag(name)), minimumOf(name));
    if (value !== undefined) limits[name] = value;
  }
  const authentication = readAuthentication(
    one('issuer'),
    one('audience'),
    one('jwks'),
    values.flags.has('require-authentication'),
    values.texts.get('client'),
    values.texts.get('token-type'),
  );
  const assumedListSize = wholeNumber('assumed-list-size', one('assumed-list-size'), 1);
  const compressFrom = wholeNumber('compress-from', one('compress-from'), 1);
  if (compressFrom !== undefined && values.flags.has('no-compression'))
    throw new ConfigError('give --compress-from or --no-compression, not both');
  const allowedErrorCodes = values.texts.get('allow-error-code');
  if (allowedErrorCodes !== undefined && !values.flags.has('mask-errors'))
    throw new ConfigError('--allow-error-code needs --mask-errors');
  const key = readSigningKey(one('signing-key'), one('signing-key-file'));
  return {
    path,
    watch: values.flags.has('watch'),
    port,
    host: one('host') ?? '127.0.0.1',
    metricsPort: wholeNumber('metrics-port', one('metrics-port'), 0),
    options: {
      subgraphUrls: readPairs('subgraph', values.texts.get('subgraph')),
      subgraphSocketUrls: readPairs('subgraph-ws', values.texts.get('subgraph-ws')),
      subgraphs: readSubgraphOptions(values.texts),
      limits,
      trustedProxies: values.texts.get('trusted-proxy') ?? [],
      overrideLabels: values.texts.get('override-label') ?? [],
      ...(assumedListSize === undefined ? {} : { assumedListSize }),
      introspection: !values.flags.has('no-introspection'),
      csrfPrevention: !values.flags.has('no-csrf-prevention'),
      ...(values.flags.has('no-persisted-queries') ? { persistedQueries: false as const } : {}),
      corsOrigins: values.texts.get('cors-origin'),
      corsHeaders: !values.flags.has('no-cors-headers'),
      allowedHosts: values.texts.get('allow-host'),
      ...(values.flags.has('no-compression') ? { compressFrom: false as const } : {}),
      ...(compressFrom === undefined ? {} : { compressFrom }),
      detailedStatus: values.flags.has('detailed-status'),
      maskErrors: values.flags.has('mask-errors'),
      ...(allowedErrorCodes === undefined ? {} : { allowedErrorCodes }),
      subgraphCompression: !values.flags.has('no-subgraph-compression'),
      shareRequests: values.flags.has('share-requests'),
      exposeSubgraphs: values.flags.has('expose-subgraphs'),
      ...(authentication ? { authentication } : {}),
      ...(key ? { signingKey: key } : {}),
      ...(values.flags.has('no-explorer') ? { explorer: false as const } : {}),
    },
  };
}

function parse(args: readonly string[]): { texts: Map<string, string[]>; flags: Set<string> } {
  const texts = [
    'supergraph',
    'port',
    'host',
    'metrics-port',
    'subgraph',
    'subgraph-ws',
    'issuer',
    'audience',
    'jwks',
    'signing-key',
    'signing-key-file',
    'override-label',
    'assumed-list-size',
    'cors-origin',
    'allow-host',
    'compress-from',
    'allow-error-code',
    'trusted-proxy',
    'client',
    'token-type',
    ...Object.keys(SUBGRAPH_FLAGS),
    ...limitNames.map(limitFlag),
  ];
  const flags = [
    'watch',
    'require-authentication',
    'no-explorer',
    'no-introspection',
    'no-csrf-prevention',
    'no-cors-headers',
    'no-persisted-queries',
    'no-compression',
    'no-subgraph-compression',
    'detailed-status',
    'mask-errors',
    'expose-subgraphs',
    'share-requests',
    'help',
  ];
  try {
    const { values } = parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: Object.fromEntries([
        ...texts.map((name) => [name, { type: 'string' as const, multiple: true as const }] as const),
        ...flags.map((name) => [name, { type: 'boolean' as const }] as const),
      ]),
    });
    const given = Object.entries(values);
    return {
      texts: new Map(
        given.flatMap(([name, value]) => (Array.isArray(value) ? [[name, value.map(String)] as const] : [])),
      ),
      flags: new Set(given.flatMap(([name, value]) => (value === true ? [name] : []))),
    };
  } catch (error) {
    throw new ConfigError(`${oneLine(error)}; --help shows all options`);
  }
}

function wholeNumber(flag: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
    throw new ConfigError(`--${flag} ${text}: a whole number from ${least} is needed`);
  return value;
}

function readPairs(flag: string, texts: readonly string[] = [], value = 'URL'): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new ConfigError(`--${flag} ${text}: NAME=${value} is needed`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

const SUBGRAPH_FLAGS: Readonly<Record<string, { option: keyof SubgraphOptions; value: string; least: number }>> = {
  'subgraph-timeout': { option: 'timeoutMs', value: 'MS', least: minimumOf('subgraphMs') },
  'subgraph-retries': { option: 'retries', value: 'N', least: minimumOf('subgraphRetries') },
  'subgraph-batch': { option: 'batch', value: 'N', least: minimumOf('subgraphBatch') },
  'subgraph-connections': { option: 'connections', value: 'N', least: minimumOf('subgraphConnections') },
};

function readSubgraphOptions(texts: ReadonlyMap<string, string[]>): Record<string, SubgraphOptions> {
  const all: Record<string, { -readonly [K in keyof SubgraphOptions]: SubgraphOptions[K] }> = {};
  for (const [flag, { option, value, least }] of Object.entries(SUBGRAPH_FLAGS)) {
    for (const [name, text] of Object.entries(readPairs(flag, texts.get(flag), value))) {
      const number = wholeNumber(`${flag} ${name}`, text, least);
      if (number !== undefined) (all[name] ??= {})[option] = number;
    }
  }
  return all;
}

function readAuthentication(
  issuer: string | undefined,
  audience: string | undefined,
  jwksUrl: string | undefined,
  required: boolean,
  clients: readonly string[] | undefined,
  tokenTypes: readonly string[] | undefined,
): AuthenticationOptions | undefined {
  if (
    issuer === undefined &&
    audience === undefined &&
    jwksUrl === undefined &&
    !required &&
    clients === undefined &&
    tokenTypes === undefined
  )
    return undefined;
  if (issuer === undefined || audience === undefined || jwksUrl === undefined)
    throw new ConfigError('--issuer, --audience and --jwks are needed together');
  return { issuer, audience, jwksUrl, required, ...(clients && { clients }), ...(tokenTypes && { tokenTypes }) };
}

function readSigningKey(text: string | undefined, file: string | undefined): SigningKey | undefined {
  if (text !== undefined && file !== undefined)
    throw new ConfigError('give --signing-key or --signing-key-file, not both');
  const pair = file === undefined ? text : readText('--signing-key-file', file).trim();
  if (pair === undefined) return undefined;
  const at = pair.indexOf(':');
  if (at < 1) throw new ConfigError('the signing key must be ID:SECRET');
  try {
    return signingKey(pair.slice(0, at), pair.slice(at + 1));
  } catch (error) {
    throw new ConfigError(oneLine(error));
  }
}

function readText(flag: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const problems: Record<string, string> = {
      ENOENT: 'there is no such file',
      EACCES: 'it is not readable',
      EISDIR: 'it is a directory',
    };
    throw new ConfigError(`${flag} ${file}: ${problems[code] ?? 'it cannot be read'}`);
  }
}

const oneLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');

const log: LogPort = {
  warn: (message, fields) => process.stderr.write(`${JSON.stringify({ level: 'warn', message, ...fields })}\n`),
  error: (message, fields) => process.stderr.write(`${JSON.stringify({ level: 'error', message, ...fields })}\n`),
};

const asConfigError = (path: string, error: unknown): unknown =>
  error instanceof SupergraphError ? new ConfigError(`--supergraph ${path}: ${oneLine(error)}`) : error;

/** @throws ConfigError */
async function startRouter(
  path: string,
  files: SupergraphFiles,
  options: Omit<RouterOptions, 'supergraph'>,
): Promise<Router> {
  const { createRouter } = await import('./router.ts');
  try {
    return createRouter({ ...options, supergraph: await files.read() });
  } catch (error) {
    throw asConfigError(path, error);
  }
}

async function main(): Promise<void> {
  const invocation = readArguments(process.argv.slice(2));
  if (invocation === 'help') return void process.stdout.write(HELP);
  // The planner process loads its modules while this process loads its own. Both take about as long.
  preforkPlanner();
  const [{ createMetrics }, { serve }] = await Promise.all([import('./metrics.ts'), import('./serve.ts')]);
  const metrics = createMetrics();
  const files = supergraphFiles(invocation.path);
  const router = await startRouter(invocation.path, files, {
    ...invocation.options,
    log,
    onOperation: metrics.onOperation,
    onSubgraphFetch: metrics.onSubgraphFetch,
  });
  metrics.watch(router);
  const page = { contentType: metrics.contentType, text: () => metrics.text(), admits: router.admits };
  const server = await serve(router, {
    port: invocation.port,
    host: invocation.host,
    before(req, res) {
      if (
        invocation.metricsPort !== undefined ||
        req.url !== '/metrics' ||
        req.method !== 'GET' ||
        !isDirectAndLocal(req)
      )
        return false;
      answerMetrics(page, req, res);
      return true;
    },
  }).catch(async (error: unknown) => {
    await router.close();
    throw asConfigError(invocation.path, error);
  });
  const metricsServer =
    invocation.metricsPort === undefined
      ? undefined
      : await listenForMetrics(page, { port: invocation.metricsPort, host: invocation.host }).catch(
          async (error: unknown) => {
            await server.close({ graceMs: 0 });
            throw error;
          },
        );
  let stopping = false;
  const stop = (): void => {
    if (stopping) return; // A signal to the process group arrives twice: once directly and once through npm.
    stopping = true;
    setTimeout(() => process.exit(0), GONE_MS).unref();
    watch?.close();
    metricsServer?.close().closeAllConnections();
    void server.close({ graceMs: GRACE_MS });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const reload = (): Promise<unknown> => router.reload(files.read);
  process.on('SIGHUP', () => void reload());
  const watch = invocation.watch ? files.watch(reload) : undefined;
  process.stdout.write(`router ready on ${server.origin}/graphql\n`);
  stopPretenuring();
}

try {
  await main();
} catch (error) {
  const expected = error instanceof ConfigError;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message =
    code === 'EADDRINUSE'
      ? 'the port is taken; choose another with --port'
      : expected || code !== ''
        ? oneLine(error)
        : `unexpected: ${oneLine(error)}`;
  process.stderr.write(`router: ${message}\n`);
  process.exitCode = expected ? 2 : 1;
}
