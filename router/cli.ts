import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { signingKey } from '../platform/signature/signature.ts';
import type { SigningKey } from '../platform/signature/signature.ts';
import { ConfigError, DEFAULT_LIMITS } from './config.ts';
import type { AuthenticationOptions, Limits, LogPort, RouterOptions } from './config.ts';
import { preforkPlanner } from './planning/planner-link.ts';
import type { Router } from './router.ts';
import { SupergraphError } from './supergraph/supergraph.ts';

// As long as one request may take to finish after SIGTERM; with closing, the process is gone within 3 s.
const GRACE_MS = 2_000;
const GONE_MS = 2_700;

const limitNames = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[];
const limitFlag = (name: string): string => `max-${name.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;

const HELP = `Serves a Federation 2 supergraph.

  npm run --silent router -- --supergraph FILE --port N [options]

  --supergraph FILE          the composed supergraph (SDL)
  --port N                   port of /graphql, /health/live, /health/ready, /metrics and the explorer at /
  --host ADDRESS             address to listen on (127.0.0.1)
  --subgraph NAME=URL        HTTP URL of a subgraph instead of the supergraph's; repeatable
  --subgraph-ws NAME=URL     its WebSocket URL (the HTTP URL with ws); repeatable
  --issuer URL               "iss" of the tokens; with --audience and --jwks. Without: every client is anonymous
  --audience NAME            "aud" of the tokens
  --jwks URL                 where the issuer's keys are
  --require-authentication   refuse clients without a token
  --signing-key ID:SECRET    sign subgraph calls with this key; or, not to be seen in the process list,
  --signing-key-file FILE    a file that holds ID:SECRET
  --no-explorer              nothing at /
  --override-label LABEL     turn a progressive @override on; repeatable
  --no-introspection         refuse __schema and __type
  --help                     this

