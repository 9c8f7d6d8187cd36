import { Kind } from 'graphql';
import type { DirectiveNode } from 'graphql';

/** Holds if the variable named `variable` has this value. */
export interface Literal {
  readonly variable: string;
  readonly value: boolean;
}

/** Holds if all literals hold. Empty: always. */
export type Conjunction = readonly Literal[];

/** Combines `outer` with the conditions of @skip and @include. Returns undefined if the result can never hold. */
export function narrow(outer: Conjunction, directives: readonly DirectiveNode[] | undefined): Conjunction | undefined {
  let result = outer;
  for (const { name, arguments: args } of directives ?? []) {
    if (name.value !== 'skip' && name.value !== 'include') continue;
    const wanted = name.value === 'include';
    const value = args?.find((arg) => arg.name.value === 'if')?.value;
    if (value?.kind === Kind.BOOLEAN) {
      if (value.value !== wanted) return undefined;
    } else if (value?.kind === Kind.VARIABLE) {
      const variable = value.name.value;
      const known = result.find((literal) => literal.variable === variable);
      if (known === undefined) result = [...result, { variable, value: wanted }];
      else if (known.value !== wanted) return undefined;
    }
  }
  return result;
}

export function conjunctionKey(conjunction: Conjunction): string {
  return conjunction
    .map(({ variable, value }) => (value ? variable : `!${variable}`))
    .sort()
    .join('&');
}

export const ALWAYS = -1;

/** Gives each condition of one operation a number, so that a request evaluates each condition at most once. */
export class Conditions {
  readonly #numbers = new Map<string, number>();
  readonly #alternatives: (readonly Conjunction[])[] = [];

  /** The number of the condition "one of `alternatives` holds", or ALWAYS. */
  intern(alternatives: readonly Conjunction[]): number {
    if (alternatives.some((conjunction) => conjunction.length === 0)) return ALWAYS;
    const key = [...new Set(alternatives.map(conjunctionKey))].sort().join('|');
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#alternatives.length;
      this.#numbers.set(key, number);
      this.#alternatives.push(alternatives);
    }
    return number;
  }

  holds(number: number, variables: Readonly<Record<string, unknown>>): boolean {
    return (
      this.#alternatives[number]?.some((all) => all.every(({ variable, value }) => variables[variable] === value)) ??
      false
    );
  }
}
