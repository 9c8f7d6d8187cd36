import type { Response } from 'express';

/** Pages show both languages, because a link does not say which one its reader speaks. */
const ASK = {
  verify: ['Confirm your address', 'Подтвердите адрес'],
  unsubscribe: ['Stop these e-mails', 'Отписаться от этих писем'],
} as const;
const END = {
  verified: [200, 'Your address is confirmed.', 'Адрес подтверждён.'],
  unsubscribed: [200, 'You get no more e-mails of this kind.', 'Писем этого вида больше не будет.'],
  wrongLink: [
    410,
    'This link does not work any more. You can ask for a new one in the settings.',
    'Ссылка больше не действует. Новую можно получить в настройках.',
  ],
} as const;

/** Answers with a page that has one button. The button sends a POST to the page's own URL. */
export function askPage(res: Response, what: keyof typeof ASK): void {
  const [english, russian] = ASK[what];
  send(res, 200, `<form method="post"><button>${english}<br><span lang="ru">${russian}</span></button></form>`);
}

/** Answers with a page that says what has happened. */
export function endPage(res: Response, what: keyof typeof END): void {
  const [status, english, russian] = END[what];
  send(res, status, `<p>${english}</p><p lang="ru">${russian}</p>`);
}

const STYLE = `body{font:16px/1.5 Arial,sans-serif;margin:15vh auto;max-width:28rem;padding:0 1rem;text-align:center;color:#1c2430}
button{font:inherit;font-weight:bold;color:#fff;background:#15803d;border:0;border-radius:6px;padding:.8rem 1.6rem;cursor:pointer}
span{font-weight:normal;font-size:.85em}
@media(prefers-color-scheme:dark){body{background:#14181f;color:#e6eaf0}}`;

/** Sends a page. Its URL contains the token, so no other site may learn the URL, and no cache may keep the page. */
function send(res: Response, status: number, body: string): void {
  res
    .status(status)
    .set({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      // With no-referrer a browser would send the form with `Origin: null`, and the server would refuse that.
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
    })
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>ProDvor</title><style>${STYLE}</style>${body}</html>`,
    );
}
