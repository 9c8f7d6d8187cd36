// Names for the people, teams and places of a simulated city. User names are in Latin letters, because the service
// users accepts no others.
import { SPORTS, type Sport } from '../../schema/sports.ts';
import type { Random } from './random.ts';

export const CITY = 'Заречье';
/** Towns near the city. A few people and teams are from them. */
export const TOWNS = ['Дубровка', 'Сосновка', 'Нижний Яр', 'Каменка'] as const;
export const DISTRICTS = [
  'Северный',
  'Заводской',
  'Речной',
  'Старый Город',
  'Октябрьский',
  'Слобода',
  'Озёрный',
  'Вокзальный',
  'Академический',
  'Юго-Запад',
  'Садовый',
  'Лётный',
] as const;

const MEN: readonly Pair[] = [
  ['aleksandr', 'Александр'],
  ['dmitry', 'Дмитрий'],
  ['maksim', 'Максим'],
  ['sergey', 'Сергей'],
  ['andrey', 'Андрей'],
  ['aleksey', 'Алексей'],
  ['artyom', 'Артём'],
  ['ilya', 'Илья'],
  ['kirill', 'Кирилл'],
  ['mikhail', 'Михаил'],
  ['nikita', 'Никита'],
  ['roman', 'Роман'],
  ['egor', 'Егор'],
  ['timur', 'Тимур'],
  ['ruslan', 'Руслан'],
  ['pavel', 'Павел'],
  ['denis', 'Денис'],
  ['vladimir', 'Владимир'],
  ['gleb', 'Глеб'],
  ['matvey', 'Матвей'],
];
const WOMEN: readonly Pair[] = [
  ['anastasia', 'Анастасия'],
  ['maria', 'Мария'],
  ['ekaterina', 'Екатерина'],
  ['darya', 'Дарья'],
  ['polina', 'Полина'],
  ['alina', 'Алина'],
  ['irina', 'Ирина'],
  ['ksenia', 'Ксения'],
  ['yulia', 'Юлия'],
  ['svetlana', 'Светлана'],
  ['natalia', 'Наталья'],
  ['veronika', 'Вероника'],
  ['arina', 'Арина'],
  ['valeria', 'Валерия'],
  ['tatiana', 'Татьяна'],
  ['vera', 'Вера'],
];
/** Surnames of men. A woman's surname has one letter more: a Latin "a" in the user name, a Cyrillic one in the name. */
const SURNAMES: readonly Pair[] = [
  ['ivanov', 'Иванов'],
  ['smirnov', 'Смирнов'],
  ['kuznetsov', 'Кузнецов'],
  ['popov', 'Попов'],
  ['vasiliev', 'Васильев'],
  ['petrov', 'Петров'],
  ['sokolov', 'Соколов'],
  ['mikhailov', 'Михайлов'],
  ['novikov', 'Новиков'],
  ['fyodorov', 'Фёдоров'],
  ['morozov', 'Морозов'],
  ['volkov', 'Волков'],
  ['alekseev', 'Алексеев'],
  ['lebedev', 'Лебедев'],
  ['semyonov', 'Семёнов'],
  ['egorov', 'Егоров'],
  ['pavlov', 'Павлов'],
  ['kozlov', 'Козлов'],
  ['stepanov', 'Степанов'],
  ['nikolaev', 'Николаев'],
  ['orlov', 'Орлов'],
  ['makarov', 'Макаров'],
  ['zaitsev', 'Зайцев'],
  ['soloviev', 'Соловьёв'],
  ['borisov', 'Борисов'],
  ['romanov', 'Романов'],
  ['grigoriev', 'Григорьев'],
  ['kiselyov', 'Киселёв'],
  ['galiev', 'Галиев'],
  ['akhmedov', 'Ахмедов'],
];
const ABROAD_FIRST = [
  'Amir',
  'Lukas',
  'Mateo',
  'Leila',
  'Aisha',
  'Jonas',
  'Chloe',
  'Diego',
  'Ines',
  'Kofi',
  'Yuki',
  'Mei',
  'Tariq',
  'Elif',
  'Nadia',
  'Oskar',
  'Priya',
  'Samuel',
  'Zofia',
  'Omar',
] as const;
const ABROAD_LAST = [
  'Garcia',
  'Muller',
  'Novak',
  'Kim',
  'Nguyen',
  'Okafor',
  'Silva',
  'Hassan',
  'Jansen',
  'Rossi',
  'Yilmaz',
  'Kowalski',
  'Andersen',
  'Haddad',
  'Tanaka',
  'Singh',
  'Dubois',
  'Costa',
  'Petrosyan',
  'Karimov',
] as const;
type Pair = readonly [latin: string, shown: string];

export interface Name {
  readonly username: string;
  readonly displayName: string;
}

/** Makes names of people. Each person gets a different user name. Several people may have the same display name. */
export class PeopleNames {
  readonly #random: Random;
  readonly #taken = new Set<string>();

  constructor(random: Random, reserved: readonly string[]) {
    this.#random = random;
    for (const name of reserved) this.#taken.add(name);
  }

