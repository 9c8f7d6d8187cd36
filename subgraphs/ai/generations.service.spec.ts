import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { person, rateLimits, refused } from '../../platform/testing/service.testing.ts';
import type { Next } from '../../test/ai-provider/server.ts';
import { until } from '../../test/network/until.ts';
import { MATCH, openAi } from './ai.fixture.ts';
import type { GenerationEvent } from './generated/prisma/client.ts';
import { checkFlows } from './generations.service.ts';

let t: Awaited<ReturnType<typeof openAi>>;
beforeAll(async () => {
  t = await openAi({
    limits: { silenceMs: 6_000, longestWaitMs: 3_000, beatMs: 50 },
    rates: rateLimits({ generate: { count: 40, seconds: 3_600 } }),
  });
});
afterAll(() => t.close());
beforeEach(() => {
  // Each test has another match, because the cache has the answers to requests of earlier tests.
  t.known.match = { ...MATCH, venue: `Yard ${++unique}` };
  t.provider.received.length = 0;
});
let unique = 0;

const codeIs =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof GraphQLError && error.extensions['code'] === code;

async function all(stream: AsyncIterableIterator<GenerationEvent>): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

const INPUTS = {
  matchReport: { matchId: 'x' },
  tournamentAnnouncement: { tournamentId: 'x' },
  trainingPlan: { sport: 'FOOTBALL', level: 'BEGINNER', sessions: 2, minutes: 45 },
  teamNames: { sport: 'FOOTBALL', count: 4 },
  moderationHint: { messageId: 'x' },
  translation: { messageId: 'x' },
} as const;

