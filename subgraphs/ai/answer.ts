import { SENTENCE_END } from './facts/check.ts';
import { faultsOfLanguage, faultsOfLeak, faultsOfPlain } from './facts/plain.ts';
import type { AnyFault, Prepared } from './flows/flow.ts';

/** The error when the answer does not have the required form, or its text breaks the rules. */
export class BadAnswer extends Error {
  override readonly name = 'BadAnswer';
  readonly failure: 'UNUSABLE' | 'FACTS_WRONG';
  /** The faults that the next attempt should avoid. They repeat words of the answer, so they must not be logged. */
  readonly corrections: readonly string[];

  constructor(faults: readonly AnyFault[]) {
    super(`the answer has faults: ${[...new Set(faults.map(({ kind }) => kind))].join(', ') || 'its form'}`);
    this.failure = faults.some(({ kind }) => FACTS.has(kind)) ? 'FACTS_WRONG' : 'UNUSABLE';
    this.corrections = faults.map(({ kind, words }) => `${kind}: ${words}`.slice(0, 200)).slice(0, 20);
  }
}

const FACTS = new Set<AnyFault['kind']>([
  ...(['NAME', 'MINUTE', 'SCORE', 'NUMBER', 'DEED', 'WINNER', 'DATE', 'INCOMPLETE'] as const),
]);

/**
 * Checks a part of a text by the rules of all flows (no markup, links, invisible characters or words of the
 * instructions) and by the rules of its flow.
 * @param before the text before the part
 * @throws BadAnswer
 */
export function checkPart(prepared: Prepared, instructions: string, part: string, before = ''): void {
  const faults = [
    ...faultsOfPlain(part),
    // Words of the instructions may begin in the text before and end in this part.
    ...faultsOfLeak(`${before.slice(-200)} ${part}`, instructions),
    ...prepared.check(part),
  ];
  if (faults.length > 0) throw new BadAnswer(faults);
}

/**
 * Checks a whole answer: its form, the rules of all flows, and those of its flow. Returns the answer and its text.
 * @throws BadAnswer
 */
export function checkAnswer(
  prepared: Prepared,
  instructions: string,
  value: unknown,
): { answer: object; text: string } {
  const parsed = prepared.schema.safeParse(value);
  if (!parsed.success) throw new BadAnswer([]);
  const answer = parsed.data as object;
  const text = prepared.render(answer);
  const faults = [
    ...faultsOfPlain(text),
    ...faultsOfLeak(text, instructions),
    ...faultsOfLanguage(text, prepared.language, prepared.names),
    ...prepared.check(text),
    ...prepared.checkWhole(answer, text),
  ];
  if (faults.length > 0) throw new BadAnswer(faults);
  return { answer, text };
}

/**
 * The start of a growing text whose sentences and lines are complete. A sentence is complete when white space follows
 * it.
 */
export function completePart(text: string): string {
  let end = 0;
  for (const { index, 0: found } of text.matchAll(new RegExp(SENTENCE_END.source, 'gu')))
    if (index + found.length < text.length || found.startsWith('\n')) end = index + found.length;
  return text.slice(0, end);
}
