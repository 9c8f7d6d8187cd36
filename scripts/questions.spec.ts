import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { z } from 'zod';
import { defineQuestion, defineWhich, type Question } from '../platform/questions/definition.ts';
import { defineSubgraph, registryOf, type SubgraphManifest } from '../platform/manifest/manifest.ts';
import { subgraphs } from '../subgraphs/registry.ts';
import { definedQuestions, importedQuestions, questionProblems, whoAsksWhom } from './questions.ts';

const manifest = (name: string, port: number, more: Partial<SubgraphManifest> = {}) => ({
  default: defineSubgraph({ name, port, module: async () => class {}, personalData: {}, ...more }),
});
const SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@inaccessible"])
  type Query { me: ID old(among: [ID!]!): [ID!]! @inaccessible ages(of: [ID!]!): [Int]! @inaccessible open(of: [ID!]!): [ID!]! }`;
const EMPTY = 'type Query { me: ID }';

describe('questions between subgraphs', () => {
  it('are declared, defined and answered', async () => {
    assert.deepEqual(questionProblems(subgraphs, await definedQuestions(), importedQuestions), []);
    const registry = registryOf(
      manifest('aa', 4001, { nodes: { Poll: ['Poll'] } }),
      manifest('bb', 4002, { asks: ['aa'] }),
      manifest('cc', 4003, { asks: ['bb'], answersNode: true }),
    );
    assert.deepEqual(whoAsksWhom(registry), ['bb asks aa', 'cc asks bb, aa (for node: each subgraph with nodes)']);
  });

  it('are reported when they are not', () => {
    const Old = defineWhich({ to: 'bb', field: 'old', argument: 'among' });
    const Ages = defineQuestion({
      to: 'bb',
      field: 'ages',
      argument: 'of',
      type: 'ID!',
      item: z.string(),
      answer: z.int(),
    });
    const problems = (
      asks: readonly string[],
      questions: Record<string, Question<string, unknown>>,
      used: readonly string[],
    ): readonly string[] =>
      questionProblems(
        registryOf(manifest('aa', 4001, { asks }), manifest('bb', 4002), manifest('cc', 4003)),
        { bb: Object.entries(questions) },
        (name) => new Set(name === 'aa' ? used : []),
        (name) => (name === 'bb' ? SDL : EMPTY),
      );
    const all = { Old, Ages };
    const used = ['bb.Old', 'bb.Ages'];
    assert.deepEqual(problems(['bb'], all, used), []);
    const cases: [RegExp, readonly string[]][] = [
      [
        /^subgraphs\/aa\/subgraph.ts: it asks bb \(bb.Old, bb.Ages\), which its asks does not list$/,
        problems([], all, used),
      ],
      [/^subgraphs\/aa\/subgraph.ts: its asks lists cc, but it uses no question of/, problems(['bb', 'cc'], all, used)],
      [/: nobody asks Ages$/, problems(['bb'], all, ['bb.Old'])],
      [/^schema\/bb.graphql: Query.ages is for other subgraphs, and/, problems(['bb'], { Old }, ['bb.Old'])],
      [
        /Query.open of bb is not @inaccessible/,
        problems(['bb'], { ...all, Open: defineWhich({ to: 'bb', field: 'open', argument: 'of' }) }, [
          ...used,
          'bb.Open',
        ]),
      ],
      [
        /: Old: Unknown argument "who"/,
        problems(['bb'], { Old: defineWhich({ to: 'bb', field: 'old', argument: 'who' }), Ages }, used),
      ],
      [
        /: Ages: Variable "\$of" of type "\[Int!\]!" used in position/,
        problems(
          ['bb'],
          {
            Old,
            Ages: defineQuestion({
              to: 'bb',
              field: 'ages',
              argument: 'of',
              type: 'Int!',
              item: z.int(),
              answer: z.int(),
            }) as unknown as Question<string, unknown>,
          },
          used,
        ),
      ],
      [
        /: Other is a question to aa$/,
        problems(['bb'], { ...all, Other: { ...Old, to: 'aa' } }, [...used, 'bb.Other']),
      ],
    ];
    for (const [expected, told] of cases)
      assert.ok(
        told.some((line) => expected.test(line)),
        `${String(expected)} in ${told.join('; ')}`,
      );
    assert.match(
      questionProblems(
        registryOf(manifest('aa', 4001)),
        { zz: [] },
        () => new Set(),
        () => EMPTY,
      ).join(),
      /there is no subgraph zz/,
    );
  });
});
