import { z } from 'zod';
import { name } from '../../../platform/graphql/input.ts';
import { type AnyFault, defineFlow } from './flow.ts';
import type { namesInput } from '../inputs.ts';

/** The answer of the model. Each name passes the rule for names of teams, with at most 40 characters. */
export const teamNames = z.object({ names: z.array(name(40)).min(1).max(10) });

export const teamNamesFlow = defineFlow<z.output<typeof namesInput>, z.output<typeof teamNames>>({
  name: 'teamNames',
  value: 'TEAM_NAMES',
  promptVersion: 1,
  maxTokens: 400,
  maxCharacters: 2_000,
  async prepare(_viewer, { sport, city, style, count: asked, language }) {
    const count = asked ?? 5;
    return {
      language,
      data: { sport, city: city ?? null, style: style ?? null, count },
      isShared: city == null && style == null,
      schema: teamNames,
      render: ({ names }) => (names ?? []).join('\n'),
      check: (part) => (/\p{Nd}/u.test(part) ? [{ kind: 'NUMBER', words: part }] : []),
      checkWhole: ({ names }) => faultsOfNames(names, count),
    };
  },
});

function faultsOfNames(names: readonly string[], count: number): AnyFault[] {
  const isDouble = new Set(names.map((one) => one.toLowerCase())).size !== names.length;
  return [
    ...(isDouble ? [{ kind: 'NAME' as const, words: 'a name is there twice' }] : []),
    ...(names.length === count
      ? []
      : [{ kind: 'NUMBER' as const, words: `${names.length} names instead of ${count}` }]),
  ];
}
