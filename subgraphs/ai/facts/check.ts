import { COMMON_WORDS, MONTHS, WEEKDAYS } from './common-words.ts';
import { hasInitial, isFormOf, plainWord, wordsOf } from './names.ts';
import { type FoundNumber, numbersIn } from './numbers.ts';

export type TextLanguage = 'EN' | 'RU';
type Side = 'HOME' | 'AWAY';

/** A goal or a card. */
export interface Deed {
  readonly kind: 'GOAL' | 'OWN_GOAL' | 'PENALTY' | 'YELLOW' | 'SECOND_YELLOW' | 'RED';
  readonly side: Side;
  readonly minute: number | null;
  readonly stoppage: number | null;
  readonly player: string | null;
  readonly assist: string | null;
}

/** The names, deeds, scores, numbers and dates that a text may say. */
export interface Facts {
  readonly people: readonly string[];
  /** The home team first. */
  readonly teams: readonly string[];
  /** Other names: of a competition, a place, a city. */
  readonly others: readonly string[];
  readonly deeds: readonly Deed[];
  /** Scores as numbers of the home and the away team: at the end, and after each goal. */
  readonly scores: readonly (readonly [number, number])[];
  /** The score at the end, without a shoot-out. Undefined when there is none. */
  readonly final?: readonly [number, number];
  /** Whether the winner was found by a shoot-out after a draw. */
  readonly isShootout?: boolean;
  /** The side that has won; null for a draw. Undefined when the text may not name a winner. */
  readonly winner?: Side | null;
  /** Numbers that may occur as digits, besides minutes and scores. */
  readonly numbers: readonly number[];
  /** Times of the day that may occur, such as 18:30. */
  readonly times: readonly string[];
  /** The month (1 to 12) and the day of the week (1 to 7) of each date that a text may name. */
  readonly days: readonly (readonly [month: number, weekday: number])[];
}

export const NO_FACTS: Facts = {
  ...{ people: [], teams: [], others: [], deeds: [], scores: [], numbers: [], times: [], days: [] },
};

/** A part of a text that no fact supports. */
export interface Fault {
  readonly kind: 'NAME' | 'MINUTE' | 'SCORE' | 'NUMBER' | 'DEED' | 'WINNER' | 'DATE';
  /** The words of the text. */
  readonly words: string;
}

interface Token {
  readonly text: string;
  /** Whether the word is the first one of a sentence or a line, or follows a quotation mark, bracket, colon or dash. */
  readonly isFirst: boolean;
  /** People whose names have this word, as indexes. */
  readonly people: readonly number[];
  /** Teams whose names have this word. */
  readonly teams: readonly number[];
  /** Whether it is a word of another name. */
  readonly isOther: boolean;
  /** Whether it is a whole name. */
  readonly isWhole: boolean;
}

/** An initial ("И."), a score or a time ("3:1"), a word, a number, or a sign. */
const WORD =
  /\p{Lu}\.(?=\s*\p{Lu})|(?<!\d)\d{1,3}\s?[:–—-]\s?\d{1,3}(?!\d)|[\p{L}\p{M}'’]+(?:-[\p{L}\p{M}'’]+)*|\d+(?:-?(?:st|nd|rd|th|\p{Script=Cyrillic}{1,3})(?![\p{L}]))?|\S/gu;
