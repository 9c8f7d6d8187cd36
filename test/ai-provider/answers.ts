/** The answers of the local provider: right ones, made from the data of the request. */

type Language = 'en' | 'ru';
interface Event {
  readonly kind: string;
  readonly team: string;
  readonly player: string | null;
  readonly assist: string | null;
  readonly minute: string | null;
}

/**
 * The answer to a prompt of a flow, as the object that the schema asks for. Null for a prompt that it does not know.
 */
export function answerTo(system: string, data: Readonly<Record<string, unknown>>): object | null {
  const language: Language = /\b[Ii]n\s+Russian\b|\binto\s+Russian\b/.test(system) ? 'ru' : 'en';
  if ('events' in data) return report(data as never, language);
  if ('starts' in data) return announcement(data as never, language);
  if ('sessions' in data) return plan(data as never, language);
  if ('count' in data) return names(data as never, language);
  if ('message' in data) return hint(language);
  if ('text' in data) return { text: translated(String(data['text']), language) };
  return null;
}

interface ReportData {
  readonly home: string;
  readonly away: string;
  readonly score: string;
  /** Null without a shoot-out, which only follows a draw. */
  readonly shootout: string | null;
  readonly events: readonly Event[];
}

function report({ home, away, score, shootout, events }: ReportData, language: Language): object {
  const [ours = 0, theirs = 0] = (shootout ?? score).split(':').map(Number);
  const sentences = events.map(({ kind, team, player, assist, minute }) =>
    sentence({ kind, team, player, assist, minute }, language),
  );
  if (language === 'ru') {
    const result = ours === theirs ? 'сыграли вничью' : ours > theirs ? 'победили соперников' : 'проиграли соперникам';
    return {
      title: `${home} — ${away}, счёт ${score}`,
      paragraphs: [
        `Команды «${home}» и «${away}» закончили матч со счётом ${score}. Команда «${home}»: хозяева ${result}.`,
        ...(sentences.length > 0 ? [sentences.join(' ')] : []),
      ],
    };
  }
  const result = ours === theirs ? 'the match ended in a draw' : ours > theirs ? 'the hosts won' : 'the visitors won';
  return {
    title: `${home} against ${away}, ${score}`,
    paragraphs: [
      `The match of ${home} and ${away} ended ${score}, so ${result}.`,
      ...(sentences.length > 0 ? [sentences.join(' ')] : []),
    ],
  };
}

function sentence({ kind, team, player, assist, minute }: Event, language: Language): string {
  const isCard = ['YELLOW', 'SECOND_YELLOW', 'RED'].includes(kind);
  if (language === 'ru') {
    const when = minute === null ? '' : `На ${minute}-й минуте `;
    const begin = (text: string): string => (when === '' ? text.charAt(0).toUpperCase() + text.slice(1) : when + text);
    if (isCard) return begin(player === null ? `карточка у команды «${team}».` : `карточка: ${player}.`);
    return begin(
      player === null
        ? `гол команды «${team}».`
        : `${kind === 'OWN_GOAL' ? 'автогол' : 'гол'}: ${player}${assist === null ? '' : `, передача: ${assist}`}.`,
    );
  }
  const when = minute === null ? '' : ` in minute ${minute}`;
  if (isCard) return `${player === null ? `A card for ${team}` : `A card for ${player}`}${when}.`;
  return `${player === null ? `A goal for ${team}` : `${kind === 'OWN_GOAL' ? 'An own goal' : 'A goal'} by ${player}${assist === null ? '' : ` after a pass from ${assist}`}`}${when}.`;
}

interface AnnouncementData {
  readonly name: string;
  readonly starts: string;
  readonly maxTeams: number;
}

const MONTHS = {
  en: 'January February March April May June July August September October November December'.split(' '),
  ru: 'января февраля марта апреля мая июня июля августа сентября октября ноября декабря'.split(' '),
};

function announcement({ name, starts, maxTeams }: AnnouncementData, language: Language): object {
  const [year, month = 1, day] = (starts.split(' ')[0] ?? '').split('-').map(Number);
  const called = MONTHS[language][month - 1];
  return language === 'ru'
    ? {
        title: `Турнир «${name}»`,
        paragraphs: [
          `Турнир «${name}» начнётся ${day} ${called} ${year} года. Места есть для ${maxTeams} команд.`,
          'Регистрация открыта, ждём заявки команд.',
        ],
      }
    : {
        title: `The tournament ${name}`,
        paragraphs: [
          `The tournament ${name} begins on ${day} ${called} ${year}. There are places for ${maxTeams} teams.`,
          'Registration is open, so enter your team.',
        ],
      };
}

function plan({ sessions, minutes }: { readonly sessions: number; readonly minutes: number }, language: Language) {
  const [warmUp, main] = [10, minutes - 10];
  return {
    title: language === 'ru' ? 'План тренировок' : 'A plan of trainings',
    sessions: Array.from({ length: sessions }, (_, index) => ({
      title: language === 'ru' ? `Тренировка ${index + 1}` : `Training ${index + 1}`,
      exercises:
        language === 'ru'
          ? [
              { name: 'Разминка', minutes: warmUp, description: 'Лёгкий бег и упражнения на подвижность.' },
              { name: 'Игра', minutes: main, description: 'Игра малыми составами, короткие передачи.' },
            ]
          : [
              { name: 'Warm-up', minutes: warmUp, description: 'Run slowly and move all joints.' },
              { name: 'Game', minutes: main, description: 'Play in small teams with short passes.' },
            ],
    })),
  };
}

const NAMES = {
  en: 'Brave Foxes,Night Owls,River Wolves,Stone Bears,Red Comets,Wild Geese,Iron Hares,Green Kites,Sharp Pikes,Calm Tigers',
  ru: 'Смелые лисы,Ночные совы,Речные волки,Каменные медведи,Красные кометы,Дикие гуси,Железные зайцы,Зелёные змеи,Острые щуки,Тихие тигры',
};
const names = ({ count }: { readonly count: number }, language: Language): object => ({
  names: NAMES[language].split(',').slice(0, count),
});

const hint = (language: Language): object => ({
  verdict: 'FINE',
  reason: language === 'ru' ? 'Сообщение никого не обижает.' : 'The message insults nobody.',
});

/** A false translation: a word of the language replaces each word, cut to its length. Numbers and signs stay. */
const translated = (text: string, language: Language): string =>
  text.replace(/\[link\]|\p{L}+/gu, (word) =>
    word === '[link]' ? word : (language === 'ru' ? 'слово' : 'words').slice(0, Math.max(1, word.length)),
  );