describe('a generation', () => {
  it('asks the provider and keeps the checked text', async () => {
    const anna = person();
    const made = await t.report(anna);
    assert.equal(made.state, 'DONE', String(made.failure));
    assert.match(made.text ?? '', /счётом 2:1/);
    assert.match(made.text ?? '', /Иван Петров/);
    assert.deepEqual(await t.service.byClientId(anna, made.clientId), made);
    assert.equal(await t.service.byClientId(person(), made.clientId), null, 'it is of one person alone');
    assert.equal(await t.service.byClientId(ANONYMOUS, made.clientId), null);
    const [request] = t.provider.received;
    assert.equal(t.provider.received.length, 1);
    assert.equal(request?.path, '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse');
    assert.match(request?.system ?? '', /Write in Russian/);
    assert.doesNotMatch(request?.system ?? '', /Петров/, 'what people wrote is data, no instruction');
  });

  it('is the same one when the client repeats the request, also at the same time', async () => {
    const anna = person();
    const clientId = randomUUID();
    const made = await Promise.all([1, 2, 3, 4].map(() => t.report(anna, { clientId })));
    assert.equal(new Set(made.map(({ id }) => id)).size, 1);
    assert.equal((await t.report(anna, { clientId, wait: false })).state, 'DONE');
    assert.equal(t.provider.received.length, 1);
    await refused(t.report(anna, { clientId, language: 'EN' }), 'CONFLICT', 'clientId');
    await refused(t.start(anna, 'teamNames', { clientId, sport: 'FOOTBALL' }), 'CONFLICT', 'clientId');
    assert.notEqual((await t.report(person(), { clientId })).id, made[0]?.id);
  });

  it('copies the answer to an equal request of the last hour, and does not count it', async () => {
    const [anna, boris] = [person(), person()];
    const first = await t.report(anna);
    const second = await t.report(boris);
    assert.equal(t.provider.received.length, 1);
    assert.deepEqual([second.state, second.isCached, second.text], ['DONE', true, first.text]);
    assert.equal(await t.prisma.dayOfPerson.count({ where: { ownerId: boris.userId } }), 0);
    const events = await all(await t.service.events(boris, second.clientId, 0));
    assert.deepEqual(
      events.map(({ kind, text }) => [kind, text]),
      [
        ['TEXT', first.text],
        ['DONE', ''],
      ],
    );
    t.known.match = { ...MATCH, venue: 'elsewhere', homeScore: 2 };
    assert.equal((await t.report(boris)).isCached, false, 'other facts are another request');
  });

  it('is copied to another person only if it has no words of a person or of a room', async () => {
    const [anna, boris] = [person(), person()];
    t.known.message = `See you at the pitch ${++unique}`;
    const plan = { sport: 'FOOTBALL', level: 'BEGINNER', sessions: 1, minutes: 60 };
    for (const [flow, input, isShared] of [
      ['translation', { text: `My number is secret ${unique}`, language: 'RU' }, false],
      ['translation', { messageId: 'x', language: 'RU' }, false],
      ['moderationHint', { messageId: 'x' }, false],
      ['trainingPlan', { ...plan, focus: `my knee ${unique}` }, false],
      ['trainingPlan', plan, true],
      ['teamNames', { sport: 'FOOTBALL', style: `my street ${unique}` }, false],
      ['teamNames', { sport: 'FOOTBALL', city: `Secret ${unique}` }, false],
      ['tournamentAnnouncement', { tournamentId: 'x' }, true],
    ] as const) {
      assert.equal((await t.start(anna, flow, input)).state, 'DONE');
      assert.equal((await t.start(anna, flow, input)).isCached, true, `${flow}: one's own`);
      const { state, isCached } = await t.start(boris, flow, input);
      assert.deepEqual([state, isCached], ['DONE', isShared], `${flow} ${JSON.stringify(input)}`);
    }
  });

  it('is not copied to a person who may not read the facts', async () => {
    const [anna, boris] = [person(), person()];
    t.known.message = `Only for us ${++unique}`;
    const { tournament } = t.known;
    for (const [flow, input] of [
      ['translation', { messageId: 'x', language: 'RU' }],
      ['moderationHint', { messageId: 'x' }],
      ['tournamentAnnouncement', { tournamentId: 'x' }],
    ] as const)
      assert.equal((await t.start(anna, flow, input)).state, 'DONE');
    Object.assign(t.known, { message: null, tournament: null });
    await refused(t.start(boris, 'translation', { messageId: 'x', language: 'RU' }), 'NOT_FOUND', 'messageId');
    await refused(t.start(boris, 'moderationHint', { messageId: 'x' }), 'NOT_FOUND', 'messageId');
    await refused(t.start(boris, 'tournamentAnnouncement', { tournamentId: 'x' }), 'NOT_FOUND', 'tournamentId');
    Object.assign(t.known, { message: 'Well played!', tournament });
    assert.equal(await t.prisma.generation.count({ where: { ownerId: boris.userId } }), 0);
  });

  it('is refused for a tournament that is over, and names no deadline when registration is closed', async () => {
    const { tournament } = t.known;
    assert.ok(tournament);
    const asked = async (state: string) => {
      t.known.tournament = { ...tournament, name: `Cup ${++unique}`, state };
      return t.start(person(), 'tournamentAnnouncement', { tournamentId: 'x' });
    };
    try {
      for (const state of ['COMPLETED', 'ARCHIVED', 'CANCELLED'])
        await refused(asked(state), 'CONFLICT', 'tournamentId');
      for (const state of ['DRAFT', 'REGISTRATION']) {
        assert.equal((await asked(state)).state, 'DONE');
        assert.match(JSON.stringify(t.provider.received.at(-1)), /2026-06-01 22:00/);
      }
      for (const state of ['CHECK_IN', 'SEEDED', 'RUNNING']) {
        assert.equal((await asked(state)).state, 'DONE');
        assert.doesNotMatch(JSON.stringify(t.provider.received.at(-1)), /2026-06-01/);
      }
    } finally {
      t.known.tournament = tournament;
    }
  });

  it('is refused for guests, wrong input, unknown and unfinished matches, and a person over a limit', async () => {
    await assert.rejects(t.service.start(ANONYMOUS, 'matchReport', {}), codeIs('UNAUTHENTICATED'));
    const anna = person();
    await refused(t.report(anna, { clientId: '' }), 'INVALID', 'clientId');
    await refused(t.report(anna, { language: 'DE' }), 'INVALID', 'language');
    await refused(t.start(anna, 'translation', { text: 'x', messageId: 'y' }), 'INVALID', null);
    await refused(
      t.start(anna, 'trainingPlan', { sport: 'FOOTBALL', level: 'BEGINNER', sessions: 8, minutes: 60 }),
      'INVALID',
      'sessions',
    );
    t.known.match = null;
    await refused(t.report(anna), 'NOT_FOUND', 'matchId');
    t.known.match = { ...MATCH, state: 'LIVE' };
    await refused(t.report(anna), 'CONFLICT', 'matchId');
    const boris = person();
    t.known.match = MATCH;
    for (let n = 0; n < 40; n++) await t.report(boris, { wait: false });
    await assert.rejects(t.report(boris), codeIs('RATE_LIMITED'));
    await t.runs.settled();
  });

  it('is refused above the quota of the day, until the next day', async () => {
    const anna = person();
    const day = new Date(new Date().toISOString().slice(0, 10));
    await t.prisma.dayOfPerson.create({ data: { ownerId: anna.userId, day, used: 1000 } });
    await assert.rejects(t.report(anna), (error: GraphQLError) => {
      assert.equal(error.extensions['code'], 'RATE_LIMITED');
      const seconds = Number(error.extensions['retryAfter']);
      assert.ok(seconds > 0 && seconds <= 86_400, String(seconds));
      return true;
    });
    assert.equal(
      (await t.prisma.dayOfPerson.findFirst({ where: { ownerId: anna.userId } }))?.used,
      1000,
      'rolled back',
    );
  });

  it('is refused with AI_UNAVAILABLE at once when there is no key, or the flow is off', async () => {
    const anna = person();
    const { apiKey } = t.settings;
    Object.assign(t.settings, { apiKey: undefined });
    await assert.rejects(t.service.start(anna, 'matchReport', {}), codeIs('AI_UNAVAILABLE'));
    assert.deepEqual(t.service.available(), []);
    for (const off of Object.keys(INPUTS) as (keyof typeof INPUTS)[]) {
      Object.assign(t.settings, { apiKey, flowsOff: [off] });
      t.provider.received.length = 0;
      await assert.rejects(t.start(anna, off, INPUTS[off]), codeIs('AI_UNAVAILABLE'));
      assert.equal(t.provider.received.length, 0);
      assert.deepEqual(
        t.service.available(),
        Object.keys(INPUTS).filter((name) => name !== off),
      );
      const other = off === 'teamNames' ? 'trainingPlan' : 'teamNames';
      assert.equal((await t.start(anna, other, INPUTS[other])).state, 'DONE', 'the others work');
    }
    Object.assign(t.settings, { flowsOff: [] });
    assert.throws(() => checkFlows(['nothing']), /AI_FLOWS_OFF: there is no nothing/);
  });
});

