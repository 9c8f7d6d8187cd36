import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parse } from 'graphql';
import { type AiProvider, startAiProvider } from '../../ai-provider/server.ts';
import { isFull, type Network, type Person, startNetwork, until } from '../../network.ts';
import { FinishMatch, SendMessage } from '../operations.ts';
import { createTeam, kickOff, record, roomOfTeam, schedule } from '../play.ts';
import { endOf } from '../reading.ts';

const MADE =
  'generation { state seq text failure { reason } result { __typename } isCached } userErrors { code reason }';
interface Made {
  readonly generation: {
    readonly state: string;
    readonly seq: number;
    readonly text: string | null;
    readonly failure: { readonly reason: string } | null;
    readonly result: { readonly __typename: string } | null;
    readonly isCached: boolean;
  } | null;
  readonly userErrors: readonly { readonly code: string; readonly reason: string }[];
}

type Followed = TypedDocumentNode<
  { generationEvents: { __typename: string; seq: number; text?: string; generation?: { text: string } } },
  { clientId: string; afterSeq: number }
>;
const Followed = parse(
  `subscription ($clientId: String!, $afterSeq: Int!) {
    generationEvents(clientId: $clientId, afterSeq: $afterSeq) {
      __typename seq ... on TextAdded { text } ... on GenerationFinished { generation { text } }
    }
  }`,
) as Followed;

