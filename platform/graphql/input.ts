import type { z } from 'zod';
import { UserErrors } from './user-errors.ts';

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
