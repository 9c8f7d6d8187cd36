/** The languages of notifications and e-mails. The enum `Language` of the schema has the same values. */
export type Language = 'EN' | 'RU';
export const LANGUAGES = ['EN', 'RU'] as const satisfies readonly Language[];
export const DEFAULT_LANGUAGE: Language = 'EN';
export const DEFAULT_TIME_ZONE = 'UTC';

/** The language and time zone in which a text is written for a person. */
export interface Reader {
  readonly language: Language;
  /** The IANA name of the zone, such as "Europe/Berlin". */
  readonly timeZone: string;
}

const LOCALES: Readonly<Record<Language, string>> = { EN: 'en-GB', RU: 'ru' };

const russian = new Intl.PluralRules('ru');
const english = new Intl.PluralRules('en');

/** A number and a Russian noun in the form that fits it: "21 сообщение", "22 сообщения", "25 сообщений". */
export function plural(count: number, one: string, few: string, many: string): string {
  const form = russian.select(count);
  return `${count} ${form === 'one' ? one : form === 'few' ? few : many}`;
}

/** A number and an English noun in the form that fits it: "1 message", "2 messages". */
export const counted = (count: number, one: string, other: string): string =>
  `${count} ${english.select(count) === 'one' ? one : other}`;

/** A day and a time in the reader's zone, with the name of the zone: "Sat 2 May, 18:30 UTC". */
export function momentOf(at: string, { language, timeZone }: Reader): string {
  return new Intl.DateTimeFormat(LOCALES[language], {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  }).format(new Date(at));
}
