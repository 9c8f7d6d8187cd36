import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import {
  buildASTSchema,
  buildSchema,
  type DocumentNode,
  getNamedType,
  GraphQLNonNull,
  isInterfaceType,
  isObjectType,
  parse,
  visit,
} from 'graphql';
import { documentOf, subgraphNames } from '../platform/subgraph/sdl.ts';
import { compose } from '../scripts/compose.mjs';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'schema-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** The composition errors after one replacement in a copy of an SDL file. */
async function errorsWith(file: string, from: string | RegExp, to: string): Promise<readonly string[]> {
  await cp(import.meta.dirname, directory, { recursive: true, filter: (source) => !source.endsWith('.ts') });
  const sdl = await readFile(join(directory, file), 'utf8');
  const changed = sdl.replace(from, to);
  assert.notEqual(changed, sdl);
  await writeFile(join(directory, file), changed);
  return (await compose(directory)).errors;
}

const ends = (errors: readonly string[]): string[] =>
  errors.map((error) => /^\S+: @?\S+ on \S+|^\S+: [^;]+/.exec(error)?.[0] ?? error).sort();

function applications(directive: string, document: DocumentNode): number {
  let count = 0;
  visit(document, { Directive: ({ name }) => void (name.value === directive && count++) });
  return count;
}

