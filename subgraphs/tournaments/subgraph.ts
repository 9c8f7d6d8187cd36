import { defineSubgraph } from '../../platform/manifest/manifest.ts';
import { Tournaments } from '../../schema/messages/tournaments.ts';

/** Tournaments: entries, plans, and the tables and brackets that follow from results. */
export default defineSubgraph({
  name: 'tournaments',
  port: 4005,
  module: async () => (await import('./tournaments.module.ts')).TournamentsModule,
  rateLimits: {
    createTournament: { count: 200, seconds: 3_600, by: 'user' },
    // Each attempt may ask whether players are of some age.
    enterTournament: { count: 500, seconds: 3_600, by: 'user; attempts count' },
  },
  topics: [Tournaments],
  asks: ['teams', 'users', 'matches'],
  nodes: {
    Tournament: ['Tournament'],
    Entry: ['Entry'],
    Stage: ['Stage'],
    Group: ['Group'],
    BracketSlot: ['BracketSlot'],
  },
  personalData: {
    'Tournament.creatorId': 'anonymised',
    'Organizer.userId': 'anonymised',
    'Organizer.appointedBy': 'anonymised',
    'InvitedTeam.invitedBy': 'anonymised',
    'Entry.enteredBy': 'anonymised',
    'Entry.playerIds': 'deleted',
    'Slot.refereeId': 'anonymised',
    'Ruling.madeBy': 'anonymised',
    'Deed.playerId': 'anonymised',
    'Tournament.bestPlayerId': 'anonymised',
    // What an organizer wrote of a team.
    'Entry.reason': 'anonymised',
    'Ruling.reason': 'anonymised',
    // Ids of organizers and referees.
    'TournamentEvent.payload': 'anonymised',
  },
  notPersonal: {
    'Tournament.name': 'of a tournament',
    'Tournament.description': 'of a tournament',
    'Tournament.city': 'of a tournament',
    'Tournament.entryCity': 'of teams',
    'Tournament.minAge': 'a rule',
    'Tournament.maxAge': 'a rule',
    'Tournament.cancelReason': 'of a tournament',
    'Tournament.championId': 'an entry',
    'Stage.name': 'of a stage',
    'Stage.config': 'rules',
    'Stage.plan': 'of entries',
    'Group.name': 'of a group',
    'Round.name': 'of a round',
    'Slot.home': 'of the plan',
    'Slot.away': 'of the plan',
    'Result.score': 'numbers',
    'Ruling.entryIds': 'entries',
    'Standing.decidedBy': 'a criterion',
    'TournamentEvent.id': 'an event',
  },
});
