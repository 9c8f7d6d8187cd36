import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildASTSchema, buildSchema, getNamedType, GraphQLNonNull, isInterfaceType, isObjectType, parse, visit } from 'graphql';
import { compose, subgraphFiles } from '../scripts/compose.mjs';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'schema-'));
});
after(() => rm(directory, { recursive: true }));

/** What is wrong once the text of one subgraph's file is another. */
async function errorsWith(file: string, from: string | RegExp, to: string): Promise<readonly string[]> {
  await cp(import.meta.dirname, directory, { recursive: true, filter: (source) => !source.endsWith('.ts') });
  const sdl = await readFile(join(directory, file), 'utf8');
  const changed = sdl.replace(from, to);
  assert.notEqual(changed, sdl);
  await writeFile(join(directory, file), changed);
  return (await compose(directory)).errors;
}

const ends = (errors: readonly string[]): string[] => errors.map((error) => /^\S+: @?\S+ on \S+|^\S+: [^;]+/.exec(error)?.[0] ?? error).sort();

function applications(directive: string, sdl: string): number {
  let count = 0;
  visit(parse(sdl), { Directive: ({ name }) => void (name.value === directive && count++) });
  return count;
}

describe('composition', () => {
  it('keeps every directive that the subgraphs apply', async () => {
    const { errors, files } = await compose();
    assert.deepEqual(errors, []);
    const supergraph = files['supergraph.graphql'] ?? '';
    const sources = await Promise.all(subgraphFiles().map((file) => readFile(join(import.meta.dirname, file), 'utf8')));
    for (const name of ['audience', 'resume', 'cacheControl']) {
      const applied = sources.map((sdl) => applications(name, sdl)).reduce((sum, count) => sum + count, 0);
      assert.ok(applied > 0);
      assert.equal(applications(name, supergraph), applied, name);
    }
    const api = files['api.graphql'] ?? '';
    assert.doesNotMatch(api, /audience|cacheControl/i, 'clients see nothing of it');
    assert.deepEqual(api.match(/^directive @\w+/gm), ['directive @defer'], 'but what they may use');
    assert.match(api, /^scalar DateTime @specifiedBy\(url: "https:\/\/www.rfc-editor.org\/rfc\/rfc3339"\)$/m);
  });

  it('is refused when a subgraph does not compose a directive that it applies', async () => {
    const lost = (directive: string, ...fields: string[]) => fields.map((field) => `DIRECTIVE_LOST: @${directive} on ${field}`);
    assert.deepEqual(ends(await errorsWith('users.graphql', /^ {2}@composeDirective\(name: "@cacheControl"\)\n/m, '')), [
      ...lost('cacheControl', 'Query.me', 'User.city', 'User.createdAt', 'User.handle', 'User.sports', 'User.username', 'User.visibleTo'), 'FEATURE_DIFFERS: schema/users.graphql has no @composeDirective(name: "@cacheControl")',
    ]);
    assert.deepEqual(ends(await errorsWith('chat.graphql', /^ {2}@composeDirective\(name: "@audience"\)\n/m, '')), [
      ...lost('audience', 'Subscription.messageEvents'), 'FEATURE_DIFFERS: schema/chat.graphql has no @composeDirective(name: "@audience")',
    ]);
    assert.deepEqual(ends(await errorsWith('matches.graphql', /^ {2}@composeDirective\(name: "@resume"\)\n/m, '')), [
      ...lost('resume', 'Subscription.matchEvents'), 'FEATURE_DIFFERS: schema/matches.graphql has no @composeDirective(name: "@resume")',
    ]);
  });

  it('is refused when a subgraph links, defines or composes another feature than the others, used or not', async () => {
    const link = /^ {2}@link\(url: "https:\/\/specs.prodvor.org\/live.*\n/m;
    assert.match((await errorsWith('teams.graphql', link, '')).join('\n'), /DIRECTIVE_COMPOSITION_ERROR/);
    const minor = await errorsWith('teams.graphql', 'specs.prodvor.org/live/v1.0', 'specs.prodvor.org/live/v1.1');
    assert.match(minor.join('\n'), /FEATURE_DIFFERS: schema\/teams\.graphql has no @link\(url: "https:\/\/specs\.prodvor\.org\/live\/v1\.0"/);
    const narrower = await errorsWith('teams.graphql', /^(directive @cacheControl.*) \| OBJECT$/m, '$1');
    assert.match(narrower.join('\n'), /FEATURE_DIFFERS: schema\/teams\.graphql has no directive @cacheControl\(scope: cacheControl__Scope\) on FIELD_DEFINITION \| OBJECT/);
    const scopes = await errorsWith('teams.graphql', /^ {2}PUBLIC\n {2}PRIVATE\n/m, '  PUBLIC\n  PRIVATE\n  TEAM\n');
    assert.match(scopes.join('\n'), /FEATURE_DIFFERS/);
  });

  it('is refused while something that clients see has no description', async () => {
    const without = async (text: string, by = '') => (await errorsWith('teams.graphql', text, by)).map((error) => error.split(' ')[1]);
    assert.deepEqual(await without('  "1 to 80 characters; teams may share a name."\n'), ['Team.name']);
    assert.deepEqual(await without('"A team of one sport with its members."\n'), ['Team']);
    assert.deepEqual(await without('    "Only teams of this sport."\n'), ['Query.teams(sport:)']);
    assert.deepEqual(await without('  "Trains the team."\n', '  "  "\n'), ['MembershipRole.COACH']);
    assert.deepEqual(await without('  "The team to leave."\n'), ['LeaveTeamInput.teamId']);
  });
});

describe('a mutation', () => {
  it('has a nullable payload with userErrors: one that fails does not hide another that was done', async () => {
    const api = buildSchema((await compose()).files['api.graphql'] ?? '');
    const fields = Object.values(api.getMutationType()?.getFields() ?? {});
    assert.ok(fields.length > 0);
    for (const { name, type } of fields) {
      assert.ok(isObjectType(type), `Mutation.${name} is nullable`);
      assert.equal(String(type.getFields()['userErrors']?.type), '[UserError!]!', `Mutation.${name}`);
    }
  });
});

describe('a live stream', () => {
  for (const file of subgraphFiles()) {
    it(`of ${file} names what there is`, async () => {
      const document = parse(await readFile(join(import.meta.dirname, file), 'utf8'), { noLocation: true });
      // Federation's own directives are not defined here.
      const schema = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
      for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
        const directive = (name: string) => field.astNode?.directives?.find((one) => one.name.value === name);
        const argument = (name: string, of: string): string | undefined => {
          const value = directive(name)?.arguments?.find((one) => one.name.value === of)?.value;
          return value?.kind === 'StringValue' ? value.value : undefined;
        };
        assert.ok(directive('audience'), `${field.name} does not say who it is for`);
        const cursor = argument('resume', 'argument');
        assert.ok(field.args.some(({ name }) => name === cursor), `${field.name} has no argument ${cursor}`);
        const event = getNamedType(field.type);
        assert.ok((isInterfaceType(event) || isObjectType(event)) && event.getFields()[argument('resume', 'from') ?? '']?.type instanceof GraphQLNonNull);
        const check = argument('audience', 'check');
        if (check === undefined) continue;
        const asked = schema.getQueryType()?.getFields()[check];
        assert.equal(String(asked?.type), 'Audience!');
        assert.ok(asked?.astNode?.directives?.some(({ name }) => name.value === 'inaccessible'), `${check} is not for clients`);
        for (const { name, type } of asked?.args ?? []) assert.equal(String(field.args.find((one) => one.name === name)?.type), String(type), `${check}(${name}:)`);
      }
    });
  }
});
