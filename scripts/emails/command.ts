import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { LANGUAGES, type Language } from '../../subgraphs/notifications/languages.ts';
import { type Email, render } from '../../subgraphs/notifications/emails/email.ts';
import {
  mailingEmail,
  notificationsEmail,
  verificationEmail,
  welcomeEmail,
} from '../../subgraphs/notifications/emails/emails.ts';

const HELP = `npm run emails [-- --port N]

Shows every e-mail in both languages in a browser, with its text part. Nothing is sent.

  --port N   default 4080
  --help     shows this text`;

const LINK = 'https://prodvor.example/emails/verify/example';
const UNSUBSCRIBE = { unsubscribe: 'https://prodvor.example/emails/unsubscribe/example' };
const lines = {
  EN: [
    'Foxes plays in Summer cup.',
    'The draw is made: Summer cup.',
    'Foxes – <b>Wolves & Sons</b>: Sat 2 May, 18:30 UTC.',
  ],
  RU: [
    'Команда «Лисы» участвует в турнире «Летний кубок».',
    'Жеребьёвка проведена: «Летний кубок».',
    '«Лисы» – «Волки & К°»: сб, 2 мая, 18:30 UTC.',
  ],
} as const;
const mailed = {
  EN: {
    title: 'Bring both shirts',
    text: 'Hello!\n\nWe begin at 10:00.\nThe way: https://maps.example/?q=1&z=2.\n\nNo <b>markup</b>, no http://links.',
    from: 'Summer cup',
  },
  RU: {
    title: 'Возьмите оба комплекта формы',
    text: 'Привет!\n\nНачинаем в 10:00.\nКак добраться: https://maps.example/?q=1&z=2.\n\nРазметки <b>нет</b>, ссылок http:// тоже.',
    from: 'Летний кубок',
  },
} as const;
const samples: Readonly<Record<string, (language: Language) => Email>> = {
  welcome: (language) => welcomeEmail(language, LINK),
  'welcome, address confirmed': (language) => welcomeEmail(language, null),
  'confirm the address': (language) => verificationEmail(language, LINK),
  'one notification': (language) =>
    notificationsEmail(language, [{ text: lines[language][0], url: 'https://web.example/open/x' }], UNSUBSCRIBE),
  'several notifications': (language) =>
    notificationsEmail(
      language,
      lines[language].map((text) => ({ text, url: 'https://web.example/open/x' })),
      UNSUBSCRIBE,
    ),
  'mailing of organizers': (language) =>
    mailingEmail(
      language,
      { ...mailed[language], about: 'Tournament', url: 'https://web.example/open/x' },
      UNSUBSCRIBE,
    ),
  'mailing of a team': (language) =>
    mailingEmail(language, { ...mailed[language], about: 'Team', url: null }, UNSUBSCRIBE),
};

const attribute = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
const element = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A page with all samples. Each HTML part is in a frame of its own, so that styles of the page do not change it. */
function page(): string {
  const shown = Object.entries(samples).flatMap(([name, make]) =>
    LANGUAGES.map((language) => {
      const { subject, text, html } = render(make(language));
      return `<section><h2>${name}, ${language}: ${element(subject)}</h2><iframe sandbox srcdoc="${attribute(html)}"></iframe><pre>${element(text)}</pre></section>`;
    }),
  );
  return `<!doctype html><meta charset="utf-8"><title>E-mails of ProDvor</title><style>body{font:14px Arial;margin:1rem}section{display:grid;grid-template-columns:620px 1fr;gap:1rem;margin-bottom:2rem}h2{grid-column:1/3;font-size:1rem}iframe{width:100%;height:460px;border:1px solid #ccc}pre{white-space:pre-wrap}</style>${shown.join('')}`;
}

const { values } = parseArgs({ options: { port: { type: 'string', default: '4080' }, help: { type: 'boolean' } } });
if (values.help) console.log(HELP);
else {
  const server = createServer((_req, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end(page()));
  server.listen(Number(values.port), '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${values.port}/  (Ctrl-C ends)`);
  });
}
