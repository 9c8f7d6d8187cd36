import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { extendSchema, type GraphQLSchema, isObjectType, parse } from 'graphql';
import ts from 'typescript';
import { openSubgraph } from '../platform/testing/service.testing.ts';
import { subgraphs } from '../subgraphs/registry.ts';

const ROOT = join(import.meta.dirname, '..');
const fileOf = (name: string): string => join(ROOT, 'subgraphs', name, 'generated/graphql.ts');
/** Federation's own. */
const NOT_OURS = /^_/;

const program = ts.createProgram(Object.keys(subgraphs).map(fileOf), {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  types: [],
});
const checker = program.getTypeChecker();

/**
 * Properties of what resolvers pass around for each type: the mapper's when it has one (a row of Prisma, an event), the
 * schema's own otherwise.
 */
function modelsOf(name: string): Map<string, Set<string>> {
  const source = program.getSourceFile(fileOf(name));
  const declared = source?.statements.find(
    (statement): statement is ts.TypeAliasDeclaration =>
      ts.isTypeAliasDeclaration(statement) && statement.name.text === 'ResolversParentTypes',
  );
  assert.ok(declared, `${name}: run npm run generate`);
  const types = checker.getTypeAtLocation(declared.name).getProperties();
  return new Map(
    types.map((type) => [
      type.name,
      new Set(
        checker
          .getTypeOfSymbol(type)
          .getProperties()
          .map((property) => property.name),
      ),
    ]),
  );
}

/** Fields that nothing answers: neither a resolver nor a property of the model. */
function unanswered(schema: GraphQLSchema, models: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type))
    .filter(({ name }) => !NOT_OURS.test(name) && !name.startsWith('__'))
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter(
          ({ name, resolve, subscribe }) =>
            !NOT_OURS.test(name) && !resolve && !subscribe && (roots.has(type) || !models.get(type.name)?.has(name)),
        )
        .map(({ name }) => `${type.name}.${name}`),
    );
}

describe('every field of the schema is answered by a resolver or a property of its model', () => {
  for (const [name, { module, nodes }] of Object.entries(subgraphs)) {
    it(`in ${name}`, async () => {
      const subgraph = await openSubgraph(name, await module());
      try {
        const models = modelsOf(name);
        assert.deepEqual(unanswered(subgraph.schema, models), []);
        // It would be noticed: a new field of any type, and properties that the model has no more.
        const mapped = Object.values(nodes)
          .flat()
          .find((type) => (models.get(type)?.size ?? 0) > 2);
        assert.ok(mapped);
        const forgotten = extendSchema(
          subgraph.schema,
          parse(`extend type ${mapped} { forgotten: String } extend type Query { forgotten: String }`),
        );
        assert.deepEqual(unanswered(forgotten, models).sort(), [`${mapped}.forgotten`, 'Query.forgotten'].sort());
        assert.notDeepEqual(unanswered(subgraph.schema, new Map([...models, [mapped, new Set<string>()]])), []);
      } finally {
        await subgraph.close();
      }
    });
  }
});