describe('every flow', () => {
  for (const flow of Object.keys(INPUTS) as (keyof typeof INPUTS)[])
    for (const language of ['EN', 'RU'])
      it(`makes a text: ${flow}, ${language}`, async () => {
        const made = await t.start(person(), flow, { ...INPUTS[flow], language });
        assert.equal(made.state, 'DONE', `${made.failure}`);
        assert.match(made.text ?? '', language === 'RU' ? /[а-я]/ : /[a-z]/);
      });

  it('is listed when it can be used', () => {
    assert.equal(t.service.available().length, 6);
  });
});

describe('what the provider does', () => {
  const outcome = async (...scenarios: Next[]) => {
    t.provider.next(...scenarios);
    const { state, failure, retryAfter } = await t.report(person());
    return [state, failure, retryAfter, t.provider.received.length];
  };

  it('is accepted as an answer in a Markdown fence, with words around it', async () => {
    assert.deepEqual(await outcome('fenced'), ['DONE', null, null, 1]);
    const names = JSON.stringify({ names: ['Red Foxes', 'Blue Owls'] });
    for (const text of [
      `Here is the JSON:\n\`\`\`json\n${names}\n\`\`\`\nEnjoy!`,
      `\`\`\`\n${names}`,
      `\n\n${names}\n`,
    ]) {
      t.provider.next({ answer: text });
      const made = await t.start(person(), 'teamNames', { sport: 'FOOTBALL', count: 2, style: randomUUID() });
      assert.deepEqual([made.state, made.text], ['DONE', 'Red Foxes\nBlue Owls'], text);
    }
  });
  it('is asked again after 429 with a short wait, and reported with a long one', async () => {
    const began = Date.now();
    assert.deepEqual(await outcome('busy'), ['DONE', null, null, 2]);
    assert.ok(Date.now() - began >= 2_000);
    t.provider.received.length = 0;
    t.known.match = { ...MATCH, venue: 'busy' };
    assert.deepEqual(await outcome('busyLong'), ['FAILED', 'PROVIDER_BUSY', 120, 1]);
  });
  it('is asked once more after 500, and then reported', async () => {
    assert.deepEqual(await outcome('failed'), ['DONE', null, null, 2]);
    t.known.match = { ...MATCH, venue: 'failed' };
    assert.deepEqual((await outcome('failed', 'away')).slice(0, 2), ['FAILED', 'PROVIDER_FAILED']);
  });
  it('is reported when the safety filter stops the answer or the prompt', async () => {
    assert.deepEqual(await outcome('refused'), ['FAILED', 'REFUSED', null, 1]);
    assert.deepEqual((await outcome('blocked')).slice(0, 2), ['FAILED', 'REFUSED']);
  });
  it('is asked once more with a larger limit when the answer was cut', async () => {
    assert.deepEqual(await outcome('cut'), ['DONE', null, null, 2]);
    const limits = t.provider.received.map(
      ({ body }) => (body['generationConfig'] as { maxOutputTokens: number }).maxOutputTokens,
    );
    assert.deepEqual(limits, [1500, 3000]);
    t.known.match = { ...MATCH, venue: 'cut' };
    assert.deepEqual((await outcome('cut', 'cut')).slice(0, 2), ['FAILED', 'CUT']);
  });
  it('is asked once more after nonsense or a wrong form, and then reported', async () => {
    assert.deepEqual(await outcome('nonsense'), ['DONE', null, null, 2]);
    t.known.match = { ...MATCH, venue: 'nonsense' };
    assert.deepEqual((await outcome('nonsense', 'wrong')).slice(0, 2), ['FAILED', 'UNUSABLE']);
  });
  it('has a wrong form when a text is a list or a number, also while it streams', async () => {
    for (const text of [['Здравствуй, мир'], 5, { ru: 'Здравствуй' }, null]) {
      t.provider.next({ answer: { text } }, { answer: { text } });
      const made = await t.start(person(), 'translation', { text: `Hello world ${++unique}`, language: 'RU' });
      assert.deepEqual([made.state, made.failure], ['FAILED', 'UNUSABLE'], JSON.stringify(text));
    }
  });
  it('is stopped when the answer has 1 MB, in every flow', async () => {
    assert.deepEqual((await outcome('huge', 'huge')).slice(0, 2), ['FAILED', 'UNUSABLE']);
    assert.ok(t.known.tournament);
    t.known.tournament = { ...t.known.tournament, venues: ['Huge Park'] };
    t.provider.always('huge');
    try {
      for (const flow of Object.keys(INPUTS) as (keyof typeof INPUTS)[]) {
        const anna = person();
        const made = await t.start(anna, flow, {
          ...INPUTS[flow],
          language: 'RU',
          ...(flow === 'teamNames' && { style: 'huge' }),
          ...(flow === 'trainingPlan' && { focus: 'huge' }),
        });
        assert.equal(made.isCached, false, flow);
        assert.deepEqual([made.state, made.failure, made.text], ['FAILED', 'UNUSABLE', null], flow);
        const rows = await t.prisma.generationEvent.findMany({ where: { generationId: made.id } });
        assert.ok(JSON.stringify(rows).length < 2_000, 'nothing of it is stored');
        assert.equal((await t.prisma.dayOfPerson.findFirst({ where: { ownerId: anna.userId } }))?.used, 1);
      }
    } finally {
      t.provider.always('ok');
    }
  });
  it('is asked again when the stream breaks or is garbled, and stopped when it is silent', async () => {
    assert.deepEqual(await outcome('broken'), ['DONE', null, null, 2]);
    t.known.match = { ...MATCH, venue: 'garbled' };
    assert.deepEqual((await outcome('garbled', 'broken')).slice(0, 2), ['FAILED', 'PROVIDER_FAILED']);
    assert.deepEqual((await outcome('silent')).slice(0, 2), ['FAILED', 'TIMED_OUT']);
  });
  it('is asked once more when the text contradicts the facts, and told what was wrong', async () => {
    const invented = {
      title: 'Лисы — Волки',
      paragraphs: ['Лисы победили Волков 2:1. Козлов забил гол на 55-й минуте.'],
    };
    assert.deepEqual(await outcome({ answer: invented }), ['DONE', null, null, 2]);
    assert.match(t.provider.received[1]?.data ?? '', /"corrections":\[.*NAME: Козлов/);
    t.known.match = { ...MATCH, venue: 'invented' };
    assert.deepEqual((await outcome({ answer: invented }, { answer: invented })).slice(0, 2), [
      'FAILED',
      'FACTS_WRONG',
    ]);
  });
  it('does not reach another host, whatever the settings of the process', async () => {
    const { withBoundedFetch } = await import('./model/bounded-fetch.ts');
    await assert.rejects(
      withBoundedFetch({ origin: 'http://127.0.0.1:1', maxBytes: 1, onTooLarge: () => undefined }, () =>
        fetch(t.provider.url),
      ),
      /only its provider/,
    );
    assert.equal((await fetch(t.provider.url)).status, 404, 'other calls are not changed');
  });
});

describe('the stream', () => {
  it('has the text as it is made, and completes', async () => {
    const anna = person();
    t.provider.pauseMs = 5;
    const { clientId } = await t.report(anna, { wait: false });
    const stream = await t.service.events(anna, clientId, 0);
    const relaying = setInterval(() => void t.relay(), 5);
    const events = await all(stream).finally(() => clearInterval(relaying));
    t.provider.pauseMs = 0;
    const made = await t.service.byClientId(anna, clientId);
    assert.ok(events.length > 2, `${events.length} events`);
    assert.equal(events.map(({ text }) => text).join(''), made?.text);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, index) => index + 1),
    );
    assert.equal(events.at(-1)?.kind, 'DONE');
    const again = await all(await t.service.events(anna, clientId, 2));
    assert.deepEqual(
      again.map(({ seq }) => seq),
      events.slice(2).map(({ seq }) => seq),
      'resumed by position',
    );
    const last = await all(await t.service.events(anna, clientId, made?.lastSeq ?? 0));
    assert.deepEqual(
      last.map(({ kind }) => kind),
      ['DONE'],
    );
    await assert.rejects(t.service.events(person(), clientId, 0), codeIs('NOT_FOUND'));
    await assert.rejects(t.service.events(ANONYMOUS, clientId, 0), codeIs('UNAUTHENTICATED'));
  });

  it('ends with one error when the generation fails, and the process lives', async () => {
    const anna = person();
    t.provider.next('broken', 'broken');
    const { clientId } = await t.report(anna);
    const stream = await t.service.events(anna, clientId, 0);
    const kinds: string[] = [];
    await assert.rejects(
      async () => {
        for await (const { kind } of stream) kinds.push(kind);
      },
      (error: GraphQLError) => {
        assert.equal(error.extensions['code'], 'AI_FAILED');
        assert.equal(error.extensions['reason'], 'PROVIDER_FAILED');
        return true;
      },
    );
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
    assert.ok(!kinds.includes('FAILED'));
  });

  it('never has a sentence that was not checked', async () => {
    const anna = person();
    const answer = {
      title: 'Лисы победили Волков',
      paragraphs: ['Петров забил на 12-й минуте. Козлов забил на 13-й минуте. Счёт 2:1.'],
    };
    t.provider.next({ answer }, { answer });
    const { id, failure } = await t.report(anna);
    assert.equal(failure, 'FACTS_WRONG');
    const rows = await t.prisma.generationEvent.findMany({ where: { generationId: id }, orderBy: { seq: 'asc' } });
    assert.ok(rows.some(({ text }) => text.includes('Петров')));
    assert.ok(rows.some(({ kind }) => kind === 'DISCARDED'));
    for (const { text } of rows) assert.doesNotMatch(text, /Козлов/);
  });
});