describe('texts by a language model', () => {
  let provider: AiProvider;
  let network: Network;
  let anna: Person, boris: Person;
  let matchId: string;
  beforeAll(async () => {
    provider = await startAiProvider();
    network = await startNetwork({ env: provider.env });
    [anna, boris] = await Promise.all([network.user('anna', { roles: ['organizer'] }), network.user('boris')]);
    ({ matchId } = await schedule(anna));
    await kickOff(anna, matchId);
    const goal = (side: 'HOME' | 'AWAY', name: string, minute: number) =>
      record(anna, matchId, { goal: { side, player: { name }, clock: { minute } } });
    await goal('HOME', 'Lev Haas', 12);
    const wrong = await goal('AWAY', 'Nobody Knows', 20);
    await goal('HOME', 'Jo Brandt', 33);
    await anna.execute(
      'mutation ($input: VoidMatchEventInput!) { voidMatchEvent(input: $input) { userErrors { code } } }',
      { input: { matchId, clientEventId: 'void', seq: wrong, reason: 'offside' } },
    );
    await record(anna, matchId, {
      card: { side: 'AWAY', card: 'YELLOW', player: { name: 'Max Roth' }, clock: { minute: 40 } },
    });
  });
  afterAll(async () => {
    await network?.stop();
    await provider?.close();
  });

  async function make(who: Person, mutation: string, input: object): Promise<Made> {
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const { data, errors } = await who.execute<Record<string, Made>>(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${MADE} } }`,
      { input: { clientId: randomUUID(), language: 'EN', ...input } },
    );
    return data?.[mutation] ?? assert.fail(JSON.stringify(errors));
  }

  it('report a match from its goals that count, once it has ended', async () => {
    assert.equal((await make(anna, 'writeMatchReport', { matchId })).userErrors[0]?.reason, 'MATCH_NOT_ENDED');
    await anna.request(FinishMatch, { input: { matchId } });
    const { generation } = await make(boris, 'writeMatchReport', { matchId });
    assert.deepEqual([generation?.state, generation?.result?.__typename], ['DONE', 'MatchReport']);
    assert.match(generation?.text ?? '', /Yard Foxes and Brick Rovers ended 2:0/);
    assert.match(
      generation?.text ?? '',
      /A goal by Lev Haas in minute 12\. A goal by Jo Brandt in minute 33\. A card for Max Roth/,
    );
    const sent = JSON.stringify(provider.received);
    assert.doesNotMatch(sent, /Nobody Knows/);
    for (const { id, email } of [anna, boris]) {
      assert.ok(!sent.includes(email) && !sent.includes(id), 'no e-mail, no id');
      assert.ok(!sent.includes(Buffer.from(id, 'base64url').toString().split(':')[1] ?? id));
    }
    const again = await make(anna, 'writeMatchReport', { matchId });
    assert.deepEqual([again.generation?.isCached, again.generation?.text], [true, generation?.text]);
    assert.equal((await make(anna, 'writeMatchReport', { matchId: 'x' })).userErrors[0]?.reason, 'MATCH_NOT_FOUND');
  });

  it('announce a tournament that the viewer may see', async () => {
    const { data } = await anna.execute<{ createTournament: { tournament: { id: string } } }>(
      'mutation ($input: CreateTournamentInput!) { createTournament(input: $input) { tournament { id } } }',
      {
        input: {
          clientId: randomUUID(),
          name: 'Yard Cup',
          sport: 'FOOTBALL',
          timeZone: 'UTC',
          startsAt: '2030-06-01T08:00:00.000Z',
          maxTeams: 8,
        },
      },
    );
    const tournamentId = data?.createTournament.tournament.id ?? assert.fail();
    const { generation } = await make(anna, 'writeTournamentAnnouncement', { tournamentId, language: 'RU' });
    assert.equal(generation?.state, 'DONE', JSON.stringify(generation));
    assert.match(generation?.text ?? '', /«Yard Cup» начнётся 1 июня 2030 года/);
    const draft = await make(boris, 'writeTournamentAnnouncement', { tournamentId });
    assert.equal(draft.userErrors[0]?.reason, 'TOURNAMENT_NOT_FOUND', 'a draft of somebody else');
  });

  it('translate and judge a message only for a person who may read the room', async () => {
    const teamId = await createTeam(anna, 'Night Owls');
    const roomId = await roomOfTeam(anna, teamId);
    const { sendMessage } = await anna.request(SendMessage, {
      input: { roomId, clientMessageId: randomUUID(), text: 'See you at 7, bring https://evil.example 2 balls' },
    });
    const messageId = sendMessage.message?.id ?? assert.fail(JSON.stringify(sendMessage.userErrors));
    provider.received.length = 0;
    const translated = await make(anna, 'translateText', { messageId, language: 'RU' });
    assert.match(translated.generation?.text ?? '', /7.*\[link\] 2/);
    assert.equal((await make(anna, 'judgeMessage', { messageId })).generation?.result?.__typename, 'ModerationHint');
    assert.equal(provider.received.length, 2);
    assert.doesNotMatch(provider.received[0]?.data ?? '', /evil/);
    const admin = await network.user('admin', { roles: ['admin'] });
    for (const stranger of [boris, admin]) {
      assert.equal((await make(stranger, 'translateText', { messageId })).userErrors[0]?.reason, 'MESSAGE_NOT_FOUND');
      assert.equal((await make(stranger, 'judgeMessage', { messageId })).userErrors[0]?.reason, 'MESSAGE_NOT_FOUND');
    }
    assert.equal(provider.received.length, 2, 'nothing left for a stranger');
  });

  it('stream to their person alone, two people on one router, and resume by position', async () => {
    provider.always('slow');
    const clientId = randomUUID();
    const texts = await Promise.all(
      [anna, boris].map(async (who, index) => {
        const style = `style ${index}`;
        await make(who, 'writeTrainingPlan', {
          ...{
            clientId,
            wait: false,
            sport: 'FOOTBALL',
            level: 'BEGINNER',
            sessions: index + 1,
            minutes: 60,
            focus: style,
          },
        });
        const events = [];
        for await (const { generationEvents } of who.subscribe(Followed, { clientId, afterSeq: 0 }))
          events.push(generationEvents);
        assert.deepEqual(
          events.map(({ seq }) => seq),
          events.map((_, at) => at + 1),
        );
        const last = events.at(-1);
        assert.equal(last?.__typename, 'GenerationFinished');
        assert.equal(events.map(({ text }) => text ?? '').join(''), last?.generation?.text);
        const resumed = [];
        for await (const { generationEvents } of who.subscribe(Followed, { clientId, afterSeq: 2 }))
          resumed.push(generationEvents);
        assert.deepEqual(resumed, events.slice(2));
        return last?.generation?.text ?? '';
      }),
    );
    assert.ok(texts[0]?.includes('Training 1') && !texts[0].includes('Training 2'), 'that of anna');
    assert.ok(texts[1]?.includes('Training 2'), 'that of boris');
    provider.always('ok');
    const own = randomUUID();
    await make(anna, 'suggestTeamNames', { clientId: own, sport: 'FOOTBALL' });
    assert.equal(await endOf(boris.subscribe(Followed, { clientId: own, afterSeq: 0 })), 'NOT_FOUND');
    assert.equal(await endOf(network.guest.subscribe(Followed, { clientId: own, afterSeq: 0 })), 'UNAUTHENTICATED');
  });

  it('end the stream with one error when the provider fails, and everything goes on', async () => {
    provider.always('broken');
    const clientId = randomUUID();
    const input = { clientId, sport: 'FOOTBALL', level: 'ADVANCED', sessions: 1, minutes: 90 };
    const { generation } = await make(anna, 'writeTrainingPlan', { ...input, wait: false });
    assert.equal(generation?.state, 'RUNNING');
    assert.equal(await endOf(anna.subscribe(Followed, { clientId, afterSeq: 0 })), 'AI_FAILED');
    assert.equal(
      await endOf(anna.subscribe(Followed, { clientId, afterSeq: 0 })),
      'AI_FAILED',
      'again when it resumes',
    );
    provider.always('ok');
    const failed = await until('the failure', async () => {
      const { data } = await anna.execute<{ generation: Made['generation'] }>(
        'query ($clientId: String!) { generation(clientId: $clientId) { state failure { reason } } }',
        { clientId },
      );
      return data?.generation?.state === 'FAILED' ? data.generation : undefined;
    });
    assert.equal(failed.failure?.reason, 'PROVIDER_FAILED');
    assert.equal(
      (await make(anna, 'writeTrainingPlan', { ...input, clientId: randomUUID() })).generation?.state,
      'DONE',
    );
  });
});

describe('a product without a key', () => {
  let network: Network;
  beforeAll(async () => {
    network = await startNetwork();
  });
  afterAll(() => network?.stop());

  it('refuses every flow with AI_UNAVAILABLE at once', async () => {
    const anna = await network.user('anna');
    const { errors } = await anna.execute(
      'mutation { suggestTeamNames(input: { clientId: "1", sport: FOOTBALL, language: EN }) { generation { state } } }',
    );
    assert.equal(errors?.[0]?.extensions?.['code'], 'AI_UNAVAILABLE');
    const guest = await network.guest.execute(
      'mutation { suggestTeamNames(input: { clientId: "1", sport: FOOTBALL, language: EN }) { generation { state } } }',
    );
    assert.equal(guest.errors?.[0]?.extensions?.['code'], 'UNAUTHENTICATED');
  });
});

// In full mode the processes are others, with the same code.
(isFull ? describe.skip : describe)('the logs of a product at the level debug', () => {
  let provider: AiProvider;
  let network: Network;
  beforeAll(async () => {
    provider = await startAiProvider();
    network = await startNetwork({ env: { ...provider.env, LOG_LEVEL: 'debug', LOG_FORMAT: 'json' } });
  });
  afterAll(async () => {
    await network?.stop();
    await provider?.close();
  });

  it('have neither prompts nor answers, whatever happens', async () => {
    const anna = await network.user('anna');
    let logged = '';
    const restore = [process.stdout, process.stderr].map((stream) => {
      const { write } = stream;
      stream.write = ((text: unknown) => ((logged += String(text)), true)) as typeof write;
      return () => (stream.write = write);
    });
    const outcomes: unknown[] = [];
    try {
      const answers = [
        { answer: { text: `неповторимая водоросль ${'у моря '.repeat(8)}` } },
        'failed',
        'nonsense',
        'garbled',
        'refused',
        'busyLong',
        'huge',
      ] as const;
      for (const answer of answers) {
        provider.always(answer);
        const clientId = randomUUID();
        const { data } = await anna.execute<{ translateText: Made }>(
          `mutation ($input: TranslateTextInput!) { translateText(input: $input) { ${MADE} } }`,
          {
            input: {
              clientId,
              text: `unmistakable seaweed ${'by the sea '.repeat(outcomes.length + 8)}`,
              language: 'RU',
            },
          },
        );
        outcomes.push(data?.translateText.generation?.failure?.reason ?? data?.translateText.generation?.state);
        await endOf(anna.subscribe(Followed, { clientId, afterSeq: 0 }));
      }
      await network.settled();
    } finally {
      for (const undo of restore) undo();
    }
    assert.deepEqual(outcomes, [
      'DONE',
      'PROVIDER_FAILED',
      'UNUSABLE',
      'PROVIDER_FAILED',
      'REFUSED',
      'PROVIDER_BUSY',
      'UNUSABLE',
    ]);
    assert.match(logged, /INSERT INTO \S+generations/, 'the level is debug');
    assert.match(logged, /translation failed: PROVIDER_FAILED/);
    assert.doesNotMatch(logged, /seaweed|водоросль|teapot|xxxx/);
  });
});
