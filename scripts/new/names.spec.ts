import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { filesOf, registryWith } from './files.ts';
import { namesOf, plural, Refused, singular } from './names.ts';

const taken = {
  subgraphs: ['teams'],
  types: new Set(['Team', 'TeamEdge', 'OutboxMessage', 'CreateStandInput']),
  fields: new Set(['team', 'hall']),
};
const refusal = (name: string, type?: string): string => {
  try {
    namesOf(name, type, taken);
    return '';
  } catch (error) {
    assert.ok(error instanceof Refused, String(error));
    return error.message;
  }
};

describe('the words of a new subgraph', () => {
  it('follow from its name', () => {
    assert.deepEqual(namesOf('venues', undefined, taken), {
      name: 'venues',
      Name: 'Venues',
      type: 'venue',
      Type: 'Venue',
      list: 'venues',
      List: 'Venues',
      model: 'venue',
      table: 'venues',
      a: 'a',
      A: 'A',
    });
    assert.deepEqual(namesOf('ads', 'OpenCall', taken), {
      name: 'ads',
      Name: 'Ads',
      type: 'openCall',
      Type: 'OpenCall',
      list: 'openCalls',
      List: 'OpenCalls',
      model: 'openCall',
      table: 'open_calls',
      a: 'an',
      A: 'An',
    });
    assert.equal(
      namesOf('billing', undefined, taken).list,
      'billings',
      'the list never has the name of the single one',
    );
    for (const [many, one] of [
      ['competitions', 'competition'],
      ['facilities', 'facility'],
      ['coaches', 'coach'],
      ['boxes', 'box'],
      ['classes', 'class'],
      ['status', 'status'],
      ['polls', 'poll'],
    ] as const)
      assert.equal(singular(many), one);
  });

  it('are such that the singular of a plural is the word again', () => {
    // Words that end in e are left out, because no rule decides whether the singular of "caches" is "cache" or "cach".
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{3,10}[abdghklmnprtwy]$/), (word) =>
        assert.equal(singular(plural(word)), word),
      ),
    );
  });

  it('are refused when they are not valid names, or in use', () => {
    for (const name of ['', 'a', 'Venues', 've-nues', 'venue2', 'x'.repeat(25), '../x', 'constructor__'])
      assert.match(refusal(name), /is no name of a subgraph/, name);
    assert.match(refusal('teams'), /^there is a subgraph teams already$/);
    for (const name of ['router', 'kafka', 'public']) assert.match(refusal(name), /means something else here/);
    for (const name of ['order', 'user', 'select']) assert.match(refusal(name), /means something else to PostgreSQL/);
    for (const name of ['maps', 'modules', 'queries', 'dates', 'records', 'constructors'])
      assert.match(refusal(name), /means something else in the code: take another type with --type/, name);
    for (const type of ['venue', 'FAQ', 'Ven_ue', 'V', 'Venue2', ''])
      assert.match(refusal('venues', type), /is no name of a type/, type);
    assert.match(refusal('ads', 'Team'), /^the schema has Team, TeamEdge, team already/);
    assert.match(refusal('halls'), /^the schema has hall already/);
    assert.match(refusal('stands'), /^the schema has CreateStandInput already/);
  });
});

describe('the files of a new subgraph', () => {
  const files = filesOf({ ...namesOf('ads', 'OpenCall', taken), port: '4009', timestamp: '20260101000000' });
  it('have a word for every place', () => {
    assert.ok(files.size > 10);
    for (const [file, text] of files) assert.doesNotMatch(file + text, /__[A-Za-z]+__/, file);
    assert.match(
      files.get('prisma/ads/migrations/20260101000000_init/migration.sql') ?? '',
      /"open_calls_owner_id_client_id_key"/,
    );
    assert.ok(files.has('subgraphs/ads/resolvers/OpenCall.ts'));
    const { port: _, ...lacking } = { ...namesOf('ads', 'OpenCall', taken), port: '', timestamp: '' };
    assert.throws(() => filesOf(lacking), /the templates have __port__/);
  });

  it('are registered by one line, or an error says that they cannot be', () => {
    const listing = (...names: string[]): string =>
      ['const x = registryOf(', ...names.map((name) => `  await import('./${name}/subgraph.ts'),`), ');', ''].join(
        '\n',
      );
    assert.equal(registryWith(listing('users', 'teams'), 'ads'), listing('users', 'teams', 'ads'));
    assert.throws(() => registryWith('const x = registryOf();\n', 'ads'), /does not end with a line per subgraph/);
  });
});