  next(): Name {
    const random = this.#random;
    const [latin, displayName] = random.chance(0.12) ? this.#fromAbroad() : this.#local();
    let username = latin;
    while (this.#taken.has(username)) username = `${latin}${random.int(2, 9999)}`;
    this.#taken.add(username);
    return { username, displayName };
  }

  #local(): Pair {
    const isWoman = this.#random.chance(0.35);
    const [first, shownFirst] = this.#random.pick(isWoman ? WOMEN : MEN);
    const [last, shownLast] = this.#random.pick(SURNAMES);
    const end = isWoman ? (['a', 'а'] as const) : (['', ''] as const);
    return [`${first}_${last}${end[0]}`.slice(0, 26), `${shownFirst} ${shownLast}${end[1]}`];
  }

  #fromAbroad(): Pair {
    const [first, last] = [this.#random.pick(ABROAD_FIRST), this.#random.pick(ABROAD_LAST)];
    return [`${first}_${last}`.toLowerCase(), `${first} ${last}`];
  }
}

const ANIMALS = [
  'Лисы',
  'Волки',
  'Рыси',
  'Стрижи',
  'Барсы',
  'Зубры',
  'Филины',
  'Кабаны',
  'Соболи',
  'Вороны',
  'Сапсаны',
  'Ежи',
] as const;
const OLD_CLUBS = [
  'Спартак',
  'Динамо',
  'Локомотив',
  'Трудовые Резервы',
  'Искра',
  'Факел',
  'Вымпел',
  'Восход',
  'Олимп',
  'Метеор',
  'Буревестник',
  'Звезда',
] as const;
const ENGLISH = [
  'Yard Kings',
  'Brick Rovers',
  'Night Owls',
  'Free Agents',
  'Second Half',
  'Offside',
  'Late Bloomers',
  'Garage United',
  'Corner Shop',
  'Old Boys',
  'Tram Stop',
  'Roof Top',
] as const;

export class TeamNames {
  readonly #random: Random;
  readonly #taken = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  next(district: string): string {
    const random = this.#random;
    for (;;) {
      const base = random.weighted([
        [`${random.pick(ANIMALS)} (${district})`, 3],
        [`${random.pick(OLD_CLUBS)} ${district}`, 4],
        [random.pick(ENGLISH), 1],
        [`${random.pick(ENGLISH)} ${random.int(1980, 2012)}`, 2],
        [`Двор ${random.int(1, 180)}`, 2],
        [`${random.pick(OLD_CLUBS)}-${random.int(2, 9)} ${district}`, 2],
      ] as const);
      if (this.#taken.has(base)) continue;
      this.#taken.add(base);
      return base;
    }
  }
}

export const venueIn = (random: Random, district: string): string =>
  random.pick([
    `Парк «${district}», площадка ${random.int(1, 4)}`,
    `Школа ${random.int(1, 140)}, спортплощадка`,
    `Стадион «${district}»`,
    `Двор на улице Ленина, ${random.int(1, 160)}`,
    `СК «${district}», зал ${random.int(1, 3)}`,
  ]);

const SPORT_NAMES: Readonly<Record<Sport, string>> = {
  FOOTBALL: 'по футболу',
  MINI_FOOTBALL: 'по мини-футболу',
  BASKETBALL: 'по баскетболу',
  BASKETBALL_3X3: 'по баскетболу 3х3',
  VOLLEYBALL: 'по волейболу',
  BEACH_VOLLEYBALL: 'по пляжному волейболу',
  HOCKEY: 'по хоккею',
};

/** Makes the name of a tournament. @param number makes the name unique: use another one for each tournament */
export function tournamentName(random: Random, sport: Sport, format: string, number: number): string {
  const kind = { league: 'Лига', groups: 'Кубок', knockout: 'Кубок', swiss: 'Открытое первенство', double: 'Турнир' }[
    format
  ];
  const of = random.pick(['дворов', 'города', 'вызова', 'выходного дня', 'памяти Старостина', ...DISTRICTS]);
  return `${kind} ${of} ${SPORT_NAMES[sport]}, ${number}`;
}

export const LEAGUES = ['Дворовая лига', 'Вечерняя лига', 'Street League', 'Корпоративная лига'] as const;

export const CHATTER = [
  'Кто сегодня придёт?',
  'Мяч беру я',
  'Буду минут на десять позже',
  'Отличная игра, спасибо всем!',
  'Кто-нибудь видел мои перчатки?',
  'В субботу все могут?',
  'Нужен вратарь, наш заболел',
  'Форма светлая',
  'Great game, everybody!',
  'Can somebody give me a lift?',
  'See you at seven',
  'Who has the bibs?',
  'Поздравляю с победой!',
  'Ничего, в следующий раз повезёт',
  'Сбор в 18:30 у ворот',
] as const;
export const CHEERS = [
  'Давайте, наши!',
  'Какой удар!',
  'Гооол!',
  'Судью на мыло',
  'What a save!',
  'Красиво разыграли',
  'Ещё один!',
  'Держим счёт',
] as const;
export const REASONS = ['дождь', 'поле занято', 'не собрали состав', 'болезнь игроков'] as const;

export const SPORT_SHARES: readonly (readonly [Sport, number])[] = [
  ['MINI_FOOTBALL', 30],
  ['FOOTBALL', 24],
  ['BASKETBALL_3X3', 12],
  ['BASKETBALL', 10],
  ['VOLLEYBALL', 10],
  ['HOCKEY', 8],
  ['BEACH_VOLLEYBALL', 6],
];

/** A random number of people for a team of this sport, its owner included. */
export function teamSize(random: Random, sport: Sport): number {
  const { starters, size } = SPORTS[sport].squad;
  if (size === starters) return starters;
  return random.int(starters + 1, Math.min(size, starters + 6));
}
