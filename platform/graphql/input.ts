import { z } from 'zod';
import { UserErrors } from './user-errors.ts';

/** Text of people: trimmed, neither empty nor longer than `max` UTF-16 units, nothing in it that PostgreSQL cannot store; `lines`: may have several lines. */
export function text(max: number, { lines = false }: { readonly lines?: boolean } = {}): z.ZodString {
  return z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(max, `must have at most ${max} characters`)
    .regex(lines ? /^(?:[^\p{Cc}\p{Cs}]|[\n\r\t])*$/u : /^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters');
}

/**
 * A mutation's input, checked once at the border.
 * @throws UserErrors with one INVALID per complaint, each with its path into the input
 */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new UserErrors(
    result.error.issues.slice(0, 20).map((issue) => ({
      field: issue.path.length ? issue.path.map(String) : null,
      code: 'INVALID' as const,
      message: issue.message,
    })),
  );
}
