import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Cases } from '../../test/cases.ts';
import type { Person } from '../../test/network.ts';

const input = { sport: 'FOOTBALL', timeZone: 'Europe/Berlin', startsAt: '2030-06-01T08:00:00.000Z' };

const HOURS = { firstDay: '2030-06-01', lastDay: '2030-06-01', opens: '10:00', closes: '22:00' };
const VENUE = { name: 'Hall', pitches: [{ name: 'Court 1', hours: [HOURS] }] };

/** Sends a mutation that must succeed. @returns the id of the entry, team or tournament in its payload */
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

/** A published tournament that `count` teams of its organizer have entered. @returns global ids */
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

/**
 * A drawn tournament of two teams: a group, and then a final.
 * @returns global ids: of the second stage, of the group, and of the final's slot
 */
async function drawn(owner: Person): Promise<{ stageId: string; groupId: string; slotId: string }> {
  const { tournamentId } = await entered(owner, 2);
  const top = { stage: 1, places: 2 };
  const stages = [
    { name: 'League', format: { roundRobin: {} } },
    { name: 'Finals', format: { singleElimination: {} }, entrants: [{ top }] },
  ];
  await mutated(owner, 'setStages', { tournamentId, stages });
  await mutated(owner, 'closeRegistration', { tournamentId });
  await mutated(owner, 'drawTournament', { tournamentId, method: 'BY_LOT' });
  const { data } = await owner.execute<{
    tournament: { stages: { id: string; groups: { id: string }[]; bracket: { slots: { id: string }[] } | null }[] };
  }>('query ($id: ID!) { tournament(id: $id) { stages { id groups { id } bracket { slots { id } } } } }', {
    id: tournamentId,
  });
  const [league, finals] = data?.tournament.stages ?? [];
  return {
    stageId: finals?.id ?? assert.fail(JSON.stringify(data)),
    groupId: league?.groups[0]?.id ?? '',
    slotId: finals?.bracket?.slots[0]?.id ?? '',
  };
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

/** Adds a venue with one pitch, and asks for a schedule of a tournament that has no matches. */
async function scheduled(
  owner: Person,
  tournamentId: string,
): Promise<{ venueId: string; pitchId: string; runId: string }> {
  const mutation = `mutation ($venue: AddVenueInput!, $plan: PlanScheduleInput!) {
    addVenue(input: $venue) { venue { id pitches { id } } } planSchedule(input: $plan) { run { id } } }`;
  const { data } = await owner.execute<{
    addVenue: { venue: { id: string; pitches: { id: string }[] } };
    planSchedule: { run: { id: string } };
  }>(mutation, {
    venue: { tournamentId, clientId: randomUUID(), ...VENUE },
    plan: { tournamentId, clientId: randomUUID(), matchMinutes: 30 },
  });
  const { venue } = data?.addVenue ?? assert.fail(JSON.stringify(data));
  return { venueId: venue.id, pitchId: venue.pitches[0]?.id ?? '', runId: data?.planSchedule.run.id ?? '' };
}

const inCreate =
  (field: string) =>
  (value: string): readonly [string, string, object] => [
    'createTournament',
    'CreateTournamentInput',
    { clientId: randomUUID(), name: 'Yard', ...input, [field]: value },
  ];

/** Makes inputs of `addVenue` with a given value. All are for one tournament, which the first call creates. */
function inVenue(type: string, withValue: (value: string) => object) {
  let tournament: Promise<string> | undefined;
  return async (value: string, owner: Person): Promise<readonly [string, string, object]> => {
    tournament ??= made(owner, `Yard of ${type}`);
    const input = { tournamentId: await tournament, clientId: randomUUID(), ...VENUE, ...withValue(value) };
    return ['addVenue', 'AddVenueInput', input];
  };
}

export const cases: Cases = {
  borders: {
    guest: '{ tournaments { edges { node { id } } } }',
    viewer: [
      'mutation { createTournament(input: { clientId: "x", name: "x", sport: FOOTBALL, timeZone: "UTC", startsAt: "2030-06-01T08:00:00Z" }) { tournament { id } } }',
      'mutation { addVenue(input: { tournamentId: "x", clientId: "x", name: "x", pitches: [] }) { venue { id } } }',
      'mutation { removeVenue(input: { venueId: "x" }) { removedVenueId } }',
      'mutation { planSchedule(input: { tournamentId: "x", clientId: "x", matchMinutes: 30 }) { run { id } } }',
      'mutation { cancelScheduleRun(input: { runId: "x" }) { run { id } } }',
      'mutation { applySchedule(input: { runId: "x" }) { run { id } } }',
      'mutation { setKickoff(input: { slotId: "x", kickoffAt: "2030-06-01T08:00:00Z" }) { slot { id } } }',
      ...GUESTS_MAY_NOT,
    ],
  },
  async nodes(owner) {
    const { entries } = await entered(owner, 1);
    const id = await made(owner, 'Yard');
    const { venueId, pitchId, runId } = await scheduled(owner, id);
    const { stageId, groupId, slotId } = await drawn(owner);
    return {
      Stage: { id: stageId, field: 'name', says: 'Finals', seenBy: 'everybody' },
      Group: { id: groupId, field: 'number', says: 1, seenBy: 'everybody' },
      BracketSlot: { id: slotId, field: 'label', says: 'Final', seenBy: 'everybody' },
      Tournament: { id, field: 'name', says: 'Yard', root: 'tournament', seenBy: 'maker' },
      Entry: { id: entries[0] ?? '', field: 'state', says: 'ACCEPTED', seenBy: 'everybody' },
      Venue: { id: venueId, field: 'name', says: 'Hall', seenBy: 'maker' },
      Pitch: { id: pitchId, field: 'name', says: 'Court 1', seenBy: 'maker' },
      ScheduleRun: { id: runId, field: 'error', says: null, seenBy: 'maker' },
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
    'AddVenueInput.name': inVenue('name', (name) => ({ name })),
    'AddVenueInput.address': inVenue('address', (address) => ({ address })),
    'PitchInput.name': inVenue('pitch', (name) => ({ pitches: [{ name, hours: [HOURS] }] })),
  },
  texts: {
    'CreateTournamentInput.clientId': 'for the client alone',
    'AddVenueInput.clientId': 'for the client alone',
    'PlanScheduleInput.clientId': 'for the client alone',
    'DeductPointsInput.clientId': 'for the client alone',
    'AddVenueInput.timeZone': 'the name of a time zone that there is',
    'OpeningHoursInput.firstDay': 'a date',
    'OpeningHoursInput.lastDay': 'a date',
    'OpeningHoursInput.opens': 'a time',
    'OpeningHoursInput.closes': 'a time',
    'CreateTournamentInput.description': 'text in several lines, shown as such',
    'CreateTournamentInput.rules': 'the name of rules that there are',
    'CreateTournamentInput.timeZone': 'the name of a time zone that there is',
    'StageInput.name': 'the rule of CreateTournamentInput.name',
    ...Object.fromEntries(
      ['GivenGroupInput.name', 'GivenTableRoundInput.name', 'GivenBracketRoundInput.name'].map((input) => [
        input,
        'the rule of CreateTournamentInput.name',
      ]),
    ),
    'GivenMatchInput.venue': 'the rule of CreateTournamentInput.name',
    'GivenLegInput.venue': 'the rule of CreateTournamentInput.name',
    'GivenTieInput.key': 'the key of a tie within the input, never shown',
    'GivenSideInput.winnerOf': 'the key of a tie in the same input',
    'GivenSideInput.loserOf': 'the key of a tie in the same input',
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
