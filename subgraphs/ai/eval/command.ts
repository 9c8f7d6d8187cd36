// npm run ai:eval [-- --flow NAME]
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ConfigError, readConfig } from '../../../platform/config/config.ts';
import { modelSettingsOf } from '../../../platform/model/settings.ts';
import { type FlowName, FLOWS } from '../flows/flows.ts';
import { GeminiModel } from '../model/gemini.ts';
import { readJson } from '../model/json.ts';
import { type Model, ModelError } from '../model/model.ts';
import { dataOf, type EvalRequest, evaluate, EVALUATORS, type Recorded, requestOf } from './evaluators.ts';

const NAMES = Object.keys(FLOWS) as FlowName[];
const HELP = `npm run ai:eval [-- --flow NAME]

Judges the texts of every flow without a model, over the requests in subgraphs/ai/eval/data.

With GOOGLE_API_KEY it sends each request to the model, with the prompts of the flows, and judges the first answer.
AI_PROVIDER_URL alone does the same with the local provider (npm run ai:provider). Without both it judges recorded
answers, and says so. Then it judges the recorded bad answers, which the evaluators must refuse.

  --flow NAME   only this flow: ${NAMES.join(', ')}
  --help        shows this text

Exit codes: 0 all answers are right, and all bad answers are refused; 1 an answer has a fault, or a bad answer passes;
2 wrong usage. docs/ai.md says what each evaluator judges.`;

/** The error for a mistake in the command line. The exit code is 2. */
class UsageError extends Error {}

/** How often a busy provider is asked again, and the longest wait in milliseconds before that. */
const MOST_WAITS = 3;
const LONGEST_WAIT_MS = 60_000;
const CALL_MS = 60_000;

const say = (line = ''): void => void process.stdout.write(`${line}\n`);

/** Prints rows in columns. */
function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows)
    say(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

/** Asks the model. Waits and asks again while the provider is busy. @throws ModelError, TimeoutError */
async function ask(model: Model, { flow: name, prepared, instructions }: EvalRequest): Promise<unknown> {
  const flow = FLOWS[name];
  for (let waits = 0; ; waits++) {
    try {
      const { text } = await model.generate({
        system: instructions,
        data: JSON.stringify(prepared.data),
        schema: z.toJSONSchema(prepared.schema, { target: 'draft-7', unrepresentable: 'any' }),
        maxTokens: flow.maxTokens,
        maxCharacters: flow.maxCharacters,
        signal: AbortSignal.timeout(CALL_MS),
      });
      return readJson(text) ?? text;
    } catch (error) {
      if (!(error instanceof ModelError) || error.fault !== 'PROVIDER_BUSY' || waits === MOST_WAITS) throw error;
      await delay(Math.min(error.retryAfterMs ?? LONGEST_WAIT_MS, LONGEST_WAIT_MS));
    }
  }
}

/** The faults of the model's answer, or of the recorded one without a model. Empty when it is right. */
async function faultsIn(request: EvalRequest, one: Recorded, model: Model | null): Promise<string> {
  try {
    const faults = evaluate(request, model ? { answer: await ask(model, request) } : one);
    return [...faults].map(([evaluator, list]) => `${evaluator}: ${list.slice(0, 3).join('; ')}`).join(' | ');
  } catch (error) {
    if (!(error instanceof ModelError) && (error as Error).name !== 'TimeoutError') throw error;
    return `no answer: ${(error as Error).message}`;
  }
}

/** Judges the answers of a model, or the recorded good ones. Resolves to the number of wrong answers. */
async function judgeAnswers(flows: readonly FlowName[], model: Model | null): Promise<number> {
  const rows: string[][] = [];
  let wrong = 0;
  for (const name of flows) {
    const data = dataOf(name);
    const answers = model ? Object.keys(data.requests).map((request) => ({ request, answer: undefined })) : data.good;
    for (const one of answers) {
      const request = await requestOf(name, data, one.request);
      const found = await faultsIn(request, one, model);
      if (found !== '') wrong++;
      rows.push([name, one.request, found === '' ? 'right' : 'WRONG', printable(found)]);
    }
  }
  table([['flow', 'request', 'answer', 'faults'], ...rows]);
  return wrong;
}

/** Judges the recorded bad answers. Resolves to the number of bad answers that passed. */
async function judgeBad(flows: readonly FlowName[]): Promise<number> {
  const rows: string[][] = [];
  let passed = 0;
  for (const name of flows) {
    const data = dataOf(name);
    for (const evaluator of Object.keys(EVALUATORS[name])) {
      const bad = data.bad.filter((one) => one.evaluator === evaluator);
      const missed: string[] = [];
      for (const one of bad)
        if (!evaluate(await requestOf(name, data, one.request), one).has(evaluator))
          missed.push(`${one.request} ${printable(JSON.stringify(one.answer))}`);
      passed += missed.length;
      rows.push([name, evaluator, `${bad.length - missed.length} of ${bad.length}`, missed.join(' | ')]);
    }
  }
  table([['flow', 'evaluator', 'refused', 'passed'], ...rows]);
  return passed;
}

/** Words of a model on a terminal: one line, without control characters, at most 300 characters. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 300);

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { flow: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) return say(HELP);
  const { flow } = values;
  const chosen = flow === undefined ? NAMES : NAMES.filter((name) => name === flow);
  if (chosen.length === 0) throw new UsageError(`there is no flow ${flow}`);
  const settings = modelSettingsOf(readConfig({ uses: ['model'] }));
  // The local provider takes any key.
  const apiKey = settings.apiKey ?? (settings.url === undefined ? undefined : 'local');
  if (apiKey === undefined) say('There is no GOOGLE_API_KEY: these are recorded answers, not those of a model.\n');
  else say(`These are the answers of ${settings.model}${settings.url === undefined ? '' : ` at ${settings.url}`}.\n`);
  const wrong = await judgeAnswers(chosen, apiKey === undefined ? null : new GeminiModel({ ...settings, apiKey }));
  say('\nRecorded bad answers:\n');
  const passed = await judgeBad(chosen);
  say(wrong + passed === 0 ? '\nEverything is right.' : `\n${wrong} answers are wrong, ${passed} bad answers passed.`);
  process.exitCode = wrong + passed === 0 ? 0 : 1;
}

try {
  await main();
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS')) {
    process.stderr.write(`${message}\n\n${HELP}\n`);
    process.exitCode = 2;
  } else if (error instanceof ConfigError) {
    process.stderr.write(`${message}\n`);
    process.exitCode = 2;
  } else throw error;
}
