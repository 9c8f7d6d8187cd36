import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Cases } from '../../test/cases.ts';
import type { Person } from '../../test/network.ts';

const input = { sport: 'FOOTBALL', timeZone: 'Europe/Berlin', startsAt: '2030-06-01T08:00:00.000Z' };

async function made(owner: Person, name: string): Promise<string> {
  const create =
    'mutation ($input: CreateTournamentInput!) { createTournament(input: $input) { tournament { id } userErrors { message } } }';
  const { data } = await owner.execute<{ createTournament: { tournament: { id: string } } }>(create, {
    input: { clientId: randomUUID(), name, ...input },
  });
  return data?.createTournament.tournament.id ?? assert.fail(JSON.stringify(data));
}

const inCreate =
  (field: string) =>
  (value: string): readonly [string, string, object] => [
    'createTournament',
    'CreateTournamentInput',
    { clientId: randomUUID(), name: 'Yard', ...input, [field]: value },
  ];

export const cases: Cases = {
  borders: {
    guest: '{ tournaments { edges { node { id } } } }',
    viewer: [
      'mutation { createTournament(input: { clientId: "x", name: "x", sport: FOOTBALL, timeZone: "UTC", startsAt: "2030-06-01T08:00:00Z" }) { tournament { id } } }',
      'mutation { deleteTournament(input: { tournamentId: "x" }) { deletedTournamentId } }',
    ],
  },
  nodes: async (owner) => ({
    Tournament: { id: await made(owner, 'Yard'), field: 'name', says: 'Yard', root: 'tournament', seenBy: 'maker' },
  }),
  async lists(owner) {
    for (const name of ['One', 'Two']) await made(owner, name);
    return [['Query.tournaments', 'tournaments(PAGE) { edges { cursor } }']];
  },
  names: {
    'CreateTournamentInput.name': inCreate('name'),
    'CreateTournamentInput.city': inCreate('city'),
    'CreateTournamentInput.entryCity': inCreate('entryCity'),
  },
  texts: {
    'CreateTournamentInput.clientId': 'for the client alone',
    'CreateTournamentInput.description': 'text in several lines, shown as such',
    'CreateTournamentInput.rules': 'the name of rules that there are',
    'CreateTournamentInput.timeZone': 'the name of a time zone that there is',
  },
  writes: {
    createTournament: {
      clientId: 'clientId',
      input: { name: 'Yard', ...input },
      within: [],
      others: {
        name: 'Hall',
        description: 'In the hall',
        sport: 'HOCKEY',
        rules: 'fifa-2018',
        timeZone: 'UTC',
        city: 'Ulm',
        startsAt: '2030-06-02T08:00:00.000Z',
        mode: 'APPROVAL',
        minTeams: 3,
        maxTeams: 16,
        registrationClosesAt: '2030-05-01T08:00:00.000Z',
        checkInClosesAt: '2030-05-31T08:00:00.000Z',
        minAge: 18,
        maxAge: 40,
        minLevel: 2,
        maxLevel: 9,
        entryCity: 'Ulm',
        protestHours: 24,
      },
      object: 'tournament { id }',
    },
  },
};
