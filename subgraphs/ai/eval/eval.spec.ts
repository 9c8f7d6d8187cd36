import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, it } from '@jest/globals';
import { type AiProvider, type Received, startAiProvider } from '../../../test/ai-provider/server.ts';
import { afterTest } from '../../../test/after-test.ts';
import { type FlowName, FLOWS } from '../flows/flows.ts';
import { dataOf, evaluate, EVALUATORS, requestOf } from './evaluators.ts';

const NAMES = Object.keys(FLOWS) as FlowName[];
/** The names of the evaluators of each flow. If one disappears, this list and its recorded bad answers show it. */
const JUDGED: Readonly<Record<FlowName, string>> = {
  matchReport: 'complete facts language length plain schema',
  tournamentAnnouncement: 'complete facts language length plain schema',
  trainingPlan: 'complete language length plain schema warmUp',
  teamNames: 'complete facts language length plain realClubs schema',
  moderationHint: 'language length plain quote schema verdict',
  translation: 'complete facts language length plain schema',
};

async function run(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<{ code: number | null; output: string }> {
  const { GOOGLE_API_KEY: _, AI_PROVIDER_URL: _url, ...others } = process.env;
  const child = spawn(process.execPath, ['--import', './loader.mjs', 'subgraphs/ai/eval/command.ts', ...args], {
    cwd: path.join(import.meta.dirname, '../../..'),
    env: { ...others, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

describe('the evaluators', () => {
  for (const flow of NAMES) {
    const data = dataOf(flow);
    it(`of ${flow} are these, each with at least three bad answers and no others`, () => {
      assert.equal(Object.keys(EVALUATORS[flow]).sort().join(' '), JUDGED[flow]);
      for (const name of JUDGED[flow].split(' '))
        assert.ok(data.bad.filter(({ evaluator }) => evaluator === name).length >= 3, name);
      assert.deepEqual([...new Set(data.bad.map(({ evaluator }) => evaluator))].sort().join(' '), JUDGED[flow]);
    });
    for (const [index, one] of data.bad.entries())
      it(`of ${flow} refuse bad answer ${index + 1}: ${one.evaluator}`, async () => {
        assert.ok(evaluate(await requestOf(flow, data, one.request), one).has(one.evaluator));
      });
    for (const [index, one] of data.good.entries())
      it(`of ${flow} accept good answer ${index + 1}`, async () => {
        assert.deepEqual([...evaluate(await requestOf(flow, data, one.request), one)], []);
      });
    it(`of ${flow} have a good answer to each request, and two languages`, () => {
      assert.deepEqual([...new Set(data.good.map(({ request }) => request))].sort(), Object.keys(data.requests).sort());
      assert.equal(new Set(Object.values(data.requests).map(({ input }) => input.language)).size, 2);
    });
  }
});

describe('npm run ai:eval', () => {
  const provider = async (): Promise<AiProvider> => {
    const started = await startAiProvider();
    afterTest(() => started.close());
    return started;
  };
  /** The recorded good answers, by the data that the provider gets. */
  async function goodAnswers(): Promise<(received: Received) => { readonly answer: unknown }> {
    const answers = new Map<string, unknown>();
    for (const flow of NAMES) {
      const data = dataOf(flow);
      for (const { request, answer } of data.good) {
        const { prepared, instructions } = await requestOf(flow, data, request);
        answers.set(`${instructions} ${JSON.stringify(prepared.data)}`, answer);
      }
    }
    return ({ system, data }) => ({ answer: answers.get(`${system} ${data}`) ?? assert.fail(data) });
  }

  it('judges recorded answers of all flows without a key, and says so', async () => {
    const { code, output } = await run({});
    assert.match(output, /There is no GOOGLE_API_KEY: these are recorded answers/);
    for (const flow of NAMES) assert.match(output, new RegExp(`^${flow} +\\w+ +right$`, 'm'));
    assert.match(output, /^translation +facts +3 of 3$/m);
    assert.match(output, /Everything is right\.$/m);
    assert.equal(code, 0, output);
  });

  it('sends the request of each flow to the model with a key, or with the address of the local provider', async () => {
    const local = await provider();
    local.always(await goodAnswers());
    const count = NAMES.reduce((sum, flow) => sum + Object.keys(dataOf(flow).requests).length, 0);
    const withKey = await run(local.env);
    assert.match(withKey.output, /These are the answers of gemini-2\.5-flash at http/);
    assert.equal(withKey.code, 0, withKey.output);
    assert.equal(local.received.length, count);
    const { code, output } = await run({ AI_PROVIDER_URL: local.url }, '--flow', 'teamNames');
    assert.equal(code, 0, output);
    assert.doesNotMatch(output, /matchReport/);
    assert.equal(local.received.length, count + Object.keys(dataOf('teamNames').requests).length);
  });

  it('fails when an answer is wrong or missing, and waits for a busy provider', async () => {
    const local = await provider();
    local.always(await goodAnswers());
    local.next({ answer: { title: 'Лисы — Волки', paragraphs: ['Козлов забил на 99-й минуте.'] } }, 'failed');
    const { code, output } = await run(local.env, '--flow', 'matchReport');
    assert.match(output, /^matchReport +cupRu +WRONG +facts: NAME Козлов/m);
    assert.match(output, /^matchReport +cupEn +WRONG +no answer: the call of the provider failed: INTERNAL$/m);
    assert.match(output, /2 answers are wrong, 0 bad answers passed\./);
    assert.equal(code, 1);
    local.next('busy');
    const began = Date.now();
    assert.equal((await run(local.env, '--flow', 'matchReport')).code, 0);
    assert.ok(Date.now() - began >= 2_000, 'the wait that the provider asked for');
  });

  it('prints its help, and refuses a wrong command line', async () => {
    const help = await run({}, '--help');
    assert.deepEqual([help.code, /Exit codes: 0 .* 1 .*\n?2 /s.test(help.output)], [0, true]);
    for (const args of [['--flow', 'poems'], ['--wrong'], ['reports']]) {
      const { code, output } = await run({}, ...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(output, /npm run ai:eval/);
    }
  });
});
