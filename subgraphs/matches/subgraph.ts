import { defineSubgraph } from '../../platform/manifest/manifest.ts';
import { Matches } from '../../schema/messages/matches.ts';

/** Matches and what happens in them. */
export default defineSubgraph({
  name: 'matches',
  port: 4003,
  module: async () => (await import('./matches.module.ts')).MatchesModule,
  topics: [Matches],
  asks: ['users', 'teams'],
  nodes: {
    Match: ['Match'],
    MatchEvent: ['MatchStateChanged', 'PeriodStarted', 'GoalScored', 'CardShown', 'MatchEventVoided'],
  },
  personalData: {
    'Match.organizerId': 'anonymised',
    'Match.refereeId': 'anonymised',
    'MatchEvent.recordedBy': 'anonymised',
    // Names and ids of who scored or was shown a card, and the reason why an event was taken back.
    'MatchEvent.detail': 'anonymised',
  },
  notPersonal: {
    'Match.score': 'numbers',
    'MatchEvent.score': 'numbers',
    'KnownTeam.id': 'a team',
    'KnownTeam.name': 'of a team',
  },
});
