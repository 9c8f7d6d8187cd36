import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CSS, createPages, HTML, JS, type PageFile, type Pages } from './pages.ts';

export interface ExplorerOptions {
  /** Sign-in buttons. For development only: anybody who opens the page can press them. */
  readonly signIn?: readonly SignIn[];
  /** The initial query of a new tab. */
  readonly defaultQuery?: string;
  /**
   * Operations in further tabs, after that of `defaultQuery`. A browser that has tabs of an earlier visit shows those.
   */
  readonly examples?: readonly string[];
  /** Variables that an operation may leave out, by name. The page queries each value when the operation starts. */
  readonly variables?: Readonly<Record<string, VariableFinder>>;
  /** Other pages, which the bar with the sign-in buttons links. */
  readonly links?: readonly { readonly label: string; readonly href: string }[];
  readonly title?: string;
}

export interface SignIn {
  readonly label: string;
  /**
   * The page sends a POST to it. The response is `{access_token, expires_in?, refresh_token?}` (RFC 6749, section 5.1).
   */
  readonly tokenUrl: string;
  /**
   * Where the page redeems the refresh token, and with which client id. Absent: the user is signed out when the token
   * expires.
   */
  readonly refresh?: { readonly tokenUrl: string; readonly clientId: string };
}

export interface VariableFinder {
  readonly query: string;
  /** The path of the value in the query's data: keys and list indices. */
  readonly path: readonly (string | number)[];
  /** What the page shows when there is no value at `path`. */
  readonly absent?: string;
}

const require = createRequire(import.meta.url);
const own = (name: string) => (): Buffer => readFileSync(new URL(name, import.meta.url));
const fromPackage = (name: string, file: string) => (): Buffer =>
  readFileSync(join(dirname(require.resolve(`${name}/package.json`)), file));

/** The modules of the page's script, served without a build step. */
const MODULES = ['page.js', 'session.js', 'sign-in.js', 'stream.js', 'answers.js'];
const ASSETS: Readonly<Record<string, PageFile>> = {
  ...Object.fromEntries(MODULES.map((name) => [`/explorer/${name}`, { type: JS, load: own(name), isOurs: true }])),
  '/explorer/page.css': { type: CSS, load: own('page.css'), isOurs: true },
  '/explorer/react.js': { type: JS, load: fromPackage('react', 'umd/react.production.min.js') },
  '/explorer/react-dom.js': { type: JS, load: fromPackage('react-dom', 'umd/react-dom.production.min.js') },
  '/explorer/graphiql.js': { type: JS, load: fromPackage('graphiql', 'graphiql.min.js') },
  '/explorer/graphiql.css': { type: CSS, load: fromPackage('graphiql', 'graphiql.min.css') },
  '/explorer/graphql-ws.js': { type: JS, load: fromPackage('graphql-ws', 'umd/graphql-ws.min.js') },
};

/** Serves GraphiQL from the npm package. */
export function createExplorer(options: ExplorerOptions): Pages {
  return createPages(
    { '/': { type: HTML, isOurs: true, load: () => Buffer.from(html(options)) }, ...ASSETS },
    contentPolicy(options),
  );
}

/**
 * The Content-Security-Policy: only our scripts, and nothing from other origins except tokens from their issuers.
 * Inline styles are allowed because GraphiQL's widgets use them.
 */
function contentPolicy({ signIn = [] }: ExplorerOptions): string {
  const urls = signIn.flatMap(({ tokenUrl, refresh }) => [tokenUrl, ...(refresh ? [refresh.tokenUrl] : [])]);
  const origins = new Set(urls.flatMap((url) => (URL.canParse(url) ? [new URL(url).origin] : [])));
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    'font-src data:',
    ["connect-src 'self'", ...origins].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function html({ title = 'GraphQL', ...options }: ExplorerOptions): string {
  const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  // A data block is not a script, so the policy allows it. "<" is escaped so that the text cannot close the block.
  const config = JSON.stringify({
    signIn: options.signIn ?? [],
    defaultQuery: options.defaultQuery,
    examples: options.examples ?? [],
    variables: options.variables,
    links: options.links ?? [],
  }).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/explorer/graphiql.css">
<link rel="stylesheet" href="/explorer/page.css">
${MODULES.map((name) => `<link rel="modulepreload" href="/explorer/${name}">`).join('\n')}
</head>
<body>
<div id="sign-in" hidden></div>
<div id="graphiql">Loading…</div>
<script type="application/json" id="config">${config}</script>
<script src="/explorer/react.js"></script>
<script src="/explorer/react-dom.js"></script>
<script src="/explorer/graphiql.js"></script>
<script src="/explorer/graphql-ws.js"></script>
<script type="module" src="/explorer/page.js"></script>
</body>
</html>
`;
}
