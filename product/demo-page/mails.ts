import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Email } from 'postal-mime';
import { HTML } from '../../router/index.ts';

/** The domain of the demo's people. E-mails to others may have links that only they should follow. */
export const DEMO_DOMAIN = 'demo.prodvor.example';
const MOST = 50;

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/**
 * Shows the newest e-mails to people of the demo.
 * @param path where the list is; each e-mail is below it
 * @param folder the folder of the e-mails; undefined when a mail server sends them
 * @returns a handler; it returns false when the path is not below `path`
 */
export function createMailViewer(
  path: string,
  folder: string | undefined,
): (at: string, req: IncomingMessage, res: ServerResponse) => boolean {
  return (at, req, res) => {
    if (!at.startsWith(path)) return false;
    const name = at.slice(path.length);
    const work = async (): Promise<void> => {
      const mails = folder === undefined ? [] : await newest(folder);
      if (name === '') return send(res, 200, listOf(path, mails, folder !== undefined));
      const mail = mails.find(({ id }) => id === name);
      if (mail) send(res, 200, mail.email.html ?? `<pre>${escape(mail.email.text ?? '')}</pre>`);
      else send(res, 404, '<p>There is no such e-mail.</p>');
    };
    if (req.method !== 'GET') {
      res.writeHead(405, { allow: 'GET', connection: 'close' }).end();
      return true;
    }
    work().catch(() => {
      if (res.headersSent) res.destroy();
      else send(res, 500, '<p>The e-mails cannot be read.</p>');
    });
    return true;
  };
}

interface Mail {
  readonly id: string;
  readonly email: Email;
}

async function newest(folder: string): Promise<Mail[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    // The first e-mail creates the folder.
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = await Promise.all(
    names
      .filter((name) => name.endsWith('.eml'))
      .map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
  );
  const { default: PostalMime } = await import('postal-mime');
  const mails = await Promise.all(
    files
      .sort((a, b) => b.at - a.at)
      .slice(0, MOST)
      .map(async ({ name }) => ({
        id: createHash('sha256').update(name).digest('hex').slice(0, 16),
        email: await PostalMime.parse(await readFile(join(folder, name))),
      })),
  );
  return mails.filter(({ email }) => email.to?.every(({ address }) => address?.endsWith(`@${DEMO_DOMAIN}`)));
}

function listOf(path: string, mails: readonly Mail[], areStored: boolean): string {
  const items = mails.map(
    ({ id, email }) =>
      `<li><a href="${path}${id}">${escape(email.subject ?? '')}</a> to ${escape(email.to?.[0]?.address ?? '')}, ${escape(email.date ?? '')}</li>`,
  );
  const none = areStored ? 'There is no e-mail yet.' : 'A mail server sends the e-mails: see SMTP_URL.';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>E-mails of the demo</title>
</head>
<body>
<h1>E-mails of the demo</h1>
${items.length > 0 ? `<ol>${items.join('')}</ol>` : `<p>${none}</p>`}
<p><a href="/demo/">Back to the demo</a></p>
</body>
</html>`;
}

function send(res: ServerResponse, status: number, body: string): void {
  res
    .writeHead(status, {
      'content-type': HTML,
      'cache-control': 'no-store',
      // E-mails have inline styles. The sandbox lets no e-mail run a script or read this origin.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    .end(body);
}
