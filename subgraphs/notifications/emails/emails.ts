import { counted, type Language, plural } from '../languages.ts';
import type { Email, Line } from './email.ts';

/** The links in the footer of an e-mail with notifications. */
export interface Links {
  /** The page that ends e-mails of these notifications. */
  readonly unsubscribe: string;
}

/**
 * The first e-mail of a new account. It goes to an address that nobody has verified, so it contains nothing that the
 * new user chose: our mail must not carry a stranger's text to others.
 * @param verifyUrl the link that confirms the address; null for a mail without it, for example when the address is
 *   verified already
 */
export function welcomeEmail(language: Language, verifyUrl: string | null): Email {
  const texts = WELCOME[language];
  return {
    language,
    subject: texts.subject,
    heading: texts.heading,
    lines: [{ text: texts.ready }, ...(verifyUrl === null ? [] : [{ text: texts.verify }])],
    ...(verifyUrl !== null && { action: { label: texts.action, url: verifyUrl } }),
    footer: [{ text: texts.why }],
  };
}

/** The e-mail with the link that confirms an address, for a user who asked for it again. */
export function verificationEmail(language: Language, verifyUrl: string): Email {
  const texts = WELCOME[language];
  return {
    language,
    subject: texts.action,
    heading: texts.action,
    lines: [{ text: texts.verify }],
    action: { label: texts.action, url: verifyUrl },
    footer: [{ text: texts.why }],
  };
}

/**
 * The e-mail with notifications of one person that are due together.
 * @param lines one for each kind and subject, oldest first; at least one
 */
export function notificationsEmail(language: Language, lines: readonly Line[], { unsubscribe }: Links): Email {
  const texts = NOTIFICATIONS[language];
  const [first] = lines;
  if (!first) throw new Error('an e-mail without a notification');
  const heading = lines.length === 1 ? texts.one : texts.several(lines.length);
  return {
    language,
    subject: lines.length === 1 ? first.text : heading,
    heading,
    lines,
    footer: [{ text: texts.why }, { text: texts.unsubscribe, url: unsubscribe }],
  };
}

/** What a mailing says, and where it comes from. */
export interface Mailed {
  readonly title: string;
  /** May have several lines. */
  readonly text: string;
  readonly about: 'Tournament' | 'Team';
  /** The name of the tournament or team; null when it is not known. */
  readonly from: string | null;
  /** The page of the tournament or team; null when there are no such pages. */
  readonly url: string | null;
}

/**
 * The e-mail of a mailing. Its first line says who writes, because the text is not the product's. The sender address is
 * the product's, so the subject begins with the name of the tournament or team.
 */
export function mailingEmail(
  language: Language,
  { title, text, about, from, url }: Mailed,
  { unsubscribe }: Links,
): Email {
  const texts = MAILING[language];
  return {
    language,
    subject: from === null ? title : `${from}: ${title}`,
    heading: title,
    lines: [
      { text: texts[about](from) },
      ...text
        .split(/\n[^\S\n]*\n\s*/u)
        .filter((paragraph) => paragraph.trim() !== '')
        .map((paragraph) => ({ text: paragraph.trim(), isFree: true })),
    ],
    ...(url !== null && { action: { label: texts.action[about], url } }),
    footer: [{ text: texts.why[about] }, { text: texts.unsubscribe, url: unsubscribe }],
  };
}

const WELCOME = {
  EN: {
    subject: 'Welcome to ProDvor',
    heading: 'Welcome to ProDvor',
    ready: 'Your account is ready. Found a team, or let a team invite you, and see you on the pitch.',
    verify:
      'Please confirm that this address is yours. Until then we send no other e-mails. The link works for 48 hours.',
    action: 'Confirm the address',
    why: 'You get this e-mail because somebody created an account with this address. If it was not you, do nothing: no other e-mail will follow.',
  },
  RU: {
    subject: 'Добро пожаловать в ProDvor',
    heading: 'Добро пожаловать в ProDvor',
    ready: 'Аккаунт создан. Соберите команду или примите приглашение — и до встречи на поле.',
    verify: 'Подтвердите, что это ваш адрес. До этого других писем не будет. Ссылка действует 48 часов.',
    action: 'Подтвердить адрес',
    why: 'Вы получили это письмо, потому что на этот адрес создан аккаунт. Если это были не вы, ничего не делайте: других писем не будет.',
  },
} as const satisfies Readonly<Record<Language, Readonly<Record<string, string>>>>;

const NOTIFICATIONS = {
  EN: {
    one: 'A notification',
    several: (count: number) => counted(count, 'notification', 'notifications'),
    why: 'You get this e-mail because of your settings for notifications in ProDvor.',
    unsubscribe: 'Stop these e-mails',
  },
  RU: {
    one: 'Уведомление',
    several: (count: number) => plural(count, 'уведомление', 'уведомления', 'уведомлений'),
    why: 'Вы получили это письмо из-за настроек уведомлений в ProDvor.',
    unsubscribe: 'Отписаться от таких писем',
  },
} as const;

const MAILING = {
  EN: {
    Tournament: (from: string | null) => `The organizers of ${from ?? 'your tournament'} write to you:`,
    Team: (from: string | null) => `${from ?? 'Your team'} writes to its members:`,
    action: { Tournament: 'Open the tournament', Team: 'Open the team' },
    why: {
      Tournament: 'You get this e-mail because your team is in this tournament.',
      Team: 'You get this e-mail because you are in this team.',
    },
    unsubscribe: 'Stop e-mails of organizers and teams',
  },
  RU: {
    Tournament: (from: string | null) =>
      `Пишут организаторы${from === null ? ' вашего турнира' : ` турнира «${from}»`}:`,
    Team: (from: string | null) => `Сообщение участникам${from === null ? ' вашей команды' : ` команды «${from}»`}:`,
    action: { Tournament: 'Открыть турнир', Team: 'Открыть команду' },
    why: {
      Tournament: 'Вы получили это письмо, потому что ваша команда участвует в этом турнире.',
      Team: 'Вы получили это письмо, потому что вы состоите в этой команде.',
    },
    unsubscribe: 'Отписаться от писем организаторов и команд',
  },
} as const;
