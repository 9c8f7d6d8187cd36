import { z } from 'zod';
import { localTimeOf } from '../../../platform/time-zone.ts';
import { FactsOfTournament, type TournamentAsFacts } from '../../../schema/questions/tournaments.ts';
import { type Facts, faultsOf, NO_FACTS } from '../facts/check.ts';
import { isFormOf, wordsOf } from '../facts/names.ts';
import { userError } from '../reasons.ts';
import { answerText, defineFlow } from './flow.ts';
import type { announcementInput } from '../inputs.ts';
import { numbersOf, textOf } from './match-report.ts';

export const tournamentAnnouncement = z.object({
  title: answerText(120),
  paragraphs: z.array(answerText(1200)).min(1).max(6),
});

const OVER = ['COMPLETED', 'ARCHIVED', 'CANCELLED'];

export const tournamentAnnouncementFlow = defineFlow<
  z.output<typeof announcementInput>,
  z.output<typeof tournamentAnnouncement>
>({
  name: 'tournamentAnnouncement',
  value: 'TOURNAMENT_ANNOUNCEMENT',
  promptVersion: 1,
  maxTokens: 1200,
  maxCharacters: 10_000,
  async prepare(viewer, { tournamentId, language }, questions) {
    const tournament = await questions.ask(FactsOfTournament, tournamentId, viewer);
    if (!tournament) throw userError('TOURNAMENT_NOT_FOUND', 'tournamentId');
    if (OVER.includes(tournament.state)) throw userError('TOURNAMENT_OVER', 'tournamentId');
    const isOpen = tournament.state === 'DRAFT' || tournament.state === 'REGISTRATION';
    const told = isOpen ? tournament : { ...tournament, registrationClosesAt: null };
    const facts = factsOfTournament(told);
    return {
      language,
      data: dataOf(told),
      isShared: true,
      names: facts.others,
      schema: tournamentAnnouncement,
      render: textOf,
      check: (part) => faultsOf(part, facts, language),
      checkWhole(_answer, text) {
        const words = text.match(/[\p{L}\p{M}'’]+/gu) ?? [];
        const isNamed = wordsOf(tournament.name).every((part) =>
          words.some((word) => isFormOf(word, part, { plural: true })),
        );
        return isNamed ? [] : [{ kind: 'INCOMPLETE', words: tournament.name }];
      },
    };
  },
});

function dataOf({ startsAt, registrationClosesAt, timeZone, ...tournament }: TournamentAsFacts) {
  const { name, description, sport, city, minTeams, maxTeams, minAge, maxAge, venues } = tournament;
  const closes = registrationClosesAt === null ? null : localTimeOf(registrationClosesAt, timeZone);
  const starts = localTimeOf(startsAt, timeZone);
  return {
    ...{ name, description, sport, city, venues, minTeams, maxTeams, minAge, maxAge },
    starts: `${starts.date} ${starts.time}`,
    registrationCloses: closes && `${closes.date} ${closes.time}`,
  };
}

/**
 * What an announcement of the tournament may say. Names and numbers that are only in the tournament's description are
 * not facts, because the organizer may write anything there.
 */
function factsOfTournament(tournament: TournamentAsFacts): Facts {
  const { name, city, venues, minTeams, maxTeams, minAge, maxAge, startsAt, registrationClosesAt, timeZone } =
    tournament;
  const moments = [startsAt, registrationClosesAt].filter((at) => at !== null).map((at) => localTimeOf(at, timeZone));
  const dates = moments.map(({ date }) => date.split('-').map(Number));
  return {
    ...NO_FACTS,
    others: [name, city, ...venues].filter((one) => one !== null),
    numbers: [
      ...[minTeams, maxTeams, minAge, maxAge].filter((one) => one !== null),
      ...dates.flat(),
      ...numbersOf(name, city, ...venues),
    ],
    times: moments.map(({ time }) => time),
    days: moments.map(({ weekday }, index) => [dates[index]?.[1] ?? 0, weekday]),
  };
}
