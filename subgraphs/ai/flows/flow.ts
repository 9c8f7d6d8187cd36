import { z } from 'zod';
import type { Principal } from '../../../platform/identity/principal.ts';
import type { Questions } from '../../../platform/questions/questions.ts';
import type { Fault, TextLanguage } from '../facts/check.ts';
import type { Input } from '../inputs.ts';
import type { PlainFault } from '../facts/plain.ts';

export type AnyFault = Fault | PlainFault;

/** A request of a flow, with the rules for its answer. */
export interface Prepared<O = unknown> {
  readonly language: TextLanguage;
  /** Everything about the request that the provider gets, besides the instructions. */
  readonly data: object;
  /**
   * Whether an equal request of another person may get a copy of the answer. False when the data has words of a person or
   * of a room: otherwise `isCached` would show that somebody else has sent the same words.
   */
  readonly isShared: boolean;
  /** The names in the facts, which may be in another alphabet than the text. Absent for a flow without facts. */
  readonly names?: readonly string[];
  readonly schema: z.ZodType<O>;
  /** The text of an answer. The answer may be incomplete. When more of it arrives, the text only becomes longer. */
  render(answer: Partial<O>): string;
  /** The faults of a part of the text. The part consists of whole sentences or lines, or is the whole text. */
  check(part: string): readonly AnyFault[];
  /** The faults of the whole answer, besides those of its parts. */
  checkWhole(answer: O, text: string): readonly AnyFault[];
}

export interface Flow {
  /** The name in the configuration, in metrics and of the prompt's file. */
  readonly name: string;
  /** The value of the schema's enum `GenerationFlow`. */
  readonly value:
    'MATCH_REPORT' | 'TOURNAMENT_ANNOUNCEMENT' | 'TRAINING_PLAN' | 'TEAM_NAMES' | 'MODERATION_HINT' | 'TRANSLATION';
  /** The number in the name of the prompt's file. */
  readonly promptVersion: number;
  /** The limit of tokens of the first attempt. After a cut answer, the next attempt has twice as many. */
  readonly maxTokens: number;
  /** The largest number of characters of the answer, including its JSON. */
  readonly maxCharacters: number;
  /**
   * Collects the facts that the viewer may see.
   * @param input has been validated
   * @throws UserErrors, NoAnswer
   */
  prepare(viewer: Principal, input: never, questions: Questions): Promise<Prepared>;
}

/** A flow, with the types of its input and its answer. */
export function defineFlow<I extends Input, O>(
  flow: Omit<Flow, 'prepare'> & { prepare(viewer: Principal, input: I, questions: Questions): Promise<Prepared<O>> },
): Flow {
  return flow as unknown as Flow;
}

/** The schema of a text in an answer: 1 to `max` characters after spaces around it are removed. */
export const answerText = (max: number): z.ZodString => z.string().trim().min(1).max(max);

/** The names of the languages, for prompts. */
export const LANGUAGES: Readonly<Record<TextLanguage, string>> = { EN: 'English', RU: 'Russian' };
