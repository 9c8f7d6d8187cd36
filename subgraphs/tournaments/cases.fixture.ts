import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Cases } from '../../test/cases.ts';
import type { Person } from '../../test/network.ts';

const input = { sport: 'FOOTBALL', timeZone: 'Europe/Berlin', startsAt: '2030-06-01T08:00:00.000Z' };

/** Sends a mutation that must succeed. @returns the id of what it answers with */
async function mutated(who: Person, mutation: string, content: object): Promise<string> {
  const field = /Entry|enter/.test(mutation) ? 'entry' : mutation === 'createTeam' ? 'team' : 'tournament';
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const { data } = await who.execute<Record<string, Record<string, { id: string } | null>>>(
    `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${field} { id } userErrors { message } } }`,
    { input: content },
  );
  return data?.[mutation]?.[field]?.id ?? assert.fail(JSON.stringify(data));
}
const made = (owner: Person, name: string): Promise<string> =>
  mutated(owner, 'createTournament', { clientId: randomUUID(), name, ...input });

/** A public tournament with so many teams of its organizer. @returns it, and the entries */
async function entered(owner: Person, count: number): Promise<{ tournamentId: string; entries: string[] }> {
  const tournamentId = await made(owner, 'Open');
  await mutated(owner, 'publishTournament', { tournamentId });
  const entries: string[] = [];
  for (let n = 0; n < count; n++) {
    const team = { clientId: randomUUID(), name: 'Foxes', sport: input.sport };
    const teamId = await mutated(owner, 'createTeam', team);
    entries.push(await mutated(owner, 'enterTournament', { tournamentId, teamId }));
  }
  return { tournamentId, entries };
}

const GUESTS_MAY_NOT = [
  ...['delete', 'publish', 'update', 'draw', 'start', 'cancel', 'archive'].map((verb) => [
    `${verb}Tournament`,
    'tournamentId: "x"',
  ]),
  ['closeRegistration', 'tournamentId: "x"'],
  ['endCheckIn', 'tournamentId: "x"'],
  ['appointOrganizer', 'tournamentId: "x", userId: "x"'],
  ['removeOrganizer', 'tournamentId: "x", userId: "x"'],
  ['inviteTeamToTournament', 'tournamentId: "x", teamId: "x"'],
  ['enterTournament', 'tournamentId: "x", teamId: "x"'],
  ...['withdrawEntry', 'checkIn', 'approveEntry', 'rejectEntry', 'disqualifyEntry'].map((verb) => [
    verb,
    'entryId: "x"',
  ]),
].map(([mutation, content]) => `mutation { ${mutation}(input: { ${content} }) { userErrors { message } } }`);

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
      ...GUESTS_MAY_NOT,
    ],
  },
  async nodes(owner) {
    const { entries } = await entered(owner, 1);
    return {
      Tournament: { id: await made(owner, 'Yard'), field: 'name', says: 'Yard', root: 'tournament', seenBy: 'maker' },
      Entry: { id: entries[0] ?? '', field: 'state', says: 'ACCEPTED', seenBy: 'everybody' },
    };
  },
  async lists(owner) {
    const { tournamentId } = await entered(owner, 2);
    await entered(owner, 0);
    return [
      ['Query.tournaments', 'tournaments(PAGE) { edges { cursor } }'],
      ['Tournament.entries', `tournament(id: "${tournamentId}") { entries(PAGE) { edges { cursor } } }`],
    ];
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
    'StageInput.name': 'the rule of CreateTournamentInput.name',
    'TableRulesInput.preset': 'the name of rules that there are',
    ...Object.fromEntries(
      ['DeductPoints', 'RecordFairPlay', 'RecordLots', 'RecordPlayOff', 'RecordRanking'].map((name) => [
        `${name}Input.reason`,
        'text in several lines, shown as such',
      ]),
    ),
    'UpdateTournamentInput.name': 'the rule of CreateTournamentInput.name',
    'UpdateTournamentInput.city': 'the rule of CreateTournamentInput.city',
    'UpdateTournamentInput.entryCity': 'the rule of CreateTournamentInput.entryCity',
    'UpdateTournamentInput.description': 'text in several lines, shown as such',
    'UpdateTournamentInput.rules': 'the name of rules that there are',
    'UpdateTournamentInput.timeZone': 'the name of a time zone that there is',
    'CancelTournamentInput.reason': 'text in several lines, shown as such',
    'RejectEntryInput.reason': 'text in several lines, shown as such',
    'DisqualifyEntryInput.reason': 'text in several lines, shown as such',
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