describe('what is kept', () => {
  it('is no prompt anywhere, and no text in the event log', async () => {
    await t.start(person(), 'translation', { text: 'unmistakable seaweed', language: 'RU' });
    const { events } = await t.told();
    assert.ok(events.length > 0);
    assert.doesNotMatch(JSON.stringify(events), /seaweed|слово|Петров/);
    const rows = await t.prisma.generation.findMany();
    assert.doesNotMatch(JSON.stringify(rows), /seaweed/);
  });

  it('is neither a prompt nor an answer in the logs, whatever fails', async () => {
    let logged = '';
    const spies = [process.stdout, process.stderr].map((stream) => {
      const { write } = stream;
      stream.write = ((text: unknown) => ((logged += String(text)), true)) as typeof write;
      return () => (stream.write = write);
    });
    try {
      // The provider repeats the prompt in its error, as real ones do.
      for (const scenario of ['failed', 'nonsense', 'garbled', 'broken', 'refused'] as const) {
        t.provider.always(scenario);
        await t.start(person(), 'translation', { text: `unmistakable seaweed ${scenario}`, language: 'RU' });
      }
      t.provider.always({ answer: { title: 'Лисы', paragraphs: ['Козлов забил на 99-й минуте.'] } });
      await t.report(person());
    } finally {
      t.provider.always('ok');
      for (const restore of spies) restore();
    }
    assert.match(logged, /translation failed: PROVIDER_FAILED/);
    assert.match(logged, /matchReport failed: FACTS_WRONG, the answer has faults/);
    assert.doesNotMatch(logged, /seaweed|teapot|Козлов|Петров|слово/);
  });

  it('is not ended by its timer while its process lives, however long it takes', async () => {
    t.provider.always('slow');
    const anna = person();
    const { id, clientId } = await t.report(anna, { wait: false });
    const due = async (): Promise<number> =>
      (await t.prisma.timer.findFirstOrThrow({ where: { key: id } })).dueAt.getTime() - Date.now();
    try {
      t.clock.offset = 25_000;
      await until('the timer has moved', async () => (await due()) > 45_000);
      t.clock.offset = 45_000;
      await t.timers.fireDue();
      assert.equal((await t.service.byClientId(anna, clientId))?.state, 'RUNNING');
    } finally {
      t.clock.offset = 0;
      t.provider.always('ok');
    }
    await t.runs.settled();
    assert.equal((await t.service.byClientId(anna, clientId))?.state, 'DONE');
    assert.ok((await due()) > 29 * 86_400_000, 'the timer of the end was not moved');
  });

  it('ends when its process died, and is deleted after 30 days', async () => {
    const anna = person();
    const made = await t.report(anna);
    const { id } = await t.prisma.generation.create({
      data: {
        ownerId: anna.userId,
        clientId: 'dead',
        flow: 'matchReport',
        inputDigest: 'x',
        requestDigest: 'x',
        promptVersion: 1,
      },
    });
    await t.outbox.transaction(t.prisma, (tx, emit) => t.service.timeOut(tx, emit, id));
    const row = await t.service.byClientId(anna, 'dead');
    assert.deepEqual([row?.state, row?.failure], ['FAILED', 'INTERRUPTED']);
    t.clock.offset = 31 * 86_400_000;
    await t.timers.fireDue();
    t.clock.offset = 0;
    assert.equal(await t.service.byClientId(anna, made.clientId), null);
    assert.equal(await t.service.byClientId(anna, 'dead'), null);
  });
});

describe('metrics', () => {
  it('count outcomes, tokens and cost by flow', async () => {
    await t.start(person(), 'teamNames', { sport: 'FOOTBALL', style: randomUUID() });
    const text = await t.metrics.registry.metrics();
    assert.match(text, /ai_generations_total\{flow="teamNames",outcome="done",service="ai"\} [1-9]/);
    assert.match(text, /ai_tokens_total\{flow="teamNames",kind="input",service="ai"\} [1-9]/);
    assert.match(text, /ai_cost_usd_total\{flow="teamNames",service="ai"\} 0\.0\d/);
    assert.match(text, /ai_provider_calls_total\{flow="matchReport",outcome="facts_wrong",service="ai"\} [1-9]/);
    assert.match(text, /ai_generations_total\{flow="matchReport",outcome="cached",service="ai"\} [1-9]/);
  });
});
