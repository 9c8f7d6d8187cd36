import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, accepted } from './api.ts';
import type { FileMatch } from './match.ts';
import {
  AwardWalkover,
  ConfirmResult,
  CorrectResult,
  FinishMatch,
  RecordFinalScore,
  RecordMatchEvent,
  StartMatch,
} from './operations.ts';
import { tablesIn } from './places.ts';
import { stepsOf } from './play.ts';

const nameOf = ({ home, away }: FileMatch): string => `${home} – ${away}`;

/**
 * Plays a match through the API as its referee writes it down, at `speed` times real speed.
 * @param goesOn whether an interrupted replay has started the match already. Events get the same client ids as before,
 * so the API does not record them twice.
 */
export async function play(
  api: Api,
  matchId: string,
  file: FileMatch,
  { speed, goesOn }: { speed: number; goesOn: boolean },
): Promise<void> {
  if (!file.result) return;
  const what = nameOf(file);
  if (!goesOn) accepted(what, (await api.request(StartMatch, { input: { matchId } })).startMatch);
  const kickedOff = performance.now();
  const at = async (minute: number): Promise<void> => {
    const wait = kickedOff + (minute * 60_000) / speed - performance.now();
    if (wait > 0) await sleep(wait);
  };
  let count = 0;
  for (const { minute, event } of stepsOf(file.result)) {
    await at(minute);
    accepted(
      what,
      (await api.request(RecordMatchEvent, { input: { matchId, clientEventId: `${file.clientId}:${count++}`, event } }))
        .recordMatchEvent,
    );
  }
  await at(file.result.periods > 2 ? 120 : 90);
  accepted(what, (await api.request(FinishMatch, { input: { matchId } })).finishMatch);
}

/** Confirms the result for both sides, as the organizer may. */
export async function confirm(api: Api, matchId: string, file: FileMatch): Promise<void> {
  accepted(nameOf(file), (await api.request(ConfirmResult, { input: { matchId, overrule: true } })).confirmResult);
}

/** The winner's score of a walkover in football. Every preset of the rules of football has this number. */
const WALKOVER = 3;
/**
 * An awarded match with this score is a walkover. Another score is awarded in two steps, and the match is CONFIRMED.
 */
export const isWalkover = ({ awarded, result }: FileMatch): boolean =>
  awarded && result !== null && Math.max(...result.score) === WALKOVER && Math.min(...result.score) === 0;

/**
 * Enters the result of the file without waiting for the minutes of play: as a walkover, goal by goal, or as a score.
 * Then the result counts. Does nothing when the file has no result.
 */
export async function enterResult(api: Api, matchId: string, state: string, file: FileMatch): Promise<void> {
  const { result } = file;
  const what = nameOf(file);
  if (!result) return;
  const [home, away] = result.score;
  if (file.awarded) {
    const winner = home === away ? null : home > away ? ('HOME' as const) : ('AWAY' as const);
    const reason = 'awarded';
    accepted(what, (await api.request(AwardWalkover, { input: { matchId, winner, reason } })).awardWalkover);
    if (isWalkover(file)) return;
    const input = { matchId, score: { home, away }, reason };
    accepted(what, (await api.request(CorrectResult, { input })).correctResult);
    return;
  }
  if (state !== 'FINISHED') {
    if (result.goals.some(({ player, clock }) => player !== null || clock !== null))
      await play(api, matchId, file, { speed: Infinity, goesOn: state === 'LIVE' });
    else {
      const shootout = result.shootout && { home: result.shootout[0], away: result.shootout[1] };
      const input = { matchId, score: { home, away, shootout } };
      accepted(what, (await api.request(RecordFinalScore, { input })).recordFinalScore);
    }
  }
  await confirm(api, matchId, file);
}

/** A copy of the match with home and away exchanged. */
export function turned(file: FileMatch): FileMatch {
  const { result, home, away } = file;
  return {
    ...file,
    home: away,
    away: home,
    result: result && {
      ...result,
      score: [result.score[1], result.score[0]],
      shootout: result.shootout && [result.shootout[1], result.shootout[0]],
      goals: result.goals.map((goal) => ({
        ...goal,
        side: goal.side === 'HOME' ? ('AWAY' as const) : ('HOME' as const),
      })),
    },
  };
}

/**
 * Gives a walkover to a team whose knock-out match was cancelled, when this team, but not its opponent, has a later
 * match in the file. Other matches stay unchanged.
 */
export function withForfeits(matches: readonly FileMatch[]): FileMatch[] {
  const tableOf = tablesIn(matches);
  return matches.map((match) => {
    if (!match.cancelled || tableOf(match) !== null) return match;
    const playsOn = (team: string): boolean =>
      matches.some(({ home, away, kickoffAt }) => kickoffAt > match.kickoffAt && (home === team || away === team));
    const [home, away] = [playsOn(match.home), playsOn(match.away)];
    if (home === away) return match;
    const score = home ? ([WALKOVER, 0] as const) : ([0, WALKOVER] as const);
    return { ...match, awarded: true, result: { score, shootout: null, periods: 2, goals: [] } };
  });
}
