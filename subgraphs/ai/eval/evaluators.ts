import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Questions } from '../../../platform/questions/questions.ts';
import { MONTHS } from '../facts/common-words.ts';
import { isFormOf, wordsOf } from '../facts/names.ts';
import { faultsOfLanguage, faultsOfLeak, faultsOfPlain } from '../facts/plain.ts';
import type { AnyFault, Prepared } from '../flows/flow.ts';
import { type FlowName, FLOWS } from '../flows/flows.ts';
import type { moderationHint } from '../flows/moderation-hint.ts';
import { instructionsOf } from '../flows/prompts.ts';
import type { trainingPlan } from '../flows/training-plan.ts';
import { parseInputOf } from '../inputs.ts';

const recorded = z.strictObject({
  /** A name in `requests`. */
  request: z.string(),
  answer: z.unknown(),
  /** How often the last text of the recorded answer is repeated. So the file of a long answer is short. */
  repeat: z.int().optional(),
});
export type Recorded = z.output<typeof recorded>;

/** The form of the files in `data`, one for each flow. */
const flowData = z.strictObject({
  /** The answers of other subgraphs: a match, a tournament, or the text of a message. */
  sources: z.record(z.string(), z.unknown()).optional(),
  requests: z.record(
    z.string(),
    z.strictObject({
      /** The input of the mutation, without `clientId`. */
      input: z.looseObject({ language: z.enum(['EN', 'RU']) }),
      /** A name in `sources`. */
      source: z.string().optional(),
      /** moderationHint: the right verdict. */
      verdict: z.string().optional(),
      /** translation: words whose forms a right translation has. */
      says: z.array(z.string()).optional(),
    }),
  ),
  good: z.array(recorded),
  bad: z.array(recorded.extend({ evaluator: z.string() })),
});
export type FlowData = z.output<typeof flowData>;

/** The requests and recorded answers of a flow. */
export const dataOf = (flow: FlowName): FlowData =>
  flowData.parse(JSON.parse(readFileSync(path.join(import.meta.dirname, `data/${flow}.json`), 'utf8')));

/** A request of the data set, as the flow sends it to the provider, and what a right answer has. */
export interface EvalRequest {
  readonly flow: FlowName;
  readonly prepared: Prepared;
  readonly instructions: string;
  readonly verdict: string | undefined;
  readonly says: readonly string[];
}

/** The flow itself prepares the request, with the recorded answers of other subgraphs. */
export async function requestOf(flow: FlowName, { sources, requests }: FlowData, name: string): Promise<EvalRequest> {
  const found = requests[name];
  if (!found) throw new Error(`data/${flow}.json has no request ${name}`);
  const { input, source, verdict, says = [] } = found;
  const answer = source === undefined ? undefined : sources?.[source];
  if (source !== undefined && answer === undefined) throw new Error(`data/${flow}.json has no source ${source}`);
  const questions = { ask: async () => answer } as unknown as Questions;
  const parsed = parseInputOf[flow]({ clientId: 'eval', ...input });
  const prepared = await FLOWS[flow].prepare({ roles: [] }, parsed as never, questions);
  return { flow, prepared, instructions: await instructionsOf(FLOWS[flow], prepared.language), verdict, says };
}

/** An answer with its text, for the evaluators. */
interface Judged extends EvalRequest {
  readonly given: unknown;
  /** The parsed answer. Undefined when the answer does not have the form of the flow. */
  readonly answer: object | undefined;
  readonly text: string;
}
/** Gives the faults of an answer. No evaluator asks a model. */
type Evaluator = (judged: Judged) => readonly string[];

const asText = (faults: readonly AnyFault[]): string[] => faults.map(({ kind, words }) => `${kind} ${words}`.trim());
const wholeFaults = ({ prepared, answer, text }: Judged): readonly AnyFault[] =>
  answer ? prepared.checkWhole(answer, text) : [];

const schema: Evaluator = ({ prepared, given }) =>
  prepared.schema
    .safeParse(given)
    .error?.issues.map(({ path: at, message }) => `${at.join('.') || 'the answer'}: ${message}`) ?? [];
const language: Evaluator = ({ text, prepared }) => asText(faultsOfLanguage(text, prepared.language, prepared.names));
const plain: Evaluator = ({ text, instructions }) =>
  asText([...faultsOfPlain(text), ...faultsOfLeak(text, instructions)]);
const facts: Evaluator = ({ prepared, text }) => asText(prepared.check(text));
const complete: Evaluator = (judged) => asText(wholeFaults(judged));
/** Judges the number of characters of the text. People do not read a longer one to its end. */
const length =
  (min: number, max: number): Evaluator =>
  ({ text }) =>
    text.length < min || text.length > max ? [`${text.length} characters`] : [];

/** Judges whether the text has the day on which the tournament begins. */
const beginning: Evaluator = ({ prepared, text }) => {
  const [, month = 0, day] = (prepared.data as { starts: string }).starts.split(/\D/u).map(Number);
  const called = MONTHS[prepared.language][month - 1] ?? '';
  const hasMonth = text
    .toLowerCase()
    .match(/\p{L}+/gu)
    ?.some((word) => word.startsWith(called));
  const hasDay = text.match(/\d+/gu)?.some((digits) => Number(digits) === day);
  return hasMonth && hasDay ? [] : [`INCOMPLETE the day of the beginning`];
};

