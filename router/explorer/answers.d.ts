import type { VariableFinder } from './explorer.ts';

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string }[];
}

export function timed<T>(chunks: AsyncIterable<T>, now?: () => number): AsyncGenerator<T, void>;
export function fillIn(
  finders: Readonly<Record<string, VariableFinder>> | undefined,
  params: { query: string; variables?: Record<string, unknown> },
  ask: (query: string) => Promise<Answer>,
): Promise<Record<string, unknown>>;
