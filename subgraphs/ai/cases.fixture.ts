import { randomUUID } from 'node:crypto';
import type { Cases } from '../../test/cases.ts';

const made = { clientId: 'clientId', within: [], object: 'generation { id: createdAt }', beside: ['wait'] };

export const cases: Cases = {
  borders: {
    guest: '{ availableFlows }',
    viewer: [
      'mutation { writeMatchReport(input: { clientId: "x", matchId: "x", language: EN }) { generation { state } } }',
      'mutation { writeTournamentAnnouncement(input: { clientId: "x", tournamentId: "x", language: EN }) { generation { state } } }',
      'mutation { writeTrainingPlan(input: { clientId: "x", sport: FOOTBALL, level: BEGINNER, sessions: 1, minutes: 60, language: EN }) { generation { state } } }',
      'mutation { suggestTeamNames(input: { clientId: "x", sport: FOOTBALL, language: EN }) { generation { state } } }',
      'mutation { judgeMessage(input: { clientId: "x", messageId: "x", language: EN }) { generation { state } } }',
      'mutation { translateText(input: { clientId: "x", text: "x", language: EN }) { generation { state } } }',
    ],
  },
  names: {
    'SuggestTeamNamesInput.city': (city) => [
      'suggestTeamNames',
      'SuggestTeamNamesInput',
      { clientId: randomUUID(), sport: 'FOOTBALL', language: 'EN', city },
    ],
  },
  texts: {
    'WriteMatchReportInput.clientId': 'for the client alone',
    'WriteMatchReportInput.timeZone': 'the name of a time zone that there is',
    'WriteTournamentAnnouncementInput.clientId': 'for the client alone',
    'WriteTrainingPlanInput.clientId': 'for the client alone',
    'WriteTrainingPlanInput.focus': 'a wish, which nobody else reads',
    'SuggestTeamNamesInput.clientId': 'for the client alone',
    'SuggestTeamNamesInput.style': 'a wish, which nobody else reads',
    'JudgeMessageInput.clientId': 'for the client alone',
    'TranslateTextInput.clientId': 'for the client alone',
    'TranslateTextInput.text': 'a text to translate, which nobody else reads',
  },
  writes: {
    writeTrainingPlan: {
      ...made,
      input: { sport: 'FOOTBALL', level: 'BEGINNER', sessions: 1, minutes: 60, language: 'EN' },
      others: { sport: 'MINI_FOOTBALL', level: 'ADVANCED', sessions: 2, minutes: 90, focus: 'passing', language: 'RU' },
    },
    suggestTeamNames: {
      ...made,
      input: { sport: 'FOOTBALL', language: 'EN' },
      others: { sport: 'MINI_FOOTBALL', city: 'Berlin', style: 'birds', count: 3, language: 'RU' },
    },
    translateText: {
      ...made,
      input: { text: 'Good game', language: 'RU' },
      others: { text: 'Bad game', messageId: 'x', language: 'EN' },
    },
  },
};