const warmUp: Evaluator = ({ answer }) =>
  ((answer as z.output<typeof trainingPlan> | undefined)?.sessions ?? [])
    .filter(({ exercises: [first] }) => !/разминк|warm/iu.test(first?.name ?? ''))
    .map(({ title }) => `${title} begins without a warm-up`);

/** Words from the names of well-known clubs, which other names do not have. */
const CLUBS = [
  ...['arsenal', 'chelsea', 'everton', 'liverpool', 'manchester united', 'manchester city', 'leeds united'],
  ...['tottenham', 'aston villa', 'celtic', 'real madrid', 'barcelona', 'atletico', 'sevilla', 'valencia', 'juventus'],
  ...['inter milan', 'ac milan', 'napoli', 'bayern', 'borussia', 'schalke', 'paris saint', 'ajax', 'benfica', 'porto'],
  ...['спартак', 'зенит', 'динамо', 'локомотив', 'цска', 'рубин', 'шахтер', 'барселона', 'реал мадрид', 'ювентус'],
  ...['бавария', 'челси', 'арсенал', 'ливерпуль', 'манчестер', 'краснодар', 'ростов', 'аякс'],
];
const realClubs: Evaluator = ({ text }) =>
  text.split('\n').filter((one) => {
    const words = ` ${(
      one
        .toLowerCase()
        .replaceAll('ё', 'е')
        .match(/\p{L}+/gu) ?? []
    ).join(' ')} `;
    return CLUBS.some((club) => words.includes(` ${club} `));
  });

const eachLength =
  (min: number, max: number): Evaluator =>
  ({ text }) =>
    text.split('\n').filter((one) => one.length < min || one.length > max);

const rightVerdict: Evaluator = ({ answer, verdict }) => {
  const given = (answer as z.output<typeof moderationHint> | undefined)?.verdict;
  return given === undefined || given === verdict ? [] : [`${given} instead of ${verdict}`];
};
/** How many words of the message in a row count as a quotation. */
const QUOTED = 4;
const quote: Evaluator = ({ prepared, text }) => {
  const words = (one: string): string[] => one.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const message = ` ${words((prepared.data as { message: string }).message).join(' ')} `;
  const said = words(text);
  return said
    .map((_, index) => said.slice(index, index + QUOTED))
    .filter((run) => run.length === QUOTED && message.includes(` ${run.join(' ')} `))
    .map((run) => run.join(' '));
};

const sameNumbers: Evaluator = (judged) =>
  asText([...judged.prepared.check(judged.text), ...wholeFaults(judged).filter(({ kind }) => kind === 'NUMBER')]);
const usualLength: Evaluator = (judged) => asText(wholeFaults(judged).filter(({ kind }) => kind === 'INCOMPLETE'));
const saysAll: Evaluator = ({ text, says, answer }) =>
  answer ? says.filter((word) => !wordsOf(text).some((one) => isFormOf(one, word, { plural: true }))) : [];

/** The evaluators for the answers of each flow, by name. */
export const EVALUATORS: Readonly<Record<FlowName, Readonly<Record<string, Evaluator>>>> = {
  matchReport: { schema, facts, complete, language, length: length(40, 1_500), plain },
  tournamentAnnouncement: {
    ...{ schema, facts, language, length: length(60, 1_200), plain },
    complete: (judged) => [...complete(judged), ...beginning(judged)],
  },
  trainingPlan: { schema, complete, warmUp, language, length: length(80, 6_000), plain },
  teamNames: { schema, facts, complete, realClubs, language, length: eachLength(3, 30), plain },
  moderationHint: { schema, verdict: rightVerdict, quote, language, length: length(15, 300), plain },
  translation: { schema, facts: sameNumbers, complete: saysAll, language, length: usualLength, plain },
};

/** The faults of an answer by evaluator. Evaluators without a fault are left out. */
export function evaluate(
  request: EvalRequest,
  { answer: recordedAnswer, repeat }: Pick<Recorded, 'answer' | 'repeat'>,
): Map<string, readonly string[]> {
  const given = repeat === undefined ? recordedAnswer : withRepeated(recordedAnswer, repeat);
  const parsed = request.prepared.schema.safeParse(given);
  const answer = parsed.success ? (parsed.data as object) : undefined;
  const judged: Judged = { ...request, given, answer, text: textOf(request.prepared, answer ?? given) };
  return new Map(
    Object.entries(EVALUATORS[request.flow])
      .map(([name, judge]) => [name, judge(judged)] as const)
      .filter(([, faults]) => faults.length > 0),
  );
}

/** The text of an answer, even if it has a wrong form. */
function textOf(prepared: Prepared, given: unknown): string {
  if (typeof given !== 'object' || given === null) return String(given);
  try {
    return String(prepared.render(given));
  } catch {
    return '';
  }
}

function withRepeated(value: unknown, times: number): unknown {
  if (typeof value === 'string') return Array<string>(times).fill(value.trim()).join(' ');
  if (Array.isArray(value)) return [...value.slice(0, -1), withRepeated(value.at(-1), times)];
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, one], at) => [key, at === entries.length - 1 ? withRepeated(one, times) : one]),
  );
}
