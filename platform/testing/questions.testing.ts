import type { Principal } from '../identity/principal.ts';
import { NoAnswer, type Question } from '../questions/definition.ts';
import type { Questions } from '../questions/questions.ts';

/** Fakes the answers of all other subgraphs with `answers`. A NoAnswer that it throws is the answer for every item. */
export function questionsTo(
  answers: (
    question: Question<never, unknown>,
    items: readonly unknown[],
    viewer?: Principal,
  ) => readonly unknown[] | Promise<readonly unknown[]>,
): Questions {
  const questions: Pick<Questions, 'ask' | 'askAll'> = {
    async askAll<I, A>(question: Question<I, A>, items: readonly I[], viewer?: Principal) {
      if (items.length === 0) return [];
      try {
        return (await answers(question as unknown as Question<never, unknown>, items, viewer)) as readonly (
          A | NoAnswer
        )[];
      } catch (error) {
        if (error instanceof NoAnswer) return items.map(() => error);
        throw error;
      }
    },
    async ask<I, A>(question: Question<I, A>, item: I, viewer?: Principal) {
      const [answer] = await questions.askAll(question, [item], viewer);
      if (answer instanceof NoAnswer) throw answer;
      return answer as A;
    },
  };
  return questions as Questions;
}
