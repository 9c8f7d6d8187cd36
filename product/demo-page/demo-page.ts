import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isDirectAndLocal } from '../../platform/http/client-address.ts';
import { createPages, CSS, type ExplorerOptions, HTML, JS } from '../../router/index.ts';
import { createMailViewer } from './mails.ts';

export interface DemoPageOptions {
  readonly signIn: NonNullable<ExplorerOptions['signIn']>;
  /** The city and the competition of the cup. */
  readonly city: string;
  readonly competition: string;
  /** The folder of the e-mails. Undefined: a mail server sends them, and the page cannot show them. */
  readonly mails: string | undefined;
}

/** The path of the page. Its service worker is allowed only below this path. */
export const DEMO_PATH = '/demo/';

const own = (name: string) => (): Buffer => readFileSync(new URL(name, import.meta.url));

/** The page may load only our scripts, and nothing from other origins. No page may show it in a frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Serves the page that shows notifications, push messages, reports, mailings and texts of the demo. It answers only
 * clients on this machine, as the demo's sign-in does.
 * @returns a handler; it returns false when the path is not below {@link DEMO_PATH}
 */
export function createDemoPage(options: DemoPageOptions): (req: IncomingMessage, res: ServerResponse) => boolean {
  const pages = createPages(
    {
      [DEMO_PATH]: { type: HTML, isOurs: true, load: () => Buffer.from(html(options)) },
      [`${DEMO_PATH}page.js`]: { type: JS, isOurs: true, load: own('page.js') },
      [`${DEMO_PATH}page.css`]: { type: CSS, isOurs: true, load: own('page.css') },
      [`${DEMO_PATH}push.js`]: { type: JS, isOurs: true, load: own('push.js') },
    },
    POLICY,
  );
  const mails = createMailViewer(`${DEMO_PATH}mails/`, options.mails);
  return (req, res) => {
    const [path = ''] = (req.url ?? '').split('?', 1);
    if (!path.startsWith(DEMO_PATH) || !isDirectAndLocal(req)) return false;
    return pages.handle(path, req, res) || mails(path, req, res);
  };
}

function html({ signIn, city, competition }: DemoPageOptions): string {
  // A data block is not a script, so the policy allows it. "<" is escaped so that the text cannot close the block.
  const config = JSON.stringify({ signIn, links: [{ label: 'Explorer', href: '/' }], city, competition }).replaceAll(
    '<',
    String.raw`\u003c`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ProdVor: the demo</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/explorer/page.css">
<link rel="stylesheet" href="/demo/page.css">
</head>
<body>
<div id="sign-in" hidden></div>
<main>
<h1>The demo cup, for the person who is signed in</h1>
<section aria-labelledby="teams">
<h2 id="teams">The teams and their logos</h2>
<p id="teams-status" role="status"></p>
<ul id="teams-list"></ul>
<button type="button" id="teams-load">Load again</button>
</section>
<section aria-labelledby="inbox">
<h2 id="inbox">Notifications</h2>
<p id="inbox-status" role="status"></p>
<ol id="inbox-list"></ol>
<button type="button" id="inbox-read">Mark all as read</button>
</section>
<section aria-labelledby="push">
<h2 id="push">Push messages</h2>
<button type="button" id="push-on">Show push messages on this device</button>
<button type="button" id="push-off">Stop</button>
<p id="push-status" role="status"></p>
</section>
<section aria-labelledby="report">
<h2 id="report">A report</h2>
<button type="button" id="report-write">Write the report of the cup</button>
<p><progress id="report-progress" aria-label="Progress of the report" max="100" value="0"></progress></p>
<p id="report-status" role="status"></p>
<p id="report-file"></p>
</section>
<section aria-labelledby="mailing">
<h2 id="mailing">A mailing</h2>
<p>olga organizes the cup, so she may write to everybody in it.</p>
<label>Subject <input id="mailing-subject" maxlength="100" value="Bring both shirts"></label>
<label>Text <textarea id="mailing-text" rows="4" maxlength="5000">Hello!

The next match begins in an hour.</textarea></label>
<button type="button" id="mailing-preview">Preview</button>
<button type="button" id="mailing-send">Send</button>
<p><progress id="mailing-progress" aria-label="Progress of the mailing" max="1" value="0"></progress></p>
<p id="mailing-status" role="status"></p>
<pre id="mailing-shown" aria-label="Preview of the e-mail" tabindex="0" hidden></pre>
<p><a href="/demo/mails/">The e-mails of the demo</a>. anna collects hers for one e-mail a day, so hers waits.</p>
</section>
<section aria-labelledby="text">
<h2 id="text">A text by a language model</h2>
<button type="button" id="text-write">Write about the last match</button>
<p id="text-status" role="status"></p>
<pre id="text-shown" aria-label="The text" tabindex="0" hidden></pre>
<p>Without a model the answer is AI_UNAVAILABLE. <code>npm run ai:provider</code> starts a local one.</p>
</section>
</main>
<script type="application/json" id="config">${config}</script>
<script src="/explorer/graphql-ws.js"></script>
<script type="module" src="/demo/page.js"></script>
</body>
</html>
`;
}
