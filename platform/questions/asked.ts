import { GraphQLError } from 'graphql';
import { z } from 'zod';
import type { AskedQuestion } from '../observability/request-context.ts';

/**
 * The longest path of a question, and below it the longest timeout in milliseconds. Correct questions stay below both:
 * a path without a cycle is shorter, and no question has a longer timeout.
 */
const MAX_PATH = 32;
const MAX_MS = 60_000;

/**
 * The metadata of a question, in `extensions.question` of its GraphQL request. The body is signed, so nobody between
 * can change it. Routers forward no extensions of clients. The time is relative, because clocks of different machines
 * cannot be compared.
 */
const metadata = z.object({
  path: z
    .array(z.string().regex(/^[a-z0-9]{1,64}$/))
    .min(1)
    .max(MAX_PATH),
  ms: z.int().min(0).max(MAX_MS),
});
export type QuestionMetadata = z.infer<typeof metadata>;

export type Refusal = 'question_malformed' | 'question_undeclared' | 'question_in_a_cycle';

/**
 * Reads the metadata from a verified body.
 * @param self the subgraph that answers
 * @param mayAsk whether the given subgraph has declared that it asks this one
 * @returns undefined for a call that is not a question but the router's
 */
export function askedOf(
  body: unknown,
  self: string,
  mayAsk: (service: string) => boolean,
): AskedQuestion | Refusal | undefined {
  const question = (body as { extensions?: { question?: unknown } | null } | null | undefined)?.extensions?.question;
  if (question === undefined) return undefined;
  const { data } = metadata.safeParse(question);
  if (!data) return 'question_malformed';
  if (data.path.includes(self)) return 'question_in_a_cycle';
  return mayAsk(data.path.at(-1) ?? '')
    ? { path: data.path, until: performance.now() + data.ms }
    : 'question_undeclared';
}

/** Milliseconds until the asker stops waiting, at most `most`; `most` itself if no question is being answered. */
export function msLeft(question: AskedQuestion | undefined, most: number): number {
  return question ? Math.max(0, Math.min(most, question.until - performance.now())) : most;
}

/** Call it before expensive work. @throws GraphQLError UNAVAILABLE when the asker no longer waits */
export function stopWhenLate(question: AskedQuestion | undefined): void {
  if (question && performance.now() >= question.until)
    throw new GraphQLError('The caller no longer waits for this answer.', { extensions: { code: 'UNAVAILABLE' } });
}
