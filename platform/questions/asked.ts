import { GraphQLError } from 'graphql';
import { z } from 'zod';
import type { AskedQuestion } from '../observability/request-context.ts';

/** Longer than any path without a circle, and than any question is waited for. */
const MAX_PATH = 32;
const MAX_MS = 60_000;

/**
 * What a question says of itself, in the `extensions.question` of its GraphQL request. The body is signed, so nobody
 * between can change it; routers send no extensions of their clients. The time is what is left: clocks of different
 * machines are not compared.
 */
const said = z.object({
  path: z
    .array(z.string().regex(/^[a-z0-9]{1,64}$/))
    .min(1)
    .max(MAX_PATH),
  ms: z.int().min(0).max(MAX_MS),
});
export type Said = z.infer<typeof said>;

export type Refusal = 'question_malformed' | 'question_undeclared' | 'question_in_a_circle';

/**
 * Reads an authentic body.
 * @param self the subgraph that answers
 * @param mayAsk whether this subgraph has declared that it asks this one
 * @returns undefined for a call that is no question: the router's
 */
export function askedOf(
  body: unknown,
  self: string,
  mayAsk: (service: string) => boolean,
): AskedQuestion | Refusal | undefined {
  const question = (body as { extensions?: { question?: unknown } | null } | null | undefined)?.extensions?.question;
  if (question === undefined) return undefined;
  const { data } = said.safeParse(question);
  if (!data) return 'question_malformed';
  if (data.path.includes(self)) return 'question_in_a_circle';
  return mayAsk(data.path.at(-1) ?? '')
    ? { path: data.path, until: performance.now() + data.ms }
    : 'question_undeclared';
}

/** Milliseconds until nobody waits any more; `most` when it is no question that is answered. */
export function msLeft(question: AskedQuestion | undefined, most: number): number {
  return question ? Math.max(0, Math.min(most, question.until - performance.now())) : most;
}

/**
 * To be called before work that somebody has to wait for. @throws GraphQLError UNAVAILABLE when nobody does any more
 */
export function stopWhenLate(question: AskedQuestion | undefined): void {
  if (question && performance.now() >= question.until)
    throw new GraphQLError('Nobody waits for this any more.', { extensions: { code: 'UNAVAILABLE' } });
}
