import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Language } from '../languages.ts';

/** A paragraph of an e-mail. With `url`, the whole paragraph is a link. */
export interface Line {
  readonly text: string;
  readonly url?: string;
  /** If true, line breaks of the text are kept, and its addresses that begin with https:// become links. */
  readonly isFree?: boolean;
}

/** The content of an e-mail in one language. */
export interface Email {
  readonly language: Language;
  readonly subject: string;
  readonly heading: string;
  /** The paragraphs, at least one. */
  readonly lines: readonly Line[];
  /** What the reader is asked to do, shown as a button. */
  readonly action?: { readonly label: string; readonly url: string };
  /** Why the reader gets this mail. In a mail with notifications also how to stop such mails. */
  readonly footer: readonly Line[];
}

/** The subject of an e-mail, and its content as plain text and as HTML. A mail program shows one of the two. */
export interface Rendered {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * The longest subject, in characters. A longer one is cut and ends in "…", because mail programs would cut it anyway.
 */
const LONGEST_SUBJECT = 120;

let layout: string | undefined;

/**
 * Renders an e-mail as plain text and as HTML. All texts are escaped in the HTML, so a name that a person chose cannot
 * add markup or links.
 * @throws Error when layout.html has a placeholder for which there is no value
 */
export function render(email: Email): Rendered {
  layout ??= readFileSync(join(import.meta.dirname, 'layout.html'), 'utf8');
  const { language, heading, lines, action, footer } = email;
  const subject =
    email.subject.length > LONGEST_SUBJECT ? `${email.subject.slice(0, LONGEST_SUBJECT - 1)}…` : email.subject;
  const values: Readonly<Record<string, string>> = {
    lang: language.toLowerCase(),
    title: escaped(subject),
    preview: escaped(lines[0]?.text ?? ''),
    heading: escaped(heading),
    lines: lines.map(paragraph).join(''),
    footer: footer.map(paragraph).join(''),
    ...(action && { actionUrl: escaped(action.url), actionLabel: escaped(action.label) }),
  };
  const shown = action ? layout : layout.replace(/<!-- action -->[^]*<!-- \/action -->/, '');
  // The comments are for us, and not for readers.
  const html = shown.replaceAll(/[ \t]*<!--[^]*?-->\n?/g, '').replaceAll(
    /\{\{\s*(\w+)\s*\}\}/g,
    // One pass replaces all placeholders. So braces within an inserted text are not taken for a placeholder.
    (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`the layout of e-mails has {{${name}}}, which nothing fills`);
      return value;
    },
  );
  const plain = ({ text, url }: Line): string => (url === undefined ? text : `${text}\n${url}`);
  const text = [
    heading,
    ...lines.map(plain),
    ...(action ? [`${action.label}:\n${action.url}`] : []),
    `--\n${footer.map(plain).join('\n')}`,
  ].join('\n\n');
  return { subject, text: `${text}\n`, html };
}

const link = (text: string, url: string): string =>
  `<a href="${escaped(url)}" style="color:#15803d">${escaped(text)}</a>`;

const paragraph = ({ text, url, isFree }: Line): string =>
  `<p style="margin:0 0 12px 0">${url !== undefined ? link(text, url) : isFree ? linked(text) : escaped(text)}</p>`;

/** Finds an https address in a text. Punctuation and closing brackets at the end of the address do not belong to it. */
const ADDRESS = /(https:\/\/[^\s<>"']*[^\s<>"'.,:;!?)\]}»”])/u;

/** Escapes a text that people wrote. Addresses that begin with https:// become links, which show their own address. */
const linked = (text: string): string =>
  text
    .split(ADDRESS)
    .map((part, index) => (index % 2 === 1 && URL.canParse(part) ? link(part, part) : escaped(part)))
    .join('')
    .replaceAll('\n', '<br>');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