Limits (all on by default):
${limitNames.map((name) => `  --${limitFlag(name).padEnd(31)} ${DEFAULT_LIMITS[name]}`).join('\n')}
`;

interface Invocation {
  readonly file: string;
  readonly options: RouterOptions;
  readonly port: number;
  readonly host: string;
}

/** @throws ConfigError with one line to show. */
function readArguments(args: readonly string[]): Invocation | 'help' {
  const values = parse(args);
  if (values.flags.has('help')) return 'help';
  const one = (name: string): string | undefined => values.texts.get(name)?.at(-1);
  const file = one('supergraph');
  if (file === undefined) throw new ConfigError('--supergraph FILE is missing; --help shows all options');
  const port = wholeNumber('port', one('port'), 0);
  if (port === undefined) throw new ConfigError('--port N is missing; --help shows all options');
  if (port > 65_535) throw new ConfigError(`--port ${port}: ports end at 65535`);
  const limits: Partial<Record<keyof Limits, number>> = {};
  for (const name of limitNames) {
    const value = wholeNumber(limitFlag(name), one(limitFlag(name)), 1);
    if (value !== undefined) limits[name] = value;
  }
  const authentication = readAuthentication(one('issuer'), one('audience'), one('jwks'), values.flags.has('require-authentication'));
  const key = readSigningKey(one('signing-key'), one('signing-key-file'));
  return {
    file,
    port,
    host: one('host') ?? '127.0.0.1',
    options: {
      supergraph: readText('--supergraph', file),
      subgraphUrls: readPairs('subgraph', values.texts.get('subgraph')),
      subgraphSocketUrls: readPairs('subgraph-ws', values.texts.get('subgraph-ws')),
      limits,
      overrideLabels: values.texts.get('override-label') ?? [],
      introspection: !values.flags.has('no-introspection'),
      ...(authentication ? { authentication } : {}),
      ...(key ? { signingKey: key } : {}),
      ...(values.flags.has('no-explorer') ? { explorer: false as const } : {}),
    },
  };
}

function parse(args: readonly string[]): { texts: Map<string, string[]>; flags: Set<string> } {
  const texts = ['supergraph', 'port', 'host', 'subgraph', 'subgraph-ws', 'issuer', 'audience', 'jwks', 'signing-key', 'signing-key-file', 'override-label',
    ...limitNames.map(limitFlag)];
  const flags = ['require-authentication', 'no-explorer', 'no-introspection', 'help'];
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
      texts: new Map(given.flatMap(([name, value]) => (Array.isArray(value) ? [[name, value.map(String)] as const] : []))),
      flags: new Set(given.flatMap(([name, value]) => (value === true ? [name] : []))),
    };
  } catch (error) {
    throw new ConfigError(`${oneLine(error)}; --help shows all options`);
  }
}

function wholeNumber(flag: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) throw new ConfigError(`--${flag} ${text}: a whole number from ${least} is needed`);
  return value;
}

function readPairs(flag: string, texts: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(texts.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new ConfigError(`--${flag} ${text}: NAME=URL is needed`);
    return [text.slice(0, at), text.slice(at + 1)];
  }));
}

function readAuthentication(issuer: string | undefined, audience: string | undefined, jwksUrl: string | undefined, required: boolean): AuthenticationOptions | undefined {
  if (issuer === undefined && audience === undefined && jwksUrl === undefined && !required) return undefined;
  if (issuer === undefined || audience === undefined || jwksUrl === undefined) throw new ConfigError('--issuer, --audience and --jwks are needed together');
  return { issuer, audience, jwksUrl, required };
}

function readSigningKey(text: string | undefined, file: string | undefined): SigningKey | undefined {
  if (text !== undefined && file !== undefined) throw new ConfigError('give --signing-key or --signing-key-file, not both');
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
    throw new ConfigError(`${flag} ${file}: ${{ ENOENT: 'there is no such file', EACCES: 'it may not be read', EISDIR: 'it is a directory' }[code] ?? 'it cannot be read'}`);
  }
}

const oneLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');

const log: LogPort = {
  warn: (message, fields) => process.stderr.write(`${JSON.stringify({ level: 'warn', message, ...fields })}\n`),
  error: (message, fields) => process.stderr.write(`${JSON.stringify({ level: 'error', message, ...fields })}\n`),
};

async function startRouter(invocation: Invocation, options: RouterOptions): Promise<Router> {
  const { createRouter } = await import('./router.ts');
  try {
    return createRouter(options);
  } catch (error) {
    throw asConfigError(invocation, error);
  }
}

const asConfigError = ({ file }: Invocation, error: unknown): unknown =>
  (error instanceof SupergraphError ? new ConfigError(`--supergraph ${file}: ${oneLine(error)}`) : error);

async function main(): Promise<void> {
  const invocation = readArguments(process.argv.slice(2));
  if (invocation === 'help') return void process.stdout.write(HELP);
  // Loads beside this process, which has as much to load.
  preforkPlanner();
  const [{ createMetrics }, { serve }] = await Promise.all([import('./metrics.ts'), import('./server.ts')]);
  const metrics = createMetrics();
  const router = await startRouter(invocation, { ...invocation.options, log, onOperation: metrics.onOperation, onSubgraphFetch: metrics.onSubgraphFetch });
  metrics.watch(router);
  const server = await serve(router, {
    port: invocation.port,
    host: invocation.host,
    before(req, res) {
      if (req.url !== '/metrics' || req.method !== 'GET') return false;
      void metrics.text().then((text) => res.writeHead(200, { 'content-type': metrics.contentType }).end(text), () => res.writeHead(500).end());
      return true;
    },
  }).catch(async (error: unknown) => {
    await router.close();
    throw asConfigError(invocation, error);
  });
  let stopping = false;
  const stop = (): void => {
    if (stopping) return; // a signal to the process group arrives twice, once through npm
    stopping = true;
    setTimeout(() => process.exit(0), GONE_MS).unref();
    void server.close({ graceMs: GRACE_MS });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdout.write(`router ready on ${server.origin}/graphql\n`);
}

try {
  await main();
} catch (error) {
  const expected = error instanceof ConfigError;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = code === 'EADDRINUSE' ? 'the port is taken; choose another with --port' : expected || code !== '' ? oneLine(error) : `unexpected: ${oneLine(error)}`;
  process.stderr.write(`router: ${message}\n`);
  process.exitCode = expected ? 2 : 1;
}
