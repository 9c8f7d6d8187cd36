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
    MatchEvent: [
      'MatchStateChanged',
      'PeriodStarted',
      'GoalScored',
      'CardShown',
      'PlayerSubstituted',
      'MatchEventVoided',
      'LineupGiven',
      'MatchPlanned',
      'ResultSet',
      'ResultConfirmed',
      'ResultProtested',
      'ReplayOrdered',
    ],
    Player: ['Player'],
  },
  personalData: {
    'Match.organizerId': 'anonymised',
    'Match.refereeId': 'anonymised',
    'MatchEvent.recordedBy': 'anonymised',
    // Reasons that users wrote. Events of version 1 also have the names and ids of players who scored or got a card.
    'MatchEvent.detail': 'anonymised',
    'Match.homeConfirmedBy': 'anonymised',
    'Match.awayConfirmedBy': 'anonymised',
    'Player.userId': 'anonymised',
    'Player.name': 'anonymised',
    'SquadMember.playerId': 'anonymised',
    'Protest.madeBy': 'anonymised',
    'Protest.reason': 'deleted',
    'Protest.answer': 'anonymised',
    'Protest.decidedBy': 'anonymised',
    'KnownTournament.organizerIds': 'anonymised',
    'RatedMatch.homePlayers': 'anonymised',
    'RatedMatch.awayPlayers': 'anonymised',
    'RatingChange.subjectId': 'anonymised',
    'PlayerResult.playerId': 'anonymised',
  },
  notPersonal: {
    'Match.score': 'numbers',
    'MatchEvent.score': 'numbers',
    'KnownTournament.id': 'a tournament',
    'TeamResult.opponentId': 'a team',
    'KnownTeam.id': 'a team',
    'KnownTeam.name': 'of a team',
  },
});
