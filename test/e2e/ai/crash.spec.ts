// The process that makes texts dies while they stream. Nobody loses or repeats a piece, and every generation ends.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parse } from 'graphql';
import { type AiProvider, startAiProvider } from '../../ai-provider/server.ts';
import { type Network, type Person, Refused, startNetwork, until } from '../../network.ts';
import { upTo } from '../reading.ts';

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

interface Generation {
  readonly state: string;
  readonly seq: number;
  readonly text: string | null;
  readonly failure: { readonly reason: string } | null;
}
/** A generation whose process died ends within this time: docs/ai.md. */
const ENDS_MS = 60_000;
const QUOTA = 2;

describe('a process that ends while texts stream', () => {
  let provider: AiProvider;
  let network: Network;
  const people: Person[] = [];
  beforeAll(async () => {
    provider = await startAiProvider({ pauseMs: 100 });
    network = await startNetwork({ killable: true, env: { ...provider.env, AI_DAILY_QUOTA: String(QUOTA) } });
    for (const name of ['anna', 'boris', 'clara', 'dora']) people.push(await network.user(name));
  });
  afterAll(async () => {
    await network?.stop();
    await provider?.close();
  });

  async function plan(
    who: Person,
    clientId: string,
    focus: string,
    wait = false,
  ): Promise<Generation | 'RATE_LIMITED'> {
    const input = {
      clientId,
      wait,
      language: 'EN',
      sport: 'FOOTBALL',
      level: 'BEGINNER',
      sessions: 7,
      minutes: 60,
      focus,
    };
    const { data, errors } = await who.execute<{ writeTrainingPlan: { generation: Generation } }>(
      `mutation ($input: WriteTrainingPlanInput!) {
        writeTrainingPlan(input: $input) { generation { state seq text failure { reason } } userErrors { code } }
      }`,
      { input },
    );
    if (errors?.[0]?.extensions?.['code'] === 'RATE_LIMITED') return 'RATE_LIMITED';
    return data?.writeTrainingPlan.generation ?? assert.fail(JSON.stringify(errors));
  }
  async function stateOf(who: Person, clientId: string): Promise<Generation> {
    const { data, errors } = await who.execute<{ generation: Generation }>(
      'query ($clientId: String!) { generation(clientId: $clientId) { state seq text failure { reason } } }',
      { clientId },
    );
    return data?.generation ?? assert.fail(JSON.stringify(errors));
  }

  interface Seen {
    readonly seqs: number[];
    text: string;
    /** DONE, or the reason of the failure. */
    end?: string;
  }
  /** Reads as a good client does: after a lost connection it continues from the last event that it has. */
  async function follow(who: Person, clientId: string, seen: Seen): Promise<void> {
    while (seen.end === undefined)
      try {
        const afterSeq = seen.seqs.at(-1) ?? 0;
        for await (const { generationEvents: event } of who.subscribe(Followed, { clientId, afterSeq })) {
          seen.seqs.push(event.seq);
          if (event.__typename === 'TextDiscarded') seen.text = '';
          seen.text += event.text ?? '';
          if (event.__typename === 'GenerationFinished') {
            seen.end = 'DONE';
            assert.equal(seen.text, event.generation?.text);
          }
        }
      } catch (error) {
        if (error instanceof Refused && error.code === 'AI_FAILED')
          seen.end = String(error.errors[0]?.extensions?.['reason']);
        else if (error instanceof assert.AssertionError) throw error;
        else await sleep(500);
      }
  }

  /** Starts a plan for each person, and ends the process when each has read some of it. */
  async function interrupt(end: () => Promise<void>) {
    provider.always('slow');
    const works = people.map((who) => ({
      who,
      clientId: randomUUID(),
      focus: randomUUID(),
      seen: { seqs: [], text: '' } as Seen,
    }));
    for (const { who, clientId, focus } of works) await plan(who, clientId, focus);
    const following = Promise.all(works.map(({ who, clientId, seen }) => follow(who, clientId, seen)));
    await until('each has some text', () => works.every(({ seen }) => seen.seqs.length >= 3));
    const before = works.map(({ seen }) => ({ count: seen.seqs.length, end: seen.end }));
    assert.ok(before.every((one) => one.end === undefined));
    await end();
    provider.always('ok');
    await network.restart('ai');
    return { works, following };
  }

  it('by kill -9 leaves no generation running, and no piece is lost or repeated', async () => {
    const began = Date.now();
    const { works, following } = await interrupt(() => network.kill('ai'));
    await following;
    assert.ok(Date.now() - began < ENDS_MS, `${Date.now() - began} ms`);
    for (const { who, clientId, focus, seen } of works) {
      assert.deepEqual(seen.seqs, upTo(seen.seqs.length), 'each event once, in order');
      assert.equal(seen.end, 'INTERRUPTED');
      const { state, seq, text, failure } = await stateOf(who, clientId);
      assert.deepEqual([state, text, failure?.reason], ['FAILED', null, 'INTERRUPTED']);
      assert.equal(seq, seen.seqs.length + 1, 'the failure is the event after the pieces');
      // The same client id is the same generation, and costs nothing. A new one is the second of the day.
      const same = await plan(who, clientId, focus, true);
      assert.deepEqual(same === 'RATE_LIMITED' ? same : same.state, 'FAILED');
      const again = await plan(who, randomUUID(), focus, true);
      assert.ok(again !== 'RATE_LIMITED', 'the interrupted generation cost one unit of the quota');
      assert.equal(again.state, 'DONE');
      assert.ok(seen.text.length > 0 && again.text?.startsWith(seen.text), 'the pieces are the beginning of the text');
      assert.equal(await plan(who, randomUUID(), randomUUID()), 'RATE_LIMITED', 'and not less than one');
    }
  }, 180_000);

  it('keeps a text that was complete, and its stream', async () => {
    const [anna] = people;
    assert.ok(anna);
    // A copy of an answer does not count for the quota, so this works after it is used up.
    const clientId = randomUUID();
    const other = await network.user('emma');
    const made = await plan(other, clientId, 'kept', true);
    assert.ok(made !== 'RATE_LIMITED' && made.state === 'DONE');
    await network.kill('ai');
    await network.restart('ai');
    assert.deepEqual(await until('the generation', () => stateOf(other, clientId)), made);
    const seen: Seen = { seqs: [], text: '' };
    await follow(other, clientId, seen);
    assert.deepEqual([seen.end, seen.text, seen.seqs], ['DONE', made.text, upTo(made.seq)]);
  }, 60_000);

  it('by SIGTERM ends each generation before the process', async () => {
    for (const index of people.keys()) people[index] = await network.user(`person${index}`);
    const { works, following } = await interrupt(() => network.kill('ai', 'SIGTERM'));
    const began = Date.now();
    await following;
    assert.ok(Date.now() - began < 30_000, 'no timer was needed');
    for (const { seen, who, clientId } of works) {
      assert.deepEqual([seen.end, seen.seqs], ['INTERRUPTED', upTo(seen.seqs.length)]);
      assert.equal((await stateOf(who, clientId)).seq, seen.seqs.length + 1);
    }
  }, 90_000);
});