const OF_HALF = /^(?:тайм|половин|период|half)/iu;
const INITIAL = /^\p{Lu}\.$/u;
const CLAUSE_ENDS = /^(?:[.!?…,;:()—–\n]|а|но|затем|потом|while|but|then|before|after|после)$/iu;
/** These signs end a clause. A score after them may still belong to the words before them. */
const DASHES = /^[:()—–]$/u;
/** The end of a sentence or a line. An initial ends no sentence. */
export const SENTENCE_END = /(?<!(?:^|[^\p{L}])\p{Lu}(?=\.))[.!?…]+["»”)]*(?=\s|$)|\n+/u;

/** Patterns of words by what they claim: a goal, a card, an assist, a number of goals, or a result. */
const CLAIMS = {
  goal: /^(?:забил|забив|забит|гол(?:а|у|ом|е|ы|ов|ами)?$|отлич|порази|сравня|удвои|утро|реализова|автогол|дубл|хет-трик|открыл|scor|goals?$|net(?:s|ted)?$|equali[sz]|opene[rd]|brace|hat-trick|head(?:ed|er)$|convert|own-goal|doubled|levelled|leveled)/u,
  card: /^(?:карточк|удал|предупрежд|card|book|sent$|dismissed|caution|red$)/u,
  red: /^(?:красн|удал|red$|sent$|dismissed)/u,
  yellow: /^(?:желт|предупрежд|yellow$|book|caution)/u,
  assist: /^(?:передач|пас(?:а|у|ом|е|ы)?$|ассист|pass(?:es|ed)?$|assist|cross(?:es|ed)?$|set$|навес)/u,
  own: /^(?:автогол|own$|own-goals?$|сво(?:и|их)$)/u,
  penalty: /^(?:пенальти|penalt|одиннадцатиметр)/u,
  two: /^(?:дубл|дважды|brace|twice|double$)/u,
  three: /^(?:хет-трик|трижды|hat-trick|thrice|treble)/u,
  first: /^(?:открыл|opene[rd]$|opening$)/u,
  lead: /^(?:вперед|повел|лидир|принес|принос|пользу|ahead$|lead$|leads$|led$|favou?r$)/u,
  late: /^(?:добавлен|компенсир|stoppage$|stoppage-time|injury-time)/u,
  dry: /^(?:всухую|сухую|clean$)/u,
  win: /^(?:побежда|победил|победу$|победа$|победой$|победител|обыгр|выигр|одолел|одержал|разгром|переигр|beat(?:s|en|ing)?$|defeat(?:ed|s)$|won$|wins?$|winning|winners$|overcame|edged|thrashed|victory$)/u,
  lose: /^(?:проигр|уступил|потерпел|поражени|lost$|loses?$|fell$|defeat$)/u,
  turned: /^(?:нанес|нанос|inflict)/u,
  draw: /^(?:ничь|вничью|draw(?:n|s)?$|drew$|tied?$|поровну)/u,
  ended: /^(?:законч|заверш|окончи|итог|ended$|ends$|finish)/u,
  half: /^(?:тайм|перерыв|половин|period|период|half|halves$|break$|interval|основно|regular$|full)/u,
} as const;
type Says = (claim: keyof typeof CLAIMS) => boolean;

const SIDES: readonly (readonly [RegExp, number])[] = [
  [/^(?:хозяев|hosts?$|home$)/u, 0],
  [/^(?:гост(?:и|ей|ям|ями|ях|евая|евой)$|visitors?$|guests?$|away$)/u, 1],
];

/**
 * The parts of a text that the facts do not support: names, minutes, scores, other numbers written with digits, names
 * of months and weekdays, players of goals and cards, and winners. At most 20 faults. Other statements are not judged.
 */
export function faultsOf(text: string, facts: Facts, language: TextLanguage): Fault[] {
  const faults: Fault[] = [];
  const add = (kind: Fault['kind'], words: string): void => {
    if (faults.length < MOST_FAULTS && !faults.some((one) => one.kind === kind && one.words === words))
      faults.push({ kind, words });
  };
  for (const sentence of sentencesOf(text)) {
    const tokens = tokensOf(sentence, facts);
    checkNames(tokens, facts, language, add);
    checkDays(tokens, facts, language, add);
    checkFigures(sentence, tokens, facts, add);
    checkClaims(sentence, tokens, facts, add);
  }
  return faults;
}

const MOST_FAULTS = 20;
type Add = (kind: Fault['kind'], words: string) => void;

/** Sentences and lines. */
const sentencesOf = (text: string): string[] =>
  text
    .replace(new RegExp(SENTENCE_END.source, 'gu'), (end) => `${end}\u0000`)
    .split('\u0000')
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');

function tokensOf(sentence: string, { people, teams, others }: Facts): Token[] {
  const words = sentence.match(WORD) ?? [];
  return words.map((text, index) => {
    const isCapital = /^\p{Lu}/u.test(text) && !INITIAL.test(text);
    return {
      text,
      isFirst: index === 0 || /^[«»"“„'‘(:–—-]$/u.test(words[index - 1] ?? ''),
      people: isCapital ? namesWith(people, text, false) : [],
      teams: isCapital ? namesWith(teams, text, true) : [],
      isOther: isCapital && namesWith(others, text, true).length > 0,
      isWhole: [...teams, ...others].some(
        (name) => wordsOf(name).length === 1 && isFormOf(text, name, { plural: true }),
      ),
    };
  });
}

/**
 * The names that have the word, as indexes. Each part of a word with hyphens must be in one name. Teams may be joined
 * ("Лисы-Волки").
 */
function namesWith(names: readonly string[], word: string, plural: boolean): number[] {
  const having = (part: string): number[] =>
    names.flatMap((name, index) => (wordsOf(name).some((one) => isFormOf(part, one, { plural })) ? [index] : []));
  if (!word.includes('-')) return having(word);
  const parts = word
    .split('-')
    .filter((part) => /^\p{Lu}/u.test(part))
    .map(having);
  const all = parts.reduce((both, of) => both.filter((index) => of.includes(index)));
  if (all.length > 0) return all;
  return plural && parts.every((of) => of.length > 0) ? [...new Set(parts.flat())] : having(word);
}

function checkNames(tokens: readonly Token[], facts: Facts, language: TextLanguage, add: Add): void {
  const { people } = facts;
  for (const [index, { text, isFirst, people: of, teams, isOther }] of tokens.entries()) {
    if (INITIAL.test(text)) {
      if (!isInitial(tokens, index, facts)) add('NAME', text);
      continue;
    }
    if (!/^\p{Lu}/u.test(text)) continue;
    const before = tokens[index - 1];
    if (of.length > 0 && before && before.people.length > 0 && teams.length === 0 && before.teams.length === 0)
      if (!of.some((person) => before.people.includes(person) && people[person] !== undefined))
        add('NAME', `${before.text} ${text}`);
    if (of.length > 0 || teams.length > 0 || isOther) continue;
    const plain = plainWord(text);
    const isCommon = (word: string): boolean => COMMON_WORDS[language].has(word);
    if (isFirst && (isCommon(plain) || plain.split('-').every(isCommon))) continue;
    if (plain === 'i' && language === 'EN') continue;
    if (isDayWord(plain, language)) continue;
    add('NAME', text);
  }
}

/** Whether the name after an initial, and after further initials, has it: "И. С. Петров". */
function isInitial(tokens: readonly Token[], index: number, { people, teams, others }: Facts): boolean {
  const named = tokens.slice(index + 1).find(({ text }) => !INITIAL.test(text));
  if (!named) return false;
  const letter = tokens[index]?.text.charAt(0) ?? '';
  const names = [...named.people.map((one) => people[one]), ...named.teams.map((one) => teams[one])];
  if (named.isOther) names.push(...others);
  return names.some((name) => name !== undefined && hasInitial(name, letter));
}

const RU_DAY = /^(?:а|у|е|ы|ом|ой|я|ю|ем|ь|и|й|ье|ья)?$/u;
function indexOfDay(names: readonly string[], plain: string, language: TextLanguage): number {
  return names.findIndex((name) =>
    language === 'EN' ? plain === name : plain.startsWith(name) && RU_DAY.test(plain.slice(name.length)),
  );
}
const isDayWord = (plain: string, language: TextLanguage): boolean =>
  indexOfDay(MONTHS[language], plain, language) !== -1 || indexOfDay(WEEKDAYS[language], plain, language) !== -1;

function checkDays(tokens: readonly Token[], { days, numbers }: Facts, language: TextLanguage, add: Add): void {
  for (const [index, { text, isFirst }] of tokens.entries()) {
    const plain = plainWord(text);
    // "may" and "march" are also verbs, so English names of days and months count only with a capital letter.
    if (language === 'EN' && (!/^\p{Lu}/u.test(text) || (isFirst && plain === 'may'))) continue;
    const month = indexOfDay(MONTHS[language], plain, language);
    const weekday = indexOfDay(WEEKDAYS[language], plain, language);
    // "7 мая", "7th of May", "May 7": the number is a day.
    const beside = [
      tokens[index - 1],
      tokens[index + 1],
      /^of$/iu.test(tokens[index - 1]?.text ?? '') ? tokens[index - 2] : undefined,
    ];
    if (month !== -1)
      for (const digits of beside.flatMap((one) => /^\d{1,2}(?!\d)/u.exec(one?.text ?? '')?.[0] ?? []))
        if (!numbers.includes(Number(digits))) add('DATE', `${digits} ${text}`);
    if (month !== -1 && plain !== 'ма' && !days.some(([known]) => known === month + 1)) add('DATE', text);
    if (weekday !== -1 && !days.some(([, known]) => known === weekday + 1)) add('DATE', text);
  }
}

const isScore = (scores: Facts['scores'], a: number, b: number): boolean =>
  scores.some(([home, away]) => (home === a && away === b) || (home === b && away === a));
/** Whether it happened in that minute. 93 is another name of 90+3, and 123 of 120+3. */
const isAt = ({ minute, stoppage }: Deed, value: number): boolean =>
  minute === value || (stoppage !== null && (minute === 90 || minute === 120) && minute + stoppage === value);
const isMinute = (deeds: readonly Deed[], minute: number, stoppage: number | null): boolean =>
  deeds.some((deed) => (stoppage === null ? isAt(deed, minute) : deed.minute === minute && deed.stoppage === stoppage));

/**
 * Reports numbers written with digits, scores and minutes that are not in the facts. Scores and minutes also in words.
 */
function checkFigures(sentence: string, tokens: readonly Token[], facts: Facts, add: Add): void {
  const { scores, deeds, numbers, times } = facts;
  let rest = sentence.normalize('NFKC');
  const take = (pattern: RegExp, fits: (...groups: string[]) => boolean, kind: Fault['kind']): void => {
    rest = rest.replace(pattern, (whole: string, ...groups: string[]) => {
      if (!fits(...groups)) add(kind, whole.trim());
      return ' ';
    });
  };
  rest = rest.replace(/(?<!\d)(\d{1,2}:\d{2})(?!\d)/gu, (whole) => (times.includes(whole) ? ' ' : whole));
  take(
    /(?<!\d)(\d{1,3})\s?\+\s?(\d{1,2})(?:-?\p{L}{1,2}(?!\p{L}))?['’′]?/gu,
    (minute = '', stoppage = '') => isMinute(deeds, Number(minute), Number(stoppage)),
    'MINUTE',
  );
  take(
    /(?<!\d)(\d{1,3})\s?[:–—-]\s?(\d{1,3})(?!\d)/gu,
    (a = '', b = '') => isScore(scores, Number(a), Number(b)),
    'SCORE',
  );
  take(/(?<!\d)(\d{1,3})\s?['’′]/gu, (minute = '') => isMinute(deeds, Number(minute), null), 'MINUTE');
  const known = new Set([
    ...numbers,
    ...scores.flat(),
    ...deeds.flatMap(({ minute, stoppage }) => [minute ?? 0, stoppage ?? 0, (minute ?? 0) + (stoppage ?? 0)]),
  ]);
  for (const [digits] of sentence.normalize('NFKC').matchAll(/\p{Nd}+/gu))
    if (!known.has(Number(digits)) && !times.some((time) => time.split(':').includes(digits))) add('NUMBER', digits);

  const words = tokens.flatMap(({ text }) => (text.includes('-') && !/\d/.test(text) ? text.split('-') : [text]));
  const found = numbersIn(words);
  const isMinuteWord = (word = ''): boolean => /^(?:минут\p{L}*|мин|minutes?|min)$/iu.test(word);
  for (const { value, from, to, isDigits } of found) {
    // In "12-й и 40-й минутах", both numbers share the word for minutes.
    let after = to;
    while (/^(?:и|and|,|-|–)$/u.test(words[after] ?? '') && found.some((other) => other.from === after + 1))
      after = found.find((other) => other.from === after + 1)?.to ?? after;
    const plus = words[to] === '+';
    // "минуте второго тайма": the number counts halves.
    const isOfHalf = OF_HALF.test(words[to] ?? '');
    if (
      !plus &&
      words[from - 1] !== '+' &&
      (isMinuteWord(words[after]) || (isMinuteWord(words[from - 1]) && !isOfHalf))
    )
      if (!isMinute(deeds, value, null)) add('MINUTE', words.slice(from, to).join(' '));
    // "на третьей добавленной минуте"
    if (CLAIMS.late.test(plainWord(words[to] ?? '')) && isMinuteWord(words[to + 1]))
      if (!deeds.some(({ stoppage }) => stoppage === value)) add('MINUTE', words.slice(from, to + 2).join(' '));
    checkGoalsToGoals(words, found, from, facts, add);
    const next = found.find((other) => other.from === (/^(?:–|—|-|:|to)$/u.test(words[to] ?? '') ? to + 1 : to));
    const isPair = next && !isDigits && !next.isDigits && value < 30 && next.value < 30;
    const isJoined = next && next.from > to;
    const afterScore = /^(?:сч[её]т\p{L}*|score)$/iu.test(words[from - 1] ?? '');
    const hyphened = next && next.from === to && isHyphened(tokens, words, from);
    if (isPair && (isJoined || afterScore || hyphened) && !isScore(scores, value, next.value))
      add('SCORE', words.slice(from, next.to).join(' '));
  }
}

/** "three goals to one" */
function checkGoalsToGoals(
  words: readonly string[],
  found: readonly FoundNumber[],
  at: number,
  { scores }: Facts,
  add: Add,
): void {
  const one = found.find(({ from }) => from === at);
  if (!one || !/^goals?$/iu.test(words[one.to] ?? '') || words[one.to + 1] !== 'to') return;
  const other = found.find(({ from }) => from === one.to + 2);
  if (other && !isScore(scores, one.value, other.value)) add('SCORE', words.slice(at, other.to).join(' '));
}

/** Whether this word and the next were one token, such as "three-one". */
const isHyphened = (tokens: readonly Token[], words: readonly string[], from: number): boolean =>
  tokens.some(({ text }) => text === `${words[from]}-${words[from + 1]}`);

const isGoal = ({ kind }: Deed): boolean => kind === 'GOAL' || kind === 'PENALTY' || kind === 'OWN_GOAL';
const isOwn = ({ kind }: Deed): boolean => kind === 'OWN_GOAL';
const sideOf = (team: number): Side => (team === 0 ? 'HOME' : 'AWAY');

/** What the words claim. Words of names claim nothing: a team may be called "Победа" or "Red Winners". */
function saidIn(tokens: readonly Token[]): Says {
  const words = tokens.filter((_, index) => !isNamePart(tokens, index)).map(({ text }) => plainWord(text));
  return (claim) => words.some((word) => CLAIMS[claim].test(word));
}

/**
 * Whether the word is a name. The first word of a sentence may be a common word that is also part of a longer name:
 * "Красную карточку" is no team "Красные Зори".
 */
function isNamePart(tokens: readonly Token[], index: number): boolean {
  const { people, teams, isOther, isFirst, isWhole } = tokens[index] as Token;
  if (people.length === 0 && teams.length === 0 && !isOther) return false;
  if (!isFirst || isWhole) return true;
  const next = tokens[index + 1];
  return (
    next !== undefined &&
    (next.isOther || next.people.some((one) => people.includes(one)) || next.teams.some((one) => teams.includes(one)))
  );
}

function splitAt(tokens: readonly Token[], isEnd: (text: string) => boolean): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (isEnd(token.text)) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.length > 0);
}
const textIn = (tokens: readonly Token[]): string => tokens.map(({ text }) => text).join(' ');
const scoresIn = (tokens: readonly Token[]): [number, number][] =>
  tokens.flatMap(({ text }) => {
    const [, a, b] = /^(\d{1,3})\s?[:–—-]\s?(\d{1,3})$/u.exec(text) ?? [];
    return a === undefined || b === undefined ? [] : [[Number(a), Number(b)]];
  });

/** Reports claims about goals, cards, passes, winners and scores that are not in the facts. */
function checkClaims(sentence: string, tokens: readonly Token[], facts: Facts, add: Add): void {
  const whole = saidIn(tokens);
  for (const clause of splitAt(tokens, (text) => CLAUSE_ENDS.test(text))) {
    const says = saidIn(clause);
    const words = textIn(clause);
    if (says('goal') || says('card')) checkDeeds(clause, says, whole, facts, () => add('DEED', words));
    if (says('assist') && !says('goal')) {
      const named = mentioned(clause, facts.people);
      const passed = named.some((choices) => facts.deeds.some(({ assist }) => isOneOf(choices, assist, facts)));
      if (named.length > 0 && !passed) add('DEED', words);
    }
    if (facts.winner !== undefined) checkWinner(clause, says, whole, facts, words, add);
  }
  for (const part of splitAt(tokens, (text) => CLAUSE_ENDS.test(text) && !DASHES.test(text)))
    checkScores(part, whole, facts, add);
  checkPairs(sentence, tokens, whole, facts, add);
}

const isOneOf = (choices: readonly number[], name: string | null, { people }: Facts): boolean =>
  choices.some((person) => people[person] === name);

/** A clause that speaks of goals or cards. */
function checkDeeds(clause: readonly Token[], says: Says, whole: Says, facts: Facts, fail: () => void): void {
  const { people, deeds } = facts;
  const [isRed, isYellow] = [says('red'), says('yellow')];
  const isClaimed = (deed: Deed): boolean =>
    isGoal(deed)
      ? says('goal') && (whole('own') || !isOwn(deed)) && (!says('own') || isOwn(deed))
      : says('card') && (isRed === isYellow || deed.kind === 'SECOND_YELLOW' || (deed.kind === 'RED') === isRed);
  const claimed = deeds.filter(isClaimed);
  const named = mentioned(clause, people);
  const of = (choices: readonly number[]): Deed[] => claimed.filter(({ player }) => isOneOf(choices, player, facts));
  const passed = says('assist') ? deeds.filter(isGoal) : [];
  for (const choices of named)
    if (of(choices).length === 0 && !passed.some(({ assist }) => isOneOf(choices, assist, facts))) fail();
  const [team] = teamsIn(clause);
  // "Козлов забил" in a "Кубок Козлова": a competition or a place scores no goals.
  if (named.length === 0 && team === undefined && clause.some(({ isOther }) => isOther)) fail();
  for (const minute of minutesIn(clause)) {
    const then = claimed.filter((deed) => isAt(deed, minute));
    const byNamed = then.some(({ player }) => named.some((choices) => isOneOf(choices, player, facts)));
    if (then.length === 0 || (named.length > 0 && !byNamed)) fail();
    if (named.length === 0 && team !== undefined && then.length > 0 && says('goal'))
      if (!then.some(({ side }) => side === sideOf(team))) fail();
  }
  if (!says('goal')) return;
  const [choices] = named;
  const only = named.length === 1 && choices ? of(choices) : undefined;
  if (only && says('penalty') && !facts.isShootout && !only.some(({ kind }) => kind === 'PENALTY')) fail();
  if (only && says('late') && !only.some(({ stoppage }) => stoppage !== null)) fail();
  checkCounts(clause, says, only, facts, fail);
  // "забил за Лис", "scored for Foxes"
  const scoredFor = clause.flatMap(({ text }, index) => {
    if (!/^(?:за|for)$/iu.test(text)) return [];
    const next = clause.slice(index + 1).find((one) => !/^(?:команду|the|["«“])$/iu.test(one.text));
    return next ? teamsIn([next]) : [];
  });
  for (const one of scoredFor)
    for (const who of named) if (!of(who).some((deed) => deed.side === sideOf(one) && !isOwn(deed))) fail();
  const first = deeds.find(isGoal);
  if (first && says('first') && clause.some(({ text }) => /^(?:счет|scoring|opener)$/u.test(plainWord(text)))) {
    if (
      choices && named.length === 1
        ? !isOneOf(choices, first.player, facts)
        : team !== undefined && named.length === 0 && first.side !== sideOf(team)
    )
      fail();
  }
}

const COUNTS = 'zero one two three four five six seven eight nine ten'.split(' ');
const COUNTS_RU = 'ноль один два три четыре пять шесть семь восемь девять десять'.split(' ');

/** "забил два гола", "scored twice". `only` has the deeds of the one person of the clause, if there is one. */
function checkCounts(
  clause: readonly Token[],
  says: Says,
  only: Deed[] | undefined,
  { deeds }: Facts,
  fail: () => void,
) {
  const teams = [...new Set(teamsIn(clause))];
  const [team] = teams;
  const goals =
    only?.filter((deed) => isGoal(deed) && !isOwn(deed)) ??
    deeds.filter((deed) => isGoal(deed) && (teams.length !== 1 || team === undefined || deed.side === sideOf(team)));
  const isOfNobody = !only && mentioned(clause, []).length === 0 && clause.some(({ people }) => people.length > 0);
  const least = says('three') ? 3 : says('two') ? 2 : 0;
  if (least > goals.length && !isOfNobody) fail();
  if (isOfNobody) return;
  for (const [index, { text }] of clause.entries()) {
    if (!/^(?:гола|голов|мяча|мячей|goals)$/u.test(plainWord(text))) continue;
    const before = plainWord(clause[index - 1]?.text ?? '');
    const count = /^\d{1,2}$/u.test(before)
      ? Number(before)
      : Math.max(COUNTS.indexOf(before), COUNTS_RU.indexOf(before));
    if (count > goals.length && !/^(?:the|of|из)$/iu.test(clause[index - 2]?.text ?? '')) fail();
  }
}

/** Reports a score that is not that of the claimed winner, end or lead. A part may have several clauses. */
function checkScores(part: readonly Token[], whole: Says, facts: Facts, add: Add): void {
  const { final, scores, isShootout = false, deeds } = facts;
  const says = saidIn(part);
  const words = textIn(part);
  const found = scoresIn(part);
  const isEnd = says('win') || says('lose') || says('ended');
  if (final && isEnd && !says('half') && !says('lead'))
    for (const [a, b] of found) {
      const isFinal = isScore([final], a, b);
      const isPenalties = isShootout && (whole('penalty') || a !== b) && isScore(scores, a, b);
      const isDrawn = a === b && says('win') && !(isShootout && whole('penalty'));
      if ((!isFinal && !isPenalties) || isDrawn) add('SCORE', words);
    }
  const teams = [...new Set(teamsIn(part))];
  const [team] = teams;
  if (says('lead') && teams.length === 1 && team !== undefined) {
    const leads = (a: number, b: number): boolean => (team === 0 ? a > b : b > a);
    const did = scores.some(
      ([a, b]) => leads(a, b) && (found.length === 0 || found.some(([x, y]) => isScore([[a, b]], x, y))),
    );
    if (scores.length > 0 && !did) add('WINNER', words);
    const named = mentioned(part, facts.people);
    const scored = (choices: readonly number[]): boolean =>
      deeds.some(
        (deed) =>
          deed.side === sideOf(team) && (isOneOf(choices, deed.player, facts) || isOneOf(choices, deed.assist, facts)),
      );
    if (named.length === 1 && named[0] && !scored(named[0])) add('DEED', words);
  }
  if (final && says('dry') && Math.min(...final) > 0) add('SCORE', words);
}

/** Reports pairs in a sentence that the facts do not have: teams and score, player and minute, goal and pass. */
function checkPairs(sentence: string, tokens: readonly Token[], says: Says, facts: Facts, add: Add): void {
  const { people, deeds, final } = facts;
  const teams = [...new Set(teamsIn(tokens))];
  const found = scoresIn(tokens);
  const [score] = found;
  const [one, other] = teams;
  if (final && score && found.length === 1 && one !== undefined && other !== undefined) {
    // "Лисы — Волки, 3:1": the score has the order of the teams.
    const isJoined = tokens.some(({ text }) => /^(?:[—–-]|v|vs|against|против|и|and|of)$/iu.test(text));
    const isVerb = (['win', 'lose', 'lead', 'draw', 'goal'] as const).some(says);
    const [a, b] = one === 0 ? score : [score[1], score[0]];
    if (isJoined && !isVerb && a === final[1] && b === final[0] && a !== b) add('SCORE', sentence);
  }
  // A minute and a player may be in different clauses: "На 12-й минуте, после ошибки защиты, отличился Петров". So if a
  // sentence has one minute and one player, they must belong together.
  const minutes = minutesIn(tokens);
  const named = mentioned(tokens, people);
  const [minute] = minutes;
  const [choices, second] = named;
  const isOf = (of: readonly number[], deed: Deed): boolean =>
    isOneOf(of, deed.player, facts) || isOneOf(of, deed.assist, facts);
  if (minutes.length === 1 && named.length === 1 && choices && minute !== undefined) {
    const fits = deeds.some((deed) => isAt(deed, minute) && isOf(choices, deed));
    if (!fits && deeds.some((deed) => isAt(deed, minute))) add('DEED', sentence);
  }
  // "Гол Петрова с передачи Соколова"
  if (says('goal') && says('assist') && named.length === 2 && choices && second) {
    const isPair = deeds.some((deed) => deed.assist !== null && isOf(choices, deed) && isOf(second, deed));
    if (!isPair) add('DEED', sentence);
  }
}

/**
 * The people of a clause: for each mention, those whose name it can be. Words next to each other are one mention, of
 * the people who have all of its words.
 */
function mentioned(clause: readonly Token[], people: readonly string[]): number[][] {
  const mentions: number[][] = [];
  let isOpen = false;
  for (const { text, people: of } of clause) {
    if (INITIAL.test(text)) continue;
    if (of.length === 0) {
      isOpen = false;
      continue;
    }
    const last = mentions.at(-1);
    const both = isOpen && last ? last.filter((person) => of.includes(person)) : [];
    if (both.length > 0) mentions[mentions.length - 1] = both;
    else mentions.push([...of].filter((person) => people[person] !== undefined));
    isOpen = true;
  }
  return mentions;
}

/** The minutes in a clause: numbers next to a word for minutes, or before an apostrophe, without stoppage time. */
function minutesIn(clause: readonly Token[]): number[] {
  const words = clause.map(({ text }) => text);
  return numbersIn(words)
    .filter(
      ({ from, to }) =>
        words[from - 1] !== '+' &&
        (/^(?:минут\p{L}*|мин|minutes?|min|['’′])$/iu.test(words[to] ?? '') ||
          (words[to] === '+' && words.slice(to).some((word) => /^(?:минут\p{L}*|minutes?|['’′])$/iu.test(word))) ||
          (/^(?:минут\p{L}*|minute)$/iu.test(words[from - 1] ?? '') && !OF_HALF.test(words[to] ?? ''))),
    )
    .map(({ value }) => value);
}

/** The teams of a clause in their order: 0 the home team, 1 the away team. "Hosts" and "guests" are teams too. */
function teamsIn(clause: readonly Token[]): number[] {
  return clause.flatMap(({ text, teams }) => {
    const side = SIDES.find(([pattern]) => pattern.test(plainWord(text)))?.[1];
    return teams.length === 1 ? teams : side === undefined ? [] : [side];
  });
}

function checkWinner(
  clause: readonly Token[],
  says: Says,
  whole: Says,
  { teams, winner, isShootout = false }: Facts,
  words: string,
  add: Add,
): void {
  // A half may be drawn, and so may a match with a shoot-out.
  if (says('draw') && winner !== null && !isShootout && !whole('half')) add('WINNER', words);
  const isPassive = clause.some(
    ({ text }, index) =>
      /^(?:was|were|been|being|get|got|is|are)$/iu.test(text) &&
      /^(?:beaten|defeated|thrashed|overcome|edged)$/iu.test(clause[index + 1]?.text ?? ''),
  );
  const isTurned = isPassive || says('turned');
  const [wins, loses] = [says('win'), says('lose')];
  if (wins === loses && !isTurned) return;
  const won = isPassive ? false : says('turned') ? true : wins;
  // "победа над Волками", "beat", "by Foxes": the team after these words is not the subject.
  const candidates = clause.filter(
    (_, index) =>
      !/^(?:над|у|от|против|over|against|by|to|of|from)$/iu.test(clause[index - 1]?.text ?? '') ||
      (/^to$/iu.test(clause[index - 1]?.text ?? '') && says('win') && !says('lose')),
  );
  // In Russian the team that wins or loses is in the nominative, which is the form of the facts.
  const nominative = candidates.filter(
    ({ text, teams: of }) =>
      of.length === 1 && wordsOf(teams[of[0] ?? 0] ?? '').some((part) => plainWord(part) === plainWord(text)),
  );
  const subject = agreeing(nominative, clause) ?? teamsIn(nominative)[0] ?? teamsIn(candidates)[0];
  if (subject === undefined) return;
  const side = sideOf(subject);
  if (won ? winner !== side : winner === side || winner === null) add('WINNER', words);
}

/**
 * The team that agrees with the verb in number: in "Спартак обыграли Зори" the subject is "Зори". Undefined when both
 * teams do, or neither.
 */
function agreeing(nominative: readonly Token[], clause: readonly Token[]): number | undefined {
  const verb = clause
    .map(({ text }) => plainWord(text))
    .find((word) => CLAIMS.win.test(word) && /л[аои]?$/u.test(word));
  if (verb === undefined) return undefined;
  const fits = nominative.filter(({ text }) => /[иы]$/u.test(plainWord(text)) === verb.endsWith('и'));
  const teams = [...new Set(fits.flatMap(({ teams: of }) => of))];
  return teams.length === 1 ? teams[0] : undefined;
}
