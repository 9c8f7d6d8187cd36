import { z } from 'zod';
import { type LocalTime, localTimeOf } from '../../../platform/time-zone.ts';
import { type MatchAsFacts, FactsOfMatch } from '../../../schema/questions/matches.ts';
import { FactsOfTournament } from '../../../schema/questions/tournaments.ts';
import { type Deed, type Facts, faultsOf, NO_FACTS } from '../facts/check.ts';
import { isFormOf, wordsOf } from '../facts/names.ts';
import { userError } from '../reasons.ts';
import { type AnyFault, answerText, defineFlow } from './flow.ts';
import type { reportInput } from '../inputs.ts';

export const matchReport = z.object({ title: answerText(120), paragraphs: z.array(answerText(1200)).min(1).max(8) });

const ENDED = ['FINISHED', 'CONFIRMED', 'WALKOVER'];

export const matchReportFlow = defineFlow<z.output<typeof reportInput>, z.output<typeof matchReport>>({
  name: 'matchReport',
  value: 'MATCH_REPORT',
  promptVersion: 1,
  maxTokens: 1500,
  maxCharacters: 12_000,
  async prepare(viewer, { matchId, language, timeZone }, questions) {
    const match = await questions.ask(FactsOfMatch, matchId, viewer);
    if (!match) throw userError('MATCH_NOT_FOUND', 'matchId');
    if (!ENDED.includes(match.state)) throw userError('MATCH_NOT_ENDED', 'matchId');
    const tournament =
      timeZone || match.tournamentId === null
        ? null
        : await questions.ask(FactsOfTournament, match.tournamentId, viewer);
    const day = localTimeOf(match.kickoffAt, timeZone ?? tournament?.timeZone ?? 'UTC');
    const facts = factsOfMatch(match, day);
    return {
      language,
      data: dataOf(match, day),
      isShared: true,
      names: [...facts.people, ...facts.teams, ...facts.others],
      schema: matchReport,
      render: textOf,
      check: (part) => faultsOf(part, facts, language),
      checkWhole: (_answer, text) => missingIn(text, match),
    };
  },
});

/** The title and the paragraphs, with empty lines between them. */
export const textOf = ({ title, paragraphs }: { title?: string; paragraphs?: readonly string[] }): string =>
  [title, ...(paragraphs ?? [])].filter((one) => typeof one === 'string' && one !== '').join('\n\n');

/** What the provider gets of a match. */
function dataOf(
  { sport, competition, venue, home, away, homeScore, awayScore, ...rest }: MatchAsFacts,
  { date }: LocalTime,
) {
  const { homeShootout, awayShootout, deeds } = rest;
  return {
    ...{ sport, competition, venue, home, away },
    date,
    score: `${homeScore}:${awayScore}`,
    shootout: homeShootout === null || awayShootout === null ? null : `${homeShootout}:${awayShootout}`,
    events: deeds.map(({ kind, side, minute, stoppage, player, assist }) => ({
      ...{ kind, team: side === 'HOME' ? home : away, player, assist },
      minute: minute === null ? null : `${minute}${stoppage === null ? '' : `+${stoppage}`}`,
    })),
  };
}

/** What a report of the match may say. */
function factsOfMatch(
  { home, away, homeScore, awayScore, ...match }: MatchAsFacts,
  { date, weekday }: LocalTime,
): Facts {
  const { homeShootout, awayShootout, deeds, competition, venue } = match;
  const scores: [number, number][] = [[homeScore, awayScore]];
  const running: [number, number] = [0, 0];
  for (const { side, points } of deeds) {
    if (points === 0) continue;
    running[side === 'HOME' ? 0 : 1] += points;
    scores.push([...running]);
  }
  const shootout: [number, number] | null =
    homeShootout === null || awayShootout === null ? null : [homeShootout, awayShootout];
  if (shootout) scores.push(shootout);
  const [ours, theirs] = homeScore === awayScore && shootout ? shootout : [homeScore, awayScore];
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  return {
    ...NO_FACTS,
    people: [...new Set(deeds.flatMap(({ player, assist }) => [player, assist]).filter((one) => one !== null))],
    teams: [home, away],
    others: [competition, venue].filter((one) => one !== null),
    deeds: deeds as readonly Deed[],
    scores,
    final: [homeScore, awayScore],
    isShootout: shootout !== null,
    winner: ours === theirs ? null : ours > theirs ? 'HOME' : 'AWAY',
    numbers: [year, day, ...numbersOf(home, away, competition, venue)],
    days: [[month, weekday]],
  };
}

/** The numbers in names, such as 2000 in "Team 2000". */
export const numbersOf = (...names: readonly (string | null)[]): number[] =>
  names.flatMap((name) => (name?.match(/\d{1,9}/gu) ?? []).map(Number));

/** A report must name the scorers, but at most the first 12. */
const MOST_SCORERS = 12;

/** What a report of the match should say and does not. */
function missingIn(text: string, { home, away, homeScore, awayScore, deeds }: MatchAsFacts): AnyFault[] {
  const words = text.match(/[\p{L}\p{M}'’]+/gu) ?? [];
  const isNamed = (name: string, plural: boolean): boolean => {
    const parts = wordsOf(name);
    return parts.length === 0
      ? text.includes(name)
      : plural
        ? parts.every((part) => words.some((word) => isFormOf(word, part, { plural })))
        : words.some((word) => isFormOf(word, parts.at(-1) ?? '', { plural }));
  };
  const scorers = [...new Set(deeds.filter(({ points }) => points > 0).map(({ player }) => player))]
    .filter((player) => player !== null)
    .slice(0, MOST_SCORERS);
  const missing = [
    ...[home, away].filter((team) => !isNamed(team, true)),
    ...scorers.filter((player) => !isNamed(player, false)),
  ];
  const score = new RegExp(
    `(?<!\\d)(?:${homeScore}\\s?[:–—-]\\s?${awayScore}|${awayScore}\\s?[:–—-]\\s?${homeScore})(?!\\d)`,
    'u',
  );
  if (!score.test(text)) missing.push(`${homeScore}:${awayScore}`);
  return missing.map((words) => ({ kind: 'INCOMPLETE', words }));
}
