import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import { buildSchema, getNamedType, isInputObjectType } from 'graphql';
import { type AiProvider, startAiProvider } from '../../ai-provider/server.ts';
import { allCases, type Write } from '../../cases.ts';
import { type Network, type Person, startNetwork } from '../../network.ts';
import { FinishMatch, SendMessage } from '../operations.ts';
import { createTeam, kickOff, record, roomOfMatch, schedule } from '../play.ts';

interface Payload {
  readonly userErrors: readonly { readonly field: readonly string[] | null; readonly code: string }[];
}

/** Mutations that need no other subgraph. */
const more = [...(await allCases()).values()].flatMap(({ writes = {} }) => Object.entries(writes));

const CLIENT_ID = /^client(?:\w+)?Id$/;

async function madeTournament(owner: Person): Promise<string> {
  const { data, errors } = await owner.execute<{ createTournament: { tournament: { id: string } } }>(
    'mutation ($input: CreateTournamentInput!) { createTournament(input: $input) { tournament { id } } }',
    {
      input: {
        clientId: randomUUID(),
        name: 'Yard Cup',
        sport: 'FOOTBALL',
        timeZone: 'UTC',
        startsAt: '2030-06-01T08:00:00.000Z',
      },
    },
  );
  return data?.createTournament.tournament.id ?? assert.fail(JSON.stringify(errors));
}

