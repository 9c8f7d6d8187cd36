import { z } from 'zod';
import { TextOfMessage } from '../../../schema/questions/chat.ts';
import { toPlain } from '../facts/plain.ts';
import { userError } from '../reasons.ts';
import { type AnyFault, answerText, defineFlow } from './flow.ts';
import type { translateInput } from '../inputs.ts';

export const translation = z.object({ text: answerText(12_000) });

export const translationFlow = defineFlow<z.output<typeof translateInput>, z.output<typeof translation>>({
  name: 'translation',
  value: 'TRANSLATION',
  promptVersion: 1,
  maxTokens: 3000,
  maxCharacters: 26_000,
  async prepare(viewer, { text: given, messageId, language }, questions) {
    if ((given == null) === (messageId == null)) throw userError('NOT_EXACTLY_ONE', { fields: 'text, messageId' });
    const original = messageId == null ? (given ?? null) : await questions.ask(TextOfMessage, messageId, viewer);
    if (original === null) throw userError('MESSAGE_NOT_FOUND', 'messageId');
    // The answer must not contain links and markup, so the provider gets none.
    const source = toPlain(original);
    return {
      language,
      data: { text: source },
      isShared: false,
      schema: translation,
      render: (answer) => answer.text ?? '',
      check: (part) =>
        digitsOf(part)
          .filter((digits) => !digitsOf(source).includes(digits))
          .map(numberFault),
      checkWhole: (_answer, translated) => faultsOfTranslation(source, translated),
    };
  },
});

const digitsOf = (one: string): string[] => one.normalize('NFKC').match(/\p{Nd}+/gu) ?? [];
const numberFault = (words: string): AnyFault => ({ kind: 'NUMBER', words });

/** If neither a text nor its translation has more characters than this, their lengths may differ by any factor. */
const SHORT = 40;
const MOST_TIMES = 3;

/**
 * The faults of a translation: numbers that are missing or were added, and a length too far from that of the source.
 */
function faultsOfTranslation(source: string, translated: string): AnyFault[] {
  const [before, after] = [digitsOf(source).sort(), digitsOf(translated).sort()];
  const faults = before.join(' ') === after.join(' ') ? [] : [numberFault(after.join(' '))];
  const [longer, shorter] = [Math.max(source.length, translated.length), Math.min(source.length, translated.length)];
  if (longer > SHORT && longer > shorter * MOST_TIMES)
    faults.push({ kind: 'INCOMPLETE', words: 'the length of the translation' });
  return faults;
}
