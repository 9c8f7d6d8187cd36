import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { extendSchema, type GraphQLSchema, isObjectType, parse } from 'graphql';
import ts from 'typescript';
import { openSubgraph } from '../platform/testing/service.testing.ts';
import { filesOf } from '../scripts/new/files.ts';
import { namesOf } from '../scripts/new/names.ts';
import { subgraphs } from '../subgraphs/registry.ts';

const ROOT = join(import.meta.dirname, '..');
const fileOf = (name: string): string => join(ROOT, 'subgraphs', name, 'generated/graphql.ts');
/** Fields of Federation itself. */
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
 * The properties of the objects that resolvers pass on, by type. They are the properties of the mapper if the type has
 * one (a row of Prisma, an event), otherwise the fields of the schema.
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

/** The names of all object types of a schema, because a subgraph may have no type with a global id. */
const ownTypes = (schema: GraphQLSchema): string[] =>
  Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type))
    .map(({ name }) => name)
    .filter((name) => !NOT_OURS.test(name) && !name.startsWith('__'));

/** Fields that neither a resolver nor a property of the model answers. */
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

describe('every field of the schema has a resolver or a property of its model', () => {
  for (const [name, { module, nodes }] of Object.entries(subgraphs)) {
    it(`in ${name}`, async () => {
      const subgraph = await openSubgraph(name, await module());
      try {
        const models = modelsOf(name);
        assert.deepEqual(
          unanswered(subgraph.schema, models),
          [],
          `these fields need a method in subgraphs/${name}/resolvers, or a column of this name`,
        );
        // The test detects a new field of any type, and a property that the model has lost.
        const mapped = [...Object.values(nodes).flat(), ...ownTypes(subgraph.schema)].find(
          (type) => (models.get(type)?.size ?? 0) > 2,
        );
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

const FIELD_DECORATORS = new Set(['Query', 'Mutation', 'Subscription', 'ResolveField']);

/**
 * The resolver methods that are not named after their field. A method resolves the field of its own name, unless its
 * decorator names another one: `@Query('teams') list()`. A decorator whose name is not a literal counts too, because a
 * search for the field does not find the method.
 */
function misnamed(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isMethodDeclaration(node)) {
      for (const { expression } of ts.getDecorators(node) ?? []) {
        if (!ts.isCallExpression(expression) || !FIELD_DECORATORS.has(expression.expression.getText())) continue;
        const [field] = expression.arguments;
        if (!field || (ts.isStringLiteral(field) && field.text === node.name.getText())) continue;
        if (ts.isObjectLiteralExpression(field)) continue;
        found.push(`${file}: ${field.getText()} is resolved by ${node.name.getText()}()`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true));
  return found;
}

describe('a resolver method is named after its field', () => {
  const resolvers = globSync('subgraphs/*/resolvers/*.ts', { cwd: ROOT });
  const templates = [
    ...filesOf({
      ...namesOf('halls', undefined, { subgraphs: [], types: new Set(), fields: new Set() }),
      port: '4999',
      timestamp: '20200101000000',
    }),
  ].filter(([file]) => file.includes('/resolvers/'));

  it('in every subgraph', () => {
    assert.ok(resolvers.length >= Object.keys(subgraphs).length);
    assert.deepEqual(
      resolvers.flatMap((file) => misnamed(file, readFileSync(join(ROOT, file), 'utf8'))),
      [],
    );
  });

  it('in the templates of a new subgraph', () => {
    assert.ok(templates.length > 0);
    assert.deepEqual(
      templates.flatMap(([file, text]) => misnamed(file, text)),
      [],
    );
  });

  it('otherwise the method is found', () => {
    const methods = `
      @Query('teams') list() {}
      @Query(NAME) team() {}
      @ResolveField('messages', { nullable: true }) async history() {}
      @Subscription('teamEvents', { resolve }) teamEvents() {}
      @Subscription({ resolve }) matchEvents() {}
      @ResolveReference() reference() {}
      @Mutation() createTeam() {}`;
    assert.deepEqual(misnamed('Query.ts', `class QueryResolver {${methods}}`), [
      "Query.ts: 'teams' is resolved by list()",
      'Query.ts: NAME is resolved by team()',
      "Query.ts: 'messages' is resolved by history()",
    ]);
  });
});