describe('composition', () => {
  it('keeps every directive that the subgraphs apply', async () => {
    const { errors, files } = await compose();
    assert.deepEqual(errors, []);
    const supergraph = files['supergraph.graphql'] ?? '';
    for (const name of ['audience', 'resume', 'cacheControl']) {
      const applied = subgraphNames()
        .map((subgraph) => applications(name, documentOf(subgraph)))
        .reduce((sum, count) => sum + count, 0);
      assert.ok(applied > 0);
      assert.equal(applications(name, parse(supergraph)), applied, name);
    }
    const api = files['api.graphql'] ?? '';
    assert.doesNotMatch(api, /@audience|\bAudience\b|cacheControl/, 'clients see nothing of it');
    assert.deepEqual(api.match(/^directive @\w+/gm), ['directive @defer'], 'but what they may use');
    assert.match(api, /^scalar DateTime @specifiedBy\(url: "https:\/\/www.rfc-editor.org\/rfc\/rfc3339"\)$/m);
  });

  it('refuses an applied directive that is not composed', async () => {
    const lost = (directive: string, ...fields: string[]) =>
      fields.map((field) => `DIRECTIVE_LOST: @${directive} on ${field}`);
    for (const [directive, ...fields] of [
      ['audience', 'Subscription.matchEvents', 'Subscription.messageEvents', 'Subscription.tournamentEvents'],
      [
        'personal',
        'Subscription.generationEvents',
        'Subscription.mailingEvents',
        'Subscription.mediaEvents',
        'Subscription.notificationEvents',
        'Subscription.reportEvents',
      ],
      [
        'resume',
        'Subscription.generationEvents',
        'Subscription.mailingEvents',
        'Subscription.matchEvents',
        'Subscription.mediaEvents',
        'Subscription.messageEvents',
        'Subscription.notificationEvents',
        'Subscription.reportEvents',
        'Subscription.tournamentEvents',
      ],
    ] as const) {
      assert.deepEqual(
        ends(
          await errorsWith(
            'shared/directives.graphql',
            new RegExp(`^ {2}@composeDirective\\(name: "@${directive}"\\)\\n`, 'm'),
            '',
          ),
        ),
        lost(directive, ...fields),
      );
    }
    const uncached = ends(
      await errorsWith('shared/directives.graphql', /^ {2}@composeDirective\(name: "@cacheControl"\)\n/m, ''),
    ).filter((error) => !error.startsWith('UNDESCRIBED: cacheControl__Scope'));
    assert.deepEqual(uncached, lost('cacheControl', ...uncached.map((error) => error.split(' ').at(-1) ?? '')));
    for (const field of [
      'Query.me',
      'User.city',
      'User.handle',
      'User.visibleTo',
      'Query.invitations',
      'Membership.user',
      'Query.node',
      'Team.room',
    ])
      assert.ok(
        uncached.some((error) => error.endsWith(` ${field}`)),
        field,
      );
  });

  it('refuses a subgraph that links, defines or composes a feature beside the shared ones, used or not', async () => {
    const errors = await errorsWith(
      'teams.graphql',
      /^/,
      'extend schema @link(url: "https://specs.prodvor.org/more/v1.0", import: ["@more"]) @composeDirective(name: "@more")\ndirective @more on OBJECT\n',
    );
    for (const part of [
      '@link(url: "https://specs.prodvor.org/more/v1.0", import: ["@more"])',
      '@composeDirective(name: "@more")',
      'directive @more on OBJECT',
    ]) {
      for (const name of ['chat', 'matches', 'users'])
        assert.ok(
          errors.includes(`FEATURE_DIFFERS: schema/${name}.graphql has no ${part}; another subgraph has`),
          `${name} ${part}`,
        );
    }
    const minor = await errorsWith(
      'teams.graphql',
      /^/,
      'extend schema @link(url: "https://specs.prodvor.org/live/v1.2", import: ["@audience", "@resume"])\n',
    );
    assert.match(minor.join('\n'), /live/);
    for (const [text, name, file] of [
      ['directive @audience(check: Int) on FIELD_DEFINITION', '@audience', 'directives'],
      ['type PageInfo { a: Int }', 'PageInfo', 'types'],
    ] as const) {
      assert.deepEqual(await errorsWith('teams.graphql', /^/, `${text}\n`), [
        `${name} is shared: it is defined in schema/shared/${file}.graphql (schema/teams.graphql:1)`,
      ]);
    }
  });

  it('includes the shared types that a subgraph uses, and reports an error in them once, with its place', async () => {
    const names = (name: string): string[] =>
      documentOf(name).definitions.flatMap((definition) =>
        'name' in definition && definition.name ? [definition.name.value] : [],
      );
    assert.ok(
      ['DateTime', 'Node', 'PageInfo', 'UserErrorCode', 'UserErrorParam', 'Sport'].every((type) =>
        names('teams').includes(type),
      ),
    );
    assert.deepEqual([names('users').includes('PageInfo'), names('chat').includes('Sport')], [false, false]);
    assert.deepEqual(await errorsWith('shared/types.graphql', 'hasNextPage: Boolean!', 'hasNextPage has: Boolean!'), [
      'Syntax Error: Expected ":", found Name "has". (schema/shared/types.graphql:13)',
    ]);
    assert.match(
      (await errorsWith('teams.graphql', 'sport: Sport!', 'sport: Sprt!')).join('\n'),
      /Unknown type "?Sprt"?.*\(schema\/teams\.graphql:\d+\)/,
    );
  });

  it('refuses a visible type or field without a description', async () => {
    const without = async (described: RegExp, by = '') =>
      (await errorsWith('teams.graphql', described, by)).map((error) => error.split(' ')[1]);
    assert.deepEqual(await without(/ *"[^"\n]+"\n(?= {2}name: String!\n)/), ['Team.name']);
    assert.deepEqual(await without(/"[^"\n]+"\n(?=type Team )/), ['Team']);
    assert.deepEqual(await without(/ *"[^"\n]+"\n(?= {4}sport: Sport\n)/), ['Query.teams(sport:)']);
    assert.deepEqual(await without(/ *"[^"\n]+"\n(?= {2}COACH\n)/, '  "  "\n'), ['MembershipRole.COACH']);
    assert.deepEqual(await without(/(?<=input LeaveTeamInput \{\n) *"[^"\n]+"\n/), ['LeaveTeamInput.teamId']);
  });
});

describe('a mutation', () => {
  it('has a nullable payload with userErrors, so a failed mutation does not hide another that succeeded', async () => {
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
  for (const subgraph of subgraphNames()) {
    it(`of ${subgraph} names existing fields and arguments`, () => {
      // The validation is skipped, because the SDL does not define the directives of Federation.
      const schema = buildASTSchema(documentOf(subgraph), { assumeValid: true, assumeValidSDL: true });
      for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
        const directive = (name: string) => field.astNode?.directives?.find((one) => one.name.value === name);
        const argument = (name: string, of: string): string | undefined => {
          const value = directive(name)?.arguments?.find((one) => one.name.value === of)?.value;
          return value?.kind === 'StringValue' ? value.value : undefined;
        };
        assert.notEqual(
          directive('audience') !== undefined,
          directive('personal') !== undefined,
          `${field.name} is either personal or has an audience`,
        );
        const cursor = argument('resume', 'argument');
        assert.ok(
          field.args.some(({ name }) => name === cursor),
          `${field.name} has no argument ${cursor}`,
        );
        const event = getNamedType(field.type);
        assert.ok(
          (isInterfaceType(event) || isObjectType(event)) &&
            event.getFields()[argument('resume', 'from') ?? '']?.type instanceof GraphQLNonNull,
        );
        const check = argument('audience', 'check');
        if (check === undefined) continue;
        const asked = schema.getQueryType()?.getFields()[check];
        assert.equal(String(asked?.type), 'Audience!');
        assert.ok(
          asked?.astNode?.directives?.some(({ name }) => name.value === 'inaccessible'),
          `${check} is not for clients`,
        );
        for (const { name, type } of asked?.args ?? [])
          assert.equal(String(field.args.find((one) => one.name === name)?.type), String(type), `${check}(${name}:)`);
      }
    });
  }
});
