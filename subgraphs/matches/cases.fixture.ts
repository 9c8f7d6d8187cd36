import type { Cases } from '../../test/cases.ts';

export const cases: Cases = {
  borders: {
    guest: '{ matches { edges { node { id } } } }',
    viewer: ['mutation { startMatch(input: { matchId: "x" }) { match { id } } }'],
  },
  texts: {
    'RescheduleMatchInput.venue': 'the rule of ScheduleMatchInput.venue',
    'SquadMemberInput.name': 'the rule of MatchPlayerInput.name',
    'ProtestResultInput.reason': 'text in several lines, shown as such',
    ...Object.fromEntries(
      ['AbandonMatch', 'AwardWalkover', 'CancelMatch', 'CorrectResult', 'PostponeMatch', 'SuspendMatch'].map((name) => [
        `${name}Input.reason`,
        'a line that an official says',
      ]),
    ),
    'DecideProtestInput.answer': 'a line that an official says',
  },
};