describe('a client id', () => {
  let network: Network;
  let provider: AiProvider;
  let olga: Person;
  const writes = new Map<string, Write>(more);
  beforeAll(async () => {
    provider = await startAiProvider();
    network = await startNetwork({ env: provider.env });
    olga = await network.user('olga', { roles: ['organizer'] });
    const [played, third] = [await schedule(olga), await createTeam(olga, 'Third Team')];
    const roomId = await roomOfMatch(olga, played.matchId);
    await kickOff(olga, played.matchId);
    const seqs = [
      await record(olga, played.matchId, { goal: { side: 'HOME' } }),
      await record(olga, played.matchId, { goal: { side: 'AWAY' } }),
    ];
    const kickoffAt = '2026-05-01T18:30:00.000Z';
    writes.set('scheduleMatch', {
      clientId: 'clientId',
      within: [],
      object: 'match { id }',
      input: {
        sport: 'FOOTBALL',
        homeTeamId: played.home,
        awayTeamId: played.away,
        kickoffAt,
        competition: 'Cup',
        round: 'Final',
        group: null,
        venue: null,
        refereeId: olga.id,
      },
      others: {
        sport: 'MINI_FOOTBALL',
        homeTeamId: third,
        awayTeamId: third,
        kickoffAt: '2026-05-01T18:30:00.001Z',
        competition: 'League',
        round: null,
        group: 'A',
        venue: 'Yard',
        refereeId: null,
      },
    });
    writes.set('recordMatchEvent', {
      clientId: 'clientEventId',
      within: ['matchId'],
      object: 'event { id }',
      input: { matchId: played.matchId, goal: { side: 'HOME', clock: { minute: 3 }, player: { name: 'Anna' } } },
      others: {
        event: { card: { side: 'HOME', card: 'YELLOW' } },
        goal: { side: 'HOME', clock: { minute: 3 }, player: { name: 'Boris' } },
        card: { side: 'HOME', card: 'RED' },
        period: {},
      },
    });
    writes.set('voidMatchEvent', {
      clientId: 'clientEventId',
      within: ['matchId'],
      object: 'event { id }',
      input: { matchId: played.matchId, seq: seqs[0], reason: 'offside' },
      others: { seq: seqs[1], reason: 'handball' },
    });
    const [anna, boris] = [await network.user('anna'), await network.user('boris')];
    writes.set('inviteToTeam', {
      clientId: 'clientId',
      within: [],
      object: 'invitation { id }',
      input: { teamId: third, userId: anna.id, role: 'PLAYER', squadNumber: 7 },
      others: { teamId: played.home, userId: boris.id, role: 'COACH', squadNumber: 8 },
    });
    writes.set('requestToJoin', {
      clientId: 'clientId',
      within: [],
      object: 'joinRequest { id }',
      input: { teamId: await createTeam(anna, 'Fourth Team') },
      others: { teamId: await createTeam(anna, 'Fifth Team') },
    });
    const tournamentId = await madeTournament(olga);
    const openId = await madeTournament(olga);
    const publish =
      'mutation ($input: PublishTournamentInput!) { publishTournament(input: $input) { tournament { id } } }';
    await olga.execute(publish, { input: { tournamentId: openId } });
    const hours = [{ firstDay: '2030-06-01', lastDay: '2030-06-01', opens: '10:00', closes: '18:00' }];
    writes.set('addVenue', {
      clientId: 'clientId',
      within: ['tournamentId'],
      object: 'venue { id }',
      input: { tournamentId, name: 'Hall', pitches: [{ name: 'Court 1', hours }] },
      others: { name: 'Park', address: 'Yard 1', timeZone: 'UTC', pitches: [{ name: 'Court 2', hours }] },
    });
    writes.set('planSchedule', {
      clientId: 'clientId',
      within: ['tournamentId'],
      object: 'run { id }',
      input: { tournamentId, matchMinutes: 30 },
      others: {
        matchMinutes: 40,
        pauseMinutes: 5,
        restMinutes: 5,
        notBefore: '2030-06-01T08:00:00.000Z',
        keepPlanned: true,
        referees: [{ userId: olga.id }],
      },
    });
    const { data: entered } = await olga.execute<{ enterTournament: { entry: { id: string } } }>(
      'mutation ($input: EnterTournamentInput!) { enterTournament(input: $input) { entry { id } } }',
      { input: { tournamentId: openId, teamId: third } },
    );
    const entryId = entered?.enterTournament.entry.id;
    writes.set('deductPoints', {
      clientId: 'clientId',
      within: ['tournamentId'],
      object: 'tournament { id }',
      input: { tournamentId: openId, entryId, points: -1, reason: 'Late' },
      others: { entryId: third, stageId: third, points: -2, reason: 'Absent', date: '2026-05-01T18:30:00.000Z' },
    });
    writes.set('createMailing', {
      clientId: 'clientId',
      within: [],
      object: 'mailing { id }',
      input: { about: tournamentId, entries: ['CONFIRMED'], subject: 'Shirts', text: 'Bring both.' },
      others: { about: await madeTournament(olga), entries: ['WAIT_LISTED'], subject: 'Balls', text: 'Bring one.' },
    });

    const season = { seasonFrom: '2026-01-01T00:00:00.000Z', seasonTo: '2027-01-01T00:00:00.000Z' };
    writes.set('requestReport', {
      clientId: 'clientId',
      within: [],
      object: 'report { id }',
      input: { kind: 'SEASON_STATISTICS', subjectId: third, format: 'PDF', ...season },
      others: {
        kind: 'MATCH',
        subjectId: played.home,
        format: 'CSV',
        seasonFrom: '2026-02-01T00:00:00.000Z',
        seasonTo: '2027-02-01T00:00:00.000Z',
        language: 'RU',
        timeZone: 'Europe/Moscow',
      },
    });
    writes.set('sendMessage', {
      clientId: 'clientMessageId',
      within: ['roomId'],
      object: 'message { id }',
      input: { roomId, text: 'hello' },
      others: { text: 'good evening', attachmentIds: [toGlobalId('MediaFile', randomUUID())] },
    });
    const { matchId: endedId } = await schedule(olga);
    await kickOff(olga, endedId);
    await olga.request(FinishMatch, { input: { matchId: endedId } });
    const { sendMessage } = await olga.request(SendMessage, {
      input: { roomId, clientMessageId: randomUUID(), text: 'hello' },
    });
    const made = { clientId: 'clientId', within: [], object: 'generation { id: createdAt }', beside: ['wait'] };
    writes.set('writeMatchReport', {
      ...made,
      input: { matchId: endedId, language: 'EN' },
      others: { matchId: played.matchId, language: 'RU', timeZone: 'Europe/Moscow' },
    });
    writes.set('writeTournamentAnnouncement', {
      ...made,
      input: { tournamentId, language: 'EN' },
      others: { tournamentId: played.matchId, language: 'RU' },
    });
    writes.set('judgeMessage', {
      ...made,
      input: { messageId: sendMessage.message?.id, language: 'EN' },
      others: { messageId: played.matchId, language: 'RU' },
    });
  });
  afterAll(async () => {
    await network?.stop();
    await provider?.close();
  });

  it('has a case here for each mutation with one, with every field of its content', () => {
    const mutations =
      buildSchema(readFileSync(path.join(import.meta.dirname, '../../../schema/api.graphql'), 'utf8'))
        .getMutationType()
        ?.getFields() ?? {};
    for (const [
      name,
      {
        args: [input],
      },
    ] of Object.entries(mutations)) {
      const type = input && getNamedType(input.type);
      const fields = isInputObjectType(type) ? Object.keys(type.getFields()) : [];
      const clientId = fields.find((field) => CLIENT_ID.test(field));
      const write = writes.get(name);
      assert.equal(write?.clientId, clientId, `${name}: a mutation with a client id needs a case in 'writes'`);
      if (write)
        assert.deepEqual(
          [write.clientId, ...write.within, ...Object.keys(write.others), ...(write.beside ?? [])].sort(),
          fields.toSorted(),
          `${name}: put another value for each field into 'others' of its case, here or in cases.fixture.ts`,
        );
    }
  });

  for (const name of [
    'scheduleMatch',
    'recordMatchEvent',
    'voidMatchEvent',
    'sendMessage',
    'inviteToTeam',
    'requestToJoin',
    'addVenue',
    'planSchedule',
    'deductPoints',
    'writeMatchReport',
    'writeTournamentAnnouncement',
    'judgeMessage',
    'createMailing',
    'requestReport',
    ...more.map(([mutation]) => mutation),
  ]) {
    it(`returns the same object for the same content, and CONFLICT for other content: ${name}`, async () => {
      const { clientId, input, others, object } = writes.get(name) ?? assert.fail();
      const id = randomUUID();
      const send = async (
        content: Record<string, unknown>,
      ): Promise<[payload: Payload & Record<string, { id: string } | null>, thing: string | undefined]> => {
        const inputType = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
        const query = `mutation ($input: ${inputType}!) { ${name}(input: $input) { ${object} userErrors { field code } } }`;
        const { data, errors } = await olga.execute<Record<string, Payload & Record<string, { id: string } | null>>>(
          query,
          { input: { ...content, [clientId]: id } },
        );
        const payload = data?.[name] ?? assert.fail(JSON.stringify(errors));
        return [payload, payload[object.split(' ')[0] ?? '']?.id];
      };
      const [first, thing] = await send(input);
      assert.deepEqual(first.userErrors, []);
      assert.ok(thing);
      for (const [field, value] of Object.entries(others)) {
        // The event is a one-of input: each value replaces the whole event.
        const content =
          name === 'recordMatchEvent' ? { matchId: input['matchId'], [field]: value } : { ...input, [field]: value };
        const [payload, other] = await send(content);
        // An input that is invalid in itself gets INVALID, for example a match of a team against itself.
        const wrongAnyway = payload.userErrors.some(({ code }) => code === 'INVALID');
        if (!wrongAnyway)
          assert.deepEqual([payload.userErrors, other], [[{ field: [clientId], code: 'CONFLICT' }], undefined], field);
      }
      const [again, same] = await send(input);
      assert.deepEqual([again.userErrors, same], [[], thing]);
    });
  }
});
