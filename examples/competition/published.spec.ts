import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { compareTables, type Computed, readPublished } from './published.ts';

const row = (rank: number, team: string, points: number) => ({
  ...{ rank, team, played: 2, won: 1, drawn: 0, lost: 1, scoreFor: 3, scoreAgainst: 3, points },
});
const computed = (name: string, ...rows: readonly ReturnType<typeof row>[]): Computed => ({
  name,
  standings: rows.map(({ team, ...sums }) => ({ ...sums, team: { name: team } })),
});
const league = readPublished(JSON.stringify({ standings: [row(1, 'Foxes', 3), row(1, 'Owls', 3)] }));

describe('published tables', () => {
  it('are compared in every column; the order of teams that share a rank has no meaning', () => {
    assert.deepEqual(compareTables([computed('League', row(1, 'Owls', 3), row(1, 'Foxes', 3))], league), {
      ...{ equal: 2, rows: 2, differences: [] },
    });
    assert.deepEqual(compareTables([computed('League', row(1, 'Owls', 3), row(2, 'Foxes', 2))], league), {
      ...{ equal: 1, rows: 2 },
      differences: ['Foxes: rank is 2, published is 1', 'Foxes: points is 2, published is 3'],
    });
  });

  it('differ by a team that only one of them has', () => {
    assert.deepEqual(compareTables([computed('League', row(1, 'Owls', 3), row(1, 'Larks', 3))], league).differences, [
      'Foxes is not in League',
      'Larks has a row that was not published',
    ]);
  });

  it('of a cup are found by the names of the groups', () => {
    const cup = readPublished(
      JSON.stringify({
        groups: [
          // Other names of the columns.
          {
            group: 'Group A',
            standings: [
              {
                ...{ pos: 1, team: { name: 'Foxes' }, played: 2, won: 1, drawn: 0, lost: 1 },
                ...{ goals_for: 3, goals_against: 3, pts: 3 },
              },
            ],
          },
          { name: 'Group B', standings: [row(1, 'Owls', 3)] },
          { name: 'Group C', standings: [row(1, 'Larks', 3)] },
        ],
      }),
    );
    const tables = [computed('Group B', row(1, 'Owls', 3)), computed('Group A', row(1, 'Foxes', 3))];
    assert.deepEqual(compareTables(tables, cup), {
      ...{ equal: 2, rows: 3, differences: ['Group C is not in the tournament'] },
    });
  });

  it('are refused without their columns', () => {
    for (const text of ['', '[]', '{"standings":[]}', '{"standings":[{"team":"Foxes"}]}', '{"groups":[{"name":"A"}]}'])
      assert.throws(() => readPublished(text), /^Error: the published tables /);
    const { points, ...without } = row(1, 'Foxes', 3);
    assert.equal(points, 3);
    assert.throws(() => readPublished(JSON.stringify({ standings: [without] })), /^Error: the published tables need/);
  });
});
